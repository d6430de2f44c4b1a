// Runs one case: starts the product and the workload, stops them, compares.
#pragma once

#include "runner/case_file.h"

#include <cstdint>
#include <string>

namespace trapline::live {

struct Places {
  std::string trapline;  // the program under test
  std::string workloads; // folder of the workloads
  std::string root;      // of the repository
};

struct Outcome {
  enum class Kind : uint8_t { Passed, Failed, Skipped };
  Kind kind = Kind::Passed;
  std::string report; // why; several lines when it failed
  double seconds = 0;
};

Outcome run_case(const Case&, const Places&);

// Does a script of the golden tests pass the kernel's verifier? Skipped where this machine lacks what it probes.
Outcome verify_script(const std::string& path, const Places&);

} // namespace trapline::live
