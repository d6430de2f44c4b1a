// Older kernels: what they lack is done another way, or refused in the script's words.
#include "unit/codegen_support.h"

#include <gtest/gtest.h>

namespace trapline::test {
namespace {

std::unique_ptr<FakeSystem> kernel(uint32_t release, int cpu_version) {
  auto system = make_sample_system();
  system->kernel_features.release = release;
  system->kernel_features.cpu_version = cpu_version;
  return system;
}

bool has_exchange(const Program& program, const std::string& section) {
  for (const bpf_insn& i : instructions(program, section)) {
    if (i.code == (BPF_STX | BPF_ATOMIC | BPF_DW) && i.imm == BPF_XCHG) return true;
  }
  return false;
}

constexpr const char* kLargeString = R"(t:syscalls:sys_enter_openat { printf("%s\n", str(args.filename)); @s = str(args.filename); })";

TEST(CodegenKernels, NoAtomicExchangeBefore512) {
  Compiled old = compile_text(kLargeString, kernel(0x050a00, 2));
  ASSERT_TRUE(old.program) << old.errors;
  EXPECT_FALSE(has_exchange(*old.program, "raw_tp"));
  Compiled current = compile_text(kLargeString, kernel(0x060c00, 4));
  ASSERT_TRUE(current.program) << current.errors;
  EXPECT_TRUE(has_exchange(*current.program, "raw_tp"));
}

TEST(CodegenKernels, NoTrackedTaskBefore511) {
  Compiled old = compile_text("t:syscalls:sys_enter_kill { @ = curtask->pid; }", kernel(0x050a00, 2));
  ASSERT_TRUE(old.program) << old.errors;
  EXPECT_EQ(helper_calls(*old.program, "raw_tp")[BPF_FUNC_get_current_task_btf], 0);
  EXPECT_GT(helper_calls(*old.program, "raw_tp")[BPF_FUNC_get_current_task], 0);
}

TEST(CodegenKernels, LongKeysAreRefusedInWords) {
  Compiled old = compile_text("t:syscalls:sys_enter_openat { @[str(args.filename)] = count(); }", kernel(0x050a00, 2));
  EXPECT_FALSE(old.program);
  EXPECT_NE(old.errors.find("take 1024 bytes, this kernel takes 512 at most"), std::string::npos) << old.errors;
  EXPECT_TRUE(compile_text("t:syscalls:sys_enter_openat { @[str(args.filename, 100)] = count(); }", kernel(0x050a00, 2)).program);
}

TEST(CodegenKernels, SearchForLongTextNeedsIterators) {
  auto without = [] {
    auto system = kernel(0x060100, 3);
    system->kernel_features.open_coded_iterators = false;
    return system;
  };
  Compiled old = compile_text("t:syscalls:sys_enter_openat { @ = strstr(args.filename, str(args.filename)); }", without());
  EXPECT_FALSE(old.program);
  EXPECT_NE(old.errors.find("cannot be searched for one of 1024"), std::string::npos) << old.errors;
  EXPECT_TRUE(compile_text("t:syscalls:sys_enter_openat { @ = strstr(args.filename, str(args.filename, 100)); }", without()).program);
  EXPECT_TRUE(compile_text(R"(t:syscalls:sys_enter_openat { @ = strstr(args.filename, "lib"); })", without()).program);
}

TEST(CodegenKernels, NamesAreClearedWhereTheKernelDoesNotPad) {
  auto stores = [](const Program& program) {
    int zeros = 0;
    for (const bpf_insn& i : instructions(program, "raw_tp")) zeros += BPF_CLASS(i.code) == BPF_ST || BPF_CLASS(i.code) == BPF_STX;
    return zeros;
  };
  const char* text = "t:raw_syscalls:sys_enter { @[comm] = count(); }";
  Compiled old = compile_text(text, kernel(0x060100, 3)), current = compile_text(text, kernel(0x060c00, 4));
  ASSERT_TRUE(old.program && current.program);
  EXPECT_EQ(stores(*old.program), stores(*current.program) + 2);
}

} // namespace
} // namespace trapline::test
