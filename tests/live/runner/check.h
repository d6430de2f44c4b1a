// Does what a program printed meet what a case expects?
#pragma once

#include "runner/case_file.h"

#include <string>
#include <vector>

namespace trapline::live {

struct Observed {
  std::string output;       // or the file named by READ
  std::string error_output;
};

// One paragraph for each expectation that is not met.
std::vector<std::string> check(const std::vector<Expectation>&, const Observed&);

} // namespace trapline::live
