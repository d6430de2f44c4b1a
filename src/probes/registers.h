// Where a struct pt_regs keeps what probes read: byte offsets, from the kernel's own header.
#pragma once

#include <asm/ptrace.h>
#include <cstddef>
#include <cstdint>

#if !defined(__x86_64__)
#error "the registers of this architecture are not described yet: add them here and in usdt_arguments.cpp"
#endif

namespace trapline::probes::registers {

// Function arguments in user space (System V ABI).
inline constexpr int16_t kFunctionArguments[] = {offsetof(pt_regs, rdi), offsetof(pt_regs, rsi), offsetof(pt_regs, rdx),
                                                 offsetof(pt_regs, rcx), offsetof(pt_regs, r8),  offsetof(pt_regs, r9)};
// System call arguments: r10 in place of rcx, which the instruction clobbers.
inline constexpr int16_t kSyscallArguments[] = {offsetof(pt_regs, rdi), offsetof(pt_regs, rsi), offsetof(pt_regs, rdx),
                                                offsetof(pt_regs, r10), offsetof(pt_regs, r8),  offsetof(pt_regs, r9)};
inline constexpr int16_t kSyscallNumber = offsetof(pt_regs, orig_rax);
inline constexpr int16_t kReturnValue = offsetof(pt_regs, rax);
inline constexpr int16_t kInstructionPointer = offsetof(pt_regs, rip);

} // namespace trapline::probes::registers
