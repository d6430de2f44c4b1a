// The system calls that attach a loaded program to something. Closing what they return detaches.
#pragma once

#include "program/program.h"
#include "support/result.h"
#include "support/unique_fd.h"

#include <linux/perf_event.h>
#include <optional>
#include <string>
#include <vector>

namespace trapline::probes {

// bpf(2) and perf_event_open(2), whose wrappers the C library lacks. Negative: errno.
long bpf_call(int command, void* attributes, unsigned size);
// pid -1: every process; cpu -1: every CPU.
Result<UniqueFd> open_perf_event(const perf_event_attr&, int pid, int cpu);

// On a CPU that is online, for events that are not a matter of CPUs.
Result<UniqueFd> open_perf_event_somewhere(const perf_event_attr&);

// Why the kernel refused, for an errno. Which target it was, the caller knows.
Error refusal(int code);

// A cookie other than 0 needs Linux 6.10.
Result<UniqueFd> attach_raw_tracepoint(int program_fd, const std::string& name, uint64_t cookie);

// A program of type TRACING, to the event it was loaded for.
Result<UniqueFd> attach_tracing_program(int program_fd);

// Runs the program whenever `event` happens. A cookie needs Linux 5.15; older kernels attach without one.
Result<UniqueFd> attach_perf_event(int program_fd, UniqueFd event, uint64_t cookie);

// The number of a tracepoint, from tracefs.
Result<uint64_t> tracepoint_id(const std::string& system, const std::string& event);

// CPUs that are online now, in order.
std::vector<int> online_cpus();

} // namespace trapline::probes
