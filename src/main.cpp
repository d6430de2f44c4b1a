// trapline: read the command line, compile, run.
#include "cli/format.h"
#include "cli/info.h"
#include "cli/list.h"
#include "cli/options.h"
#include "cli/script.h"
#include "runtime/session.h"

#include <cstdio>
#include <fmt/format.h>

namespace trapline {
namespace {

using cli::Options;

int complain(const Error& error) {
  fmt::print(stderr, "{}", runtime::render_error(error));
  return 1;
}

int complain(const cli::BadUsage& wrong) {
  fmt::print(stderr, "{}{}", wrong.message, wrong.show_usage ? cli::usage() : "");
  return 1;
}

int say(std::string_view text) {
  fmt::print("{}", text);
  return 0;
}

int format_file(const Options& options) {
  const Result<int> status = cli::format(options);
  return status ? *status : complain(status.error());
}

int run(const Options& options, const System& system) {
  Result<SourceFile> source = cli::read_source(options);
  if (!source) return complain(source.error());
  if (options.dump != CompileOptions::Dump::None) return cli::print_dump(*source, options, system);

  if (auto missing = runtime::missing_privilege()) return complain({*missing, "", 0});
  const std::optional<Program> program = cli::compile_script(*source, options, system);
  if (!program) return 1;
  return runtime::run(*program, *source, options.run);
}

int dispatch(const Options& options) {
  if (options.mode == Options::Mode::Help) return say(cli::usage());
  if (options.mode == Options::Mode::Version) return say(cli::version() + "\n");
  if (options.mode == Options::Mode::Format) return format_file(options);

  const std::unique_ptr<System> system = make_live_system();
  if (options.mode == Options::Mode::Info) return say(cli::info(*system));
  if (options.run.pid && !system->process_exists(*options.run.pid)) {
    return complain({fmt::format("there is no process {}", *options.run.pid), "", 0});
  }
  return options.mode == Options::Mode::List ? cli::list(options, *system) : run(options, *system);
}

} // namespace
} // namespace trapline

int main(int argc, char** argv) {
  using namespace trapline;
  const auto options = cli::parse_options(cli::split_interpreter_word({argv, argv + argc}));
  return options ? dispatch(*options) : complain(options.error());
}
