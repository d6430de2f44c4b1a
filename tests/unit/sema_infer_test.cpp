// Types of maps and variables over whole programs, and what is reported where they do not agree.
#include "sema_support.h"

#include <gtest/gtest.h>

namespace trapline::sema {
namespace {

using testing::analyze_body;
using testing::analyze_text;

TEST(Infer, LooksAtAllBlocks) {
  auto result = analyze_text("BEGIN { @a = @b; } END { @b = comm; }");
  EXPECT_EQ(result.map("@a"), "string[16]");
  EXPECT_EQ(result.reported(), "");
}

TEST(Infer, FollowsLongChains) {
  std::string body;
  for (int i = 0; i < 40; ++i) body += "@m" + std::to_string(i) + " = @m" + std::to_string(i + 1) + "; ";
  auto result = analyze_body(body + "@m40 = (pid, comm);");
  EXPECT_EQ(result.map("@m0"), "(uint32,string[16])");
  EXPECT_EQ(result.reported(), "");
}

TEST(Infer, TakesWhatIsOnlyMadeOfItselfForNumbers) {
  EXPECT_EQ(analyze_body("@x = @x + 1;").map("@x"), "int64");
  EXPECT_EQ(analyze_body("@x = @y; @y = @x;").map("@y"), "int64");
  EXPECT_EQ(analyze_body("@x++;").map("@x"), "int64");
  EXPECT_EQ(analyze_body("let $x; @y = $x;").map("@y"), "int64");
}

TEST(Infer, DoesNotGuessWhereSomethingIsWrong) {
  EXPECT_EQ(analyze_body("@x = nonsense; @y = @x.field;").reported(), "UnknownIdentifier");
  EXPECT_EQ(analyze_body("$x = curtask->nonsense; @y = $x.field + comm;").reported(), "UnknownField");
}

TEST(Infer, EndsWhenATypeWouldGrowForever) {
  auto result = analyze_body("@x = (@y, 1); @y = (@x, 1);");
  EXPECT_FALSE(result.script);
  EXPECT_EQ(analyze_body("@x = (1, 2); @x = (@x, 1);").reported(), "MapValueMismatch");
}

TEST(Infer, KeysArePromotedOverAllUses) {
  EXPECT_EQ(analyze_body("@x[1] = 1; @y[pid] = 1; @y[0] = 2;").key("@x"), "int64");
  EXPECT_EQ(analyze_body("@y[pid] = 1; @y[0] = 2;").key("@y"), "uint32");
  EXPECT_EQ(analyze_body("@y[pid, 1] = 1; @y[0, nsecs] = 2;").key("@y"), "(uint32,uint64)");
  EXPECT_EQ(analyze_body("@y[(pid, 1)] = 1; @y[0, 2] = 2;").key("@y"), "(uint32,int64)");
  EXPECT_EQ(analyze_body("@c = count(); @x[@c] = 1;").key("@x"), "uint64");
}

TEST(Infer, EveryKindOfAttachPointIsTypedForItself) {
  auto result = analyze_text("uprobe:/bin/bash:main, tracepoint:sched:sched_switch { @x = kstack(2); }");
  ASSERT_TRUE(result.script);
  EXPECT_EQ(result.script->instances.size(), 2U);
}

TEST(Infer, CookiesNumberAllTargets) {
  auto result = analyze_text("BEGIN { } uprobe:/bin/bash:main, uprobe:/bin/bash:readline { } END { }");
  ASSERT_TRUE(result.script);
  uint64_t next = 0;
  for (const Instance& instance : result.script->instances) {
    for (const Target& target : instance.group.targets) {
      EXPECT_EQ(target.cookie, next);
      EXPECT_EQ(result.script->probe_names.at(next++), target.name);
    }
  }
  EXPECT_EQ(next, result.script->probe_names.size());
}

TEST(Infer, AttachPointsThatShareAContextShareAProgram) {
  auto result = analyze_text("uprobe:/bin/bash:main, uprobe:/bin/bash:readline { @[probe] = count(); }");
  ASSERT_TRUE(result.script);
  ASSERT_EQ(result.script->instances.size(), 1U);
  EXPECT_EQ(result.script->instances[0].group.targets.size(), 2U);
}

TEST(Infer, AMissingBlockDoesNotMakeItsMapsUnknown) {
  auto result = analyze_text("tracepoint:sched:nonsense { @start = nsecs; } END { print(@start + 1); }");
  EXPECT_EQ(result.reported(), "UnknownTracepoint");
}

TEST(Infer, SpacesFollowThePointers) {
  auto result = analyze_text("struct s { struct s *next; char name[8]; }; uprobe:/bin/bash:main { $p = ((struct s *)arg0)->next; $t = curtask; }");
  ASSERT_TRUE(result.script);
  const std::vector<VariableInfo>& variables = result.script->instances[0].variables;
  ASSERT_EQ(variables.size(), 2U);
  EXPECT_EQ(variables[0].type.space, AddressSpace::User);
  EXPECT_EQ(variables[1].type.space, AddressSpace::Kernel);
}

TEST(Infer, PositionalParametersSuitTheirPlace) {
  Options options;
  options.positional = {"12", "text"};
  EXPECT_EQ(analyze_body("@x = $1; @y = str($1); @z = $2; @n = $#;", options).reported(), "");
  EXPECT_EQ(analyze_body("@y = str($1);", options).map("@y"), "string[3]");
  EXPECT_EQ(analyze_body("if (comm == $1) { @x = 1; }", options).reported(), "");
  EXPECT_EQ(analyze_body("if (comm == $3) { @x = str($4); }", options).reported(), "");
  EXPECT_EQ(analyze_body("@x = $3;", options).reported(), "MissingPositional");
}

TEST(Infer, VariablesMayBeReadAfterTheBlockThatAssignedThem) {
  auto result = analyze_body("if (pid) { $x = 1; } else { $x = pid; } @y = $x;");
  EXPECT_EQ(result.reported(), "");
  EXPECT_EQ(result.map("@y"), "uint32");
}

TEST(Infer, VariablesOfSeparateBlocksAreSeparate) {
  EXPECT_EQ(analyze_body("if (pid) { $x = 1; } else { $x = comm; }").reported(), "");
  EXPECT_EQ(analyze_body("if (pid) { let $x = 1; } @y = $x;").reported(), "UnknownVariable");
}

TEST(Infer, DeclaredVariablesKeepTheirType) {
  EXPECT_EQ(analyze_body("let $x : uint8 = 255;").reported(), "");
  EXPECT_EQ(analyze_body("let $x : uint8 = 256;").reported(), "OutOfRange");
  EXPECT_EQ(analyze_body("let $x : int8 = -128; $x = -129;").reported(), "OutOfRange");
  EXPECT_EQ(analyze_body("let $x : string[4] = \"abc\";").reported(), "");
  EXPECT_EQ(analyze_body("let $x : string[4] = \"abcd\";").reported(), "VariableMismatch");
  EXPECT_EQ(analyze_body("let $x : string = \"abcd\"; $x = comm; @y = $x;").map("@y"), "string[16]");
}

TEST(Infer, DeclaredMapsSuitWhatTheyHold) {
  EXPECT_EQ(analyze_text("let @x = lruhash(10); BEGIN { @x[1] = 1; }").reported(), "");
  EXPECT_EQ(analyze_text("let @x = lruhash(10); BEGIN { @x[1] = count(); }").reported(), "TypeMismatch");
  EXPECT_EQ(analyze_text("let @x = percpulruhash(10); BEGIN { @x[1] = count(); }").reported(), "");
  EXPECT_EQ(analyze_text("let @x = nonsense(10); BEGIN { @x[1] = 1; }").reported(), "UnknownType");
}

TEST(Infer, ReportsSeveralMistakesAtOnce) {
  EXPECT_EQ(analyze_body("@x = pid + comm; @y = nsecs.field; @z[hist(1)] = 2;").reported(),
            "InvalidOperands NotAStruct MisplacedAggregation");
}

TEST(Infer, MapsByReferenceAndByKey) {
  EXPECT_EQ(analyze_body("@x[1] = 1; delete(@x[1]); delete(@x, 1); print(@x); clear(@x); zero(@x);").reported(), "");
  EXPECT_EQ(analyze_body("@x[1] = 1; delete(@x, comm);").reported(), "MapKeyMismatch");
  EXPECT_EQ(analyze_body("@x[1] = 1; @y = @x;").reported(), "MapKeyedMismatch");
  EXPECT_EQ(analyze_body("print(@x);").reported(), "UnknownMap");
}

} // namespace
} // namespace trapline::sema
