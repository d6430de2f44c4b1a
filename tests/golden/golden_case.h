// The golden corpus: scripts with the text that the compiler makes of them beside them.
//   ast/WHAT.bt, sema/WHAT.bt, program/WHAT.bt   and the dump of that phase in WHAT.ast, .sema, .program
//   format/WHAT.bt                               and what --fmt makes of it in WHAT.formatted
//   err/err.<DiagId>.<what>.bt                   and the rendered diagnostics in .txt
// The first lines of a script may set options in comments:
//   // params: a b c            positional parameters
//   // options: unsafe pid=123  as on the command line; no_tracefs: on a machine without it;
//                              c_parser: with a C front end, which finds the header "here.h" and knows that `wrong` is
#pragma once

#include "compile.h"

#include <string>
#include <vector>

namespace trapline::golden {

struct Case {
  std::string name;          // "sema/casts"
  std::string script_path;
  std::string expected_path;
  CompileOptions::Dump dump = CompileOptions::Dump::None;
  bool format = false;
  std::string diagnostic;    // err cases: the id in the file name
};

// In name order.
std::vector<Case> all_cases();

struct Actual {
  std::string text;              // the dump, or the diagnostics
  std::vector<DiagId> reported;
};
// Compiles the script for the sample machine.
Actual compile_case(const Case&);

std::string read_file(const std::string& path);

} // namespace trapline::golden
