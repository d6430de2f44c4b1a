// Control actions that found the ring buffer full: notes in a map, looked at instead of sent.
#pragma once

#include "runtime/actions.h"
#include "support/result.h"

#include <cstdint>
#include <memory>

namespace trapline::runtime {

class Pending {
public:
  // `map_fd` and `value_fd`: the program's "pending" and "pending_value" maps, -1 where there is none.
  static Result<std::unique_ptr<Pending>> open(const Program&, int map_fd, int value_fd);
  ~Pending();

  // Carries out what was noted, in the order of the script, and takes the notes away.
  void run(Actions&);

private:
  Pending(size_t count, uint64_t* words, size_t bytes, int value_fd)
      : count_(count), words_(words), bytes_(bytes), value_fd_(value_fd) {}

  size_t count_;
  uint64_t* words_; // by action: how often; shared with the kernel
  size_t bytes_;
  int value_fd_;
};

} // namespace trapline::runtime
