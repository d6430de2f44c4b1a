// Which print() goes with which clear() or zero(), and which maps get two banks.
#include "unit/codegen_support.h"

#include <gtest/gtest.h>

namespace trapline::test {
namespace {

// The actions on maps, in order: "print", "print+clear", "clear", ...
std::string map_actions(const std::string& block) {
  Compiled result = compile_text("BEGIN { @a = count(); @b[1] = 1; } interval:s:1 {" + block + "}");
  EXPECT_TRUE(result.program) << block << "\n" << result.errors;
  if (!result.program) return {};
  std::string text;
  for (const Action& action : result.program->actions) {
    if (action.kind == ActionKind::PrintMap) text += action.then == Action::Then::Nothing ? " print" : action.then == Action::Then::Clear ? " print+clear" : " print+zero";
    if (action.kind == ActionKind::Clear) text += " clear";
    if (action.kind == ActionKind::Zero) text += " zero";
  }
  return text.empty() ? text : text.substr(1);
}

TEST(Tables, PrintAndEmptyIsOneStep) {
  EXPECT_EQ(map_actions("print(@a); clear(@a);"), "print+clear");
  EXPECT_EQ(map_actions("print(@b); zero(@b);"), "print+zero");
  EXPECT_EQ(map_actions("print(@a); print(@b); clear(@a); zero(@b);"), "print+clear print+zero");
  EXPECT_EQ(map_actions("print(@b, 5); time(); printf(\"x\"); $x = 1; if ($x) { printf(\"y\"); } clear(@b);"), "print+clear");
  EXPECT_EQ(map_actions("if (cpu == 0) { print(@a); clear(@a); }"), "print+clear");
}

TEST(Tables, UnlessSomethingIsBetween) {
  EXPECT_EQ(map_actions("print(@b); @b[2] = 2; clear(@b);"), "print clear");
  EXPECT_EQ(map_actions("print(@b); printf(\"%d\", @b[1]); clear(@b);"), "print clear");
  EXPECT_EQ(map_actions("print(@b); if (cpu == 0) { return; } clear(@b);"), "print clear");
  EXPECT_EQ(map_actions("print(@b); if (cpu == 0) { exit(); } clear(@b);"), "print clear");
  EXPECT_EQ(map_actions("if (cpu == 0) { print(@b); } clear(@b);"), "print clear");
  EXPECT_EQ(map_actions("clear(@b); print(@b);"), "clear print");
  EXPECT_EQ(map_actions("print(@b[1]); clear(@b);"), "clear");
}

TEST(Tables, TheSecondOfTwoPrintsEmpties) {
  EXPECT_EQ(map_actions("print(@b); print(@b, 1); clear(@b);"), "print print+clear");
  EXPECT_EQ(map_actions("print(@b); clear(@b); clear(@b);"), "print+clear clear");
}

int32_t banks_of_m(const std::string& text) {
  Compiled result = compile_text(text);
  EXPECT_TRUE(result.program) << text << "\n" << result.errors;
  return result.program ? result.program->maps.front().banks : -2;
}

TEST(Tables, OnlyMapsThatAreEmptiedWhileUsedHaveTwoBanks) {
  EXPECT_EQ(banks_of_m("BEGIN { @m = count(); } interval:s:1 { print(@m); }"), -1);
  EXPECT_EQ(banks_of_m("BEGIN { @m = count(); } END { clear(@m); }"), -1);
  EXPECT_EQ(banks_of_m("BEGIN { @m = count(); } END { clear(@m); @m = count(); }"), 0);
  EXPECT_EQ(banks_of_m("BEGIN { @m = 1; } END { zero(@m); @m++; }"), 0);
  EXPECT_EQ(banks_of_m("BEGIN { @m = count(); clear(@m); }"), 0);
  EXPECT_EQ(banks_of_m("BEGIN { @m[1] = 1; } interval:s:1 { zero(@m); }"), 0);
}

} // namespace
} // namespace trapline::test
