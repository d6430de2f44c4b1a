// Matching text with a pattern, for glob() and the operator `=~`.
#pragma once

#include "builtins/builtin.h"
#include "codegen/emitter.h"

namespace trapline::builtins {

// Reports what is wrong with a pattern; true if nothing is.
bool check_pattern(const ast::Expr& where, const std::string& pattern, Diagnostics&);
// nullopt: the pattern is wrong.
std::optional<Constant> fold_match(std::string_view text, std::string_view pattern);
// 1 if the text matches, else 0. The pattern has been checked.
codegen::Value lower_match(const Lower&, const ast::Expr& text, const std::string& pattern);

} // namespace trapline::builtins
