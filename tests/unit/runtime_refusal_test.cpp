// What the kernel says when it refuses a program, and what the user reads then. The logs are a Linux 6.18 verifier's, of
// small programs made to be refused.
#include "runtime/verifier_log.h"

#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

Refusal refuse(const std::string& verifier, int error = EACCES) {
  const std::string log = "libbpf: prog 'p0_x': BPF program load failed: Permission denied\n"
                          "libbpf: prog 'p0_x': -- BEGIN PROG LOAD LOG --\n" +
                          verifier + "-- END PROG LOAD LOG --\nlibbpf: failed to load program 'p0_x'\n";
  Program program;
  program.probes = {{.function_name = "p0_x", .targets = {{.name = "tracepoint:a:b"}}}};
  return explain_refusal(log, error, program);
}

constexpr const char* kEnd = "processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";

struct Case {
  const char* log;
  const char* message; // a part of it
  const char* hint;    // a part of it
};

constexpr Case kCases[] = {
    {"5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)\n6: (79) r0 = *(u64 *)(r0 +0)\n"
     "R0 invalid mem access 'map_value_or_null'\n", "a pointer that may be null", "if ($p)"},
    {"6: (07) r0 += 8\nR0 pointer arithmetic on map_value_or_null prohibited, null-check it first\n", "computes with a pointer that may be null", "if ($p)"},
    {"0: (b7) r1 = 8                        ; R1=8\n1: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\n",
     "memory that cannot be proved to be there", "cast"},
    {"8: (79) r0 = *(u64 *)(r0 +8)\ninvalid access to map value, value_size=8 off=8 size=8\nR0 min value is outside of the allowed memory range\n",
     "beyond a value (invalid access to map value, value_size=8 off=8 size=8)", "compare"},
    {"0: (79) r0 = *(u64 *)(r1 +4096)\ninvalid bpf_context access off=4096 size=8\n", "a part of the event", "-lv"},
    {"0: (7a) *(u64 *)(r10 -520) = 0\ninvalid write to stack R10 off=-520 size=8\n", "outside of its stack", "maps"},
    {"combined stack size of 2 calls is 720. Too large\n", "512 bytes of stack", "maps"},
    {"4: (55) if r6 != 0x0 goto pc-1        ; R6=scalar(id=1,umin=1)\ninfinite loop detected at insn 4\n"
     "cur state: R0=scalar(id=1) R6=scalar(id=1,umin=1) R7=0 R10=fp0\nold state: R0=scalar(id=1) R6=Pscalar(id=1,umin=1) R7=0 R10=fp0\n",
     "a loop whose end cannot be proved (infinite loop detected at insn 4)", "constant bound"},
    {"3: (07) r7 += 1\nBPF program is too large. Processed 1000001 insn\n", "more than a million steps", "max_strlen"},
    {"The sequence of 8193 jumps is too complex.\n", "too many branches", "split"},
    {"The total number of maps per program has reached the limit of 64\n", "too many maps", "split"},
    {"back-edge from insn 6 to 2\n", "this kernel does not take", "unroll"},
    {"unreachable insn 2\n", "can never run", "return"},
    {"5: (b7) r0 = 0                        ; R0=0 refs=2\n6: (95) exit\nUnreleased reference id=2 alloc_insn=4\n"
     "BPF_EXIT instruction in main prog would lead to reference leak\n", "does not give back", "report"},
    {"10: (0f) r6 += r0\nmath between map_value pointer and register with unbounded min value is not allowed\n", "moves a pointer", "compare"},
    {"5: (85) call bpf_probe_read_kernel#113\nR2 min value is negative, either use unsigned or 'var &= const'\n", "may be negative", "compare"},
    {"0: (7a) *(u64 *)(r10 -12) = 0\nmisaligned stack access off 0+0+-12 size 8\n", "multiple of the size", "report"},
    {"1: (27) r0 *= 3\nR0 pointer arithmetic with *= operator prohibited\n", "computes with a pointer", "(uint64)$p"},
    {"0: (bf) r0 = r5\nR5 !read_ok\n", "never set", "report"},
    {"kernel btf_id 99999999 is not a function\n", "lacks a function", "--info"},
    {"last insn is not an exit or jmp\n", "no end", "report"},
    {"something nobody has seen before\n", "something nobody has seen before", "-v"},
};

TEST(RefusalTest, EveryReasonInWords) {
  for (const Case& c : kCases) {
    const Refusal refusal = refuse(std::string(c.log) + kEnd);
    EXPECT_NE(refusal.message.find(c.message), std::string::npos) << c.log << refusal.message;
    EXPECT_NE(refusal.hint.find(c.hint), std::string::npos) << c.log << refusal.hint;
    EXPECT_TRUE(refusal.message.starts_with("the kernel refused the program for tracepoint:a:b: ")) << refusal.message;
    EXPECT_TRUE(refusal.from_verifier);
  }
}

TEST(RefusalTest, HelpersByName) {
  EXPECT_EQ(refuse("1: (85) call bpf_override_return#58\nprogram of this type cannot use helper bpf_override_return#58\nprocessed 2 insns\n").message,
            "helper bpf_override_return not allowed in probe tracepoint:a:b");
  EXPECT_EQ(refuse("0: (85) call bpf_loop#181\nunknown func bpf_loop#181\n").message, "helper bpf_loop not allowed in probe tracepoint:a:b");
}

TEST(RefusalTest, ThePlaceIsTheLastThatTheLogNames) {
  const Refusal refusal = refuse("; bytes 3 to 9: @x = 1 @ s.bt:1\n0: (b7) r1 = 8\n; bytes 12 to 34: *$p @ s.bt:2\n1: (79) r0 = *(u64 *)(r1 +0)\n"
                                 "R1 invalid mem access 'scalar'\n");
  ASSERT_TRUE(refusal.span);
  EXPECT_EQ(refusal.span->begin, 12u);
  EXPECT_EQ(refusal.span->end, 34u);
  ASSERT_TRUE(to_diagnostic(refusal));
  EXPECT_EQ(to_diagnostic(refusal)->id, DiagId::KernelRefused);
  EXPECT_EQ(to_diagnostic(refusal)->hints.size(), 1u);
  EXPECT_FALSE(refuse("; bytes 0 to 0: \n1: (79) r0 = *(u64 *)(r1 +0)\nR1 invalid mem access 'scalar'\n").span);
  EXPECT_FALSE(to_diagnostic(refuse("R1 invalid mem access 'scalar'\n")));
}

TEST(RefusalTest, WithoutALog) {
  EXPECT_EQ(explain_refusal("libbpf: Error in bpf_object__probe_loading()\n", EPERM, {}).message,
            "the kernel does not allow loading BPF programs: needs root (CAP_BPF and CAP_PERFMON)");
  EXPECT_EQ(explain_refusal("", ENOMEM, {}).message, "the kernel refused the program: Cannot allocate memory");
  EXPECT_EQ(explain_refusal("", E2BIG, {}).message, "the kernel refused the program: it is too large");
  const Refusal missing = explain_refusal("libbpf: extern (func ksym) 'bpf_nothing': not found in kernel or module BTFs\nlibbpf: failed to load object\n", ESRCH, {});
  EXPECT_NE(missing.message.find("lacks a function that it needs (extern (func ksym) 'bpf_nothing'"), std::string::npos) << missing.message;
}

} // namespace
} // namespace trapline::runtime
