// Every kind of value as text and as JSON.
#include "runtime/json_value.h"
#include "runtime/text_value.h"
#include "runtime_fakes.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

class ValueTest : public testing::Test {
protected:
  std::string text(const Type& type, const Bytes& bytes) {
    std::string out;
    append_text(out, type, bytes.data(), context_);
    return out;
  }
  std::string json(const Type& type, const Bytes& bytes) {
    std::string out;
    append_json(out, type, bytes.data(), context_);
    return out;
  }

  Program program_;
  FakeResolver resolver_;
  Context context_{program_, resolver_};
};

TEST_F(ValueTest, IntegersKeepTheirSignAndWidth) {
  EXPECT_EQ(text(Type::integer(1, true), Bytes().add<int8_t>(-5)), "-5");
  EXPECT_EQ(text(Type::integer(1, false), Bytes().add<uint8_t>(251)), "251");
  EXPECT_EQ(text(Type::integer(8, false), Bytes().add(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(text(Type::integer(8, true), Bytes().add(INT64_MIN)), "-9223372036854775808");
}

TEST_F(ValueTest, JsonNumbersThatADoubleCannotHoldAreStrings) {
  EXPECT_EQ(json(Type::integer(8, true), Bytes().add<int64_t>(1ll << 53)), "9007199254740992");
  EXPECT_EQ(json(Type::integer(8, true), Bytes().add<int64_t>((1ll << 53) + 1)), "\"9007199254740993\"");
  EXPECT_EQ(json(Type::integer(8, true), Bytes().add<int64_t>(1ll << 60)), "1152921504606846976");
  EXPECT_EQ(json(Type::integer(8, true), Bytes().add(INT64_MIN)), "-9223372036854775808");
  EXPECT_EQ(json(Type::integer(8, true), Bytes().add(INT64_MAX)), "\"9223372036854775807\"");
  EXPECT_EQ(json(Type::integer(8, false), Bytes().add(UINT64_MAX)), "\"18446744073709551615\"");
}

TEST_F(ValueTest, BoolsPointersAndEnums) {
  EXPECT_EQ(text(Type::boolean(), Bytes().add<uint8_t>(1)), "true");
  EXPECT_EQ(json(Type::boolean(), Bytes().add<uint8_t>(0)), "false");
  const Type pointer = Type::pointer(Type::void_(), AddressSpace::Kernel);
  EXPECT_EQ(text(pointer, Bytes().add<uint64_t>(0xffff800012345678)), "0xffff800012345678");
  EXPECT_EQ(text(pointer, Bytes().add<uint64_t>(0)), "0x0");
  EXPECT_EQ(json(pointer, Bytes().add<uint64_t>(4096)), "4096");

  auto colours = std::make_shared<EnumType>(EnumType{"colour", {{"RED", 0}, {"BLUE", -2}}});
  const Type colour = Type::enumerated(colours, 4, true);
  EXPECT_EQ(text(colour, Bytes().add<int32_t>(-2)), "BLUE");
  EXPECT_EQ(text(colour, Bytes().add<int32_t>(7)), "7");
  EXPECT_EQ(json(colour, Bytes().add<int32_t>(-2)), "-2");
}

TEST_F(ValueTest, StringsEndAtNulAndSayWhenTheyWereCut) {
  EXPECT_EQ(text(Type::string(16), Bytes().text("bash", 16)), "bash");
  EXPECT_EQ(text(Type::string(4), Bytes().text("bash", 4)), "bash..");
  program_.settings.str_trunc_trailer = "";
  EXPECT_EQ(text(Type::string(4), Bytes().text("bash", 4)), "bash");
}

TEST_F(ValueTest, JsonStringsAreEscapedAndAlwaysValid) {
  EXPECT_EQ(json(Type::string(16), Bytes().text("a\"b\\c\n\x01", 16)), R"("a\"b\\c\n\u0001")");
  EXPECT_EQ(json(Type::string(16), Bytes().text("gr\xc3\xbc\xc3\x9f", 16)), "\"gr\xc3\xbc\xc3\x9f\"");
  EXPECT_EQ(json(Type::string(16), Bytes().text("a\xff\xc3", 16)), R"("a\ufffd\ufffd")");
  EXPECT_EQ(json(Type::string(16), Bytes().text("\xed\xa0\x80", 16)), R"("\ufffd\ufffd\ufffd")"); // a surrogate
}

TEST_F(ValueTest, Buffers) {
  const Type buffer = Type::buffer(8);
  const Bytes bytes = Bytes().add<uint32_t>(3).add<uint8_t>('A').add<uint8_t>(0).add<uint8_t>(0xff).zeros(5);
  EXPECT_EQ(text(buffer, bytes), "A\\x00\\xff");
  EXPECT_EQ(json(buffer, bytes), "[65,0,-1]");
  EXPECT_EQ(text(buffer, Bytes().add<uint32_t>(1000).text("12345678", 8)), "12345678"); // never beyond its size
}

TEST_F(ValueTest, TuplesAndArrays) {
  const Type tuple = Type::tuple({Type::integer(4, true), Type::string(8), Type::tuple({Type::boolean(), Type::integer(8, true)})});
  const Bytes bytes = Bytes().add<int32_t>(1).zeros(4).text("ab", 8).add<uint64_t>(1).add<int64_t>(9);
  EXPECT_EQ(text(tuple, bytes), "(1, ab, (true, 9))");
  EXPECT_EQ(json(tuple, bytes), "[1,\"ab\",[true,9]]");
  const Type array = Type::array(Type::integer(2, true), 3);
  EXPECT_EQ(text(array, Bytes().add<int16_t>(1).add<int16_t>(-2).add<int16_t>(3)), "[1,-2,3]");
}

TEST_F(ValueTest, Records) {
  const Type record = Type::named_tuple({"a", "text"}, {Type::integer(8, true), Type::string(8)});
  const Bytes bytes = Bytes().add<int64_t>(-1).text("x y", 8);
  EXPECT_EQ(text(record, bytes), "{ .a = -1, .text = x y }");
  EXPECT_EQ(json(record, bytes), "{\"a\": -1, \"text\": \"x y\"}");
  std::string key, json_key;
  append_text_key(key, record, bytes.data(), context_);
  append_json_key(json_key, record, bytes.data(), context_);
  EXPECT_EQ(key, "{ .a = -1, .text = x y }");
  EXPECT_EQ(json_key, "\"{ .a = -1, .text = x y }\"");
}

TEST_F(ValueTest, KeysLoseParenthesesAndInJsonSpaces) {
  const Type tuple = Type::tuple({Type::string(8), Type::integer(8, true)});
  const Bytes bytes = Bytes().text("two words", 8).add<int64_t>(2);
  std::string key, json_key;
  append_text_key(key, tuple, bytes.data(), context_);
  append_json_key(json_key, tuple, bytes.data(), context_);
  EXPECT_EQ(key, "two word.., 2");
  EXPECT_EQ(json_key, "\"two word..,2\"");
}

TEST_F(ValueTest, StructsWithBitFieldsAndAnonymousMembers) {
  const auto word = std::make_shared<Type>(Type::integer(4, false));
  const auto inner = std::make_shared<PlainStruct>("union (anonymous)", 4, 4, std::vector<Field>{{"b", word, 0}});
  const auto outer = std::make_shared<PlainStruct>(
      "struct s", 12, 4,
      std::vector<Field>{{"a", word, 0}, {"", std::make_shared<Type>(Type::structure(inner)), 4}, {"bits", word, 8, 3, 5}});
  const Type type = Type::structure(outer);
  const Bytes bytes = Bytes().add<uint32_t>(1).add<uint32_t>(2).add<uint32_t>(0b10110 << 3);
  EXPECT_EQ(text(type, bytes), "{ .a = 1, .b = 2, .bits = 22 }");
  EXPECT_EQ(json(type, bytes), R"({"a": 1, "b": 2, "bits": 22})");
  EXPECT_EQ(text(Type::structure(std::make_shared<PlainStruct>("struct e", 0, 1, std::vector<Field>{})), Bytes().zeros(1)), "{}");
}

TEST_F(ValueTest, SignedBitFields) {
  const auto word = std::make_shared<Type>(Type::integer(4, true));
  EXPECT_EQ(static_cast<int64_t>(load_bit_field({"f", word, 0, 30, 2}, Bytes().add<uint32_t>(0xc0000000).data()).bits), -1);
  EXPECT_EQ(static_cast<int64_t>(load_bit_field({"f", word, 0, 0, 2}, Bytes().add<uint32_t>(1).data()).bits), 1);
}

TEST_F(ValueTest, StacksInAllModes) {
  const Bytes kernel = Bytes().add<uint64_t>(2).add<uint64_t>(0xffff0010).add<uint64_t>(0x20).zeros(8);
  EXPECT_EQ(text(Type::kstack(StackMode::Bpftrace, 3), kernel), "\n        kernel_function+16\n        0x20\n");
  EXPECT_EQ(text(Type::kstack(StackMode::Perf, 3), kernel), "\n\tffff0010 kernel_function+16\n\t20 0x20\n");
  EXPECT_EQ(text(Type::kstack(StackMode::Raw, 3), kernel), "\nffff0010\n20\n");
  EXPECT_EQ(text(Type::kstack(StackMode::Raw, 3), Bytes().zeros(32)), "\n");

  const Bytes user = Bytes().add<uint64_t>(2).add<uint32_t>(42).add<uint32_t>(0).add<uint64_t>(0x5010).add<uint64_t>(0x30);
  EXPECT_EQ(text(Type::ustack(StackMode::Bpftrace, 2), user), "\n        function_of_42+16\n        0x30\n");
  EXPECT_EQ(text(Type::ustack(StackMode::Perf, 2), user), "\n\t5010 function_of_42+16 (/bin/program)\n\t30 0x30 ([unknown])\n");
  EXPECT_EQ(json(Type::ustack(StackMode::Raw, 2), user), "\"\\n5010\\n30\\n\"");
  // A count beyond the type's limit is a lie of the bytes.
  EXPECT_EQ(text(Type::kstack(StackMode::Raw, 1), Bytes().add<uint64_t>(99).add<uint64_t>(1)), "\n1\n");
}

TEST_F(ValueTest, StacksOfBuildIds) {
  Bytes user = Bytes().add<uint64_t>(2).add<uint32_t>(42).add<uint32_t>(0);
  user.add<int32_t>(1);
  for (uint8_t i = 0; i < 20; i++) user.add<uint8_t>(static_cast<uint8_t>(0xa0 + i));
  user.add<uint64_t>(0x1234).add<int32_t>(2).zeros(20).add<uint64_t>(0x7fff0000);
  EXPECT_EQ(text(Type::ustack(StackMode::BuildId, 2), user), "\na0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3 0x1234\n0x7fff0000\n");
}

TEST_F(ValueTest, SymbolsHaveNoOffset) {
  EXPECT_EQ(text(Type::simple(Kind::KSym), Bytes().add<uint64_t>(0xffff0010)), "kernel_function");
  EXPECT_EQ(text(Type::simple(Kind::KSym), Bytes().add<uint64_t>(0x10)), "0x10");
  EXPECT_EQ(text(Type::simple(Kind::USym), Bytes().add<uint64_t>(0x5010).add<uint32_t>(7).add<uint32_t>(0)), "function_of_7");
}

TEST_F(ValueTest, NamesOfThings) {
  program_.probe_names = {"begin", "tracepoint:a:b"};
  EXPECT_EQ(text(Type::simple(Kind::Probe), Bytes().add<uint64_t>(1)), "tracepoint:a:b");
  EXPECT_EQ(text(Type::simple(Kind::Username), Bytes().add<uint64_t>(0)), "root");
  EXPECT_EQ(text(Type::simple(Kind::CgroupPath), Bytes().add<uint64_t>(5).zeros(8)), "unified:/group5");
  program_.strings = {"", "*"};
  EXPECT_EQ(text(Type::simple(Kind::CgroupPath), Bytes().add<uint64_t>(5).add<uint64_t>(1)), "unified:/group5*");
  EXPECT_EQ(text(Type::simple(Kind::Mac), Bytes().add<uint32_t>(0xbbaa2101).add<uint16_t>(0x0fcc)), "01:21:AA:BB:CC:0F");
  EXPECT_EQ(text(Type::simple(Kind::Inet), Bytes().add<uint64_t>(AF_INET).add<uint32_t>(htonl(0x7f000001)).zeros(12)), "127.0.0.1");
  EXPECT_EQ(text(Type::simple(Kind::Inet), Bytes().add<uint64_t>(AF_INET6).zeros(15).add<uint8_t>(1)), "::1");
  EXPECT_EQ(text(Type::void_(), Bytes().zeros(1)), "null");
  EXPECT_EQ(json(Type::void_(), Bytes().zeros(1)), "null");
}

TEST_F(ValueTest, FlagsByName) {
  auto names = std::make_shared<EnumType>(
      EnumType{"flags", {{"READ", 0}, {"WRITE", 1}, {"BOTH", 0x30}, {"ONE", 0x10}, {"TWO", 0x20}, {"FOUR", 0x40}}, true, 3});
  const Type type = Type::enumerated(names, 4, false);
  const auto shown = [&](uint32_t bits) { return text(type, Bytes().add<uint32_t>(bits)); };
  EXPECT_EQ(shown(0), "READ");
  EXPECT_EQ(shown(1), "WRITE");
  EXPECT_EQ(shown(0x10), "READ|ONE");
  EXPECT_EQ(shown(0x71), "WRITE|BOTH|FOUR"); // not ONE and TWO again
  EXPECT_EQ(shown(0x180), "READ|0x180");
  EXPECT_EQ(shown(3), "0x3");
  EXPECT_EQ(json(type, Bytes().add<uint32_t>(0x11)), "\"WRITE|ONE\"");
}

TEST_F(ValueTest, Timestamps) {
  setenv("TZ", "UTC", 1);
  tzset();
  program_.strings = {"%H:%M:%S.%f|%l|%k|%%f"};
  const Bytes bytes = Bytes().add<uint64_t>(3661'123'456'789).add<uint32_t>(0).add<uint32_t>(0);
  EXPECT_EQ(text(Type::simple(Kind::Timestamp), bytes), "01:01:01.123456|123|123456789|%f");
  const Bytes tai = Bytes().add<uint64_t>((3661 + 37) * 1'000'000'000ull + 5).add<uint32_t>(0).add(static_cast<uint32_t>(Clock::Tai));
  EXPECT_EQ(text(Type::simple(Kind::Timestamp), tai), "01:01:38.000000|000|000000005|%f");
  EXPECT_EQ(text(Type::simple(Kind::Timestamp), Bytes().zeros(16)), "(?)");
  EXPECT_EQ(format_time("", {}), "");
  EXPECT_EQ(format_time(std::string(500, 'x'), {}), std::string(500, 'x'));
}

TEST(NumberTest, OrderAcrossSigns) {
  const Number minus{static_cast<uint64_t>(-1), true}, huge{UINT64_MAX, false}, zero{0, true};
  EXPECT_TRUE(minus < zero);
  EXPECT_TRUE(zero < huge);
  EXPECT_FALSE(huge < minus);
  EXPECT_TRUE(zero == (Number{0, false}));
}

TEST(NumberTest, DivisionTruncatesTowardsZero) {
  EXPECT_EQ(static_cast<int64_t>(divide({static_cast<uint64_t>(-7), true}, {2, false}).bits), -3);
  EXPECT_EQ(divide({UINT64_MAX, false}, {2, true}).bits, UINT64_MAX / 2);
  EXPECT_EQ(divide({5, true}, {0, true}).bits, 0u);
}

} // namespace
} // namespace trapline::runtime
