// Mistakes: what is reported, where, and that one mistake is one report.
#include "parser/parse.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

struct Failed {
  explicit Failed(std::string text, ParseOptions options = {}) : source("test", std::move(text)), script(parse(source, options, diags)) {}

  // "Id at `text`; ..." in the order of the reports.
  std::string summary() const {
    std::string out;
    for (const Diagnostic& d : diags.all()) {
      if (!out.empty()) out += "; ";
      out += std::string(diagnostic_row(d.id).name) + " at `" + std::string(source.text_of(d.span)) + "`";
    }
    return out;
  }
  std::string message(size_t i = 0) const { return i < diags.all().size() ? diags.all()[i].message : ""; }
  std::string hint(size_t i = 0) const { return i < diags.all().size() && !diags.all()[i].hints.empty() ? diags.all()[i].hints[0] : ""; }

  SourceFile source;
  Diagnostics diags;
  std::optional<ast::Script> script;
};

TEST(ParseErrors, one_report_at_the_token) {
  struct Row {
    const char* text;
    const char* summary;
  };
  constexpr Row kRows[] = {
      {"BEGIN { $x = ; }", "SyntaxError at `;`"},
      {"BEGIN { $x = 1 $y = 2; }", "SyntaxError at `$y`"},
      {"BEGIN { if ($x = 1) { a(); } else { b() } }", "SyntaxError at `=`"},
      {"BEGIN { if (x) f(); }", "SyntaxError at `f`"},
      {"BEGIN { for ($i = 0; $i < 5; $i++) { f(); } }", "SyntaxError at `=`"},
      {"BEGIN { f(1, ); }", "SyntaxError at `)`"},
      {"BEGIN { @x[] = 1; }", "SyntaxError at `]`"},
      {"BEGIN { } }", "SyntaxError at `}`"},
      {"{ f(); }", "SyntaxError at `{`"},
      {"BEGIN foo { a b }", "SyntaxError at `foo`"},
      {"k:f /a = 1/ { }", "SyntaxError at `=`"},
      {"k:f /a == 1 { }", "SyntaxError at `{`"},
      {"k:f / / { }", "SyntaxError at `/`"},
      {"config = { a = ; } BEGIN { }", "SyntaxError at `;`"},
      {"let @x = hash(); BEGIN { }", "SyntaxError at `)`"},
      {"struct x { int a } BEGIN { }", "SyntaxError at `}`"},
      {"struct x { int; } BEGIN { }", "SyntaxError at `int`"},
      {"struct x { int a[n]; } BEGIN { }", "SyntaxError at `n`"},
      {"struct x { int a : 65; } BEGIN { }", "SyntaxError at `65`"},
      {"enum x { A B } BEGIN { }", "SyntaxError at `B`"},
      {"BEGIN { for ($x : 5) { } }", "SyntaxError at `5`"},
      {"BEGIN { $0 }", "SyntaxError at `$0`"},
      {"u:x:a$b { }", "SyntaxError at `$`"},
      {"BEGIN { f(\"a\\qb\") }", "InvalidEscape at `\\q`"},
      {"BEGIN { f(\"\\400\") }", "InvalidEscape at `\\400`"},
      {"BEGIN { f(\"abc); }", "UnterminatedString at `\"abc); }`"},
      {"BEGIN { f(\"abc);\n}", "UnterminatedString at `\"abc);`"},
      {"u:\"a { }", "UnterminatedString at `\"a { }`"},
      {"BEGIN { } /* abc", "UnterminatedComment at `/*`"},
      {"BEGIN { /* abc\n } END { }", "UnterminatedComment at `/*`"},
      {"BEGIN { f('abc'); }", "InvalidCharacter at `'abc'`"},
      {"BEGIN { $x = 1 ` 2; }", "InvalidCharacter at ```"},
      {"BEGIN { $x = \xc3\xa9; }", "InvalidCharacter at `\xc3\xa9`"},
      {"BEGIN { $x = \x01\x02; }", "InvalidCharacter at `\x01\x02`"},
      {"BEGIN { $x = 1 # 2; }", "InvalidCharacter at `#`"},
      {"BEGIN { $x = 08; }", "InvalidInteger at `08`"},
      {"BEGIN { $x = 1abc; }", "InvalidInteger at `1abc`"},
      {"", "NoProbes at ``"},
      {"// nothing\n", "NoProbes at ``"},
      {"struct x { int a; };", "NoProbes at ``"},
  };
  for (const Row& row : kRows) {
    Failed failed(row.text);
    EXPECT_EQ(failed.summary(), row.summary) << row.text << "\n" << render_all(failed.diags, failed.source);
  }
}

