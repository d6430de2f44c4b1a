// Any value as text: what %s, print() and map output show.
#pragma once

#include "runtime/values.h"

namespace trapline::runtime {

// `bytes` holds type.size bytes. Aggregations are not values: see aggregates.h.
void append_text(std::string& out, const Type&, const uint8_t* bytes, const Context&);
// A map key: a tuple loses its parentheses.
void append_text_key(std::string& out, const Type&, const uint8_t* bytes, const Context&);

} // namespace trapline::runtime
