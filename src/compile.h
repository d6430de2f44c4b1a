// The compiler as one pure function; the machine is an argument.
#pragma once

#include "program/program.h"
#include "sema/sema.h"
#include "support/diagnostics.h"
#include "system/system.h"

#include <optional>
#include <string>

namespace trapline {

struct CompileOptions {
  sema::Options sema;
  enum class Dump : uint8_t { None, Ast, Sema, Program, Ir, Asm };
  Dump dump = Dump::None;
  std::string* dump_text = nullptr; // receives the dump; compilation stops after the phase it belongs to
  bool line_info = false;           // BPF line info, so that a verifier refusal can name the script's line
};

// nullopt: errors were reported to `diags`, or a dump stopped the pipeline (then without errors).
// Imported files and the text of macros are added to the source.
std::optional<Program> compile(SourceFile&, const CompileOptions&, const System&, Diagnostics& diags);

} // namespace trapline
