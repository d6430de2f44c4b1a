// What the kernel's refusal of a program means, in words and with its place in the script.
#pragma once

#include "program/program.h"
#include "support/diagnostics.h"
#include "support/result.h"

#include <optional>
#include <string_view>

namespace trapline::runtime {

struct Refusal {
  std::string message; // one line: what the kernel could not prove
  std::string hint;    // what to change; may be empty
  std::optional<Span> span; // known if the program was compiled with line info
  bool from_verifier = false; // it read the program; else it refused before, or the kernel lacks something
};

// `log`: libbpf's warnings about a failed load, with the verifier's log inside. `error`: positive errno.
Refusal explain_refusal(std::string_view log, int error, const Program&);
// The last line of a verifier log that says something: no statistics, no register states, no instructions.
std::string_view last_meaningful_line(std::string_view log);

Error to_error(const Refusal&);
// nullopt: it has no place in the script.
std::optional<Diagnostic> to_diagnostic(const Refusal&);

} // namespace trapline::runtime
