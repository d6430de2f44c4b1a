// The trial call. Its arguments are wrong, so no function's program loads; but the verifier first says, in so many words,
// when the call itself is not allowed (kernel/bpf/verifier.c, check_kfunc_call).
#include "system/live_kernel_functions.h"

#include "support/unique_fd.h"

#include <array>
#include <linux/bpf.h>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

namespace trapline {

namespace {

constexpr size_t kLogBytes = 16 << 10;
constexpr const char* kAnyTracepoint = "sched_switch"; // programs of type TRACING must name something that they trace

} // namespace

bool try_kernel_function(uint32_t id, const BtfTypes& types, uint32_t program_type) {
  std::array<bpf_insn, 3> code{};
  code[0].code = BPF_JMP | BPF_CALL;
  code[0].src_reg = BPF_PSEUDO_KFUNC_CALL;
  code[0].imm = static_cast<int32_t>(id);
  code[1].code = BPF_ALU64 | BPF_MOV | BPF_K;
  code[2].code = BPF_JMP | BPF_EXIT;
  std::array<char, kLogBytes> log{};
  bpf_attr attributes{};
  attributes.prog_type = program_type;
  attributes.insns = reinterpret_cast<uint64_t>(code.data());
  attributes.insn_cnt = code.size();
  attributes.license = reinterpret_cast<uint64_t>("GPL");
  attributes.log_level = 1;
  attributes.log_buf = reinterpret_cast<uint64_t>(log.data());
  attributes.log_size = log.size();
  if (program_type == BPF_PROG_TYPE_TRACING) {
    attributes.expected_attach_type = BPF_TRACE_RAW_TP;
    attributes.attach_btf_id = types.raw_tracepoint_id(kAnyTracepoint);
  }
  const UniqueFd program(static_cast<int>(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes)));
  if (program) return true;
  const std::string_view said = log.data();
  return !said.empty() && said.find("is not allowed") == std::string_view::npos && said.find("invalid kernel function") == std::string_view::npos;
}

} // namespace trapline
