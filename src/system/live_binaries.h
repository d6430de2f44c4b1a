// From the names that people write to files: paths with `*`, programs on PATH, libraries as the dynamic linker finds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// See System::resolve_binary.
std::vector<std::string> resolve_binary(std::string_view name, std::optional<int> pid);

// Files that a process has mapped as code, as paths that can be opened from here; in order of address, each once.
std::vector<std::string> mapped_executables(int pid);

// Where the dynamic linker finds "libc" or "libc.so.6" according to the contents of an ld.so.cache; empty if nowhere.
std::string find_in_ld_cache(std::string_view cache, std::string_view library);

} // namespace trapline
