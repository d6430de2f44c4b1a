// --info: what this system supports.
#pragma once

#include "system/system.h"

#include <string>

namespace trapline::cli {

std::string info(const System&);

} // namespace trapline::cli
