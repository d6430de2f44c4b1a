// System call tracepoints over the raw tracepoints sys_enter and sys_exit: what a block sees there.
//
// syscalls:sys_enter_NAME, syscalls:sys_exit_NAME and raw_syscalls:* are all made from these two events, whose context is
//   sys_enter: u64 address of struct pt_regs, u64 number        sys_exit: u64 address of struct pt_regs, u64 result
// so one attachment with a dispatch on the number replaces hundreds, each of which takes 60 to 90 ms to detach.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

enum class SyscallSide : uint8_t { Enter, Exit };

// The kernel's name of the event: what to attach to.
std::string_view raw_event(SyscallSide);

// "sys_enter_read": Enter and "read".
struct SyscallEvent {
  SyscallSide side;
  std::string_view syscall;
};
std::optional<SyscallEvent> parse_syscall_event(std::string_view event);

// For syscalls:*; has a dispatch with no targets yet. With `format` the members of `args` are filled in.
Context syscall_context(SyscallSide, const TracepointFormat* format, const TypeSource&);
// For raw_syscalls:sys_enter and raw_syscalls:sys_exit.
Context raw_syscall_context(SyscallSide, const TracepointFormat* format, const TypeSource&);

} // namespace trapline::probes
