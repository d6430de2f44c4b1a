// Names that only the system's headers know, taken from them when trapline is built.
#pragma once

#include "types/type.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace trapline::builtins {

// O_*: as open(2) gets them.
std::shared_ptr<const EnumType> open_flag_names();

// "AF_INET" of 2; empty for a number without a name.
std::string_view socket_family_name(int number);
// One more than the largest number with a name.
int socket_family_count();

} // namespace trapline::builtins
