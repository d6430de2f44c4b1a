// Visits the places of a tree where expressions stand, so that they can be replaced.
#pragma once

#include "ast/ast.h"
#include "ast/overloaded.h"

namespace trapline {

template <typename Visit> void for_each_expr_slot(ast::Block& block, const Visit& visit);

// Calls `visit(ExprPtr&)` with each expression directly below.
template <typename Visit> void for_each_expr_slot(ast::Expr& expr, const Visit& visit) {
  auto one = [&](ast::ExprPtr& slot) {
    if (slot) visit(slot);
  };
  auto all = [&](std::vector<ast::ExprPtr>& slots) {
    for (ast::ExprPtr& slot : slots) one(slot);
  };
  auto type_or_expr = [&](std::variant<ast::TypeName, ast::ExprPtr>& operand) {
    if (auto* slot = std::get_if<ast::ExprPtr>(&operand)) one(*slot);
  };
  std::visit(ast::Overloaded{
                 [&](ast::MapAccess& n) { all(n.keys); },
                 [&](ast::Unary& n) { one(n.operand); },
                 [&](ast::Binary& n) { one(n.left), one(n.right); },
                 [&](ast::Ternary& n) { one(n.condition), one(n.then), one(n.otherwise); },
                 [&](ast::Call& n) { all(n.arguments); },
                 [&](ast::FieldAccess& n) { one(n.object); },
                 [&](ast::TupleAccess& n) { one(n.object); },
                 [&](ast::Index& n) { one(n.object), one(n.index); },
                 [&](ast::Cast& n) { one(n.operand); },
                 [&](ast::TupleLiteral& n) { all(n.elements); },
                 [&](ast::RecordLiteral& n) {
                   for (ast::RecordLiteral::Member& member : n.members) one(member.value);
                 },
                 [&](ast::BlockExpr& n) { for_each_expr_slot(n.block, visit), one(n.value); },
                 [&](ast::Comptime& n) { one(n.operand); },
                 [&](ast::SizeOf& n) { type_or_expr(n.operand); },
                 [&](ast::TypeInfo& n) { type_or_expr(n.operand); },
                 [](auto&) {},
             },
             expr.node);
}

// The same for all statements of a block.
template <typename Visit> void for_each_expr_slot(ast::Block& block, const Visit& visit) {
  auto one = [&](ast::ExprPtr& slot) {
    if (slot) visit(slot);
  };
  for (ast::StmtPtr& statement : block.statements) {
    std::visit(ast::Overloaded{
                   [&](ast::ExprStatement& n) { one(n.expr); },
                   [&](ast::Assign& n) { one(n.target), one(n.value); },
                   [&](ast::Let& n) { one(n.value); },
                   [&](ast::If& n) {
                     one(n.condition);
                     for_each_expr_slot(n.then, visit);
                     if (n.otherwise) for_each_expr_slot(*n.otherwise, visit);
                   },
                   [&](ast::Unroll& n) { one(n.count), for_each_expr_slot(n.body, visit); },
                   [&](ast::While& n) { one(n.condition), for_each_expr_slot(n.body, visit); },
                   [&](ast::ForRange& n) { one(n.first), one(n.last), for_each_expr_slot(n.body, visit); },
                   [&](ast::ForMap& n) { one(n.map), for_each_expr_slot(n.body, visit); },
                   [&](ast::Jump& n) { one(n.value); },
                   [&](ast::BlockStatement& n) { for_each_expr_slot(n.block, visit); },
               },
               statement->node);
  }
}

} // namespace trapline
