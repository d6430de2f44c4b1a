// bench_driver [--quick] [--trapline FILE] [REGEX]: runs trapline, the hand-written C program and, where it is installed,
// bpftrace in turn, and prints the medians of what each takes beside the goals. Needs root and a quiet machine.
#include "measure.h"

#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <optional>
#include <regex>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace trapline;
using namespace trapline::bench;

namespace {

struct Programs {
  std::string trapline, loader, meter, objects;
  bool has_bpftrace = false;
};

// --- starting and stopping

struct StartRow {
  const char* name;
  const char* program;
  bool ends_by_itself;
  const char* object; // of the C program, or nullptr
  const char* goal;
};
constexpr StartRow kStartRows[] = {
    {"hello", "BEGIN { exit(); }", true, "hello", "< 1/10 of bpftrace, < 60 MiB"},
    {"one tracepoint", "t:sched:sched_switch { @ = count(); }", false, nullptr, ""},
    {"all system calls by name", "t:syscalls:sys_enter_* { @[probe] = count(); }", false, "count_by_number", "start + stop < 150 ms"},
    {"all functions of libc", "u:libc:pthread_* { @[probe] = count(); }", false, nullptr, ""},
};

// --- what an event costs

struct EventRow {
  const char* name;
  const char* program;
  const char* object;
  bool is_function; // a uprobe on the meter's function, else its system calls
  const char* goal;
};
constexpr EventRow kEventRows[] = {
    {"count", "t:raw_syscalls:sys_enter { @ = count(); }", "count", false, ""},
    {"count by comm", "t:raw_syscalls:sys_enter { @[comm] = count(); }", "count_by_comm", false, "<= 1.3 x C"},
    {"system calls by name", "t:syscalls:sys_enter_* { @[probe] = count(); }", "count_by_number", false, ""},
    {"latency histogram",
     "t:raw_syscalls:sys_enter { @start[tid] = nsecs; } "
     "t:raw_syscalls:sys_exit /@start[tid]/ { @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }",
     "latency", false, ""},
    {"predicate that rejects", "t:raw_syscalls:sys_enter /pid == 1/ { @ = count(); }", "reject", false, ""},
    {"uprobe count", "u:METER:metered { @ = count(); }", "uprobe_count", true, ""},
    {"uprobe user stacks", "u:METER:metered { @[ustack] = count(); }", "uprobe_stack", true, ""},
};

std::string object_file(const Programs& programs, const char* object) { return fmt::format("{}/{}.bpf.o", programs.objects, object); }

// "12.3" or, where there is no figure, "-".
std::string figure(const std::optional<double>& value) { return value ? fmt::format("{:.1f}", *value) : "-"; }

std::string ratio(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b && *b > 0 ? fmt::format("{:.2f}", *a / *b) : "-";
}

// Collects the figures of one contender; one failure disqualifies it.
class Series {
public:
  void add(const Result<double>& value) {
    if (value) values_.push_back(*value);
    else if (error_.empty()) error_ = value.error().message;
  }
  std::optional<double> result() const {
    if (!error_.empty() || values_.empty()) return std::nullopt;
    return median(values_);
  }
  void print_error(std::string_view who) const {
    if (!error_.empty()) fmt::print("    {}: {}\n", who, error_);
  }

private:
  std::vector<double> values_;
  std::string error_;
};

struct StartSeries {
  Series wall, memory;
  void add(const Result<StartStop>& taken) {
    wall.add(taken ? Result<double>(taken->wall_ms) : std::unexpected(taken.error()));
    memory.add(taken ? Result<double>(taken->max_rss_mib) : std::unexpected(taken.error()));
  }
};

void measure_start(const StartRow& row, const Programs& programs, int pairs) {
  const auto take = row.ends_by_itself ? run_to_end : start_and_stop;
  StartSeries ours, c, bpftrace;
  for (int pair = 0; pair < pairs; pair++) {
    ours.add(take({programs.trapline, "-e", row.program}));
    if (row.object) c.add(take({programs.loader, object_file(programs, row.object)}));
    // It takes too long to be run as often.
    if (programs.has_bpftrace && pair < 2) bpftrace.add(take({"bpftrace", "-e", row.program}));
  }
  fmt::print("{:<26}{:>10}{:>10}{:>10}{:>11}{:>10}   {}\n", row.name, figure(ours.wall.result()), figure(c.wall.result()),
             figure(bpftrace.wall.result()), figure(ours.memory.result()), figure(bpftrace.memory.result()), row.goal);
  ours.wall.print_error("trapline");
  c.wall.print_error("C");
  bpftrace.wall.print_error("bpftrace");
}

std::string with_meter(std::string program, const Programs& programs) {
  if (const size_t at = program.find("METER"); at != std::string::npos) program.replace(at, 5, programs.meter);
  return program;
}

void measure_event(const EventRow& row, const Programs& programs, int pairs) {
  const Words meter{programs.meter, row.is_function ? "function" : "syscall", row.is_function ? "5000" : "50000"};
  const std::string program = with_meter(row.program, programs);
  Words loader{programs.loader, object_file(programs, row.object)};
  if (row.is_function) loader.insert(loader.end(), {programs.meter, "metered"});
  Series ours, c, bpftrace;
  Series bare;
  for (int pair = 0; pair < pairs; pair++) {
    const Result<double> base = metered_under({}, meter);
    bare.add(base);
    const auto added = [&](const Words& tracer) {
      Result<double> taken = metered_under(tracer, meter);
      if (taken) *taken -= base.value_or(0);
      return taken;
    };
    ours.add(added({programs.trapline, "-e", program}));
    c.add(added(loader));
    if (programs.has_bpftrace && pair < 2) bpftrace.add(added({"bpftrace", "-e", program}));
  }
  fmt::print("{:<26}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}   {}\n", row.name, figure(bare.result()), figure(ours.result()),
             figure(c.result()), ratio(ours.result(), c.result()), figure(bpftrace.result()),
             ratio(ours.result(), bpftrace.result()), row.goal);
  ours.print_error("trapline");
  c.print_error("C");
  bpftrace.print_error("bpftrace");
}

} // namespace

