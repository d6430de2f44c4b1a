// Names of the kernel's memory allocation flags (include/linux/gfp_types.h), for %gr.
#pragma once

#include "program/program.h"
#include "system/system.h"

namespace trapline::builtins {

// Combinations with a name of their own first, so that GFP_KERNEL is not shown as its parts.
std::vector<FlagName> gfp_flag_names(const System&);

} // namespace trapline::builtins
