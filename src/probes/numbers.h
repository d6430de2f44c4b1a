// Numbers inside attach points.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::probes {

// The whole of `text`: decimal, 0x hexadecimal or 0 octal, with underscores after the first digit. nullopt otherwise, and
// when it does not fit.
std::optional<uint64_t> parse_number(std::string_view text);

} // namespace trapline::probes
