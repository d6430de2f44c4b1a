// Finding the files of uprobes and USDT markers.
#include "probes/user_files.h"

#include "probes/report.h"

#include <algorithm>

namespace trapline::probes {
namespace {

std::string_view base_name(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// What is left in an emptied library: placeholders for the linker, and the compiler's start-up code.
bool is_shell_symbol(const ElfSymbol& symbol) {
  constexpr std::string_view kStartUp[] = {"_init",       "_fini",
                                           "frame_dummy", "register_tm_clones",
                                           "_start",      "deregister_tm_clones",
                                           "call_gmon_start", "__do_global_dtors_aux"};
  return !symbol.is_function || symbol.name.find("version_placeholder") != std::string::npos ||
         std::ranges::find(kStartUp, symbol.name) != std::end(kStartUp);
}

} // namespace

std::vector<std::string> files_named(const Provider& provider, const Spec& spec, size_t part, const std::string& file,
                                     const ExpandOptions& options, const System& system, Diagnostics& diags) {
  const bool is_process = file.empty() || file == "*";
  if (is_process && !options.pid) {
    const bool is_path = spec.text.find('/') != std::string::npos;
    report_malformed(provider, spec, spec.span, is_path ? "the name behind the file is missing" : "the file is missing; it can be left out only with -p PID", diags);
    return {};
  }
  std::vector<std::string> files = is_process ? system.mapped_executables(*options.pid) : system.resolve_binary(file, options.pid);
  if (!files.empty() || options.missing_is_silent) return files;
  const Span span = spec.part_span(part);
  if (is_process)
    report_refused({fmt::format("process {} maps no executable file", *options.pid)}, spec.span, diags);
  else if (has_wildcard(file))
    report_no_match(spec, span, options, diags);
  else if (file.find('/') != std::string::npos)
    diags.report(DiagId::UnknownFile, span, file, "no such file");
  else
    diags.report(DiagId::UnknownFile, span, file, "no program in PATH and no library has this name");
  return {};
}

bool may_have_moved(std::string_view path) {
  constexpr std::string_view kShells[] = {"libpthread", "libdl", "librt", "libutil", "libanl"};
  const std::string_view name = base_name(path);
  return std::ranges::any_of(kShells, [&](std::string_view shell) {
    return name.starts_with(shell) && (name.substr(shell.size()).starts_with(".so") || name.substr(shell.size()).starts_with("-2."));
  });
}

std::optional<std::string> library_moved_to(const std::string& path, const std::vector<ElfSymbol>& symbols,
                                            const ExpandOptions& options, const System& system) {
  if (!may_have_moved(path) || !std::ranges::all_of(symbols, is_shell_symbol)) return std::nullopt;
  const std::string beside = path.substr(0, path.size() - base_name(path).size()) + "libc.so.6";
  for (const char* candidate : {beside.c_str(), "libc.so.6"})
    if (std::vector<std::string> found = system.resolve_binary(candidate, options.pid); !found.empty()) return found.front();
  return std::nullopt;
}

void report_moved(const std::string& from, const std::string& to, Span span, Diagnostics& diags) {
  const std::string message = fmt::format(fmt::runtime(diagnostic_row(DiagId::LibraryMoved).text), from, to);
  const bool told = std::ranges::any_of(diags.all(), [&](const Diagnostic& diag) { return diag.message == message; });
  if (!told) diags.add(DiagId::LibraryMoved, span, message);
}

} // namespace trapline::probes
