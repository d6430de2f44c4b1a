// Types of the kernel as C text, for listing.
#pragma once

#include "system/system.h"

#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// Named types of one tag ("struct", "union", "enum") that match `pattern`, of the kernel and its modules, by name.
// `kernel` and `modules` as for BtfTypes.
std::vector<TypeSource::Listed> list_btf_types(const std::string& kernel, const std::string& modules, std::string_view tag,
                                               std::string_view pattern, bool with_definition);

} // namespace trapline
