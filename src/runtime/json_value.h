// Any value as JSON.
#pragma once

#include "runtime/values.h"

namespace trapline::runtime {

// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD, so that the result is always valid.
void append_json_string(std::string& out, std::string_view text);
// A number, or a string of its digits when a double cannot hold it exactly.
void append_json_number(std::string& out, Number);
void append_json(std::string& out, const Type&, const uint8_t* bytes, const Context&);
// A map key: always a string, tuple members joined by commas.
void append_json_key(std::string& out, const Type&, const uint8_t* bytes, const Context&);

} // namespace trapline::runtime
