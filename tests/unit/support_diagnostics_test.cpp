// How diagnostics look.
#include "support/color.h"
#include "support/diagnostics.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

std::string rendered(const std::string& text, Span span) {
  Diagnostics diagnostics;
  diagnostics.report(DiagId::TypeMismatch, span, "wrong");
  return render_all(diagnostics, SourceFile("x.bt", text));
}

Span find(const std::string& text, const std::string& word) {
  const auto at = static_cast<uint32_t>(text.find(word));
  return {at, at + static_cast<uint32_t>(word.size())};
}

TEST(RenderTest, OneLine) {
  const std::string text = "BEGIN { nsces }";
  EXPECT_EQ(rendered(text, find(text, "nsces")), "x.bt:1:9-14: ERROR: wrong\nBEGIN { nsces }\n        ^~~~~\n");
}

TEST(RenderTest, TabsStayTabs) {
  const std::string text = "\tx\ty;";
  EXPECT_EQ(rendered(text, find(text, "y")), "x.bt:1:4-5: ERROR: wrong\n\tx\ty;\n\t \t^\n");
}

TEST(RenderTest, WideCharactersTakeTheirColumns) {
  const std::string text = "\"世é\" y 世;";
  EXPECT_EQ(rendered(text, find(text, "y")), "x.bt:1:9-10: ERROR: wrong\n" + text + "\n      ^\n");
  EXPECT_EQ(rendered(text, {10, 13}), "x.bt:1:11-14: ERROR: wrong\n" + text + "\n        ^~\n");
}

TEST(RenderTest, SeveralLinesShowTheFirst) {
  const std::string text = "a(\n  b,\n  c) d";
  EXPECT_EQ(rendered(text, {0, 12}), "x.bt:1-3: ERROR: wrong\na(\n^~\n");
}

TEST(RenderTest, TheEndOfTheText) { EXPECT_EQ(rendered("a", {1, 1}), "x.bt:1:2-3: ERROR: wrong\na\n ^\n"); }

TEST(RenderTest, WhatStandsNowhere) { EXPECT_EQ(rendered("a", Span::none()), "ERROR: wrong\n"); }

TEST(RenderTest, Colors) {
  set_colors(true);
  const std::string text = rendered("a", Span::none());
  set_colors(false);
  EXPECT_EQ(text, "\033[31mERROR\033[0m: wrong\n");
}

} // namespace
} // namespace trapline
