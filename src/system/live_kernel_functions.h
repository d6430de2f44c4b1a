// Which programs may call a kernel function is decided by lists inside the kernel that nothing prints: asking is trying.
#pragma once

#include "system/live_btf.h"

namespace trapline {

// Loads a program of this type (BPF_PROG_TYPE_*) that calls the function with this BTF number.
bool try_kernel_function(uint32_t id, const BtfTypes& types, uint32_t program_type);

} // namespace trapline
