// Numbers as scripts write them.
#include "support/literals.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

struct Row {
  const char* text;
  uint64_t value;
};

TEST(ParseInteger, values) {
  constexpr Row kRows[] = {
      {"0", 0},
      {"10", 10},
      {"007", 7},
      {"017", 15},
      {"0x1F", 31},
      {"0X1f", 31},
      {"0xe1", 0xe1},
      {"1_000_000", 1'000'000},
      {"0xffff_ffff_ffff_ffff", UINT64_MAX},
      {"18446744073709551615", UINT64_MAX},
      {"01777777777777777777777", UINT64_MAX},
      {"1e6", 1'000'000},
      {"5E3", 5000},
      {"1e0", 1},
      {"1u", 1},
      {"1ul", 1},
      {"1ULL", 1},
      {"9223372036854775807ll", INT64_MAX},
      {"1ns", 1},
      {"2us", 2'000},
      {"3ms", 3'000'000},
      {"4s", 4'000'000'000},
      {"2m", 120'000'000'000},
      {"1h", 3'600'000'000'000},
      {"1d", 86'400'000'000'000},
      {"0x10ull", 16},
  };
  for (const Row& row : kRows) {
    ParsedInteger parsed = parse_integer(row.text);
    EXPECT_EQ(parsed.value, row.value) << row.text;
    EXPECT_EQ(parsed.error, "") << row.text;
    EXPECT_FALSE(parsed.too_large) << row.text;
  }
}

TEST(ParseInteger, mistakes) {
  for (const char* text : {"08", "019", "0x", "0b11", "1_", "0x_", "1x", "1e", "1e+3", "1e1_0", "10msx", "9223372036854775808l"}) {
    EXPECT_NE(parse_integer(text).error, "") << text;
  }
}

TEST(ParseInteger, too_large) {
  for (const char* text : {"18446744073709551616", "0x1_0000_0000_0000_0000", "02000000000000000000000", "1e20", "1e999999999999999999999",
                           "300000d", "99999999999999999999999999999s"}) {
    EXPECT_TRUE(parse_integer(text).too_large) << text;
  }
  EXPECT_FALSE(parse_integer("0e999").too_large);
}

} // namespace
} // namespace trapline
