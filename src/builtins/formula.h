// Fractions. The language has integers only, and so has BPF. Where a value is shown by %f, %e, %g or %a, its operands are
// sent as they are and the arithmetic follows in user space, in floating point: `printf("%.2f ms", $ns / 1e6)`.
//
// The rule goes by what is written in the argument: + - * / and unary -, and both sides of `c ? a : b`, are computed in
// floating point; everything inside that is something else (a variable, a call, %, a cast, ...) is an integer first.
#pragma once

#include "codegen/lowering.h"

namespace trapline::builtins {

// Fills the piece's formula; adds the expressions whose values the record has to carry to `values`, in its order.
void make_formula(const codegen::Lowering&, const ast::Expr&, FormatPiece&, std::vector<const ast::Expr*>& values);

} // namespace trapline::builtins
