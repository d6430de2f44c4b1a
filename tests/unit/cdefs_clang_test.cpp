// What libclang makes of C text, where it is installed.
#include "cdefs/cdefs.h"
#include "cdefs/constants.h"
#include "cdefs/libclang.h"
#include "system/fake_types.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace trapline {
namespace {

class Clang : public testing::Test {
protected:
  void SetUp() override {
    if (!clang::load()) GTEST_SKIP() << "no libclang";
  }

  const CDefinitions& read(const std::string& text, std::vector<std::string> words = {}) {
    source_.name = "script.bt";
    source_.text = text;
    source_.words = std::move(words);
    auto read = make_clang_parser()->parse(source_, kernel_);
    EXPECT_TRUE(read);
    definitions_ = std::move(*read);
    return *definitions_;
  }
  std::string text_of(Span span) const { return source_.text.substr(span.begin, span.end - span.begin); }

  CSource source_;
  FakeTypes kernel_;
  std::unique_ptr<CDefinitions> definitions_;
};

TEST_F(Clang, EvaluatesMacros) {
  const CDefinitions& c = read("#define ONE 1\n#define F(x) ((x) << 4)\n#define BIG F(ONE + 2)\n#define MINUS (-ONE)\n#define MAX 0xffffffffffffffffULL\n"
                               "#define TEXT \"a\\t\" \"b\\\"\"\n#define LETTER 'x'\n#define WHO pid\n#define KIND struct foo\n#define SELF SELF\n#define NONE\n",
                               {"ONE", "F", "BIG", "MINUS", "MAX", "TEXT", "LETTER", "WHO", "KIND", "SELF", "NONE", "MISSING"});
  EXPECT_EQ(c.macro("ONE"), "1");
  EXPECT_EQ(c.macro("BIG"), "48");
  EXPECT_EQ(c.macro("MINUS"), "(-1)");
  EXPECT_EQ(c.macro("MAX"), "18446744073709551615");
  EXPECT_EQ(c.macro("TEXT"), "\"a\\011b\\\"\"");
  EXPECT_EQ(c.macro("LETTER"), "120");
  EXPECT_EQ(c.macro("WHO"), "pid");
  EXPECT_EQ(c.macro("KIND"), "struct foo");
  EXPECT_EQ(c.macro("SELF"), std::nullopt);
  EXPECT_EQ(c.macro("MISSING"), std::nullopt);
  for (const auto& error : c.errors()) ADD_FAILURE() << error.message;
}

TEST_F(Clang, KnowsEnums) {
  const CDefinitions& c = read("enum color { RED, GREEN = 5, LOW = -2 }; struct s { enum inside { DEEP = 9 } e; }; enum { ALONE = 0x100000000 };");
  EXPECT_EQ(c.enumerator("GREEN")->value, 5);
  EXPECT_EQ(to_string(c.enumerator("LOW")->type), "enum color");
  EXPECT_TRUE(c.enumerator("LOW")->type.is_signed);
  EXPECT_EQ(c.enumerator("DEEP")->value, 9);
  EXPECT_EQ(c.enumerator("ALONE")->type.size, 8U);
  EXPECT_FALSE(c.enumerator("NOWHERE"));
  EXPECT_EQ(c.tagged("enum inside").enumeration->values.size(), 1U);
}

TEST_F(Clang, NamesTypes) {
  const CDefinitions& c = read("struct known { int a; }; struct declared; typedef struct { long b; } alone_t; typedef struct known *known_p; typedef unsigned long addr_t;");
  EXPECT_EQ(to_string(c.tagged("struct known")), "struct known");
  EXPECT_TRUE(c.tagged("struct declared").is_error());
  EXPECT_TRUE(c.tagged("union known").is_error());
  EXPECT_EQ(to_string(c.type_named("alone_t")), "alone_t");
  EXPECT_EQ(to_string(c.type_named("known_p")), "struct known *");
  EXPECT_EQ(to_string(c.type_named("addr_t")), "uint64");
  const std::vector<std::string> names = c.tagged_names(); // some versions count the struct of a typedef, too
  EXPECT_NE(std::find(names.begin(), names.end(), "struct known"), names.end());
}

TEST_F(Clang, TellsWhatConditionsLeaveOut) {
  const CDefinitions& c = read("#include <stddef.h>\n#ifdef NULL\nint a;\n#else\nint b;\n#endif\n#if 0\nint c;\n#endif\n");
  std::string skipped;
  for (Span span : c.skipped()) skipped += text_of(span);
  EXPECT_EQ(skipped.find("int a"), std::string::npos);
  EXPECT_NE(skipped.find("int b"), std::string::npos);
  EXPECT_NE(skipped.find("int c"), std::string::npos);
}

TEST_F(Clang, PutsErrorsWhereTheScriptHasThem) {
  const CDefinitions& c = read("#include \"not_there.h\"\nint good;\nstruct s { nonsense_t x; };\n");
  ASSERT_EQ(c.errors().size(), 2U);
  EXPECT_EQ(c.errors()[0].missing_header, "not_there.h");
  EXPECT_EQ(text_of(c.errors()[0].span), "\"not_there.h\"");
  EXPECT_EQ(c.errors()[1].message, "unknown type name `nonsense_t`");
  EXPECT_EQ(source_.text.find("nonsense_t"), c.errors()[1].span.begin);
}

TEST_F(Clang, TakesTypesOfTheKernelFromBtf) {
  kernel_.declare("struct list_head { struct list_head *next; struct list_head *prev; };");
  kernel_.declare("struct task { int pid; };");
  kernel_.declare("typedef unsigned short umode_t;");
  const CDefinitions& c = read("struct mine { struct task *task; struct list_head list; umode_t mode; };");
  ASSERT_TRUE(c.errors().empty()) << c.errors()[0].message;
  Type mine = c.tagged("struct mine");
  EXPECT_EQ(mine.size, 32U);
  auto list = find_field(*mine.record, "list");
  EXPECT_EQ(list->offset, 8U);
  EXPECT_TRUE(find_field(*list->type->record, "prev"));
  EXPECT_TRUE(find_field(*find_field(*mine.record, "task")->type->element->record, "pid"));
}

TEST_F(Clang, StructsOutliveTheDefinitions) {
  Type type = read("struct inner { int z; }; struct outer { struct inner in; struct outer *next; };").tagged("struct outer");
  ASSERT_EQ(type.record->fields().size(), 2U);
  definitions_.reset();
  EXPECT_EQ(find_field(*find_field(*type.record, "in")->type->record, "z")->offset, 0U);
  EXPECT_EQ(to_string(*find_field(*type.record, "next")->type), "struct outer *");
}

TEST(SystemConstants, AreThoseOfTheKernelsInterface) {
  EXPECT_EQ(system_constant("AF_INET"), 2);
  EXPECT_EQ(system_constant("ENOENT"), 2);
  EXPECT_EQ(system_constant("SIGTERM"), 15);
  EXPECT_EQ(system_constant("AT_FDCWD"), -100);
  EXPECT_EQ(system_constant("AF_NOTHING"), std::nullopt);
}

TEST(KernelHeaders, AreTold) {
  for (const char* name : {"linux/sched.h", "net/sock.h", "uapi/linux/bpf.h", "asm/ptrace.h"}) EXPECT_TRUE(is_kernel_header(name)) << name;
  for (const char* name : {"sys/socket.h", "net/if.h", "own.h", "linux"}) EXPECT_FALSE(is_kernel_header(name)) << name;
}

} // namespace
} // namespace trapline
