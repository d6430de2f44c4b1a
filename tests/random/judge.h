// Programs given to the product, and what came of them.
#pragma once

#include "random/evaluate.h"

#include <string>
#include <vector>

namespace trapline::random_programs {

enum class Verdict : uint8_t { Passed, WrongOutput, NotCompiled, RefusedByVerifier, Died, Hung };

const char* describe(Verdict);

struct Judgement {
  Verdict verdict = Verdict::Passed;
  std::string message; // of the product, when it did not run to its end
  Outcome expected, seen;
};

class Judge {
public:
  Judge(std::string trapline, Inputs inputs);

  const Inputs& inputs() const { return inputs_; }
  // One script of all of them; what it did not get to is tried alone.
  std::vector<Judgement> judge(const std::vector<Program>&);
  Judgement judge(const Program&);

private:
  struct Run {
    Verdict verdict = Verdict::Passed;
    std::string output, message;
  };
  Run run(const std::vector<Program>&);

  std::string trapline_, script_;
  Inputs inputs_;
};

} // namespace trapline::random_programs
