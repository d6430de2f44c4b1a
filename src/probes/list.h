// -l: the probes there are.
#pragma once

#include "probes/provider.h"

#include <string>
#include <utility>
#include <vector>

namespace trapline::probes {

struct Listed {
  // Probes and types, sorted by name, each once; with the parameters, indented, or the rest of the definition when they
  // were asked for.
  std::vector<std::pair<std::string, std::vector<std::string>>> probes;
  // Patterns that nothing matches, with what is nearest (may be empty).
  std::vector<std::pair<std::string, std::string>> unmatched;
};

// `pattern` is an attach point with wildcards ("t:sched:*"), or text that any probe's name after the provider may match
// ("*sleep*"), or a type ("struct task_*", "union", "enum"); empty: everything. A comma separates several. Files are looked into only when the pattern names one, or
// with -p. An Error when the machine hides what was asked for, or when a probe type is unknown.
Result<Listed> list_probes(std::string_view pattern, bool verbose, const ExpandOptions&, const System&);

} // namespace trapline::probes
