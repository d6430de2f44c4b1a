// A program as text of the language, with no more parentheses than it needs.
#pragma once

#include "random/tree.h"

#include <string>

namespace trapline::random_programs {

std::string to_source(const Type&);
std::string to_source(const Expr&, const Program&);
// The body of a block; lines begin with `indent` blanks.
std::string to_source(const std::vector<Stmt>&, const Program&, int indent);

// How many statements there are, those inside of others too.
size_t count_statements(const std::vector<Stmt>&);

// A whole script: a block that fills the inputs that they use, then one for each program, which prints `#NUMBER` first.
std::string to_script(const std::vector<Program>&, const Inputs&);

} // namespace trapline::random_programs
