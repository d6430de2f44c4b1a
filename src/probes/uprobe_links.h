// Attaches a program to places in user-space files.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

// Target: path, offset (in the file), ref_ctr_offset, cookie, is_return. With a pid only that process is traced. Uses one
// uprobe_multi link per file when the program was loaded for it, else one perf event per target. What the kernel
// refuses is listed; the rest is attached.
Result<Attached> attach_uprobes(const AttachRequest&);

} // namespace trapline::probes
