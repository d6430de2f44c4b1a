// Numbers that have names: errors, signals, system calls, socket families. The names come from the C library, from its
// headers, and from system/syscalls.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trapline::builtins {

inline constexpr uint64_t kMaxSignal = 64;

// "SIGKILL" of 9, "SIGRTMIN+1" of 35; empty for a number that is no signal.
std::string signal_name(int number);
// By its name, with or without "SIG".
std::optional<uint64_t> signal_number(std::string_view name);

} // namespace trapline::builtins
