// The script's macros, put in where they are used.
//
// A macro's body is a block with a value. Its own variables are renamed, so that they never meet those around the use; a
// parameter `$v` or `@m` stands for the variable or map given, `e` for the expression given, which is evaluated wherever it
// stands. Macros of one name differ by their parameters. A macro comes before a builtin of its name.
#pragma once

#include "ast/ast.h"
#include "support/diagnostics.h"

namespace trapline {

// Rewrites all probes and functions. The text that macros bring in gets spans of its own in `source`, so that messages tell
// where it was used.
void expand_macros(ast::Script& script, SourceFile& source, Diagnostics&);

} // namespace trapline
