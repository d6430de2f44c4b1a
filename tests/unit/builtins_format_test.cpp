// printf formats and percentages as they are read from the script.
#include "builtins/format.h"
#include "builtins/gfp_flags.h"
#include "builtins/percentiles.h"
#include "system/fake.h"

#include <gtest/gtest.h>

namespace trapline::builtins {
namespace {

std::vector<FormatPiece> parsed(std::string_view text) {
  Diagnostics diagnostics;
  return parse_format(text, {}, diagnostics);
}

bool is_refused(std::string_view text) {
  Diagnostics diagnostics;
  parse_format(text, {}, diagnostics);
  return diagnostics.has(DiagId::FormatInvalid);
}

TEST(FormatParseTest, EveryPart) {
  const auto pieces = parsed("a%%b%-+ #012.5lldc%*.*s");
  ASSERT_EQ(pieces.size(), 2u);
  const FormatPiece& first = pieces[0];
  EXPECT_EQ(first.literal, "a%b");
  EXPECT_TRUE(first.left && first.plus && first.space && first.alternate && first.zero);
  EXPECT_EQ(first.width, 12);
  EXPECT_EQ(first.precision, 5);
  EXPECT_EQ(first.length, "ll");
  EXPECT_EQ(first.conversion, "d");
  EXPECT_EQ(pieces[1].literal, "c");
  EXPECT_TRUE(pieces[1].width_argument && pieces[1].precision_argument);
}

TEST(FormatParseTest, GfpFlagsAndNumbersWithFractions) {
  EXPECT_EQ(parsed("%gr")[0].conversion, "gr");
  EXPECT_EQ(parsed("%.3gr")[0].conversion, "g"); // a precision makes no sense for flags
  EXPECT_EQ(parsed("%g rest")[0].conversion, "g");
  for (const char* real : {"%f", "%.2f", "%Lf", "%lf", "%e", "%g", "%a", "%F", "%E", "%G", "%A"}) EXPECT_TRUE(is_real(parsed(real)[0])) << real;
  for (const char* other : {"%gr", "%d", "%s", "%r", "%x"}) EXPECT_FALSE(is_real(parsed(other)[0])) << other;
}

TEST(FormatParseTest, BuffersInThreeStyles) {
  EXPECT_EQ(parsed("%r")[0].conversion, "r");
  EXPECT_EQ(parsed("%rx")[0].conversion, "rx");
  EXPECT_EQ(parsed("%rh")[0].conversion, "rh");
  EXPECT_EQ(parsed("%ra")[0].conversion, "r");
}

TEST(FormatParseTest, Refused) {
  for (const char* text : {"%", "%-", "%5", "%l", "%k", "%!", "% "}) EXPECT_TRUE(is_refused(text)) << text;
}

TEST(PercentileReadTest, Numbers) {
  EXPECT_EQ(read_percentile("50"), 50'000u);
  EXPECT_EQ(read_percentile("99.9"), 99'900u);
  EXPECT_EQ(read_percentile("0.001"), 1u);
  EXPECT_EQ(read_percentile("100"), 100'000u);
  EXPECT_EQ(read_percentile("007"), 7'000u);
  for (const char* text : {"", ".", "5.", ".5", "-1", "101", "100.001", "1.2345", "1e1", "50%", "1000", "5 0"}) EXPECT_EQ(read_percentile(text), std::nullopt) << text;
}

TEST(PercentileReadTest, Lists) {
  EXPECT_EQ(read_percentiles("50, 99 ,99.9"), (std::vector<uint32_t>{50'000, 99'000, 99'900}));
  for (const char* text : {"", ",", "50,", "50;99"}) EXPECT_EQ(read_percentiles(text), std::nullopt) << text;
}

TEST(GfpFlagsTest, WithoutTheKernelsNames) {
  const auto system = make_sample_system();
  uint64_t kernel = 0, zero = 0;
  size_t combined = 0, single = 0;
  const std::vector<FlagName> names = gfp_flag_names(*system);
  for (size_t i = 0; i < names.size(); i++) {
    if (names[i].name == "GFP_KERNEL") kernel = names[i].bits;
    if (names[i].name == "__GFP_ZERO") zero = names[i].bits;
    if (names[i].name == "GFP_USER") combined = i;
    if (names[i].name == "__GFP_IO") single = i;
  }
  EXPECT_EQ(kernel, 0xcc0u);
  EXPECT_EQ(zero, 0x100u);
  EXPECT_LT(combined, single);
}

} // namespace
} // namespace trapline::builtins
