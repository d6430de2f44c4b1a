// What the fuzzers do with an input.
#pragma once

#include <string_view>

namespace trapline::fuzz {

// Compiles the text for the sample machine, renders its diagnostics, and formats it. Whatever the text is, this must return.
void compile_input(std::string_view text);

} // namespace trapline::fuzz
