// sema::Script to Program: plans the maps, lowers each block to a BPF program, makes the object.
#pragma once

#include "program/program.h"
#include "sema/sema.h"
#include "support/diagnostics.h"

#include <optional>
#include <string>

namespace trapline::codegen {

struct GenerateOptions {
  std::optional<int> pid;            // -p, for providers that cannot filter when attaching
  bool line_info = false;
  bool warn_reads = false;           // -k: count failing reads of memory, and reads of elements that are not there
  bool want_object = true;           // false: the dump is wanted instead
  std::string* plain_ir = nullptr;   // receives LLVM IR before optimisation
  std::string* ir = nullptr;         // receives optimised LLVM IR
  bool verify = false;               // a fault in the IR is reported
  std::string* assembly = nullptr;   // receives BPF assembler text
};

// nullopt: something the language allows but this kernel or compiler cannot do was reported.
std::optional<Program> generate(const sema::Script&, const GenerateOptions&, const SourceFile&, const System&, Diagnostics&);

} // namespace trapline::codegen
