// What trapline does with a program besides running it.
#pragma once

#include "cli/options.h"
#include "system/system.h"

namespace trapline::cli {

// --mode compiler-bench: how long each stage of the compiler takes. The exit status.
int bench_compiler(const Options&, SourceFile&, const System&);

// $BPFTRACE_COLOR or $TRAPLINE_COLOR: auto, always or never. False: it is something else; reported.
bool choose_colors();

} // namespace trapline::cli
