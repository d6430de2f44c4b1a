// From the command line to the compiler.
#include "cli/script.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::cli {
namespace {

Result<std::string> read_all(int fd, const std::string& name) {
  std::string text;
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(fmt::format("cannot read `{}`: {}", name, std::strerror(errno)), {}, errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

void print_diagnostics(const Diagnostics& diagnostics, const SourceFile& source, const Options& options) {
  const std::string text = render_all(diagnostics, source, options.run.warnings);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

} // namespace

Result<SourceFile> read_source(const Options& options) {
  if (options.text) return SourceFile("stdin", *options.text);
  const bool is_stdin = options.file == "-";
  const UniqueFd file(is_stdin ? ::dup(STDIN_FILENO) : ::open(options.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(fmt::format("cannot read `{}`: {}", options.file, std::strerror(errno)), {}, errno);
  Result<std::string> text = read_all(file.get(), options.file);
  if (!text) return std::unexpected(text.error());
  if (is_stdin && !text->empty() && text->back() != '\n') *text += '\n';
  return SourceFile(is_stdin ? "stdin" : options.file, std::move(*text));
}

CompileOptions compile_options(const Options& options) {
  CompileOptions result;
  result.sema.positional = options.positional;
  result.sema.expand.pid = options.run.pid;
  result.sema.expand.unsafe = options.unsafe;
  result.sema.expand.has_child = options.run.command.has_value();
  result.line_info = options.run.verbose || options.run.verifier_log;
  for (char** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || !(text.starts_with("BPFTRACE_") || text.starts_with("TRAPLINE_"))) continue;
    result.sema.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

std::optional<Program> compile_script(SourceFile& source, const Options& options, const System& system) {
  CompileOptions compile_with = compile_options(options);
  for (const CompileOptions::Dump shown : options.shown) {
    Diagnostics ignored; // the compilation below reports
    std::string text;
    CompileOptions dump_with = compile_with;
    dump_with.dump = shown;
    dump_with.dump_text = &text;
    SourceFile copy = source;
    compile(copy, dump_with, system, ignored);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  std::fflush(stdout);
  Diagnostics diagnostics;
  std::optional<Program> program = compile(source, compile_with, system, diagnostics);
  print_diagnostics(diagnostics, source, options);
  return diagnostics.has_errors() ? std::nullopt : std::move(program);
}

int print_dump(SourceFile& source, const Options& options, const System& system) {
  std::string text;
  CompileOptions compile_with = compile_options(options);
  compile_with.dump = options.dump;
  compile_with.dump_text = &text;
  Diagnostics diagnostics;
  compile(source, compile_with, system, diagnostics);
  print_diagnostics(diagnostics, source, options);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return diagnostics.has_errors() ? 1 : 0;
}

} // namespace trapline::cli
