// Types that outlive what they were made from.
#pragma once

#include "types/type.h"

namespace trapline {

// The same type with structs of its own: all that printing a value needs. Of a struct that a pointer points to, only the
// name and the size are left.
Type detached(const Type&);

} // namespace trapline
