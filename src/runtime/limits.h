// What the system allows one process, raised to what a program needs.
#pragma once

#include "program/program.h"

#include <functional>
#include <string>

namespace trapline::runtime {

// Locked memory for maps (kernels before 5.11 count them) and open files for links. `warn` is told what could not be
// raised.
void raise_limits(const Program&, const std::function<void(const std::string&)>& warn);

} // namespace trapline::runtime
