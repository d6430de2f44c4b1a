// What the compiler makes of a script, from the outside: maps, actions, sites and the helpers a program calls. The event
// path may not grow a look-up or a helper call unseen.
#include "program/object.h"
#include "unit/codegen_support.h"

#include <gtest/gtest.h>

namespace trapline::test {
namespace {

const MapSpec& map_named(const Program& program, const std::string& name) {
  for (const MapSpec& map : program.maps) {
    if (map.name == name) return map;
  }
  ADD_FAILURE() << "no map " << name;
  return program.maps.front();
}

Program compiled(const std::string& text) {
  Compiled result = compile_text(text);
  EXPECT_TRUE(result.program) << text << "\n" << result.errors;
  return result.program ? std::move(*result.program) : Program{};
}

TEST(CodegenProgram, CountByCommIsWhatCWouldDo) {
  Program program = compiled("t:raw_syscalls:sys_enter { @[comm] = count(); }");
  auto calls = helper_calls(program, "raw_tp");
  EXPECT_EQ(calls[BPF_FUNC_get_current_comm], 1);
  // Found: one look-up. Missing: an update and a second look-up. One more counts a full map.
  EXPECT_EQ(calls[BPF_FUNC_map_lookup_elem], 3);
  EXPECT_EQ(calls[BPF_FUNC_map_update_elem], 1);
  EXPECT_EQ(calls.size(), 3u);
  EXPECT_FALSE(program.uses_ring_buffer);
}

TEST(CodegenProgram, ScalarCountIsOneInlinedLookup) {
  Program program = compiled("t:raw_syscalls:sys_enter { @ = count(); }");
  EXPECT_EQ(map_named(program, "@").kind, MapKind::PerCpuArray);
  auto calls = helper_calls(program, "raw_tp");
  EXPECT_EQ(calls[BPF_FUNC_map_lookup_elem], 1);
  EXPECT_EQ(calls.size(), 1u);
}

TEST(CodegenProgram, PredicateComesBeforeOtherWork) {
  Program program = compiled("t:raw_syscalls:sys_enter /pid == 5/ { @[comm] = count(); }");
  std::vector<int> order;
  for (const bpf_insn& i : instructions(program, "raw_tp")) {
    if (i.code == (BPF_JMP | BPF_CALL)) order.push_back(i.imm);
  }
  ASSERT_GE(order.size(), 2u);
  EXPECT_EQ(order[0], BPF_FUNC_get_current_pid_tgid);
  EXPECT_EQ(order[1], BPF_FUNC_get_current_comm);
}

TEST(CodegenProgram, PidAndTidShareOneCall) {
  Program program = compiled("t:raw_syscalls:sys_enter { @[pid, tid] = count(); }");
  EXPECT_EQ(helper_calls(program, "raw_tp")[BPF_FUNC_get_current_pid_tgid], 1);
}

TEST(CodegenProgram, LiteralComparisonNeedsNoHelper) {
  Program program = compiled(R"(t:raw_syscalls:sys_enter /comm == "mysqld"/ { @ = count(); })");
  auto calls = helper_calls(program, "raw_tp");
  EXPECT_EQ(calls[BPF_FUNC_get_current_comm], 1);
  EXPECT_EQ(calls[BPF_FUNC_map_lookup_elem], 1);
  EXPECT_EQ(calls.size(), 2u);
}

TEST(CodegenProgram, TheStartOfANameNeedsNoHelper) {
  for (const char* predicate : {R"(comm =~ "mysql*")", R"(comm =~ "my[s-t]q?d")", R"(startswith(comm, "mysql"))", R"(strncmp(comm, "mysql", 5) == 0)"}) {
    Program program = compiled(std::string("t:raw_syscalls:sys_enter /") + predicate + "/ { @ = count(); }");
    auto calls = helper_calls(program, "raw_tp");
    EXPECT_EQ(calls[BPF_FUNC_get_current_comm], 1) << predicate;
    EXPECT_EQ(calls[BPF_FUNC_map_lookup_elem], 1) << predicate;
    EXPECT_EQ(calls.size(), 2u) << predicate;
  }
}

TEST(CodegenProgram, TextIsReadOnce) {
  Program program = compiled(R"(t:syscalls:sys_enter_openat /args.filename =~ "*lib*.so"/ { @ = count(); })");
  auto calls = helper_calls(program, "raw_tp");
  EXPECT_EQ(calls[BPF_FUNC_probe_read_user_str], 1);
  EXPECT_EQ(calls[BPF_FUNC_probe_read_user], 1) << "the last byte of what is cut";
}

TEST(CodegenProgram, AFixedStartIsReadAlone) {
  Program program = compiled(R"(t:syscalls:sys_enter_openat /startswith(args.filename, "/etc/")/ { @ = count(); })");
  int sizes = 0;
  for (const bpf_insn& i : instructions(program, "raw_tp")) sizes += i.code == (BPF_ALU64 | BPF_MOV | BPF_K) && i.dst_reg == 2 && i.imm == 5;
  EXPECT_GE(sizes, 1) << "five bytes, not the longest string";
}

TEST(CodegenProgram, OneProgramServesAWildcard) {
  Program program = compiled("t:syscalls:sys_enter_* { @[probe] = count(); }");
  ASSERT_EQ(program.probes.size(), 1u);
  EXPECT_GT(program.probes[0].targets.size(), 5u);
  EXPECT_EQ(program.probes[0].section, "raw_tp");
}

TEST(CodegenProgram, LargeStringsTakeScratchMemoryAndGiveItBack) {
  Program program = compiled("t:syscalls:sys_enter_openat { @[str(args.filename)] = count(); }");
  int exchanges = 0;
  for (const bpf_insn& i : instructions(program, "raw_tp")) {
    exchanges += i.code == (BPF_STX | BPF_ATOMIC | BPF_DW) && i.imm == BPF_XCHG;
  }
  EXPECT_EQ(exchanges, 1) << "a program that nests must not find the slot free";
  EXPECT_EQ(map_named(program, "@").key_size, program.settings.max_strlen);
}

TEST(CodegenProgram, SmallProgramsTakeNoScratchMemory) {
  Program program = compiled("t:raw_syscalls:sys_enter { @[comm, pid, cpu] = sum(5); }");
  for (const bpf_insn& i : instructions(program, "raw_tp")) EXPECT_NE(i.imm, BPF_XCHG);
}

TEST(CodegenProgram, KeysAreLaidOutAsTheRuntimeReadsThem) {
  Program program = compiled(R"(BEGIN { @m[pid, "ab", nsecs] = 1; @s[1] = (1, "x"); @n = 5; })");
  const MapSpec& m = map_named(program, "@m");
  EXPECT_EQ(m.key.kind, Kind::Tuple);
  EXPECT_EQ(m.key_size, m.key.size);
  EXPECT_EQ(map_named(program, "@s").value.kind, Kind::Tuple);
  const MapSpec& n = map_named(program, "@n");
  EXPECT_EQ(n.kind, MapKind::Array);
  EXPECT_EQ(n.value_size, 16u); // the value and the word that says it was assigned
}

TEST(CodegenProgram, MapsComeInNameOrder) {
  Program program = compiled("BEGIN { @z = 1; @a = 2; @m = 3; }");
  ASSERT_EQ(program.maps.size(), 3u);
  EXPECT_EQ(program.maps[0].name, "@a");
  EXPECT_EQ(program.maps[2].name, "@z");
}

TEST(CodegenProgram, ActionsDescribeTheirRecords) {
  Program program = compiled(R"(t:sched:sched_switch { printf("%s %d\n", comm, pid); })");
  ASSERT_EQ(program.actions.size(), 1u);
  const Action& action = program.actions[0];
  EXPECT_EQ(action.kind, ActionKind::Printf);
  ASSERT_EQ(action.arguments.size(), 2u);
  EXPECT_EQ(action.arguments[0].offset, 8u);
  EXPECT_EQ(action.arguments[1].offset, 24u);
  EXPECT_EQ(action.record_size, 32u);
  EXPECT_TRUE(program.uses_ring_buffer);
}

// The object names the maps that it has.
bool has_map(const Program& program, const char* name) { return program.object.find(std::string(name) + '\0') != std::string::npos; }

TEST(CodegenProgram, EverySendIsCountedWhenTheRingIsFull) {
  EXPECT_TRUE(has_map(compiled(R"(BEGIN { printf("a\n"); })"), object::kLosses));
}

TEST(CodegenProgram, ControlActionsLeaveANoteInstead) {
  Program program = compiled("BEGIN { @ = 1; print(@); clear(@); exit(); }");
  EXPECT_FALSE(has_map(program, object::kLosses));
  EXPECT_TRUE(has_map(program, object::kPending));
}

TEST(CodegenProgram, SignedDivisionWithoutTheInstruction) {
  auto system = make_sample_system();
  system->kernel_features.cpu_version = 3;
  Compiled result = compile_text("t:sched:sched_switch { @x = -7; @y = @x / args.prev_pid; }", std::move(system));
  ASSERT_TRUE(result.program) << result.errors;
  for (const bpf_insn& i : instructions(*result.program, "tracepoint")) {
    bool divides = (i.code == (BPF_ALU64 | BPF_DIV | BPF_X));
    EXPECT_FALSE(divides && i.off != 0) << "a v4 instruction that this kernel does not have";
  }
}

TEST(CodegenProgram, SyscallsAreDispatchedByNumber) {
  Program program = compiled("t:syscalls:sys_enter_kill { @ = count(); }");
  ASSERT_EQ(program.probes.size(), 1u);
  bool compares = false;
  for (const bpf_insn& i : instructions(program, "raw_tp")) {
    bool jumps = BPF_CLASS(i.code) == BPF_JMP || BPF_CLASS(i.code) == BPF_JMP32;
    compares |= jumps && i.imm == 62;
  }
  EXPECT_TRUE(compares) << "kill is system call 62";
}

TEST(CodegenProgram, StacksAnnounceTheirProcess) {
  Program program = compiled("profile:hz:99 { @[ustack] = count(); }");
  bool announces = false;
  for (const Action& action : program.actions) announces |= action.kind == ActionKind::PidSeen;
  EXPECT_TRUE(announces);
  EXPECT_TRUE(program.needs_user_symbols);
}

TEST(CodegenProgram, PidOptionTestsWhereAttachingCannotFilter) {
  CompileOptions options;
  options.sema.expand.pid = 1234;
  Compiled result = compile_text("t:sched:sched_switch { @ = count(); }", make_sample_system(), options);
  ASSERT_TRUE(result.program) << result.errors;
  auto calls = helper_calls(*result.program, "raw_tp");
  EXPECT_EQ(calls[BPF_FUNC_get_current_pid_tgid], 1);
}

} // namespace
} // namespace trapline::test
