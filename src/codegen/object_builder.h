// What all programs of one object share: the emitter, the internal maps, sites, actions and interned strings.
#pragma once

#include "codegen/emitter.h"
#include "codegen/generate.h"
#include "program/object.h"
#include "program/program.h"
#include "sema/sema.h"

#include <map>
#include <string>

namespace trapline::codegen {

struct ObjectBuilder {
  ObjectBuilder(const sema::Script& s, const GenerateOptions& o, const SourceFile& text, const System& sys, Diagnostics& d);

  const sema::Script& script;
  const GenerateOptions& options;
  const SourceFile& source;
  const System& system;
  Diagnostics& diagnostics;
  Emitter emitter;
  Program program;

  std::vector<uint32_t> script_maps;                       // emitter index by Program::maps index
  std::map<uint32_t, uint32_t> second_banks;               // emitter index of keyed maps with two banks, by Program::maps index
  std::map<std::string, uint32_t, std::less<>> internal_maps; // emitter index by name
  struct Function {
    Value code;
    bool in_memory = false; // the result is written where a parameter points
    bool may_exit = false;  // notes so where a parameter points
  };
  std::vector<Function> functions;                         // of the script, by index into sema::Script::functions
  uint32_t function_count = 0;                             // programs and functions begun
  uint32_t banked_maps = 0;                                // how many have two banks
  bool frugal = false;                                     // with BPF's stack: variables and numbers in scratch memory
  uint32_t scratch_bytes = 0;                              // largest need of a program, with the busy word

  // Declared on first use; finish() defines them with the sizes known by then.
  Value internal_map(const char* name);
  uint32_t add_site(SiteKind, std::string detail, uint32_t block, Span);
  uint32_t intern(std::string_view);
  void plan_maps(); // Program::maps from sema's
  void finish();    // defines all maps
};

} // namespace trapline::codegen
