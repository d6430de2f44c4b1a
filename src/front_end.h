// From text to meaning: parse, import, expand macros and analyze, with a C front end where the script's C text needs one.
#pragma once

#include "compile.h"

#include <memory>
#include <optional>

namespace trapline {

struct Understood {
  std::unique_ptr<CDefinitions> headers; // types in `meaning` belong to it
  std::unique_ptr<ast::Script> syntax;
  std::optional<sema::Script> meaning;   // none for Dump::Ast
};

// nullopt: errors were reported to `diags`. `source` gets the files that the script imports, and its macros' uses.
std::optional<Understood> understand(SourceFile& source, const CompileOptions&, const System&, Diagnostics& diags);

} // namespace trapline
