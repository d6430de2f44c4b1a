// printf: compared with the C library where it has the same conversion.
#include "runtime/format.h"
#include "runtime_fakes.h"

#include <cstdio>
#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

FormatPiece conversion(std::string kind) {
  FormatPiece piece;
  piece.has_conversion = true;
  piece.conversion = std::move(kind);
  return piece;
}

class FormatTest : public testing::Test {
protected:
  // One conversion of one value.
  std::string show(const FormatPiece& piece, const Type& type, const Bytes& value) {
    Action action;
    action.format = {piece};
    action.arguments = {{type, 8}};
    Bytes record;
    record.zeros(8);
    for (const uint8_t byte : value.vector()) record.add(byte);
    return run(action, record);
  }
  std::string run(const Action& action, const Bytes& record) {
    std::string out;
    Format(action).append(out, record.data(), context_);
    return out;
  }
  std::string show_int64(const FormatPiece& piece, int64_t value) { return show(piece, Type::integer(8, true), Bytes().add(value)); }

  Program program_;
  FakeResolver resolver_;
  Context context_{program_, resolver_};
};

TEST_F(FormatTest, FlagsWidthAndPrecisionAsInC) {
  for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{42}, int64_t{-123456789}, INT64_MAX, INT64_MIN}) {
    for (unsigned flags = 0; flags < 32; flags++) {
      for (const int width : {-1, 1, 8, 30}) {
        for (const int precision : {-1, 0, 3, 25}) {
          for (const char* kind : {"d", "u", "x", "X", "o"}) {
            FormatPiece piece = conversion(kind);
            piece.left = flags & 1;
            piece.zero = flags & 2;
            piece.alternate = flags & 4;
            piece.plus = flags & 8;
            piece.space = flags & 16;
            piece.width = width;
            piece.precision = precision;
            const bool is_signed = *kind == 'd';
            std::string format = "%";
            if (piece.left) format += '-';
            if (piece.zero) format += '0';
            if (piece.alternate && *kind != 'd' && *kind != 'u') format += '#';
            if (piece.plus && is_signed) format += '+';
            if (piece.space && is_signed) format += ' ';
            if (width >= 0) format += std::to_string(width);
            if (precision >= 0) format += "." + std::to_string(precision);
            format += std::string("ll") + kind;
            char expected[128];
            snprintf(expected, sizeof expected, format.c_str(), value);
            ASSERT_EQ(show_int64(piece, value), expected) << format << " of " << value;
          }
        }
      }
    }
  }
}

