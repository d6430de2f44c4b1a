// When a script's C text is given to a C front end, and what comes of it.
#include "cdefs/fake.h"
#include "compile.h"
#include "system/fake.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace trapline {
namespace {

struct Outcome {
  std::string dump;
  std::string reported; // names of diagnostics
  std::vector<CSource> sources;
};

Outcome compile_text(const std::string& text, FakeCParser parser = {}) {
  static const std::unique_ptr<FakeSystem> machine = make_sample_system();
  Outcome outcome;
  CompileOptions options;
  options.c_parser = &parser;
  options.dump = CompileOptions::Dump::Sema;
  options.dump_text = &outcome.dump;
  Diagnostics diags;
  SourceFile source("script.bt", text);
  compile(source, options, *machine, diags);
  for (const Diagnostic& d : diags.all()) outcome.reported += (outcome.reported.empty() ? "" : " ") + std::string(diagnostic_row(d.id).name);
  outcome.sources = parser.sources;
  return outcome;
}

TEST(FrontEnd, IsNotAskedWhenNamesAreKnown) {
  for (const char* text : {"BEGIN { print(curtask->pid); }", "#include <linux/sched.h>\nBEGIN { print(curtask->pid); }",
                           "#include <linux/sched.h>\nBEGIN { print(((struct task_struct *)0)->pid); }", "#include \"own.h\"\nBEGIN { print(1); }",
                           "#include <stdint.h>\nBEGIN { print(((struct task_struct *)0)->pid); }",
                           "#include <sys/socket.h>\nBEGIN { print((AF_INET, ((struct task_struct *)0)->pid)); }",
                           "#include <linux/socket.h>\n#ifndef AF_INET\n#define AF_INET 2\n#endif\nBEGIN { print(AF_INET); }",
                           "#ifndef BPFTRACE_HAVE_BTF\n#include <own.h>\n#endif\nstruct a { int x; };\nBEGIN { print(sizeof(struct a)); }"}) {
    Outcome outcome = compile_text(text);
    EXPECT_EQ(outcome.reported, "") << text;
    EXPECT_TRUE(outcome.sources.empty()) << text;
  }
}

TEST(FrontEnd, IsAskedForWhatIsNot) {
  for (const char* text : {"#include <linux/sched.h>\nBEGIN { print(UNKNOWN); }", "#include \"own.h\"\nBEGIN { print(((struct task_struct *)0)->pid); }",
                           "#include \"own.h\"\n#ifdef UNKNOWN\n#define A 1\n#else\n#define A 2\n#endif\nBEGIN { print(A); }",
                           "struct a { char x[sizeof(long)]; };\nBEGIN { print(1); }", "#pragma pack(1)\nstruct a { int x; };\nBEGIN { print(1); }",
                           "#define F(x) (x)\n#define G F(1)\nBEGIN { print(G); }"}) {
    EXPECT_EQ(compile_text(text).sources.size(), 1U) << text;
  }
}

TEST(FrontEnd, GetsTheCTextAtItsOffsets) {
  const std::string text = "#define A 1 // one\nstruct a { char x[sizeof(long)]; };\n// no C\nBEGIN { print(A); }\n#define B 2\n";
  Outcome outcome = compile_text(text);
  ASSERT_EQ(outcome.sources.size(), 1U);
  const std::string& c = outcome.sources[0].text;
  ASSERT_EQ(c.size(), text.size());
  for (const char* piece : {"#define A 1", "struct a { char x[sizeof(long)]; }", "#define B 2"}) EXPECT_EQ(c.find(piece), text.find(piece)) << piece;
  EXPECT_EQ(c.find("BEGIN"), std::string::npos);
  EXPECT_EQ(std::ranges::count(c, '\n'), std::ranges::count(text, '\n'));
}

TEST(FrontEnd, WantsMacrosThatAreNoBuiltins) {
  Outcome outcome = compile_text("#include \"own.h\"\nBEGIN { print((UNKNOWN, pid)); }");
  ASSERT_EQ(outcome.sources.size(), 1U);
  const std::vector<std::string>& words = outcome.sources[0].words;
  EXPECT_NE(std::ranges::find(words, "UNKNOWN"), words.end());
  EXPECT_EQ(std::ranges::find(words, "pid"), words.end());
}

TEST(FrontEnd, GivesMacrosTypesAndEnumerators) {
  FakeCParser parser;
  parser.headers = {"own.h"};
  parser.macros = {{"SIZE", "3"}, {"WHO", "pid"}, {"SUM", "1 + 2"}};
  parser.enumerators = {{"FOUR", 4}};
  parser.types = {{"struct conn", Type::structure(std::make_shared<PlainStruct>("struct conn", 8, 8, std::vector<Field>{{"fd", std::make_shared<Type>(Type::integer(4, true)), 4}}))},
                  {"word_t", Type::integer(2, false)}};
  Outcome outcome = compile_text("#include \"own.h\"\nstruct mine { char text[SIZE * FOUR]; word_t w; struct conn c; };\n"
                                 "BEGIN { print(SUM * 2); print(WHO); print(sizeof(struct mine)); print(((struct conn *)0)->fd); print(FOUR); }", parser);
  EXPECT_EQ(outcome.reported, "");
  for (const char* line : {"(1 + 2) * 2 : int64 = 6", "print(pid)", "sizeof(struct mine) : int64 = 24", "->fd : int32", "FOUR : uint32 = 4"})
    EXPECT_NE(outcome.dump.find(line), std::string::npos) << line << "\n" << outcome.dump;
}

TEST(FrontEnd, TakesItsWordForConditions) {
  const std::string text = "#include \"own.h\"\n#ifdef UNKNOWN\n#define A 1\n#else\n#define A 2\n#endif\nBEGIN { print(A); }";
  FakeCParser parser;
  parser.headers = {"own.h"};
  EXPECT_NE(compile_text(text, parser).dump.find("print(1)"), std::string::npos);
  auto begin = static_cast<uint32_t>(text.find("#ifdef"));
  parser.skipped = {{begin, static_cast<uint32_t>(text.find("#else"))}};
  EXPECT_NE(compile_text(text, parser).dump.find("print(2)"), std::string::npos);
}

TEST(FrontEnd, ReportsOnlyWhatMatters) {
  FakeCParser parser;
  parser.headers = {"own.h"};
  parser.macros = {{"KNOWN", "1"}};
  EXPECT_EQ(compile_text("#include <linux/gone.h>\nBEGIN { print(KNOWN); }", parser).reported, "");
  EXPECT_EQ(compile_text("#include <linux/gone.h>\nBEGIN { print(UNKNOWN); }", parser).reported, "UnknownIdentifier UnknownHeader");
  EXPECT_EQ(compile_text("#include \"gone.h\"\nBEGIN { print(KNOWN); }", parser).reported, "UnknownHeader");
  parser.mistakes = {{"wrong", "unknown type name `wrong`"}};
  EXPECT_EQ(compile_text("struct a { wrong x; };\nBEGIN { print(1); }", parser).reported, "UnknownType");
  EXPECT_EQ(compile_text("#include \"own.h\"\nstruct a { wrong x; };\nBEGIN { print(1); }", parser).reported, "CTextError");
}

} // namespace
} // namespace trapline
