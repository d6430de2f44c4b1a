// C's `__attribute__((...))`.
#pragma once

#include "parser/values.h"

#include <optional>
#include <string_view>

namespace trapline {

// `text` is what stands behind `__attribute__`, without the last parenthesis. nullopt: it has more to do with the layout of
// a struct than trapline's own reader knows.
std::optional<grammar::Attribute> parse_attribute(std::string_view text);

} // namespace trapline
