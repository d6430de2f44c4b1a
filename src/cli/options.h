// The command line.
#pragma once

#include "compile.h"
#include "runtime/session.h"

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trapline::cli {

struct Options {
  enum class Mode : uint8_t { Run, Codegen, CompilerBench, Bench, Test, Format, List, Info, Help, Version };
  Mode mode = Mode::Run;
  std::optional<std::string> text; // -e
  std::string file;                // path, or "-"; List: the pattern or path, may be empty
  std::vector<std::string> positional; // $1...
  std::vector<NamedArgument> named; // `-- --name=value`
  bool script_help = false;               // `-- --help`
  bool unsafe = false;
  bool more_warnings = false; // -k
  std::vector<std::string> include_dirs, include_files; // -I, --include
  std::function<bool(const std::string&)> probe_filter; // --probe-filter: whether a probe's name passes; empty: all do
  std::optional<std::string> emit_elf, emit_llvm;
  bool verify_ir = false;
  std::vector<int> dwarf_pids;
  SystemOptions system;                                   // --debuginfo, --no-feature, --traceable-functions
  CompileOptions::Dump dump = CompileOptions::Dump::None; // --dump
  std::vector<CompileOptions::Dump> shown;                // -d: printed on the way
  runtime::RunOptions run;
};

// What is wrong with the command line.
struct BadUsage {
  std::string message;     // lines with their newlines; may be empty
  bool show_usage = true;
  int status = 1;
};

// `arguments` as main gets them, the program's name first.
std::expected<Options, BadUsage> parse_options(std::vector<std::string> arguments);

// Linux hands the options of a `#!` line over as one word. If that happened, takes it apart.
std::vector<std::string> split_interpreter_word(std::vector<std::string> arguments);

std::string usage();
std::string version(); // "trapline v0.1.0"

} // namespace trapline::cli
