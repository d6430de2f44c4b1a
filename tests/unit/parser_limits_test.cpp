// Hostile input: no crash, no long wait, and a report instead of what follows the parser overflowing its stack.
#include "parser/parse.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

Diagnostics errors_of(const std::string& text) {
  SourceFile source("test", text);
  Diagnostics diags;
  std::optional<ast::Script> script = parse(source, {}, diags);
  if (script) ast::dump(*script);
  return diags;
}

constexpr size_t kMany = 20'000;

TEST(ParseLimits, deep_nesting) {
  for (const std::string& text : {
           "BEGIN { " + repeat("(", kMany) + "1" + repeat(")", kMany) + " }",
           "BEGIN { " + repeat("{", kMany) + repeat("}", kMany) + " }",
           "BEGIN { " + repeat("if (1) {", kMany) + repeat("}", kMany) + " }",
           "BEGIN { " + repeat("f(", kMany),
           "BEGIN { " + repeat("@x[", kMany),
           repeat("struct a { ", kMany),
           "struct x { int (*f)" + repeat("(", kMany),
           "BEGIN { " + repeat("!", kMany) + "1 }",
           "BEGIN { " + repeat("(uint8)", kMany) + "1 }",
           "BEGIN { " + repeat("1 + ", kMany) + "1 }",
           "BEGIN { a" + repeat(".b", kMany) + " }",
           "BEGIN { " + repeat("1 ? 1 : ", kMany) + "1 }",
           "BEGIN { " + repeat("if (1) { } else ", kMany) + "{ } }",
           "k:f / " + repeat("1 / ", kMany) + "{ }",
       }) {
    Diagnostics diags = errors_of(text);
    EXPECT_TRUE(diags.has(DiagId::NestedTooDeeply)) << text.substr(0, 40);
    EXPECT_LE(diags.errors(), 2u) << text.substr(0, 40);
  }
}

TEST(ParseLimits, ordinary_depth) {
  EXPECT_FALSE(errors_of("BEGIN { " + repeat("(", 100) + "1" + repeat(")", 100) + " }").has_errors());
  EXPECT_FALSE(errors_of("BEGIN { " + repeat("1 + ", 300) + "1 }").has_errors());
  EXPECT_FALSE(errors_of("BEGIN { " + repeat("if (1) { } else ", 300) + "{ } }").has_errors());
}

TEST(ParseLimits, long_but_flat) {
  EXPECT_FALSE(errors_of(repeat("BEGIN { }\n", kMany)).has_errors());
  EXPECT_FALSE(errors_of("BEGIN { " + repeat("@x++ ", kMany) + "}").has_errors());
  EXPECT_FALSE(errors_of("BEGIN { f(" + repeat("1, ", kMany) + "1) }").has_errors());
  EXPECT_FALSE(errors_of("BEGIN { (uint8 " + repeat("*", kMany) + ")1 }").has_errors());
  EXPECT_FALSE(errors_of(repeat("k:a, ", kMany) + "k:b { }").has_errors());
}

TEST(ParseLimits, few_reports) {
  for (const std::string& text : {repeat("BEGIN { a b; } ", kMany), "BEGIN { " + repeat("a b; ", kMany) + "}", repeat("\x01 a ", kMany),
                                  "BEGIN { " + repeat("for ($x : 1) { } ", kMany) + "}", "struct x { " + repeat("int; ", kMany) + "}",
                                  repeat("#x\n", kMany), "k:" + repeat("$9", kMany) + " { }", "BEGIN {\n" + repeat("k:f {\n", kMany)}) {
    EXPECT_LE(errors_of(text).all().size(), 25u) << text.substr(0, 40);
  }
}

TEST(ParseLimits, macros) {
  std::string doubling = "#define M0 1 + 1\n";
  for (int i = 1; i < 30; ++i) doubling += "#define M" + std::to_string(i) + " M" + std::to_string(i - 1) + " + M" + std::to_string(i - 1) + "\n";
  EXPECT_TRUE(errors_of(doubling + "BEGIN { f(M29) }").has(DiagId::ScriptTooLarge));
  std::string chain = "#define M0 1\n";
  for (int i = 1; i < 100; ++i) chain += "#define M" + std::to_string(i) + " M" + std::to_string(i - 1) + "\n";
  EXPECT_TRUE(errors_of(chain + "BEGIN { f(M99) }").has(DiagId::NestedTooDeeply));
  EXPECT_FALSE(errors_of(chain + "BEGIN { f(M20) }").has_errors());
}

TEST(ParseLimits, size) {
  EXPECT_TRUE(errors_of("BEGIN { } //" + std::string(5 << 20, 'x')).has(DiagId::ScriptTooLarge));
}

} // namespace
} // namespace trapline
