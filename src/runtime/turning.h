// The runtime's side of maps with two banks: which bank a request is about, and when programs have left it. The protocol
// stands in program/object.h.
#pragma once

#include "program/object.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace trapline::runtime {

class Turning {
public:
  // `words` are shared with the programs. `wait` returns once every program that was running when it was called has
  // ended.
  Turning(std::span<object::Banks> words, std::function<void()> wait);

  // The turn that programs are at.
  uint64_t current(size_t map) const;

  // A request to empty the map's bank; `asked` is the turn that its record carries. Returns the turn with whose
  // beginning the bank was left, after waiting until no program uses it: bank `(turn - 1) & 1` is the caller's until
  // finish(). nullopt: a request that came later, but was handled before, took what this one was about.
  // `before_turning` is called with the new turn when programs have not turned yet and the runtime does it.
  std::optional<uint64_t> begin(size_t map, uint64_t asked, const std::function<void(uint64_t turn)>& before_turning = {});
  // The bank left with `turn` is empty: programs may turn to it.
  void finish(size_t map, uint64_t turn);

  // The turn whose bank holds what a print asked for at turn `asked` is to show: that turn's own as long as it was not
  // emptied, with no program in it if it was left; else the current one.
  uint64_t readable(size_t map, uint64_t asked);

private:
  // No program uses the bank that was left with this turn.
  void settle(size_t map, uint64_t turn);
  void wait_for_all();

  std::span<object::Banks> words_;
  std::function<void()> wait_;
  struct Seen {
    uint64_t emptied = 0; // finish() was called for turns up to here
    uint64_t settled = 0; // no program uses a bank left with turns up to here
  };
  std::vector<Seen> seen_;
};

} // namespace trapline::runtime
