// What the kernel and this process can do, for the NEEDS of cases.
#pragma once

#include <optional>
#include <string>

namespace trapline::live {

// Why `need` is not met, or nullopt if it is. Needs: "bpf", "hardware_counters", "no_hardware_counters", "kprobes",
// "no_kprobes", "btf", "libclang", "tracepoint SYSTEM:EVENT", "program NAME", "file PATH", "cpus N", "kernel 6.6", "root".
std::optional<std::string> unmet(const std::string& need);

} // namespace trapline::live
