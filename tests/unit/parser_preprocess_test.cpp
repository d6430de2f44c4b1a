// Directives and the conditions of `#if`.
#include "parser/parse.h"
#include "parser/preprocess.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

int64_t value_of(std::string_view text, const std::map<std::string, Macro>& macros = {}) {
  bool ok = true;
  int64_t value = evaluate_condition(text, macros, ok);
  EXPECT_TRUE(ok) << text;
  return value;
}

bool is_malformed(std::string_view text, const std::map<std::string, Macro>& macros = {}) {
  bool ok = true;
  evaluate_condition(text, macros, ok);
  return !ok;
}

TEST(PreprocessCondition, operators) {
  EXPECT_EQ(value_of("1 + 2 * 3"), 7);
  EXPECT_EQ(value_of("(1 + 2) * 3"), 9);
  EXPECT_EQ(value_of("10 - 4 - 3"), 3);
  EXPECT_EQ(value_of("1 << 4 | 1"), 17);
  EXPECT_EQ(value_of("!0 && !1 || 1"), 1);
  EXPECT_EQ(value_of("~0 == -1"), 1);
  EXPECT_EQ(value_of("3 >= 3 && 2 < 3 && 2 != 3"), 1);
  EXPECT_EQ(value_of("7 / 2 + 7 % 2"), 4);
  EXPECT_EQ(value_of("0x10"), 16);
  EXPECT_EQ(value_of("-9223372036854775807 - 1"), INT64_MIN);
}

TEST(PreprocessCondition, names) {
  std::map<std::string, Macro> macros = {{"TWO", {"1 + 1"}}, {"LOOP", {"LOOP"}}, {"EMPTY", {""}}};
  EXPECT_EQ(value_of("defined(TWO) && defined TWO && !defined(THREE)", macros), 1);
  EXPECT_EQ(value_of("TWO * 2", macros), 4);
  EXPECT_EQ(value_of("UNKNOWN", macros), 0);
  EXPECT_EQ(value_of("KERNEL_VERSION(5, 4, 0)"), 0x50400);
  EXPECT_TRUE(is_malformed("LOOP", macros));
  EXPECT_TRUE(is_malformed("EMPTY", macros));
}

