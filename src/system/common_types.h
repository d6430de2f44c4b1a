// Integer types whose names and sizes are the same on every Linux of this architecture: C's own spellings and the
// typedefs that tracepoint records and scripts use most. Knowing them saves reading BTF, and works without it.
#pragma once

#include "types/type.h"

#include <string_view>

namespace trapline {

// "unsigned long", "char", "u32", "pid_t"; Error kind when the name is not one of them.
Type common_type(std::string_view name);

} // namespace trapline
