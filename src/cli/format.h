// --fmt
#pragma once

#include "cli/options.h"
#include "support/result.h"

namespace trapline::cli {

// Prints the script laid out anew, or puts it into the file of -o. The exit status; with a syntax error nothing is written.
Result<int> format(const Options&);

} // namespace trapline::cli
