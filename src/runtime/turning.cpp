#include "runtime/turning.h"

#include <algorithm>

namespace trapline::runtime {

Turning::Turning(std::span<object::Banks> words, std::function<void()> wait)
    : words_(words), wait_(std::move(wait)), seen_(words.size()) {}

uint64_t Turning::current(size_t map) const { return __atomic_load_n(&words_[map].turn, __ATOMIC_ACQUIRE); }

// One wait settles all maps that have turned by now: an interval prints and clears several.
void Turning::wait_for_all() {
  std::vector<uint64_t> turns;
  for (size_t map = 0; map < words_.size(); map++) turns.push_back(current(map));
  wait_();
  for (size_t map = 0; map < words_.size(); map++) seen_[map].settled = std::max(seen_[map].settled, turns[map]);
}

void Turning::settle(size_t map, uint64_t turn) {
  if (seen_[map].settled < turn) wait_for_all();
}

std::optional<uint64_t> Turning::begin(size_t map, uint64_t asked, const std::function<void(uint64_t)>& before_turning) {
  if (asked != 0 && asked <= seen_[map].emptied) return std::nullopt;
  if (asked == 0) {
    if (__atomic_exchange_n(&words_[map].ready, 0, __ATOMIC_ACQ_REL) != 0) {
      const uint64_t next = current(map) + 1;
      if (before_turning) before_turning(next);
      __atomic_store_n(&words_[map].turn, next, __ATOMIC_RELEASE);
    } else if (current(map) == seen_[map].emptied) {
      wait_for_all(); // a program is just turning
    }
  }
  const uint64_t turn = current(map);
  if (turn == seen_[map].emptied) return std::nullopt;
  settle(map, turn);
  return turn;
}

void Turning::finish(size_t map, uint64_t turn) {
  seen_[map].emptied = turn;
  __atomic_store_n(&words_[map].ready, 1, __ATOMIC_RELEASE);
}

uint64_t Turning::readable(size_t map, uint64_t asked) {
  const uint64_t now = current(map);
  if (asked >= now || asked + 1 != now || seen_[map].emptied == now) return now;
  settle(map, now);
  return asked;
}

} // namespace trapline::runtime
