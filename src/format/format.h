// The formatter: scripts in one style, meaning what they meant.
#pragma once

#include "parser/parse.h"
#include "support/diagnostics.h"
#include "support/source.h"

#include <optional>
#include <string>

namespace trapline {

// The script laid out anew, with all its comments, directives and spellings, and no two blank lines in a row; formatting
// the result again changes nothing. nullopt: it has syntax errors, reported to `diags`.
std::optional<std::string> format_script(const SourceFile&, const ParseOptions&, Diagnostics& diags);

} // namespace trapline
