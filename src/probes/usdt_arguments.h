// The argument descriptions of USDT markers, as the compiler left them in the file's notes.
#pragma once

#include "probes/provider.h"

#include <functional>

namespace trapline::probes {

// How far a symbol's address is from the marker's own, for `8@counter(%rip)`; nullopt when it is not known.
using SymbolDistance = std::function<std::optional<int64_t>(std::string_view symbol)>;

// "-4@%edi 8@-16(%rbp) 4@$7": one Fetch from struct pt_regs for each argument. How::None for one that cannot be read (a
// floating-point register). Negative sizes are signed; a missing one is the register's or the machine's.
std::vector<Fetch> parse_usdt_arguments(std::string_view text, const SymbolDistance& distance);

} // namespace trapline::probes