TEST_F(FormatTest, WithoutALengthNothingIsCut) {
  EXPECT_EQ(show(conversion("d"), Type::integer(8, false), Bytes().add<uint64_t>(5'000'000'000)), "5000000000");
  EXPECT_EQ(show(conversion("u"), Type::integer(8, true), Bytes().add<int64_t>(-1)), "18446744073709551615");
  EXPECT_EQ(show(conversion("x"), Type::integer(8, true), Bytes().add<int64_t>(-1)), "ffffffffffffffff");
}

TEST_F(FormatTest, NarrowValuesArePromotedAsInC) {
  EXPECT_EQ(show(conversion("u"), Type::integer(4, true), Bytes().add<int32_t>(-1)), "4294967295");
  EXPECT_EQ(show(conversion("d"), Type::integer(4, false), Bytes().add<uint32_t>(0xffffffff)), "-1");
  EXPECT_EQ(show(conversion("x"), Type::integer(1, true), Bytes().add<int8_t>(-1)), "ffffffff");
  EXPECT_EQ(show(conversion("d"), Type::integer(1, false), Bytes().add<uint8_t>(255)), "255");
}

TEST_F(FormatTest, LengthModifiersCut) {
  FormatPiece piece = conversion("d");
  piece.length = "hh";
  EXPECT_EQ(show_int64(piece, 0x1ff), "-1");
  piece.length = "h";
  EXPECT_EQ(show_int64(piece, 0x18000), "-32768");
  piece.length = "ll";
  EXPECT_EQ(show_int64(piece, INT64_MIN), "-9223372036854775808");
  piece.conversion = "u";
  piece.length = "hh";
  EXPECT_EQ(show_int64(piece, -1), "255");
  piece.length = "l";
  EXPECT_EQ(show(piece, Type::integer(4, true), Bytes().add<int32_t>(-1)), "18446744073709551615");
}

TEST_F(FormatTest, CharactersPointersAndStrings) {
  EXPECT_EQ(show_int64(conversion("c"), 'x'), "x");
  EXPECT_EQ(show_int64(conversion("p"), 0xdead), "0xdead");
  EXPECT_EQ(show_int64(conversion("p"), 0), "0x0");
  FormatPiece piece = conversion("s");
  piece.width = 6;
  EXPECT_EQ(show(piece, Type::string(8), Bytes().text("abc", 8)), "   abc");
  piece.left = true;
  EXPECT_EQ(show(piece, Type::string(8), Bytes().text("abc", 8)), "abc   ");
  piece.precision = 2;
  EXPECT_EQ(show(piece, Type::string(8), Bytes().text("abc", 8)), "ab    ");
}

TEST_F(FormatTest, AnyValueAsText) {
  EXPECT_EQ(show_int64(conversion("s"), -3), "-3");
  EXPECT_EQ(show(conversion("s"), Type::boolean(), Bytes().add<uint8_t>(1)), "true");
  EXPECT_EQ(show(conversion("d"), Type::boolean(), Bytes().add<uint8_t>(1)), "1");
  FormatPiece piece = conversion("s");
  piece.width = 10;
  const Type tuple = Type::tuple({Type::integer(8, true), Type::integer(8, true)});
  EXPECT_EQ(show(piece, tuple, Bytes().add<int64_t>(1).add<int64_t>(2)), "    (1, 2)");
  EXPECT_EQ(show(conversion("s"), Type::kstack(StackMode::Raw, 1), Bytes().add<uint64_t>(1).add<uint64_t>(0xab)), "\nab\n");
}

TEST_F(FormatTest, Buffers) {
  const Bytes bytes = Bytes().add<uint32_t>(3).add<uint8_t>('A').add<uint8_t>(1).add<uint8_t>(0xfe).zeros(1);
  EXPECT_EQ(show(conversion("r"), Type::buffer(4), bytes), "A\\x01\\xfe");
  EXPECT_EQ(show(conversion("rx"), Type::buffer(4), bytes), "\\x41\\x01\\xfe");
  EXPECT_EQ(show(conversion("rh"), Type::buffer(4), bytes), "41 01 fe");
}

TEST_F(FormatTest, StarsTakeTheirArgumentsBeforeTheValue) {
  Action action;
  FormatPiece piece = conversion("s");
  piece.literal = "[";
  piece.width_argument = piece.precision_argument = true;
  FormatPiece tail;
  tail.literal = "]\n";
  action.format = {piece, tail};
  action.arguments = {{Type::integer(8, true), 8}, {Type::integer(8, true), 16}, {Type::string(8), 24}};
  EXPECT_EQ(run(action, Bytes().zeros(8).add<int64_t>(5).add<int64_t>(2).text("abcd", 8)), "[   ab]\n");
  EXPECT_EQ(run(action, Bytes().zeros(8).add<int64_t>(-5).add<int64_t>(-1).text("abcd", 8)), "[abcd ]\n");
  // What the traced system says must not fill our memory.
  EXPECT_LT(run(action, Bytes().zeros(8).add<int64_t>(INT64_MAX).add<int64_t>(2).text("abcd", 8)).size(), 100'000u);
}

using StepKind = FormulaStep::Kind;

TEST_F(FormatTest, RealConversionsAsInC) {
  for (const char* kind : {"f", "e", "g", "a", "F", "E", "G", "A"}) {
    for (unsigned flags = 0; flags < 32; flags++) {
      for (const int width : {-1, 12}) {
        for (const int precision : {-1, 0, 3}) {
          FormatPiece piece = conversion(kind);
          piece.formula = {{StepKind::Argument}, {StepKind::Number, 7, true}, {StepKind::Divide}};
          piece.left = flags & 1;
          piece.zero = flags & 2;
          piece.alternate = flags & 4;
          piece.plus = flags & 8;
          piece.space = flags & 16;
          piece.width = width;
          piece.precision = precision;
          std::string format = "%";
          if (piece.left) format += '-';
          if (piece.zero) format += '0';
          if (piece.alternate) format += '#';
          if (piece.plus) format += '+';
          if (piece.space) format += ' ';
          if (width >= 0) format += std::to_string(width);
          if (precision >= 0) format += "." + std::to_string(precision);
          format += std::string("L") + kind;
          char expected[128];
          snprintf(expected, sizeof expected, format.c_str(), -100.0L / 7);
          ASSERT_EQ(show_int64(piece, -100), expected) << format;
        }
      }
    }
  }
}

TEST_F(FormatTest, Formulas) {
  const auto show_formula = [&](std::vector<FormulaStep> formula, int64_t a, int64_t b) {
    FormatPiece piece = conversion("f");
    piece.precision = 2;
    piece.formula = std::move(formula);
    Action action;
    action.format = {piece};
    action.arguments = {{Type::integer(8, true), 8}, {Type::integer(8, true), 16}};
    return run(action, Bytes().zeros(8).add(a).add(b));
  };
  const FormulaStep argument{StepKind::Argument};
  EXPECT_EQ(show_formula({argument}, -3, 0), "-3.00");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Divide}}, 10, 4), "2.50");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Subtract}}, 10, 4), "6.00");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Add}, {StepKind::Negate}}, 10, 4), "-14.00");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Multiply}}, INT64_MAX, 4), "36893488147419103228.00");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Number, 7, true}, {StepKind::Choose}}, 0, 5), "7.00");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Number, 7, true}, {StepKind::Choose}}, 1, 5), "5.00");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Divide}}, -1, 0), "-inf");
  EXPECT_EQ(show_formula({argument, argument, {StepKind::Divide}}, 0, 0), "nan");
  // Every 64-bit number is exact.
  EXPECT_EQ(show_formula({{StepKind::Number, UINT64_MAX, false}}, 0, 0), "18446744073709551615.00");
}

TEST_F(FormatTest, FlagsByName) {
  FormatPiece piece = conversion("gr");
  piece.flag_names = {{"BOTH", 3}, {"ONE", 1}, {"TWO", 2}, {"EIGHT", 8}};
  EXPECT_EQ(show_int64(piece, 3), "BOTH");
  EXPECT_EQ(show_int64(piece, 9), "ONE|EIGHT");
  EXPECT_EQ(show_int64(piece, 0x12), "TWO|0x10");
  EXPECT_EQ(show_int64(piece, 0), "none");
  piece.width = 6;
  EXPECT_EQ(show_int64(piece, 1), "   ONE");
}

TEST_F(FormatTest, LiteralsAlone) {
  Action action;
  action.format = {FormatPiece{.literal = "100%\n"}};
  EXPECT_EQ(run(action, Bytes().zeros(8)), "100%\n");
}

} // namespace
} // namespace trapline::runtime
