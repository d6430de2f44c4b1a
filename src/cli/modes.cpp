#include "cli/modes.h"

#include "cli/script.h"
#include "support/color.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Dump = CompileOptions::Dump;

constexpr auto kBenchTime = std::chrono::milliseconds(200); // for each stage

struct Stage {
  std::string_view name;
  Dump last; // compiles up to here
};

// Each takes the stages before it along; what it takes itself is the difference.
constexpr std::array kStages = {Stage{"parse", Dump::Ast}, Stage{"analyze", Dump::Sema}, Stage{"generate", Dump::Program},
                                Stage{"object", Dump::None}};

struct Timed {
  int64_t average = 0; // nanoseconds
  size_t runs = 0;
};

Timed time_up_to(const Stage& stage, const SourceFile& source, CompileOptions options, const System& system) {
  std::string text;
  options.dump = stage.last;
  options.dump_text = &text;
  Timed timed;
  const Clock::time_point start = Clock::now();
  Clock::duration taken{};
  do {
    Diagnostics ignored;
    SourceFile copy = source;
    compile(copy, options, system, ignored);
    timed.runs++;
    taken = Clock::now() - start;
  } while (taken < kBenchTime);
  timed.average = std::chrono::nanoseconds(taken).count() / static_cast<int64_t>(timed.runs);
  return timed;
}

} // namespace

int bench_compiler(const Options& options, SourceFile& source, const System& system) {
  const SourceFile text = source; // importing adds to it
  if (!compile_script(source, options, system)) return 1; // reports what is wrong; and what is read once has been read
  fmt::print("{:<9}  {:>12}  {:>12}\n", "Benchmark", "Time(ns)", "Iterations");
  int64_t before = 0;
  for (const Stage& stage : kStages) {
    const Timed timed = time_up_to(stage, text, compile_options(options), system);
    fmt::print("{:<9}  {:>12}  {:>12}\n", stage.name, std::max<int64_t>(timed.average - before, 0), timed.runs);
    before = timed.average;
  }
  return 0;
}

bool choose_colors() {
  const char* wanted = std::getenv("TRAPLINE_COLOR");
  if (!wanted) wanted = std::getenv("BPFTRACE_COLOR");
  const std::string_view value = wanted ? wanted : "auto";
  if (value == "always") {
    set_colors(true);
  } else if (value == "auto") {
    set_colors(isatty(STDOUT_FILENO) == 1 && isatty(STDERR_FILENO) == 1);
  } else if (value != "never") {
    fmt::print(stderr, "{}", runtime::render_error({fmt::format("invalid value `{}` for `BPFTRACE_COLOR`: it must be auto, always or never", value), {}, 0}));
    return false;
  }
  return true;
}

} // namespace trapline::cli
