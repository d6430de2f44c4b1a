// --info: what this system supports.
#include "cli/info.h"

#include "cli/options.h"
#include "probes/provider.h"
#include "runtime/loader.h"

#include <fmt/format.h>
#include <sys/utsname.h>

namespace trapline::cli {
namespace {

void add_line(std::string& out, std::string_view name, std::string_view value) { out += fmt::format("  {}: {}\n", name, value); }

void add_features(std::string& out, const KernelFeatures& features) {
  const auto flag = [&](std::string_view name, bool value) { add_line(out, name, value ? "yes" : "no"); };
  out += "\nKernel features\n";
  flag("btf", features.btf);
  flag("ring_buffer", features.ring_buffer);
  flag("attach_cookie", features.attach_cookie);
  flag("raw_tp_cookie", features.raw_tp_cookie);
  flag("uprobe_multi", features.uprobe_multi);
  flag("bpf_loop", features.bpf_loop);
  flag("open_coded_iterators", features.open_coded_iterators);
  flag("kprobes", features.kprobes);
  flag("fentry", features.fentry);
  flag("hardware_counters", features.hardware_counters);
  add_line(out, "instruction set", fmt::format("v{}", features.cpu_version));
}

} // namespace

std::string info(const System& system) {
  utsname name{};
  uname(&name);
  std::string out = "System\n";
  add_line(out, "OS", fmt::format("{} {} {}", name.sysname, name.release, name.version));
  add_line(out, "Arch", name.machine);
  add_line(out, "CPUs", fmt::format("{}", system.possible_cpus()));
  out += "\nBuild\n";
  add_line(out, "version", version());
  add_line(out, "libbpf", runtime::libbpf_version());
  add_line(out, "compiler", __VERSION__);
  add_features(out, system.features());
  out += "\nProbe types\n";
  for (const probes::Provider* provider : probes::providers()) {
    const std::optional<std::string> missing = provider->unavailable(system);
    add_line(out, provider->name(), missing ? "no, " + *missing : "yes");
  }
  return out;
}

} // namespace trapline::cli
