// What the system allows one process, raised to what a program needs.
#pragma once

#include "program/program.h"

#include <functional>
#include <string>

namespace trapline::runtime {

// Open files, for links. `warn` is told when that cannot be. Locked memory, which kernels before 5.11 count maps as, is
// raised by libbpf where it matters.
void raise_limits(const Program&, const std::function<void(const std::string&)>& warn);

} // namespace trapline::runtime
