// How long the compiler takes over a script, phase by phase, without the kernel: Google Benchmark over the sample machine.
#include "compile.h"
#include "system/fake.h"

#include <benchmark/benchmark.h>
#include <fstream>
#include <sstream>

namespace trapline {
namespace {

constexpr const char* kHello = "BEGIN { exit(); }";
constexpr const char* kLatency =
    "tracepoint:syscalls:sys_enter_nanosleep { @start[tid] = nsecs; }\n"
    "tracepoint:syscalls:sys_exit_nanosleep /@start[tid]/ { @us = hist((nsecs - @start[tid]) / 1000); delete(@start[tid]); }\n";

std::string tool(const char* name) {
  std::ifstream in(std::string(TRAPLINE_SOURCE_DIR "/scripts/") + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void compile_until(benchmark::State& state, const std::string& text, CompileOptions::Dump dump) {
  const auto machine = make_sample_system();
  for (auto _ : state) {
    SourceFile source("bench", text);
    std::string dumped;
    CompileOptions options;
    options.dump = dump;
    options.dump_text = &dumped;
    Diagnostics diagnostics;
    benchmark::DoNotOptimize(compile(source, options, *machine, diagnostics));
    if (diagnostics.has_errors()) state.SkipWithError("the script is refused");
  }
}

void register_all() {
  using Dump = CompileOptions::Dump;
  const std::pair<const char*, std::string> scripts[] = {
      {"hello", kHello}, {"latency", kLatency}, {"naptime", tool("naptime.bt")}, {"offcpuhist", tool("offcpuhist.bt")}};
  const std::pair<const char*, Dump> phases[] = {{"parse", Dump::Ast}, {"sema", Dump::Sema}, {"all", Dump::None}};
  for (const auto& [name, text] : scripts)
    for (const auto& [phase, dump] : phases)
      benchmark::RegisterBenchmark((std::string(name) + "/" + phase).c_str(),
                                   [text, dump](benchmark::State& state) { compile_until(state, text, dump); })
          ->Unit(benchmark::kMicrosecond);
}

} // namespace
} // namespace trapline

int main(int argc, char** argv) {
  trapline::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
