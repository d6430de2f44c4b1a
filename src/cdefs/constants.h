// Names for numbers of the system call interface that no BTF has, since they are macros: AF_INET, O_CREAT, ENOENT, SIGTERM.
// Old and short scripts include a header for one or two of these; knowing them spares reading it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline {

std::optional<int64_t> system_constant(std::string_view name);
// Whether this is a header of the C library that declares the system call interface: its macros are here, and its types are
// the kernel's, but for those that is_library_type() knows.
bool declares_system_interface(std::string_view header);
// Types of the C library that have the name of one of the kernel's, and may look different: "msghdr", "sigaction".
bool is_library_type(std::string_view name);

} // namespace trapline
