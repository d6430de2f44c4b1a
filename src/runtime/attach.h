// All of a program's probes, attached or none.
#pragma once

#include "program/program.h"
#include "runtime/loader.h"
#include "support/result.h"
#include "support/unique_fd.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trapline::runtime {

struct AttachedProbes {
  std::vector<UniqueFd> links; // closing them detaches
  size_t count = 0;            // targets, BEGIN and END among them
};

struct AttachOptions {
  std::optional<int> pid; // -p, or the child of -c
  bool verbose = false;   // name every target that is left out
};

// Targets of a wildcard that the kernel refuses are left out with one warning, sent to `warn` without a newline. A probe
// that could not be attached anywhere is an Error, unless config missing_probes says otherwise; then nothing stays
// attached.
Result<AttachedProbes> attach_probes(const Program&, const LoadedObject&, const AttachOptions&,
                                     const std::function<void(const std::string&)>& warn);

// Runs the BEGIN or END programs, in order.
Result<void> run_special(const Program&, const LoadedObject&, ProbeRole);

} // namespace trapline::runtime
