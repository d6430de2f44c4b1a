// The table of builtins is complete and in order.
#include "builtins/builtin.h"
#include "builtins/format.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>

namespace trapline::builtins {
namespace {

TEST(BuiltinRegistry, EveryRowIsWhole) {
  std::set<std::string_view> seen;
  std::string_view before;
  for (const Builtin& row : registry()) {
    EXPECT_TRUE(seen.insert(row.name).second) << row.name << " stands twice";
    EXPECT_LT(before, row.name) << "rows are found by binary search";
    before = row.name;
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_FALSE(row.result.empty()) << row.name;
    EXPECT_NE(row.check, nullptr) << row.name;
    EXPECT_NE(row.lower, nullptr) << row.name;
    bool optional = false;
    for (const Parameter& parameter : row.parameters) {
      EXPECT_FALSE(optional && !parameter.optional) << row.name << ": an optional parameter before a needed one";
      optional |= parameter.optional;
    }
  }
}

TEST(BuiltinRegistry, FindsNumberedArguments) {
  ASSERT_NE(find("arg0"), nullptr);
  EXPECT_EQ(find("arg0")->name, "argN");
  EXPECT_EQ(find("arg12")->name, "argN");
  ASSERT_NE(find("sarg3"), nullptr);
  EXPECT_EQ(find("sarg3")->name, "sargN");
  EXPECT_EQ(find("sarg"), nullptr);
  EXPECT_EQ(find("arg"), nullptr);
  EXPECT_EQ(find("argx"), nullptr);
  EXPECT_EQ(find("nosuch"), nullptr);
}

std::vector<FormatPiece> pieces(std::string_view text, Diagnostics& diagnostics) { return parse_format(text, {}, diagnostics); }

TEST(BuiltinFormat, SplitsLiteralsAndConversions) {
  Diagnostics diagnostics;
  auto p = pieces("a %-5d|%05.3llx 100%% %s\n", diagnostics);
  ASSERT_EQ(p.size(), 4u);
  EXPECT_EQ(p[0].literal, "a ");
  EXPECT_TRUE(p[0].left);
  EXPECT_EQ(p[0].width, 5);
  EXPECT_EQ(p[1].literal, "|");
  EXPECT_TRUE(p[1].zero);
  EXPECT_EQ(p[1].precision, 3);
  EXPECT_EQ(p[1].length, "ll");
  EXPECT_EQ(p[2].literal, " 100% ");
  EXPECT_EQ(p[3].literal, "\n");
  EXPECT_FALSE(p[3].has_conversion);
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(BuiltinFormat, RefusesWhatItDoesNotKnow) {
  for (std::string_view bad : {"%", "%y", "%5", "abc %-", "%ll"}) {
    Diagnostics diagnostics;
    pieces(bad, diagnostics);
    EXPECT_TRUE(diagnostics.has(DiagId::FormatInvalid)) << bad;
  }
}

TEST(BuiltinFormat, WidthsAreBounded) {
  Diagnostics diagnostics;
  auto p = pieces("%99999999999999d", diagnostics);
  ASSERT_EQ(p.size(), 1u);
  EXPECT_EQ(p[0].width, 4096);
}

} // namespace
} // namespace trapline::builtins
