// What ends a session from outside: signals, the end of the traced process.
#pragma once

#include "support/result.h"
#include "support/unique_fd.h"

#include <cstdint>

namespace trapline::runtime {

// SIGUSR1 is counted. After open() the first SIGINT or SIGTERM is an event; a second one of the same kind ends the process at once, for the
// impatient and for output that nobody reads. One at a time.
class Events {
public:
  static Result<Events> open();
  Events(Events&&) = default;
  Events& operator=(Events&&) = default;
  ~Events();

  // `process_fd`: a pidfd, or -1. `ready_fd`: readable when records wait, or -1. `timeout_ms`: -1 waits for an event.
  struct Seen {
    bool signalled = false, process_ended = false, records = false;
    uint64_t user_signals = 0; // SIGUSR1 since the last call
  };
  Seen wait(int process_fd, int ready_fd, int timeout_ms);

private:
  Events() = default;
  UniqueFd signalled_, user_signals_; // eventfds that the handlers write to
};

} // namespace trapline::runtime
