// `*` in names and paths. Nothing else is special: a program may well be called `[`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trapline {

inline bool has_star(std::string_view text) { return text.find('*') != std::string_view::npos; }

// `*` stands for any text, including none.
bool glob_match(std::string_view pattern, std::string_view text);

// The paths that exist and match, sorted. A `*` stays within one component and does not match a leading dot.
std::vector<std::string> glob_paths(const std::string& pattern);

// Names in a directory, sorted, without `.` and `..`; empty when it cannot be read.
std::vector<std::string> directory_names(const std::string& path);

} // namespace trapline
