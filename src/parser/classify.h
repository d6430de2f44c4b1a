// What tokens mean because of those around them: the context that keeps the grammar LALR(1).
#pragma once

#include "parser/token.h"

namespace trapline {

// - pairs braces
// - ends a predicate at the first `/` before a `{`
// - tells a cast from a parenthesis: by the words of C and the language that can only be types, by `struct` and the like, by a
//   pointer's `*` before the `)`, or because an operand follows that could not stand after an expression
// - marks maps with keys and the names of members in C structs
// - puts the `;` after `$x++` that scripts may leave out
void classify(std::vector<Token>& tokens);

} // namespace trapline
