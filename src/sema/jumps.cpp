// Where control goes: jumps outside of loops, statements behind a jump, values that are computed for nothing.
#include "sema/passes.h"
#include "sema/walk.h"

namespace trapline::sema {

namespace {

bool is_step(const ast::Expr& expr) {
  const auto* unary = std::get_if<ast::Unary>(&expr.node);
  if (!unary) return false;
  switch (unary->op) {
  case ast::UnaryOp::PreIncrement:
  case ast::UnaryOp::PreDecrement:
  case ast::UnaryOp::PostIncrement:
  case ast::UnaryOp::PostDecrement: return true;
  default: return false;
  }
}

// Does something besides having a value. A name alone may be a statement too (`exit`).
bool has_effect(const ast::Expr& expr) {
  if (std::holds_alternative<ast::Call>(expr.node) || std::holds_alternative<ast::Identifier>(expr.node)) return true;
  if (const auto* ternary = std::get_if<ast::Ternary>(&expr.node))
    return (ternary->then && has_effect(*ternary->then)) || (ternary->otherwise && has_effect(*ternary->otherwise));
  if (const auto* comptime = std::get_if<ast::Comptime>(&expr.node)) return has_effect(*comptime->operand);
  return is_step(expr) || std::holds_alternative<ast::BlockExpr>(expr.node);
}

// Nothing after it in its block is reached.
bool ends_block(const ast::Stmt& stmt) {
  if (std::holds_alternative<ast::Jump>(stmt.node)) return true;
  const auto* expression = std::get_if<ast::ExprStatement>(&stmt.node);
  const auto* call = expression && expression->expr ? std::get_if<ast::Call>(&expression->expr->node) : nullptr;
  const builtins::Builtin* row = call ? builtins::find(call->name) : nullptr;
  return row && row->ends_program == builtins::Ends::Always;
}

class Flow {
public:
  explicit Flow(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void visit(const ast::Block& block, bool in_loop) {
    bool ended = false;
    for (const ast::StmtPtr& stmt : block.statements) {
      if (!stmt) continue;
      if (ended) {
        diagnostics_.report(DiagId::Unreachable, stmt->span);
        return;
      }
      visit(*stmt, in_loop);
      ended = ends_block(*stmt);
    }
  }

private:
  void visit(const ast::Stmt& stmt, bool in_loop) {
    if (const auto* expression = std::get_if<ast::ExprStatement>(&stmt.node); expression && expression->expr) {
      if (!has_effect(*expression->expr)) diagnostics_.report(DiagId::DiscardedValue, expression->expr->span);
    }
    if (const auto* jump = std::get_if<ast::Jump>(&stmt.node); jump && jump->kind != ast::Jump::Kind::Return && !in_loop)
      diagnostics_.report(DiagId::MisplacedJump, stmt.span, jump->kind == ast::Jump::Kind::Break ? "break" : "continue")
          .hint("`return` ends the block of a probe");
    bool is_loop = std::holds_alternative<ast::While>(stmt.node) || std::holds_alternative<ast::ForRange>(stmt.node) ||
                   std::holds_alternative<ast::ForMap>(stmt.node) || std::holds_alternative<ast::Unroll>(stmt.node);
    for_each_part(stmt, [&](const ast::Expr& expr) { visit(expr, in_loop); }, [&](const ast::Block& inner) { visit(inner, in_loop || is_loop); });
  }

  // Blocks with a value inside of expressions.
  void visit(const ast::Expr& expr, bool in_loop) {
    if (const auto* block = std::get_if<ast::BlockExpr>(&expr.node)) visit(block->block, in_loop);
    for_each_child(expr, [&](const ast::Expr& child) { visit(child, in_loop); });
  }

  Diagnostics& diagnostics_;
};

} // namespace

void check_flow(const ast::Probe& probe, Diagnostics& diagnostics) { Flow(diagnostics).visit(probe.body, false); }

} // namespace trapline::sema
