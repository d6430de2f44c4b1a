// What the providers on sampling perf events share: profile, interval, software, hardware.
//
// With -p the events are still opened per CPU and the program tests the pid: an event bound to a process follows one
// thread, and one for each thread would have to be opened in a race with their creation.
#pragma once

#include "probes/provider.h"

#include <linux/perf_event.h>

namespace trapline::probes {

// What a block sees: the interrupted registers.
Context perf_event_context(std::string_view provider, const System&);

// Opens one event a CPU (or on the first CPU only) for each target and attaches the program. `describe` fills in type,
// config and period. A target counts as attached when all its CPUs are.
using DescribeEvent = void (*)(const Target&, perf_event_attr&);
Attached attach_per_cpu(const AttachRequest&, bool first_cpu_only, DescribeEvent describe);

} // namespace trapline::probes
