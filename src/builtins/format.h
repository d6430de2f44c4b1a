// printf formats: parsed once when compiling, checked against the arguments' types.
#pragma once

#include "builtins/builtin.h"

namespace trapline::builtins {

// Splits a format into pieces. Reports FormatInvalid at `span`; then the result is what was understood.
std::vector<FormatPiece> parse_format(std::string_view text, Span span, Diagnostics&);

// %f and the like: a number with a fraction.
bool is_real(const FormatPiece&);

// Reports too few, too many, or unfitting arguments; `first` is the index of the first value after the format.
void check_format(const std::vector<FormatPiece>&, const Check&, size_t first);

} // namespace trapline::builtins
