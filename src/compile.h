// The compiler as one pure function; the machine is an argument.
#pragma once

#include "cdefs/cdefs.h"
#include "program/program.h"
#include "sema/sema.h"
#include "support/diagnostics.h"
#include "system/system.h"

#include <optional>
#include <string>
#include <vector>

namespace trapline {

struct CompileOptions {
  sema::Options sema;
  std::vector<std::string> include_dirs, include_files; // -I and --include, for the C part of the script
  const CParser* c_parser = nullptr;                    // reads headers; null: there is none
  enum class Dump : uint8_t { None, Ast, Sema, Program, PlainIr, Ir, Asm }; // PlainIr: before optimisation
  Dump dump = Dump::None;
  std::string* dump_text = nullptr; // receives the dump; compilation stops after the phase it belongs to
  std::string* plain_ir = nullptr;  // receives LLVM IR before optimisation
  std::string* ir = nullptr;        // receives LLVM IR after it
  bool verify_ir = false;           // ask LLVM whether the IR is well formed
  sema::Selection selection;        // which blocks become programs
  std::vector<sema::ParameterInfo>* parameters = nullptr; // receives what the script takes by name
  bool warn_reads = false;          // -k: tell of failing reads of memory, and of reads of elements that are not there
  bool line_info = false;           // BPF line info, so that a verifier refusal can name the script's line
};

// nullopt: errors were reported to `diags`, or a dump stopped the pipeline (then without errors).
// Imported files and the text of macros are added to the source.
std::optional<Program> compile(SourceFile&, const CompileOptions&, const System&, Diagnostics& diags);

} // namespace trapline
