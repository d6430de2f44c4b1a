// Fractions: the arithmetic of a %f argument, taken apart into what the record carries and what user space computes.
#include "builtins/formula.h"

#include <optional>

namespace trapline::builtins {

namespace {

using Step = FormulaStep::Kind;

std::optional<Step> step_of(ast::BinaryOp op) {
  switch (op) {
  case ast::BinaryOp::Add: return Step::Add;
  case ast::BinaryOp::Sub: return Step::Subtract;
  case ast::BinaryOp::Mul: return Step::Multiply;
  case ast::BinaryOp::Div: return Step::Divide;
  default: return std::nullopt;
  }
}

class Splitter {
public:
  Splitter(const codegen::Lowering& low, FormatPiece& piece, std::vector<const ast::Expr*>& values) : low_(low), piece_(piece), values_(values) {}

  void split(const ast::Expr& expr) {
    if (const auto* binary = std::get_if<ast::Binary>(&expr.node)) {
      if (auto step = step_of(binary->op)) {
        split(*binary->left);
        split(*binary->right);
        return add(*step);
      }
    }
    if (const auto* unary = std::get_if<ast::Unary>(&expr.node); unary && unary->op == ast::UnaryOp::Negate) {
      split(*unary->operand);
      return add(Step::Negate);
    }
    if (const auto* ternary = std::get_if<ast::Ternary>(&expr.node); ternary && is_arithmetic(*ternary)) {
      split(*ternary->condition);
      split(ternary->then ? *ternary->then : *ternary->condition);
      split(*ternary->otherwise);
      return add(Step::Choose);
    }
    // What a macro with an expression for a body leaves behind.
    if (const auto* block = std::get_if<ast::BlockExpr>(&expr.node); block && block->block.statements.empty() && block->value) {
      return split(*block->value);
    }
    const Constant* constant = low_.constant_of(expr);
    if (constant && constant->is_integer()) {
      piece_.formula.push_back({Step::Number, constant->integer(), low_.type_of(expr).is_signed});
      return;
    }
    values_.push_back(&expr);
    add(Step::Argument);
  }

private:
  void add(Step step) { piece_.formula.push_back({step, 0, false}); }

  // Worth taking apart: otherwise only the side that is taken would need to be evaluated.
  static bool is_arithmetic(const ast::Ternary& ternary) {
    return has_arithmetic(*ternary.otherwise) || has_arithmetic(ternary.then ? *ternary.then : *ternary.condition);
  }
  static bool has_arithmetic(const ast::Expr& expr) {
    const auto* binary = std::get_if<ast::Binary>(&expr.node);
    return binary && step_of(binary->op);
  }

  const codegen::Lowering& low_;
  FormatPiece& piece_;
  std::vector<const ast::Expr*>& values_;
};

} // namespace

void make_formula(const codegen::Lowering& low, const ast::Expr& expr, FormatPiece& piece, std::vector<const ast::Expr*>& values) {
  Splitter(low, piece, values).split(expr);
}

} // namespace trapline::builtins
