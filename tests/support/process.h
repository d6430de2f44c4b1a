// Processes that a test starts, and that do not outlive it.
#pragma once

#include "support/result.h"
#include "support/unique_fd.h"

#include <chrono>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace trapline::testing_support {

using Clock = std::chrono::steady_clock;

class Process {
public:
  struct Start {
    std::vector<std::string> words;       // program and arguments
    std::vector<std::string> environment; // NAME=value, besides our own
    bool capture = false;                 // keep standard output and error
    bool keep_input = false;              // hold a pipe to standard input; else it is empty
  };
  // Returns once the program runs, or why it cannot.
  static Result<Process> start(const Start&);

  Process(Process&&) noexcept;
  Process& operator=(Process&&) = delete;
  // Kills it if it still runs.
  ~Process();

  pid_t pid() const { return pid_; }
  // Writes to standard input and closes it.
  void give_input(std::string_view text);
  // False: it still runs after `limit`.
  bool wait_until_asleep(std::chrono::milliseconds limit) const;
  void send(int signal) const;
  void kill();
  // Collects output for `wait` at most, less if the process ends or has said something. True: it has ended and all of
  // its output was read.
  bool pump(std::chrono::milliseconds wait);

  const std::string& output() const { return output_; }
  const std::string& error_output() const { return error_output_; }
  bool ended() const { return ended_; }
  bool exited() const;   // by itself
  int status() const;    // of exit(), or the number of the signal that ended it
  long max_rss_kib() const { return max_rss_kib_; } // once it has ended

private:
  Process() = default;
  void drain(UniqueFd& fd, std::string& into);
  bool reap(int options);

  pid_t pid_ = -1;
  UniqueFd input_, out_, err_;
  std::string output_, error_output_;
  bool ended_ = false;
  int wait_status_ = 0;
  long max_rss_kib_ = 0;
};

// Ends what the processes of a test left behind; such orphans come to us, since we are their subreaper.
void adopt_orphans();
void kill_orphans();

} // namespace trapline::testing_support
