// Parts of the tree written back as source.
#include "ast/ast.h"
#include "parser/parse.h"

#include <gtest/gtest.h>

namespace trapline::ast {
namespace {

std::string round_trip(const std::string& expression) {
  SourceFile source("test", "BEGIN { f(" + expression + ") }");
  Diagnostics diags;
  std::optional<Script> script = parse(source, {}, diags);
  EXPECT_FALSE(diags.has_errors()) << render_all(diags, source);
  if (!script) return "";
  const Expr& call = *std::get<ExprStatement>(script->probes[0].body.statements[0]->node).expr;
  return to_source(*std::get<Call>(call.node).arguments[0]);
}

TEST(AstSource, as_written) {
  for (const char* text : {"1", "true", "\"a\\n\\\"\\\\\"", "pid", "$1", "$#", "$x", "@", "@x[1, (2, 3)]", "-x", "!(a && b)", "x++", "--x", "&$x", "*p",
                           "a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "a << b + c", "(a << b) + c", "a & b == c", "(a & b) == c",
                           "a || b && c", "(a || b) && c", "a ? b : c ? d : e", "(a ? b : c) ? d : e", "a ?: b", "f()", "f(1, 2)",
                           "args->x.y", "(*p).x", "(a + b)[1]", "t.0.1", "(uint64)x", "(struct a *)x", "((struct a *)x)->y", "(uint8)-x",
                           "-(uint8)x", "(1, 2)", "(1,)", "()", "sizeof(struct x)", "sizeof(x + 1)", "offsetof(struct a, b.c)", "- 1"}) {
    std::string expected = text == std::string("- 1") ? "-1" : text;
    EXPECT_EQ(round_trip(text), expected);
  }
}

TEST(AstSource, parentheses_only_where_needed) {
  EXPECT_EQ(round_trip("((a) + (b * c))"), "a + b * c");
  EXPECT_EQ(round_trip("-(-x)"), "-(-x)");
  EXPECT_EQ(round_trip("- -x"), "-(-x)");
  EXPECT_EQ(round_trip("!!x"), "!!x");
  EXPECT_EQ(round_trip("0x10"), "16");
  EXPECT_EQ(round_trip("\"\\x01\""), "\"\\x01\"");
}

TEST(AstSource, types) {
  EXPECT_EQ(to_string(TypeName{TypeName::Tag::Struct, "a", {{true, {}}, {true, {}}}, {}}), "struct a **");
  EXPECT_EQ(to_string(TypeName{TypeName::Tag::None, "int32", {{false, 4}, {true, {}}}, {}}), "int32[4]*");
  EXPECT_EQ(to_string(TypeName{TypeName::Tag::None, "char", {{true, {}}, {false, {}}}, {}}), "char *[]");
  EXPECT_EQ(to_string(TypeName{TypeName::Tag::Enum, "e", {}, {}}), "enum e");
}

TEST(AstSource, operators) {
  EXPECT_EQ(spelling(BinaryOp::Add), "+");
  EXPECT_EQ(spelling(BinaryOp::ShiftRight), ">>");
  EXPECT_EQ(spelling(BinaryOp::And), "&&");
  EXPECT_EQ(spelling(BinaryOp::Or), "||");
  EXPECT_EQ(spelling(BinaryOp::GreaterEqual), ">=");
}

TEST(AstDump, control_characters_stay_on_their_line) {
  using namespace std::string_literals;
  SourceFile source("test", "BEGIN { f(\"a\\n\\x01\0\") }"s);
  Diagnostics diags;
  std::optional<Script> script = parse(source, {}, diags);
  ASSERT_TRUE(script);
  EXPECT_EQ(dump(*script), "program\n probe BEGIN\n  body\n   call f\n    string \"a\\n\\x01\\x00\"\n");
}

} // namespace
} // namespace trapline::ast
