// Where clang looks for headers, and with which macros: its command line.
#pragma once

#include "cdefs/cdefs.h"

#include <span>

namespace trapline::clang {

std::vector<std::string> clang_arguments(const CSource&);

// Whether the file is one of the kernel's headers, also of those that it shares with user space.
bool is_kernel_path(std::string_view path);

// Headers that belong to a compiler, not to the C library. libclang comes without them; these stand in, in a folder that is
// searched last and exists only in memory.
struct BuiltinHeader {
  const char* path;
  std::string_view text;
};
std::span<const BuiltinHeader> builtin_headers();

} // namespace trapline::clang
