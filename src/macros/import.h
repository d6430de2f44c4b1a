// `import "file"`: the macros, functions, probes, map declarations and C definitions of other scripts.
#pragma once

#include "ast/ast.h"
#include "parser/parse.h"
#include "support/diagnostics.h"
#include "system/system.h"

namespace trapline {

// Adds what the script imports, and what that imports, to `script` and their texts to `source`. Each file counts once.
// Probes of imported files come first.
void import_files(ast::Script& script, SourceFile& source, const ParseOptions&, const System&, Diagnostics&);

} // namespace trapline
