// Looks at the machine, by trying where that is what tells.
#include "runner/features.h"

#include "support/unique_fd.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <sstream>
#include <string_view>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <utility>
#include <unistd.h>

namespace trapline::live {

namespace {

using Answer = std::optional<std::string>;

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Answer root() {
  if (geteuid() == 0) return std::nullopt;
  return "not root";
}

Answer bpf() {
  if (const Answer no = root()) return no;
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_RINGBUF;
  attributes.max_entries = 4096;
  const UniqueFd map(static_cast<int>(syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes)));
  if (!map) return fmt::format("bpf() is refused: {}", strerror(errno));
  if (!exists("/sys/kernel/tracing/events")) return "tracefs is not mounted";
  return std::nullopt;
}

bool has_counters() {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_HARDWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_HW_CACHE_MISSES;
  return static_cast<bool>(UniqueFd(static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0))));
}

Answer hardware_counters() {
  if (has_counters()) return std::nullopt;
  return "no hardware counters";
}

Answer no_hardware_counters() {
  if (!has_counters()) return std::nullopt;
  return "has hardware counters";
}

bool has_kprobes() { return exists("/sys/bus/event_source/devices/kprobe/type"); }

Answer kprobes() {
  if (has_kprobes()) return std::nullopt;
  return "no kprobes";
}

Answer no_kprobes() {
  if (!has_kprobes()) return std::nullopt;
  return "has kprobes";
}

Answer btf() {
  if (exists("/sys/kernel/btf/vmlinux")) return std::nullopt;
  return "no kernel BTF";
}

Answer libclang() {
  for (const char* name : {"libclang-19.so.1", "libclang.so.1", "libclang-14.so.1"}) {
    if (dlopen(name, RTLD_LAZY | RTLD_LOCAL)) return std::nullopt;
  }
  return "no libclang";
}

Answer tracepoint(const std::string& name) {
  const size_t colon = name.find(':');
  if (colon != std::string::npos &&
      exists(fmt::format("/sys/kernel/tracing/events/{}/{}", name.substr(0, colon), name.substr(colon + 1))))
    return std::nullopt;
  return fmt::format("no tracepoint {}", name);
}

Answer program(const std::string& name) {
  const char* path = getenv("PATH");
  std::istringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access(fmt::format("{}/{}", folder, name).c_str(), X_OK) == 0) return std::nullopt;
  return fmt::format("{} is not installed", name);
}

Answer file(const std::string& path) {
  if (exists(path)) return std::nullopt;
  return fmt::format("no {}", path);
}

Answer cpus(const std::string& number) {
  if (sysconf(_SC_NPROCESSORS_ONLN) >= atol(number.c_str())) return std::nullopt;
  return fmt::format("fewer than {} CPUs", number);
}

Answer kernel(const std::string& oldest) {
  utsname name{};
  uname(&name);
  int major = 0, minor = 0, wanted_major = 0, wanted_minor = 0;
  std::sscanf(name.release, "%d.%d", &major, &minor);
  std::sscanf(oldest.c_str(), "%d.%d", &wanted_major, &wanted_minor);
  if (std::pair(major, minor) >= std::pair(wanted_major, wanted_minor)) return std::nullopt;
  return fmt::format("needs Linux {}", oldest);
}

struct Need {
  std::string_view name;
  Answer (*ask)();
};
constexpr Need kNeeds[] = {
    {"root", root},       {"bpf", bpf},
    {"kprobes", kprobes}, {"no_kprobes", no_kprobes},
    {"btf", btf},         {"libclang", libclang},         {"hardware_counters", hardware_counters},
    {"no_hardware_counters", no_hardware_counters},
};

struct NeedOf {
  std::string_view name;
  Answer (*ask)(const std::string&);
};
constexpr NeedOf kNeedsOf[] = {{"tracepoint", tracepoint}, {"program", program}, {"file", file}, {"cpus", cpus}, {"kernel", kernel}};

} // namespace

Answer unmet(const std::string& need) {
  const size_t blank = need.find(' ');
  if (blank == std::string::npos) {
    for (const Need& row : kNeeds)
      if (row.name == need) return row.ask();
  } else {
    for (const NeedOf& row : kNeedsOf)
      if (row.name == std::string_view(need).substr(0, blank)) return row.ask(need.substr(blank + 1));
  }
  return fmt::format("unknown need `{}`", need);
}

} // namespace trapline::live