int main(int argc, char** argv) {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  Programs programs{.trapline = here / "trapline", .loader = here / "bench_loader", .meter = here / "bench_meter",
                    .objects = here.parent_path() / "bench"};
  int pairs = 7;
  std::string pattern;
  for (int i = 1; i < argc; i++) {
    if (std::strcmp(argv[i], "--quick") == 0) pairs = 5;
    else if (std::strcmp(argv[i], "--trapline") == 0 && i + 1 < argc) programs.trapline = fs::absolute(argv[++i]);
    else pattern = argv[i];
  }
  if (geteuid() != 0) {
    fmt::print(stderr, "bench_driver: needs root\n");
    return 1;
  }
  const bool quick = pairs < 7;
  programs.has_bpftrace = !quick && std::system("command -v bpftrace >/dev/null") == 0;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::regex wanted(pattern);

  fmt::print("start and stop, medians of {}     {:>10}{:>10}\n", pairs, "", "");
  fmt::print("{:<26}{:>10}{:>10}{:>10}{:>11}{:>10}   {}\n", "", "trapline", "C", "bpftrace", "trapline", "bpftrace", "");
  fmt::print("{:<26}{:>10}{:>10}{:>10}{:>11}{:>10}   {}\n", "", "ms", "ms", "ms", "MiB", "MiB", "goal");
  for (const StartRow& row : kStartRows)
    if (std::regex_search(row.name, wanted)) measure_start(row, programs, pairs);

  fmt::print("\nadded to a call, in nanoseconds, medians of {}\n", pairs);
  fmt::print("{:<26}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}   {}\n", "", "untraced", "trapline", "C", "ratio", "bpftrace", "ratio", "goal");
  for (const EventRow& row : kEventRows)
    if (std::regex_search(row.name, wanted)) measure_event(row, programs, pairs);
  return 0;
}
