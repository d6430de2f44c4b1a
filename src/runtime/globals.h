// What the program is told once, before it runs.
#pragma once

#include "runtime/loader.h"

#include <cstdint>
#include <ctime>

namespace trapline::runtime {

uint64_t nanoseconds(clockid_t clock);

// Starts `elapsed`. `child_pid`: of -c, 0 without.
void set_globals(const LoadedObject&, uint64_t child_pid);

} // namespace trapline::runtime
