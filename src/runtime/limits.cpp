#include "runtime/limits.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/resource.h>

namespace trapline::runtime {
namespace {

constexpr rlim_t kSpareFiles = 50;
constexpr rlim_t kFilesPerProbe = 3; // a perf event, its link, and room for the file it names

bool raise_files(rlim_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return true;
  const rlim_t allowed = limit.rlim_max;
  limit.rlim_cur = needed;
  limit.rlim_max = std::max(allowed, needed);
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return true;
  limit.rlim_cur = limit.rlim_max = allowed; // as far as it goes
  setrlimit(RLIMIT_NOFILE, &limit);
  return false;
}

} // namespace

void raise_limits(const Program& program, const std::function<void(const std::string&)>& warn) {
  rlim_t probes = 0;
  for (const ProbeSpec& probe : program.probes) probes += probe.targets.size();
  const rlim_t needed = kFilesPerProbe * probes + program.maps.size() + kSpareFiles;
  if (!raise_files(needed)) warn(fmt::format("cannot raise the limit of open files to {}, some probes may not attach", needed));
}

} // namespace trapline::runtime
