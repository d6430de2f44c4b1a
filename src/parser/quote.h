// Script text in messages: printable, on one line and not too long.
#pragma once

#include <string>
#include <string_view>

namespace trapline {

// Without backticks. Control characters and invalid UTF-8 become \xHH; long text ends in "...".
std::string quote(std::string_view text);
// `x` in backticks, or "0x07" where it would not be readable.
std::string describe_first_character(std::string_view text);

} // namespace trapline
