// Numbers as scripts write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trapline {

struct ParsedInteger {
  uint64_t value = 0;
  bool too_large = false; // more than 64 bits
  std::string error;      // why the text is not a number, in the user's words; empty if it is one
};

// `text` starts with a digit: 10, 0x1f, 017, 1_000, 1e6, 10ul, 5ms (nanoseconds).
ParsedInteger parse_integer(std::string_view text);

} // namespace trapline
