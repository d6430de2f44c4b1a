// Patterns of `=~` and glob().
#include "builtins/pattern.h"

#include <gtest/gtest.h>

namespace trapline::builtins {
namespace {

bool match(std::string_view pattern, std::string_view text) {
  Result<Pattern> parsed = parse_pattern(pattern);
  EXPECT_TRUE(parsed) << pattern;
  return parsed && matches(*parsed, text);
}

std::string mistake(std::string_view pattern) {
  Result<Pattern> parsed = parse_pattern(pattern);
  return parsed ? "" : parsed.error().message;
}

TEST(Pattern, LiteralsAreWhole) {
  EXPECT_TRUE(match("nginx", "nginx"));
  EXPECT_FALSE(match("nginx", "nginx2"));
  EXPECT_FALSE(match("nginx", "ngin"));
  EXPECT_TRUE(match("", ""));
  EXPECT_FALSE(match("", "a"));
}

TEST(Pattern, StarIsAnyText) {
  EXPECT_TRUE(match("*", ""));
  EXPECT_TRUE(match("ngin*", "ngin"));
  EXPECT_TRUE(match("ngin*", "nginx: worker"));
  EXPECT_FALSE(match("ngin*", "engine"));
  EXPECT_TRUE(match("*.conf", "/etc/x.conf"));
  EXPECT_FALSE(match("*.conf", "/etc/x.conf.bak"));
  EXPECT_TRUE(match("a*b*c", "axxbyyc"));
  EXPECT_FALSE(match("a*b*c", "axxcyyb"));
  EXPECT_TRUE(match("a**c", "abc"));
  EXPECT_TRUE(match("/*/x", "/a/b/x")) << "slashes are nothing special";
}

TEST(Pattern, EndsDoNotShareBytes) {
  EXPECT_FALSE(match("ab*bc", "abc"));
  EXPECT_TRUE(match("ab*bc", "abbc"));
  EXPECT_FALSE(match("a*bb*c", "abc"));
  EXPECT_FALSE(match("*ab*ab*", "xabx"));
  EXPECT_TRUE(match("*ab*ab*", "abab"));
}

TEST(Pattern, TheFirstPlaceIsTheBest) {
  EXPECT_TRUE(match("*a?c*d", "aacxacabcd"));
  EXPECT_TRUE(match("*aab", "aaaaab"));
  EXPECT_TRUE(match("*ab?*a", "ababba"));
}

TEST(Pattern, QuestionMarkIsOneByte) {
  EXPECT_TRUE(match("a?c", "abc"));
  EXPECT_FALSE(match("a?c", "ac"));
  EXPECT_FALSE(match("a?", "a"));
  EXPECT_TRUE(match("?*", "x"));
  EXPECT_FALSE(match("?*", ""));
}

TEST(Pattern, Sets) {
  EXPECT_TRUE(match("[abc]x", "bx"));
  EXPECT_FALSE(match("[abc]x", "dx"));
  EXPECT_TRUE(match("/proc/[0-9]*", "/proc/12"));
  EXPECT_FALSE(match("/proc/[0-9]*", "/proc/self"));
  EXPECT_TRUE(match("[!0-9]", "x"));
  EXPECT_TRUE(match("[^0-9]", "x"));
  EXPECT_FALSE(match("[!0-9]", "5"));
  EXPECT_TRUE(match("[]x]", "]")) << "a bracket that comes first is a member";
  EXPECT_FALSE(match("[!]x]", "]"));
  EXPECT_TRUE(match("[a-]", "-")) << "a minus at the end is a member";
  EXPECT_TRUE(match("[\\]a]", "]"));
  EXPECT_TRUE(match("[*?]", "?")) << "nothing else is special in a set";
  EXPECT_TRUE(match("[\xe0-\xff]", "\xe9"));
}

TEST(Pattern, ABackslashTakesTheMeaning) {
  EXPECT_TRUE(match("\\*", "*"));
  EXPECT_FALSE(match("\\*", "x"));
  EXPECT_TRUE(match("\\[a]", "[a]"));
  EXPECT_TRUE(match("a\\b", "ab"));
  EXPECT_TRUE(match("\\\\*", "\\x"));
}

TEST(Pattern, Mistakes) {
  EXPECT_EQ(mistake("[abc"), "a `[` has no `]` after it");
  EXPECT_EQ(mistake("["), "a `[` has no `]` after it");
  EXPECT_EQ(mistake("[]"), "a `[` has no `]` after it");
  EXPECT_EQ(mistake("[a-"), "a `[` has no `]` after it");
  EXPECT_EQ(mistake("[z-a]"), "a range in `[]` is backwards");
  EXPECT_EQ(mistake("x\\"), "it ends with a single `\\`");
  EXPECT_EQ(mistake("]"), "");
}

TEST(Pattern, NulNeverMatches) {
  EXPECT_FALSE(match("[!a]", std::string_view("\0", 1)));
  EXPECT_FALSE(any_byte().test(0));
}

TEST(Pattern, ShortestText) {
  EXPECT_EQ(parse_pattern("*")->shortest(), 0u);
  EXPECT_EQ(parse_pattern("a*?[bc]")->shortest(), 3u);
}

} // namespace
} // namespace trapline::builtins
