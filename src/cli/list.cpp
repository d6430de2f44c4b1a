// -l: probes of this machine, or those that a program attaches to.
#include "cli/list.h"

#include "cli/script.h"
#include "probes/list.h"
#include "support/color.h"

#include <cstdio>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

namespace trapline::cli {
namespace {

int complain(const Error& error) {
  fmt::print(stderr, "{}", runtime::render_error(error));
  return 1;
}

int list_program(const Options& options, const System& system) {
  Result<SourceFile> source = read_source(options);
  if (!source) return complain(source.error());
  const std::optional<Program> program = compile_script(*source, options, system);
  if (!program) return 1;
  std::set<std::string> names;
  for (const ProbeSpec& probe : program->probes) {
    if (probe.role == ProbeRole::Begin || probe.role == ProbeRole::End || probe.role == ProbeRole::Signal) continue;
    for (const Target& target : probe.targets) names.insert(target.name);
  }
  std::string out;
  for (const std::string& name : names) out += name + '\n';
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

bool looks_like_a_file(std::string_view pattern) {
  return pattern.find('.') != std::string_view::npos && pattern.find_first_of(":*") == std::string_view::npos;
}

} // namespace

int list(const Options& options, const System& system) {
  const std::string& pattern = options.file;
  if (options.text || pattern == "-" || (!pattern.empty() && access(pattern.c_str(), F_OK) == 0)) return list_program(options, system);
  if (looks_like_a_file(pattern) && options.run.warnings) {
    fmt::print(stderr, "{}: there is no file `{}`, it is taken as a pattern\n", warning_label(), pattern);
  }
  const probes::ExpandOptions expand{.pid = options.run.pid};
  const Result<probes::Listed> listed = probes::list_probes(pattern, options.run.verbose, expand, system);
  if (!listed) return complain(listed.error());
  for (const auto& [unmatched, near] : listed->unmatched) {
    if (options.run.warnings) fmt::print(stderr, "{}: nothing matches `{}`\n", warning_label(), unmatched);
    if (options.run.warnings && !near.empty()) fmt::print(stderr, "HINT: did you mean `{}`?\n", near);
  }
  std::string out;
  for (const auto& [name, parameters] : listed->probes) {
    out += name + '\n';
    for (const std::string& parameter : parameters) out += parameter + '\n';
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return 0;
}

} // namespace trapline::cli
