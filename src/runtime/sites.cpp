// Counters of what went wrong in the kernel, and what is said about them.
#include "runtime/sites.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>
#include <numeric>

namespace trapline::runtime {

Sites::Sites(const Program& program, int map_fd, Printer& printer)
    : program_(program), map_fd_(map_fd), printer_(printer), reported_(program.sites.size()) {}

std::vector<uint64_t> Sites::read() const {
  if (map_fd_ < 0 || program_.sites.empty()) return {};
  std::vector<uint64_t> counts(program_.sites.size());
  std::vector<uint64_t> copies(static_cast<size_t>(std::max(libbpf_num_possible_cpus(), 1)));
  for (uint32_t site = 0; site < counts.size(); site++) {
    if (bpf_map_lookup_elem(map_fd_, &site, copies.data()) != 0) continue;
    counts[site] = std::accumulate(copies.begin(), copies.end(), uint64_t{0});
  }
  return counts;
}

// The probe that lost a record: by name where a block has one target, else with how many there are.
std::string Sites::where(const Site& site) const {
  const Target* first = nullptr;
  size_t targets = 0;
  for (const ProbeSpec& probe : program_.probes) {
    if (probe.block != site.probe_block) continue;
    if (!first && !probe.targets.empty()) first = &probe.targets.front();
    targets += probe.targets.size();
  }
  if (!first) return "script";
  return targets == 1 ? first->name : fmt::format("{} and {} more", first->name, targets - 1);
}

void Sites::report() { report(read()); }

void Sites::report(const std::vector<uint64_t>& counts) {
  std::vector<std::pair<std::string, uint64_t>> losses; // by probe, in source order
  for (size_t i = 0; i < counts.size() && i < reported_.size(); i++) {
    const Site& site = program_.sites[i];
    const uint64_t news = counts[i] - reported_[i];
    if (news == 0) continue;
    if (site.kind == SiteKind::LostRecord) {
      const std::string name = where(site);
      auto known = std::find_if(losses.begin(), losses.end(), [&](const auto& loss) { return loss.first == name; });
      if (known == losses.end()) known = losses.insert(losses.end(), {name, 0});
      known->second += news;
      lost_ += news;
    } else if (reported_[i] == 0) {
      printer_.site(site, counts[i]);
    }
    reported_[i] = counts[i];
  }
  for (const auto& [name, events] : losses) printer_.lost(name, events);
}

void Sites::report_final() {
  report();
  if (lost_ > 0) printer_.lost_total(lost_);
}

} // namespace trapline::runtime
