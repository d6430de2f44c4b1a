// One run of a program: load, attach, take what it sends, detach, print.
#pragma once

#include "program/program.h"
#include "runtime/output.h"
#include "runtime/print.h"
#include "support/source.h"

#include <functional>
#include <optional>
#include <string>

namespace trapline::runtime {

struct RunOptions {
  std::optional<int> pid;             // -p: trace this process, end when it does
  std::optional<std::string> command; // -c: run this, end when it does
  std::optional<std::string> output;  // -o: a file instead of standard output
  OutputFormat format = OutputFormat::Text;
  Buffering buffering = Buffering::Line;
  bool quiet = false, verbose = false, warnings = true;
  std::optional<uint64_t> duration_ns; // --duration: end after so long, as by Ctrl-C
  bool dry_run = false;  // everything up to attaching, then stop
  bool libbpf_log = false, verifier_log = false; // -d
  // Compiles the same program with line info, so that the place of a refusal is known. May be empty, or give nullopt.
  std::function<std::optional<Program>()> with_line_info;
};

// The exit status of trapline. What goes wrong is said on standard error.
int run(const Program&, const SourceFile&, const RunOptions&);

// "No probes to attach", and the exit status that goes with it.
int no_probes(const RunOptions&);

// nullopt: this process may load BPF programs. Else one line: what is missing.
std::optional<std::string> missing_privilege();

// Whether the kernel keeps its memory secret even from root (lockdown=confidentiality): BPF programs cannot trace then.
bool is_locked_down();

// An Error as the user sees it: `ERROR: ...` and, if there is one, `HINT: ...`.
std::string render_error(const Error&);

} // namespace trapline::runtime
