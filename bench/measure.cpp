// Starts processes and takes the time.
#include "measure.h"

#include "support/process.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>
#include <thread>

namespace trapline::bench {

namespace {

using testing_support::Clock;
using testing_support::Process;
using std::chrono::milliseconds;

constexpr auto kPatience = std::chrono::seconds(120); // bpftrace takes half a minute over hundreds of tracepoints
constexpr auto kPause = milliseconds(100);

double ms_since(Clock::time_point begin) { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); }

// bpftrace before 0.23 says "Attaching" when it begins to.
bool has_attached(const Process& tracer) {
  return tracer.error_output().find("Attached ") != std::string::npos ||
         tracer.output().find("Attaching ") != std::string::npos;
}

Result<Process> start_tracer(const Words& command) {
  Result<Process> tracer = Process::start({.words = command, .capture = true});
  if (!tracer) return tracer;
  const auto deadline = Clock::now() + kPatience;
  while (!has_attached(*tracer) && !tracer->pump(milliseconds(1)))
    if (Clock::now() > deadline) return fail(fmt::format("{} did not attach in time", command[0]));
  if (tracer->ended()) return fail(fmt::format("{} ended early: {}{}", command[0], tracer->output(), tracer->error_output()));
  return tracer;
}

Result<void> stop_tracer(Process& tracer) {
  tracer.send(SIGINT);
  const auto deadline = Clock::now() + kPatience;
  while (!tracer.pump(milliseconds(1)))
    if (Clock::now() > deadline) return fail("it did not stop in time");
  return {};
}

} // namespace

Result<StartStop> run_to_end(const Words& command) {
  const auto begin = Clock::now();
  Result<Process> process = Process::start({.words = command, .capture = true});
  if (!process) return std::unexpected(process.error());
  while (!process->pump(milliseconds(1)))
    if (Clock::now() > begin + kPatience) return fail(fmt::format("{} did not end in time", command[0]));
  const StartStop taken{.wall_ms = ms_since(begin), .max_rss_mib = static_cast<double>(process->max_rss_kib()) / 1024};
  if (process->status() != 0) return fail(fmt::format("{} failed: {}", command[0], process->error_output()));
  return taken;
}

Result<StartStop> start_and_stop(const Words& command) {
  const auto begin = Clock::now();
  Result<Process> tracer = start_tracer(command);
  if (!tracer) return std::unexpected(tracer.error());
  StartStop taken{.start_ms = ms_since(begin)};
  tracer->pump(kPause);
  std::this_thread::sleep_for(kPause);
  const auto interrupted = Clock::now();
  if (const Result<void> stopped = stop_tracer(*tracer); !stopped) return std::unexpected(stopped.error());
  taken.stop_ms = ms_since(interrupted);
  taken.wall_ms = taken.start_ms + taken.stop_ms;
  taken.max_rss_mib = static_cast<double>(tracer->max_rss_kib()) / 1024;
  return taken;
}

Result<double> metered_under(const Words& tracer_command, const Words& meter_command) {
  std::optional<Process> tracer;
  if (!tracer_command.empty()) {
    Result<Process> started = start_tracer(tracer_command);
    if (!started) return std::unexpected(started.error());
    tracer.emplace(std::move(*started));
    std::this_thread::sleep_for(kPause);
  }
  Result<Process> meter = Process::start({.words = meter_command, .capture = true});
  if (!meter) return std::unexpected(meter.error());
  while (!meter->pump(milliseconds(20))) {}
  if (tracer) {
    if (const Result<void> stopped = stop_tracer(*tracer); !stopped) return std::unexpected(stopped.error());
  }
  return std::atof(meter->output().c_str());
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

} // namespace trapline::bench
