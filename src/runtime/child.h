// Processes we start: the command of -c, held back until the probes are attached, and the shells of system().
#pragma once

#include "support/result.h"
#include "support/unique_fd.h"

#include <string>
#include <string_view>
#include <vector>

namespace trapline::runtime {

// Words of a command line as a shell would split them: quotes and backslashes, no expansion. An Error for an unclosed
// quote or an empty command.
Result<std::vector<std::string>> split_command(std::string_view command);

class Child {
public:
  // Forks a process that waits for start(). The program is looked up in PATH first: an Error names what is missing.
  static Result<Child> prepare(std::string_view command);
  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) = delete;
  // Asks a process that still runs to end (SIGTERM), and one that never started (closes its gate).
  ~Child();

  int pid() const { return pid_; }
  // Readable when the process has ended.
  int pidfd() const { return pidfd_.get(); }
  // Lets it run the program. An Error when the program cannot be executed.
  Result<void> start();

private:
  Child() = default;

  std::string program_;
  int pid_ = 0;
  UniqueFd pidfd_, gate_, failure_;
};

// Readable when that process ends; an Error if there is none.
Result<UniqueFd> watch_process(int pid);

// Standard output of `sh -c command`.
std::string run_shell(const std::string& command);

} // namespace trapline::runtime
