// Whether messages on a terminal are coloured. Off until somebody turns it on, once, at the start.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trapline {

enum class Color : uint8_t { Red, Yellow, Green };

void set_colors(bool on);
// The text, coloured if colours are on.
std::string colored(Color, std::string_view text);
// "ERROR" or "WARNING", as they begin a message.
std::string error_label();
std::string warning_label();

} // namespace trapline
