// Facts about the running kernel that need no special file system of their own.
#pragma once

#include "system/system.h"

namespace trapline {

class Tracefs;

// From the release and from the presence of files: nothing is loaded or attached to find out.
KernelFeatures read_features(const Tracefs& tracefs);
// KERNEL_VERSION of "6.18.44-rc1", 0 if it is none.
uint32_t parse_release(std::string_view release);
// How many CPUs a list such as "0-3,8" names.
uint32_t count_cpus(std::string_view list);

std::optional<uint64_t> read_cgroup_id(const std::string& path);
uint32_t read_possible_cpus();
std::optional<std::pair<uint64_t, uint64_t>> read_pid_namespace();
bool is_process(int pid);

// /proc/kallsyms, read when the first symbol is asked for: the kernel takes tens of milliseconds to write it.
class KernelSymbols {
public:
  // nullopt also where the kernel hides addresses.
  std::optional<uint64_t> find(std::string_view name) const;

private:
  mutable bool read_ = false;
  mutable std::string text_;
};

} // namespace trapline
