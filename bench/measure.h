// Single measurements: how long a tracer takes to start and stop, and what it adds to a traced call.
#pragma once

#include "support/result.h"

#include <string>
#include <vector>

namespace trapline::bench {

using Words = std::vector<std::string>; // a command line

struct StartStop {
  double wall_ms = 0;   // from start to exit, without the time it was left running
  double start_ms = 0;  // until "Attached"
  double stop_ms = 0;   // from Ctrl-C to exit
  double max_rss_mib = 0;
};

// Runs a command that ends by itself.
Result<StartStop> run_to_end(const Words& command);
// Starts a tracer, leaves it running for a moment, and interrupts it.
Result<StartStop> start_and_stop(const Words& command);

// What the meter prints, in nanoseconds a call, while the tracer runs; an empty command: without one.
Result<double> metered_under(const Words& tracer, const Words& meter);

double median(std::vector<double> values);

} // namespace trapline::bench
