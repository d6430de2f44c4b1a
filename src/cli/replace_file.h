// Files written as a whole.
#pragma once

#include "support/result.h"

#include <string>
#include <string_view>

namespace trapline::cli {

// Replaces what `path` holds, or makes it: through a temporary file beside it that takes its name, so that nobody sees half of it
// and a failure leaves it as it was. It keeps its mode and owner; of a symbolic link the target is replaced. What is no regular
// file, such as a pipe, is written to.
Result<void> replace_file(const std::string& path, std::string_view text);

} // namespace trapline::cli