TEST(ParseErrors, several_in_one_run) {
  Failed failed("BEGIN { $x = ; f(; g(); if ($y = 1) { h( } k() }\n"
                "k:f /a = 1/ { b c }\n"
                "END { \"\\q\"; $z = ) }\n");
  EXPECT_EQ(failed.summary(), "InvalidEscape at `\\q`; SyntaxError at `;`; SyntaxError at `;`; SyntaxError at `=`; SyntaxError at `=`; "
                              "SyntaxError at `c`; SyntaxError at `)`");
}

TEST(ParseErrors, what_was_understood_is_kept) {
  Failed failed("BEGIN { f(); $x = ; g(); } k:f /a b/ { h() } END foo { } i:s:1 { k() }");
  ASSERT_TRUE(failed.script);
  ASSERT_EQ(failed.script->probes.size(), 3u);
  EXPECT_EQ(failed.script->probes[0].body.statements.size(), 2u);
  EXPECT_EQ(failed.script->probes[1].predicate, nullptr);
  EXPECT_EQ(failed.script->probes[2].attach_points[0].text, "i:s:1");
  EXPECT_FALSE(Failed("BEGIN f { }").script);
}

TEST(ParseErrors, forgotten_braces) {
  Failed at_end("k:f { if (a) { g();");
  EXPECT_EQ(at_end.message(), "unexpected end of file, expected `}`");
  ASSERT_EQ(at_end.diags.all().size(), 1u);
  ASSERT_EQ(at_end.diags.all()[0].notes.size(), 1u);
  EXPECT_EQ(at_end.diags.all()[0].notes[0].span.begin, 13u);
  EXPECT_TRUE(at_end.script);

  Failed before_probe("k:f {\n  if (a) {\n g();\nk:g /b/ {\n h();\n}\nEND {\n  k(\n}\n");
  EXPECT_EQ(before_probe.summary(), "SyntaxError at `}`; SyntaxError at `k:g`");
  ASSERT_TRUE(before_probe.script);
  EXPECT_EQ(before_probe.script->probes.size(), 3u);

  EXPECT_EQ(Failed("k:f { g(").message(), "unexpected end of file, expected `)` or an expression");
  EXPECT_EQ(Failed("let @x = hash(1)\nBEGIN { }").message(), "unexpected `BEGIN`, expected `;`");
}

TEST(ParseErrors, a_label_like_line_is_no_probe) {
  Failed ternary("BEGIN {\n$x = a ?\nb:c;\n}");
  EXPECT_FALSE(ternary.diags.has_errors()) << render_all(ternary.diags, ternary.source);
}

TEST(ParseErrors, wording) {
  EXPECT_EQ(Failed("BEGIN { $x = 1 }}").message(), "unexpected `}`, expected a probe");
  EXPECT_EQ(Failed("BEGIN { a b }").message(), "unexpected `b`, expected `;` or an operator");
  EXPECT_EQ(Failed("BEGIN { f(1 2) }").message(), "unexpected number `2`, expected `)`, `,` or an operator");
  EXPECT_EQ(Failed("BEGIN { f(a \"b\") }").message(), "unexpected string `\"b\"`, expected `)`, `,` or an operator");
  EXPECT_EQ(Failed("BEGIN { + }").message(), "unexpected `+`, expected `}` or a statement");
  EXPECT_EQ(Failed("BEGIN { a. }").message(), "unexpected `}`, expected a number or a name");
  EXPECT_EQ(Failed("BEGIN }").message(), "unexpected `}`, expected the end of the file, `/`, `{`, `,` or `;`");
  EXPECT_EQ(Failed("BEGIN { let x = 1; }").message(), "unexpected `x`, expected a variable or `(`");
}

TEST(ParseErrors, hints) {
  EXPECT_NE(Failed("k:f /a = 1/ {}").hint().find("`==`"), std::string::npos);
  EXPECT_NE(Failed("BEGIN { if (a) b; }").hint().find("braces"), std::string::npos);
  EXPECT_NE(Failed("BEGIN { f('a') }").hint().find("double quotes"), std::string::npos);
  EXPECT_NE(Failed("BEGIN { f(\xe2\x80\x9c" "a\xe2\x80\x9d) }").hint().find("double quotes"), std::string::npos);
  EXPECT_NE(Failed("BEGIN { for ($i = 0; $i < 3; $i++) { } }").hint().find("0..10"), std::string::npos);
  EXPECT_NE(Failed("BEGIN { a\nb }").hint().find("`;` missing"), std::string::npos);
  EXPECT_NE(Failed("k:f /a/ }").hint().find("block"), std::string::npos);
  EXPECT_NE(Failed("k:f /a {}").hint().find("slashes"), std::string::npos);
}

} // namespace
} // namespace trapline
