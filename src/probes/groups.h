// Sorts attach points into groups: those whose contexts agree share one BPF program.
#pragma once

#include "probes/provider.h"

#include <unordered_map>

namespace trapline::probes {

class Groups {
public:
  // Adds a target to the group of this context, opening one if there is none. With a dispatch in `context`, `number` is
  // the event number that leads to the target. A group of a context without cookie or dispatch has one target.
  void add(Context context, std::string_view section, Target target, std::optional<int> number = std::nullopt);
  std::vector<Group> take() { return std::move(groups_); }

private:
  std::vector<Group> groups_;
  std::unordered_map<std::string, size_t> by_signature_;
};

} // namespace trapline::probes
