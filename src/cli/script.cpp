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

// "--name: description (uint64, 5 if not given)"
std::string describe(const sema::ParameterInfo& parameter) {
  std::string standard = parameter.standard.is_integer() ? std::to_string(parameter.standard.integer()) : "\"" + parameter.standard.text() + "\"";
  if (parameter.type.is(Kind::Bool)) standard = parameter.standard.integer() != 0 ? "true" : "false";
  if (parameter.type.is(Kind::Int) && parameter.type.is_signed) standard = std::to_string(static_cast<int64_t>(parameter.standard.integer()));
  const std::string type = parameter.type.is(Kind::String) ? "string" : to_string(parameter.type);
  const std::string description = parameter.description.empty() ? "" : ": " + parameter.description;
  return fmt::format("--{}{} ({}, {} if not given)", parameter.name, description, type, standard);
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

namespace {

sema::Selection::Blocks blocks_of(Options::Mode mode) {
  using Blocks = sema::Selection::Blocks;
  switch (mode) {
  case Options::Mode::Run: return Blocks::Traced;
  case Options::Mode::Test: return Blocks::Tests;
  case Options::Mode::Bench: return Blocks::Benchmarks;
  default: return Blocks::All;
  }
}

bool write_file(const std::string& path, std::string_view bytes) {
  Result<UniqueFd> file = runtime::open_output_file(path);
  if (!file) {
    fmt::print(stderr, "{}", runtime::render_error(file.error()));
    return false;
  }
  runtime::Output out(std::move(*file), runtime::Buffering::Full);
  out.write(bytes);
  out.flush();
  if (out.error() == 0) return true;
  fmt::print(stderr, "{}", runtime::render_error({fmt::format("cannot write `{}`: {}", path, std::strerror(out.error())), {}, out.error()}));
  return false;
}

// --emit-elf and --emit-llvm.
bool emit(const Options& options, const Program& program, const std::string& plain_ir, const std::string& ir) {
  bool good = true;
  if (options.emit_llvm) good = write_file(*options.emit_llvm + ".original.ll", plain_ir) && write_file(*options.emit_llvm + ".optimized.ll", ir);
  if (options.emit_elf) good = write_file(*options.emit_elf, program.object) && good;
  return good;
}

void print_stages(const SourceFile& source, const Options& options, const CompileOptions& compile_with, const System& system) {
  for (const CompileOptions::Dump shown : options.shown) {
    Diagnostics ignored; // the compilation that follows reports
    std::string text;
    CompileOptions dump_with = compile_with;
    dump_with.dump = shown;
    dump_with.dump_text = &text;
    SourceFile copy = source;
    compile(copy, dump_with, system, ignored);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  std::fflush(stdout);
}

} // namespace

CompileOptions compile_options(const Options& options) {
  static const std::unique_ptr<CParser> c_parser = make_clang_parser();
  CompileOptions result;
  result.c_parser = c_parser.get();
  result.sema.positional = options.positional;
  result.sema.named = options.named;
  result.sema.expand.pid = options.run.pid;
  result.sema.expand.unsafe = options.unsafe;
  result.sema.expand.has_child = options.run.command.has_value();
  result.include_dirs = options.include_dirs;
  result.include_files = options.include_files;
  result.selection = {blocks_of(options.mode), options.probe_filter};
  result.verify_ir = options.verify_ir;
  result.warn_reads = options.more_warnings;
  result.line_info = options.run.verifier_log;
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
  print_stages(source, options, compile_with, system);
  std::string plain_ir, ir;
  if (options.emit_llvm) {
    compile_with.plain_ir = &plain_ir;
    compile_with.ir = &ir;
  }
  Diagnostics diagnostics;
  std::optional<Program> program = compile(source, compile_with, system, diagnostics);
  print_diagnostics(diagnostics, source, options);
  if (diagnostics.has_errors() || !program || !emit(options, *program, plain_ir, ir)) return std::nullopt;
  return program;
}

std::optional<Program> compile_with_line_info(SourceFile& source, const Options& options, const System& system) {
  CompileOptions compile_with = compile_options(options);
  compile_with.line_info = true;
  Diagnostics ignored; // reported before
  return compile(source, compile_with, system, ignored);
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

int print_script_help(SourceFile& source, const Options& options, const System& system) {
  CompileOptions compile_with = compile_options(options);
  std::vector<sema::ParameterInfo> parameters;
  compile_with.parameters = &parameters;
  std::string ignored;
  compile_with.dump = CompileOptions::Dump::Sema;
  compile_with.dump_text = &ignored;
  Diagnostics diagnostics;
  compile(source, compile_with, system, diagnostics);
  if (diagnostics.has_errors()) {
    print_diagnostics(diagnostics, source, options);
    return 1;
  }
  std::string text = parameters.empty() ? "the script takes no options\n" : "expected program options:\n";
  for (const sema::ParameterInfo& parameter : parameters) text += "    " + describe(parameter) + "\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

} // namespace trapline::cli
