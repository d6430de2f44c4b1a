// System calls of the native ABI by name and number.
#pragma once

#include <optional>
#include <string_view>

namespace trapline {

// Takes the name of a `syscalls` tracepoint (sys_enter_newstat: "newstat") as well as the system call's own ("stat").
std::optional<int> syscall_number(std::string_view name);
// The system call's own name: 4 is "stat". Empty for a number that none has.
std::string_view syscall_name(int number);

} // namespace trapline
