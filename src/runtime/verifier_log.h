// What the kernel's refusal of a program means, in words.
#pragma once

#include "program/program.h"
#include "support/result.h"

#include <string_view>

namespace trapline::runtime {

// `log`: libbpf's warnings about a failed load, with the verifier's log inside. `error`: positive errno.
Error explain_refusal(std::string_view log, int error, const Program&);
// The last line of a verifier log that says something: no statistics, no register states, no instructions.
std::string_view last_meaningful_line(std::string_view log);

} // namespace trapline::runtime
