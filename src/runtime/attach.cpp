// All of a program's probes, attached or none.
#include "runtime/attach.h"

#include "probes/provider.h"

#include <array>
#include <bpf/bpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace trapline::runtime {
namespace {

constexpr size_t kNamed = 3; // targets left out that a warning names

using Warn = std::function<void(const std::string&)>;

std::string describe(const ProbeSpec& probe, const probes::Refused& refused) {
  const std::string& name = refused.target < probe.targets.size() ? probe.targets[refused.target].name : probe.provider;
  return fmt::format("{}: {}", name, refused.error.message);
}

void warn_left_out(const ProbeSpec& probe, const std::vector<probes::Refused>& refused, bool all, const Warn& warn) {
  std::string text = "left out: ";
  const size_t named = all ? refused.size() : std::min(refused.size(), kNamed);
  for (size_t i = 0; i < named; i++) text += fmt::format("{}{}", i == 0 ? "" : "; ", describe(probe, refused[i]));
  if (named < refused.size()) text += fmt::format("; and {} more (-v names them)", refused.size() - named);
  warn(text);
}

std::string probe_name(const ProbeSpec& probe) {
  if (probe.targets.empty()) return probe.provider;
  const std::string more = probe.targets.size() > 1 ? fmt::format(" and {} more", probe.targets.size() - 1) : std::string();
  return probe.targets.front().name + more;
}

Result<size_t> attach_one(const ProbeSpec& probe, int program_fd, const AttachOptions& options, const Program::Settings& settings,
                          std::vector<UniqueFd>& links, const Warn& warn) {
  const probes::Provider* provider = probes::find_provider(probe.provider);
  if (!provider || program_fd < 0) return fail(fmt::format("no program was loaded for {}", probe_name(probe)));
  Result<probes::Attached> attached = provider->attach({program_fd, &probe, options.pid});
  const bool some = attached && attached->count > 0;
  const bool complete = attached && attached->refused.empty();
  const bool tolerant = settings.missing_probes_warn || settings.missing_probes_silent || (some && !settings.missing_probes_error);
  if (!complete && !tolerant) {
    const Error& error = attached ? attached->refused.front().error : attached.error();
    const std::string hint = error.hint.empty() ? "if this is expected, set the 'missing_probes' config variable to 'warn'" : error.hint;
    return fail(fmt::format("Unable to attach probe: {}: {}", probe_name(probe), error.message), hint, error.code);
  }
  if (!complete && !settings.missing_probes_silent) {
    if (attached) {
      warn_left_out(probe, attached->refused, options.verbose, warn);
    } else {
      warn(fmt::format("Unable to attach probe: {}: {}. Skipping.", probe_name(probe), attached.error().message));
    }
  }
  if (!attached) return 0;
  for (UniqueFd& link : attached->links) links.push_back(std::move(link));
  return attached->count;
}

} // namespace

Result<AttachedProbes> attach_probes(const Program& program, const LoadedObject& object, const AttachOptions& options, const Warn& warn) {
  AttachedProbes result;
  for (const ProbeSpec& probe : program.probes) {
    if (probe.role != ProbeRole::Normal) {
      result.count += std::max<size_t>(probe.targets.size(), 1);
      continue;
    }
    Result<size_t> count = attach_one(probe, object.program_fd(probe), options, program.settings, result.links, warn);
    if (!count) return std::unexpected(count.error()); // what was attached goes with `result`
    result.count += *count;
  }
  return result;
}

Result<void> run_special(const Program& program, const LoadedObject& object, ProbeRole role) {
  for (const ProbeSpec& probe : program.probes) {
    if (probe.role != role) continue;
    const int fd = object.program_fd(probe);
    std::array<uint64_t, 12> context{}; // as many arguments as a raw tracepoint may have
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.ctx_in = context.data();
    options.ctx_size_in = sizeof context;
    if (bpf_prog_test_run_opts(fd, &options) != 0) {
      return fail(fmt::format("cannot run {}: {}", probe_name(probe), std::strerror(errno)), {}, errno);
    }
  }
  return {};
}

} // namespace trapline::runtime
