// -l: probes of this machine, or those that a program attaches to.
#pragma once

#include "cli/options.h"
#include "system/system.h"

namespace trapline::cli {

// The exit status.
int list(const Options&, const System&);

} // namespace trapline::cli
