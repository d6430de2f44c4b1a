// Context and attachment of sampling perf events.
#include "probes/perf_event.h"

#include "probes/links.h"

#include <cerrno>

namespace trapline::probes {
namespace {

// Drops the target's earlier CPUs when one refuses: half a profile would lie.
Result<std::vector<UniqueFd>> attach_target(int program_fd, const Target& target, std::span<const int> cpus, DescribeEvent describe) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.disabled = 1; // until the program is there
  describe(target, attributes);
  std::vector<UniqueFd> links;
  for (int cpu : cpus) {
    Result<UniqueFd> event = open_perf_event(attributes, -1, cpu);
    if (!event && event.error().code == ENODEV) continue; // went offline since we looked
    if (!event) return std::unexpected(event.error());
    Result<UniqueFd> link = attach_perf_event(program_fd, std::move(*event), target.cookie);
    if (!link) return std::unexpected(link.error());
    links.push_back(std::move(*link));
  }
  return links;
}

} // namespace

Context perf_event_context(std::string_view provider, const System& system) {
  Context context;
  context.program_type = ProgramType::PerfEvent;
  context.provider = provider;
  context.args_note = "it has no arguments";
  context.registers = 0; // struct bpf_perf_event_data begins with them
  context.has_context_pointer = true;
  context.cookie = system.features().attach_cookie;
  return context;
}

Attached attach_per_cpu(const AttachRequest& request, bool first_cpu_only, DescribeEvent describe) {
  std::vector<int> cpus = online_cpus();
  if (first_cpu_only) cpus.resize(1);
  Attached attached;
  for (size_t i = 0; i < request.probe->targets.size(); ++i) {
    Result<std::vector<UniqueFd>> links = attach_target(request.program_fd, request.probe->targets[i], cpus, describe);
    if (!links) {
      attached.refused.push_back({i, std::move(links.error())});
      continue;
    }
    for (UniqueFd& link : *links) attached.links.push_back(std::move(link));
    ++attached.count;
  }
  return attached;
}

} // namespace trapline::probes
