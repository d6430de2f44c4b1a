// trapline: read the command line, compile, run.
#include "cli/format.h"
#include "cli/info.h"
#include "cli/list.h"
#include "cli/modes.h"
#include "cli/options.h"
#include "cli/script.h"
#include "runtime/session.h"
#include "runtime/test_run.h"

#include <cstdio>
#include <fmt/format.h>

namespace trapline {
namespace {

using cli::Options;
using Mode = Options::Mode;

int complain(const Error& error) {
  fmt::print(stderr, "{}", runtime::render_error(error));
  return 1;
}

int complain(const cli::BadUsage& wrong) {
  fmt::print(stderr, "{}{}", wrong.message, wrong.show_usage ? cli::usage() : "");
  return wrong.status;
}

int say(std::string_view text) {
  fmt::print("{}", text);
  return 0;
}

int format_file(const Options& options) {
  const Result<int> status = cli::format(options);
  return status ? *status : complain(status.error());
}

// The kernel may refuse what follows; better to say why before.
int execute(const Options& options, SourceFile& source, const System& system) {
  SourceFile pristine = source; // for a second compilation, which adds imports and macros anew
  if (auto missing = runtime::missing_privilege()) return complain(Error{*missing, "", 0});
  const std::optional<Program> program = cli::compile_script(source, options, system);
  if (!program) return 1;
  switch (options.mode) {
  case Mode::Test: return runtime::run_tests(*program, source, options.run);
  case Mode::Bench: return runtime::run_benchmarks(*program, source, options.run);
  default: break;
  }
  runtime::RunOptions how = options.run;
  how.with_line_info = [&] { return cli::compile_with_line_info(pristine, options, system); };
  return runtime::run(*program, source, how);
}

int run(const Options& options, const System& system) {
  Result<SourceFile> source = cli::read_source(options);
  if (!source) return complain(source.error());
  if (options.script_help) return cli::print_script_help(*source, options, system);
  if (options.dump != CompileOptions::Dump::None) return cli::print_dump(*source, options, system);
  if (options.mode == Mode::CompilerBench) return cli::bench_compiler(options, *source, system);
  if (options.mode == Mode::Codegen) return cli::compile_script(*source, options, system) ? 0 : 1;
  return execute(options, *source, system);
}

int dispatch(const Options& options) {
  if (options.mode == Mode::Help) return say(cli::usage());
  if (options.mode == Mode::Version) return say(cli::version() + "\n");
  if (options.mode == Mode::Format) return format_file(options);

  const std::unique_ptr<System> system = make_live_system(options.system);
  if (options.mode == Mode::Info) return say(cli::info(*system));
  if (options.run.pid && !system->process_exists(*options.run.pid)) {
    return complain(Error{fmt::format("there is no process {}", *options.run.pid), "", 0});
  }
  return options.mode == Mode::List ? cli::list(options, *system) : run(options, *system);
}

} // namespace
} // namespace trapline

int main(int argc, char** argv) {
  using namespace trapline;
  if (!cli::choose_colors()) return 1;
  const auto options = cli::parse_options(cli::split_interpreter_word({argv, argv + argc}));
  return options ? dispatch(*options) : complain(options.error());
}
