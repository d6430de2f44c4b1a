// Reading the kernel's release, features, CPUs, cgroups, namespaces and symbols.
#include "system/live_kernel.h"

#include "system/live_tracefs.h"
#include "system/read_file.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace trapline {

namespace {

constexpr uint64_t kInitialPidNamespace = 0xEFFFFFFC; // PROC_PID_INIT_INO

constexpr uint32_t version(uint32_t major, uint32_t minor) { return major << 16 | minor << 8; }

bool exists(const char* path) { return access(path, F_OK) == 0; }

uint32_t take_number(std::string_view& text) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

} // namespace

uint32_t parse_release(std::string_view release) {
  uint32_t parts[3] = {};
  for (uint32_t& part : parts) {
    part = take_number(release);
    if (!release.starts_with('.')) break;
    release.remove_prefix(1);
  }
  return version(parts[0], parts[1]) | (parts[2] < 255 ? parts[2] : 255);
}

KernelFeatures read_features(const Tracefs& tracefs) {
  KernelFeatures features;
  utsname names{};
  if (uname(&names) == 0) features.release = parse_release(names.release);
  auto since = [&](uint32_t major, uint32_t minor) { return features.release >= version(major, minor); };
  features.btf = exists("/sys/kernel/btf/vmlinux");
  features.ring_buffer = since(5, 8);
  features.attach_cookie = since(5, 15);
  features.bpf_loop = since(5, 17);
  features.open_coded_iterators = since(6, 4);
  features.uprobe_multi = since(6, 6);
  features.raw_tp_cookie = since(6, 10);
  features.cpu_version = since(6, 6) ? 4 : since(5, 12) ? 3 : 2; // v3 here includes atomics that fetch
  features.kprobes = exists("/sys/bus/event_source/devices/kprobe") || tracefs.has("kprobe_events");
  // Trampolines need BTF and functions that ftrace may patch; a locked down kernel does not even list those.
  features.fentry = features.btf && since(5, 5) && tracefs.can_open("available_filter_functions");
  features.hardware_counters =
      exists("/sys/bus/event_source/devices/cpu") || exists("/sys/bus/event_source/devices/cpu_core");
  return features;
}

uint32_t count_cpus(std::string_view list) {
  uint32_t count = 0;
  while (!list.empty() && list.front() >= '0' && list.front() <= '9') {
    uint32_t first = take_number(list), last = first;
    if (list.starts_with('-')) {
      list.remove_prefix(1);
      last = take_number(list);
    }
    if (last >= first) count += last - first + 1;
    if (list.starts_with(',')) list.remove_prefix(1);
  }
  return count;
}

uint32_t read_possible_cpus() {
  auto list = read_file("/sys/devices/system/cpu/possible");
  uint32_t count = list ? count_cpus(*list) : 0;
  if (count > 0) return count;
  long configured = sysconf(_SC_NPROCESSORS_CONF);
  return configured > 0 ? static_cast<uint32_t>(configured) : 1;
}

std::optional<uint64_t> read_cgroup_id(const std::string& path) {
  uint64_t id = 0;
  alignas(file_handle) char buffer[sizeof(file_handle) + sizeof id] = {};
  auto* handle = reinterpret_cast<file_handle*>(buffer);
  handle->handle_bytes = sizeof id;
  int mount = 0;
  if (name_to_handle_at(AT_FDCWD, path.c_str(), handle, &mount, 0) != 0) return std::nullopt;
  if (handle->handle_bytes != sizeof id) return std::nullopt; // no cgroup file system
  std::memcpy(&id, handle->f_handle, sizeof id);
  return id;
}

std::optional<std::pair<uint64_t, uint64_t>> read_pid_namespace() {
  struct stat info {};
  if (stat("/proc/self/ns/pid", &info) != 0 || info.st_ino == kInitialPidNamespace) return std::nullopt;
  return std::pair<uint64_t, uint64_t>{info.st_dev, info.st_ino};
}

bool is_process(int pid) { return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM); }

std::optional<uint64_t> KernelSymbols::find(std::string_view name) const {
  if (!read_) {
    read_ = true;
    if (auto text = read_file("/proc/kallsyms")) text_ = std::move(*text);
  }
  // Lines are "ffffffff81000000 T name", followed by "\t[module]" for modules.
  for (size_t at = text_.find(name); at != std::string::npos && !name.empty(); at = text_.find(name, at + 1)) {
    size_t end = at + name.size();
    bool whole = at > 2 && text_[at - 1] == ' ' && (end == text_.size() || text_[end] == '\n' || text_[end] == '\t');
    if (!whole) continue;
    size_t line = text_.rfind('\n', at);
    line = line == std::string::npos ? 0 : line + 1;
    uint64_t address = std::strtoull(text_.c_str() + line, nullptr, 16);
    if (address != 0) return address;
  }
  return std::nullopt;
}

} // namespace trapline