TEST(PreprocessCondition, malformed) {
  for (const char* text : {"", "1 +", "(1", "1)", "1 2", "defined()", "f(1)", "\"a\"", "1 / 0", "1 % 0", "KERNEL_VERSION(1, 2)", "08"}) {
    EXPECT_TRUE(is_malformed(text)) << text;
  }
  EXPECT_TRUE(is_malformed(std::string(100'000, '(')));
  EXPECT_TRUE(is_malformed(std::string(100'000, '!') + "1"));
}

TEST(PreprocessCondition, doubling_macros_end) {
  std::map<std::string, Macro> macros = {{"M0", {"1"}}};
  for (int i = 1; i < 60; ++i) {
    std::string below = "M" + std::to_string(i - 1);
    macros["M" + std::to_string(i)] = {below + "+" + below};
  }
  EXPECT_TRUE(is_malformed("M59", macros));
}

std::string probes_of(const std::string& text, const ParseOptions& options = {}) {
  SourceFile source("test", text);
  Diagnostics diags;
  std::optional<ast::Script> script = parse(source, options, diags);
  EXPECT_FALSE(diags.has_errors()) << render_all(diags, source);
  std::string out;
  if (!script) return out;
  for (const ast::Probe& probe : script->probes) out += probe.attach_points[0].text + ";";
  return out;
}

TEST(Preprocess, groups) {
  EXPECT_EQ(probes_of("#if 1\na:1 {}\n#else\na:2 {}\n#endif\nend:0 {}"), "a:1;end:0;");
  EXPECT_EQ(probes_of("#if 0\na:1 {}\n#elif 1\na:2 {}\n#elif 1\na:3 {}\n#else\na:4 {}\n#endif"), "a:2;");
  EXPECT_EQ(probes_of("#if 0\n#if 1\na:1 {}\n#else\na:2 {}\n#endif\n#else\na:3 {}\n#endif"), "a:3;");
  EXPECT_EQ(probes_of("#define X\n#ifdef X\na:1 {}\n#endif\n#undef X\n#ifdef X\na:2 {}\n#endif"), "a:1;");
  EXPECT_EQ(probes_of("#if 0\n\"unbalanced ' } ) \\\n#endif\na:1 {}"), "a:1;");
}

TEST(Preprocess, predefined) {
  const char* text = "#ifdef BPFTRACE_HAVE_BTF\na:1 {}\n#else\na:2 {}\n#endif";
  EXPECT_EQ(probes_of(text), "a:1;");
  ParseOptions options;
  options.have_btf = false;
  EXPECT_EQ(probes_of(text, options), "a:2;");
  options.kernel_version = 0x60100;
  EXPECT_EQ(probes_of("#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)\na:1 {}\n#endif", options), "a:1;");
}

DiagId only_error(const std::string& text) {
  SourceFile source("test", text);
  Diagnostics diags;
  parse(source, {}, diags);
  EXPECT_EQ(diags.errors(), 1u) << text << "\n" << render_all(diags, source);
  return diags.all().empty() ? DiagId::NoProbes : diags.all()[0].id;
}

TEST(Preprocess, mistakes) {
  for (const char* text : {"#if 1\nBEGIN {}", "#endif\nBEGIN {}", "#else\nBEGIN {}", "#elif 1\nBEGIN {}", "#include\nBEGIN {}",
                           "#include <a\nBEGIN {}", "#define\nBEGIN {}", "#define 1 2\nBEGIN {}", "#ifdef\n#endif\nBEGIN {}",
                           "#error no\nBEGIN {}", "#nonsense\nBEGIN {}", "#if 1\n#else\n#else\n#endif\nBEGIN {}", "#if )\n#endif\nBEGIN {}"}) {
    EXPECT_EQ(only_error(text), DiagId::SyntaxError) << text;
  }
}

TEST(Preprocess, macros) {
  auto first_expression = [](const std::string& text) -> std::string {
    SourceFile source("test", text);
    Diagnostics diags;
    std::optional<ast::Script> script = parse(source, {}, diags);
    EXPECT_FALSE(diags.has_errors()) << render_all(diags, source);
    if (!script || script->probes[0].body.statements.empty()) return "";
    return ast::to_source(*std::get<ast::ExprStatement>(script->probes[0].body.statements[0]->node).expr);
  };
  EXPECT_EQ(first_expression("#define A 1 + 2\nBEGIN { f(A * 3) }"), "f((1 + 2) * 3)");
  EXPECT_EQ(first_expression("#define A B\n#define B \"x\" // text\nBEGIN { f(A) }"), "f(\"x\")");
  EXPECT_EQ(first_expression("#define A B\n#define B A\nBEGIN { f(A, B) }"), "f(A, B)");
  EXPECT_EQ(first_expression("#define A struct foo\nBEGIN { f((A *)1) }"), "f((struct foo *)1)");
  EXPECT_EQ(first_expression("#define A u64 *\nBEGIN { f((A)1) }"), "f((u64 *)1)");
  EXPECT_EQ(first_expression("#define A 1 + \\\n 2\nBEGIN { f(A) }"), "f(1 + 2)");
  EXPECT_EQ(first_expression("#define x 1\nBEGIN { f(args->x, $x, @x) }"), "f(args->x, $x, @x)");
  EXPECT_EQ(first_expression("#define F(x) x\nBEGIN { F(1) }"), "F(1)");
}

TEST(Preprocess, spans_of_macros_are_their_use) {
  std::string text = "#define A 1 + 2\nBEGIN { f(A) }";
  SourceFile source("test", text);
  Diagnostics diags;
  std::optional<ast::Script> script = parse(source, {}, diags);
  ASSERT_TRUE(script);
  const auto& call = std::get<ast::Call>(std::get<ast::ExprStatement>(script->probes[0].body.statements[0]->node).expr->node);
  EXPECT_EQ(source.text_of(call.arguments[0]->span), "A");
  EXPECT_EQ(source.text_of(std::get<ast::Binary>(call.arguments[0]->node).right->span), "A");
}

} // namespace
} // namespace trapline
