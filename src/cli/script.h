// From the command line to the compiler: the script's text and the compiler's options.
#pragma once

#include "cli/options.h"
#include "support/result.h"
#include "support/source.h"

#include <optional>

namespace trapline::cli {

// The text of -e, of standard input or of the file.
Result<SourceFile> read_source(const Options&);

// Environment variables that count as configuration are read here.
CompileOptions compile_options(const Options&);

// Compiles, and writes the files of --emit-elf and --emit-llvm. Diagnostics go to standard error, what -d shows to
// standard output. nullopt: there were errors.
std::optional<Program> compile_script(SourceFile&, const Options&, const System&);

// Again, for a program that the kernel refused: silent, and each instruction knows its place in the script.
std::optional<Program> compile_with_line_info(SourceFile&, const Options&, const System&);

// --dump: prints what the stage makes. The exit status.
int print_dump(SourceFile&, const Options&, const System&);

// `-- --help`: prints what the script takes by name. The exit status.
int print_script_help(SourceFile&, const Options&, const System&);

} // namespace trapline::cli
