// Reading the small text files of /proc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trapline::runtime {

// Empty if it cannot be read.
std::string read_proc_file(const std::string& path);
// Takes the first line, without its newline, off `text`.
std::string_view next_line(std::string_view& text);
// Takes the first word off `line`, and the blanks before it.
std::string_view next_word(std::string_view& line);
// As much of a number as there is.
uint64_t parse_number(std::string_view text, int base);

} // namespace trapline::runtime
