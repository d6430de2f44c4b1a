// What of an analyzed script becomes programs in this run.
#include "sema/sema.h"

#include <algorithm>

namespace trapline::sema {

namespace {

using Blocks = Selection::Blocks;

bool is_lifetime(ProbeRole role) { return role == ProbeRole::Begin || role == ProbeRole::End; }

bool is_selected(ProbeRole role, Blocks blocks) {
  switch (blocks) {
  case Blocks::All: return true;
  case Blocks::Traced: return role != ProbeRole::Test && role != ProbeRole::Benchmark;
  case Blocks::Tests: return role == ProbeRole::Test;
  case Blocks::Benchmarks: return role == ProbeRole::Benchmark;
  }
  return true;
}

// Leaves the targets that the filter takes; event numbers of the others lead nowhere.
void filter_targets(probes::Group& group, const std::function<bool(const std::string&)>& filter) {
  std::vector<Target> kept;
  std::vector<int32_t> now_at(group.targets.size(), -1);
  for (size_t i = 0; i < group.targets.size(); ++i) {
    if (!filter(group.targets[i].name)) continue;
    now_at[i] = static_cast<int32_t>(kept.size());
    kept.push_back(std::move(group.targets[i]));
  }
  group.targets = std::move(kept);
  if (!group.context.dispatch) return;
  for (int32_t& target : group.context.dispatch->target_of) {
    if (target >= 0) target = now_at[static_cast<size_t>(target)];
  }
}

void check_limits(const Script& script, Diagnostics& diagnostics) {
  size_t targets = 0;
  for (const Instance& instance : script.instances) targets += instance.group.targets.size();
  const auto report = [&](std::string_view what, size_t count, std::string_view key, uint32_t limit) {
    diagnostics.report(DiagId::TooManyProbes, Span::none(), count, what, key, limit)
        .hint(fmt::format("config = {{ {} = {} }} at the top of the script raises the limit; many probes may slow the system down", key, count));
  };
  if (targets > script.settings.max_probes) report("probes", targets, "max_probes", script.settings.max_probes);
  else if (script.instances.size() > script.settings.max_bpf_progs)
    report("BPF programs", script.instances.size(), "max_bpf_progs", script.settings.max_bpf_progs);
}

} // namespace

void select(Script& script, const Selection& selection, Diagnostics& diagnostics) {
  std::erase_if(script.instances, [&](Instance& instance) {
    const ProbeRole role = instance.group.role;
    if (!is_selected(role, selection.blocks)) return true;
    if (selection.filter && !is_lifetime(role)) filter_targets(instance.group, selection.filter);
    return instance.group.targets.empty();
  });
  if (selection.blocks != Blocks::All) check_limits(script, diagnostics);
}

} // namespace trapline::sema
