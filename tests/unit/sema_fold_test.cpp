// Constant folding and the integer rules it shares with run-time arithmetic.
#include "sema/arithmetic.h"
#include "sema/fold.h"

#include <gtest/gtest.h>

namespace trapline::sema {
namespace {

using ast::BinaryOp;
using ast::UnaryOp;

const Type kInt32 = Type::integer(4, true), kUint32 = Type::integer(4, false);
const Type kInt64 = Type::integer(8, true), kUint64 = Type::integer(8, false);

Folded number(int64_t value) { return Folded::integer(static_cast<uint64_t>(value), kInt64).as_literal(); }

std::optional<int64_t> folded(BinaryOp op, const Folded& left, const Folded& right) {
  std::optional<Folded> result = fold_binary(op, left, right);
  if (!result || !result->value.is_integer()) return std::nullopt;
  return static_cast<int64_t>(result->value.integer());
}

TEST(Fold, DividesTowardsZero) {
  EXPECT_EQ(folded(BinaryOp::Div, number(-7), number(2)), -3);
  EXPECT_EQ(folded(BinaryOp::Mod, number(-7), number(4)), -3);
  EXPECT_EQ(folded(BinaryOp::Div, number(INT64_MIN), number(-1)), INT64_MIN);
  EXPECT_EQ(folded(BinaryOp::Mod, number(INT64_MIN), number(-1)), 0);
}

TEST(Fold, LeavesDivisionByZeroAlone) {
  EXPECT_EQ(folded(BinaryOp::Div, number(1), number(0)), std::nullopt);
  EXPECT_EQ(folded(BinaryOp::Mod, number(1), number(0)), std::nullopt);
}

TEST(Fold, ShiftsBySignOfTheLeftSide) {
  EXPECT_EQ(folded(BinaryOp::ShiftRight, number(-16), number(2)), -4);
  EXPECT_EQ(folded(BinaryOp::ShiftRight, Folded::literal(UINT64_MAX), number(63)), 1);
  EXPECT_EQ(folded(BinaryOp::ShiftLeft, number(1), number(64)), 1);
}

TEST(Fold, ComparesLargeLiteralsUnsigned) {
  EXPECT_EQ(folded(BinaryOp::Less, number(-1), number(0)), 1);
  EXPECT_EQ(folded(BinaryOp::Less, number(1), Folded::literal(UINT64_MAX)), 1);
}

TEST(Fold, ACastFixesTheSign) {
  Folded five = *fold_cast(number(5), kUint64);
  EXPECT_EQ(folded(BinaryOp::Less, number(-1), five), 0);
  EXPECT_EQ(folded(BinaryOp::Less, number(-1), number(5)), 1);
  EXPECT_FALSE(fold_binary(BinaryOp::Add, five, number(1))->type.is_signed);
  EXPECT_TRUE(fold_binary(BinaryOp::Add, five, number(-1))->type.is_signed);
}

TEST(Fold, SubtractionIsSigned) {
  std::optional<Folded> result = fold_binary(BinaryOp::Sub, Folded::integer(1, kUint64), Folded::integer(2, kUint64));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->type.is_signed);
}

TEST(Fold, Text) {
  auto text = [](BinaryOp op, const char* left, const char* right) { return fold_binary(op, Folded::text(left), Folded::text(right)); };
  EXPECT_EQ(text(BinaryOp::Add, "ab", "cd")->value.text(), "abcd");
  EXPECT_EQ(to_string(text(BinaryOp::Add, "ab", "cd")->type), "string[5]");
  EXPECT_EQ(text(BinaryOp::Equal, "a", "a")->value.integer(), 1U);
  EXPECT_EQ(text(BinaryOp::Less, "b", "a")->value.integer(), 0U);
  EXPECT_FALSE(text(BinaryOp::Mul, "b", "a"));
  EXPECT_EQ(fold_binary(BinaryOp::Add, Folded::text("hello"), number(2))->value.text(), "llo");
  EXPECT_FALSE(fold_binary(BinaryOp::Add, Folded::text("hello"), number(6)));
  EXPECT_FALSE(fold_binary(BinaryOp::Add, Folded::text("hello"), number(-1)));
}

TEST(Fold, Unary) {
  EXPECT_EQ(fold_unary(UnaryOp::Negate, Folded::literal(uint64_t{1} << 63))->value.integer(), uint64_t{1} << 63);
  EXPECT_TRUE(fold_unary(UnaryOp::Negate, Folded::literal(uint64_t{1} << 63))->type.is_signed);
  EXPECT_FALSE(fold_unary(UnaryOp::Negate, Folded::integer(5, kUint64))->type.is_signed);
  EXPECT_EQ(fold_unary(UnaryOp::Complement, number(0))->value.integer(), UINT64_MAX);
  EXPECT_EQ(fold_unary(UnaryOp::Not, number(5))->value.integer(), 0U);
  EXPECT_FALSE(fold_unary(UnaryOp::Not, Folded::text("a")));
  EXPECT_FALSE(fold_unary(UnaryOp::PreIncrement, number(5)));
}

TEST(Fold, CastsCutAndExtend) {
  EXPECT_EQ(fold_cast(number(300), Type::integer(1, false))->value.integer(), 44U);
  EXPECT_EQ(fold_cast(number(200), Type::integer(1, true))->value.integer(), static_cast<uint64_t>(-56));
  EXPECT_EQ(fold_cast(number(256), Type::boolean())->value.integer(), 1U);
}

TEST(Fold, PositionalParameters) {
  auto value = [](std::string_view text) { return static_cast<int64_t>(fold_positional(text).value.integer()); };
  EXPECT_EQ(value("12"), 12);
  EXPECT_EQ(value("-3"), -3);
  EXPECT_EQ(value("0x1F"), 31);
  EXPECT_EQ(value("010"), 10);
  EXPECT_EQ(value("5ull"), 5);
  for (const char* text : {"", "-", "0x", "1a", "abc", "18446744073709551616", "-9223372036854775809", "ul"})
    EXPECT_EQ(fold_positional(text).value.text(), text);
}

TEST(Arithmetic, CommonTypesAreThoseOfC) {
  EXPECT_FALSE(compares_signed(kUint64, false, kUint32, false));
  EXPECT_TRUE(compares_signed(kInt32, false, kUint32, false));
  EXPECT_FALSE(compares_signed(kInt64, false, kUint64, false));
  EXPECT_FALSE(compares_signed(kInt32, false, Type::pointer(Type::void_(), AddressSpace::None), false));
}

TEST(Arithmetic, ResultsAreSignedIfASideIs) {
  EXPECT_TRUE(arithmetic_type(kInt64, false, kUint64, false).is_signed);
  EXPECT_TRUE(arithmetic_type(kUint64, false, kInt32, false).is_signed);
  EXPECT_FALSE(arithmetic_type(kUint32, false, kUint64, false).is_signed);
  EXPECT_FALSE(arithmetic_type(kUint32, false, kInt64, true).is_signed);
}

TEST(Arithmetic, FlexibleSidesAdoptTheOther) {
  EXPECT_TRUE(compares_signed(kInt64, false, kInt64, true));
  EXPECT_FALSE(compares_signed(kUint64, false, kInt64, true));
  EXPECT_FALSE(compares_signed(kInt64, true, kUint32, false));
}

TEST(Arithmetic, AggregationsReadAsNumbers) {
  EXPECT_EQ(to_string(read_as(Type::aggregate(Kind::Count, false))), "uint64");
  EXPECT_EQ(to_string(read_as(Type::aggregate(Kind::Sum, true))), "int64");
  EXPECT_EQ(to_string(read_as(Type::hist(0))), "hist_t");
}

TEST(Arithmetic, TrackedPointersAreStoredAsKernelPointers) {
  Type tracked = Type::pointer(Type::void_(), AddressSpace::Btf);
  EXPECT_EQ(stored_as(tracked).space, AddressSpace::Kernel);
  EXPECT_EQ((*stored_as(Type::tuple({tracked})).members)[0].space, AddressSpace::Kernel);
}

} // namespace
} // namespace trapline::sema
