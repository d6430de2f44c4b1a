// The formatter's manners: what it refuses, what it leaves alone. Layouts are golden cases.
#include "format/format.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

struct Formatted {
  explicit Formatted(std::string text) : source("test", std::move(text)), result(format_script(source, {}, diags)) {}
  SourceFile source;
  Diagnostics diags;
  std::optional<std::string> result;
};

std::string format(std::string text) { return Formatted(std::move(text)).result.value_or("refused"); }

std::string in_block(const std::string& statements) {
  const std::string out = format("BEGIN { " + statements + " }");
  const std::string head = "BEGIN\n{\n  ", tail = "\n}\n";
  return out.starts_with(head) ? out.substr(head.size(), out.size() - head.size() - tail.size()) : out;
}

TEST(FormatScript, RefusesSyntaxErrors) {
  Formatted wrong("BEGIN { $x = ; } END { foo( }");
  EXPECT_FALSE(wrong.result);
  EXPECT_EQ(wrong.diags.errors(), 2u);
  EXPECT_TRUE(wrong.diags.has(DiagId::SyntaxError));
}

TEST(FormatScript, NeedsNoMeaning) {
  EXPECT_EQ(format("kprobe:nothing{@x=nofunction($y)}"), "kprobe:nothing\n{\n  @x = nofunction($y);\n}\n");
}

TEST(FormatScript, SaysNothingOfMissingParameters) {
  Formatted script("interval:s:$1{exit()}");
  EXPECT_EQ(script.result, "interval:s:$1\n{\n  exit();\n}\n");
  EXPECT_TRUE(script.diags.all().empty());
}

TEST(FormatScript, WithoutProbes) {
  EXPECT_EQ(format(""), "");
  EXPECT_EQ(format("\n\n"), "");
  EXPECT_EQ(format("// nothing yet"), "// nothing yet\n");
  EXPECT_EQ(format("macro one() {1}"), "macro one()\n{\n  1\n}\n");
  EXPECT_EQ(format("macro one() {1;"), "refused");
}

TEST(FormatScript, LineEnds) {
  EXPECT_EQ(format("// c\r\nBEGIN { /* a\r\n b */ exit();\r\n}\r\n"), "// c\nBEGIN\n{\n  /* a\n  b */ exit();\n}\n");
  EXPECT_EQ(format("\xef\xbb\xbf#!/usr/bin/trapline\nBEGIN{}"), "#!/usr/bin/trapline\nBEGIN\n{\n}\n");
}

// Signs that would become another one, or begin a comment.
TEST(FormatScript, KeepsTokensApart) {
  EXPECT_EQ(in_block("$x = - -1;"), "$x = - -1;");
  EXPECT_EQ(in_block("$x = 1 - -1 - - 1;"), "$x = 1 - -1 - -1;");
  EXPECT_EQ(in_block("$x = - --$y;"), "$x = - --$y;");
  EXPECT_EQ(in_block("$x = 4 / *$y;"), "$x = 4 / *$y;");
  EXPECT_EQ(in_block("$x =~ 1;"), "$x = ~1;");
  EXPECT_EQ(format("k:f / *arg0 / { }"), "k:f\n/ *arg0/\n{\n}\n");
}

TEST(FormatScript, KeepsTheValueOfABlock) {
  EXPECT_EQ(in_block("$x = { f(); 1 };"), "$x = { f(); 1 };");
  EXPECT_EQ(in_block("$x = { f(); 1; };"), "$x = { f(); 1; };");
  EXPECT_EQ(format("macro m() { if (1) { 2 } }"), "macro m()\n{\n  if (1) {\n    2\n  }\n}\n");
}

// A macro may stand for anything, and only its name stands there.
TEST(FormatScript, Macros) {
  const std::string head = "#define OPEN {\n#define CLOSE }\n#define AND &&\n#define NIL\n";
  EXPECT_EQ(format(head + "BEGIN{$x=1 AND 2 NIL;}"), head + "BEGIN\n{\n  $x = 1 AND 2 NIL;\n}\n");
  EXPECT_EQ(format(head + "BEGIN{if(1) OPEN print(1); CLOSE print(2)}"), head + "BEGIN\n{\n  if (1) OPEN print(1);\n  CLOSE print(2);\n}\n");
}

// What only a C front end can read stays as it is, and of conditions the first branch is formatted.
TEST(FormatScript, UnreadC) {
  EXPECT_EQ(format("struct a{int x;}\n__attribute__((vector_size(8)))  ;struct b {int  y;};BEGIN{}"),
            "struct a{int x;}\n__attribute__((vector_size(8)))  ;\nstruct b {int  y;};\nBEGIN\n{\n}\n");
  EXPECT_EQ(format("#define F(x) x\n#if F(1)\nBEGIN{}\n#else\nBEGIN{ }\n#endif"),
            "#define F(x) x\n#if F(1)\nBEGIN\n{\n}\n#else\nBEGIN{ }\n#endif\n");
  EXPECT_EQ(format("struct a { int b c d; }; BEGIN { exit(; }"), "refused");
  EXPECT_EQ(format("struct __attribute__((packed) a { int b;  };\nBEGIN {}"), "struct __attribute__((packed) a { int b;  };\nBEGIN\n{\n}\n");
  EXPECT_EQ(format("struct a {{ int b; };\nBEGIN { }"), "refused");
}

TEST(FormatScript, WithoutBlocks) {
  EXPECT_EQ(format("k:f;mine=k:g,k:h/1/;k:i // last"), "k:f;\nmine=k:g, k:h\n/1/;\nk:i; // last\n");
}

TEST(FormatScript, NestedDeeply) {
  std::string open, close;
  for (int i = 0; i < 150; ++i) {
    open += "(";
    close += ")";
  }
  EXPECT_EQ(in_block("$x = " + open + "1" + close + ";").find("refused"), std::string::npos);
  std::string chain = "$x = 1";
  for (int i = 0; i < 300; ++i) chain += " ? 1 : 2";
  EXPECT_NE(format("BEGIN {" + chain + "}"), "");
}

TEST(FormatScript, LongListsTakeNoTime) {
  std::string text = "BEGIN { print((1";
  for (int i = 0; i < 5000; ++i) text += ",f(" + std::to_string(i) + ")";
  const std::string out = format(text + ")); }");
  EXPECT_GT(out.size(), text.size());
}

} // namespace
} // namespace trapline
