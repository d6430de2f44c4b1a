// Visits the parts of a syntax tree, for the passes that look for something in it whatever it stands in.
#pragma once

#include "ast/ast.h"
#include "ast/overloaded.h"

namespace trapline::sema {

using ast::Overloaded;

template <typename Visit> void for_each_stmt(const ast::Block& block, Visit&& visit);
template <typename OnExpr, typename OnBlock> void for_each_part(const ast::Stmt& stmt, OnExpr&& on_expr, OnBlock&& on_block);

// Calls `visit` with each expression directly below `expr`, in source order: of a block with a value also those of its
// statements; of a type `typeof(e)` the expression, which is not evaluated.
template <typename Visit> void for_each_child(const ast::Expr& expr, Visit&& visit) {
  auto type = [&](const ast::TypeName& name) {
    if (name.of) visit(*name.of);
  };
  auto type_or_expr = [&](const std::variant<ast::TypeName, ast::ExprPtr>& operand) {
    if (const auto* name = std::get_if<ast::TypeName>(&operand)) return type(*name);
    if (const auto& inner = std::get<ast::ExprPtr>(operand)) visit(*inner);
  };
  auto one = [&](const ast::ExprPtr& child) {
    if (child) visit(*child);
  };
  auto many = [&](const std::vector<ast::ExprPtr>& children) {
    for (const ast::ExprPtr& child : children) one(child);
  };
  std::visit(Overloaded{
                 [&](const ast::MapAccess& n) { many(n.keys); },
                 [&](const ast::Unary& n) { one(n.operand); },
                 [&](const ast::Binary& n) { one(n.left), one(n.right); },
                 [&](const ast::Ternary& n) { one(n.condition), one(n.then), one(n.otherwise); },
                 [&](const ast::Call& n) { many(n.arguments); },
                 [&](const ast::FieldAccess& n) { one(n.object); },
                 [&](const ast::TupleAccess& n) { one(n.object); },
                 [&](const ast::Index& n) { one(n.object), one(n.index); },
                 [&](const ast::Cast& n) { type(n.type), one(n.operand); },
                 [&](const ast::TupleLiteral& n) { many(n.elements); },
                 [&](const ast::RecordLiteral& n) {
                   for (const ast::RecordLiteral::Member& member : n.members) one(member.value);
                 },
                 [&](const ast::BlockExpr& n) {
                   for_each_stmt(n.block, [&](const ast::Stmt& stmt) {
                     for_each_part(stmt, [&](const ast::Expr& e) { visit(e); }, [](const ast::Block&) {});
                   });
                   one(n.value);
                 },
                 [&](const ast::Comptime& n) { one(n.operand); },
                 [&](const ast::SizeOf& n) { type_or_expr(n.operand); },
                 [&](const ast::OffsetOf& n) { type(n.type); },
                 [&](const ast::TypeInfo& n) { type_or_expr(n.operand); },
                 [&](const ast::TypeOperand& n) { type(n.type); },
                 [](const auto&) {},
             },
             expr.node);
}

// Calls `on_expr` with each expression and `on_block` with each block directly below `stmt`, in source order.
template <typename OnExpr, typename OnBlock> void for_each_part(const ast::Stmt& stmt, OnExpr&& on_expr, OnBlock&& on_block) {
  auto one = [&](const ast::ExprPtr& expr) {
    if (expr) on_expr(*expr);
  };
  std::visit(Overloaded{
                 [&](const ast::ExprStatement& n) { one(n.expr); },
                 [&](const ast::Assign& n) { one(n.target), one(n.value); },
                 [&](const ast::Let& n) {
                   if (n.type && n.type->of) on_expr(*n.type->of);
                   one(n.value);
                 },
                 [&](const ast::If& n) {
                   one(n.condition);
                   on_block(n.then);
                   if (n.otherwise) on_block(*n.otherwise);
                 },
                 [&](const ast::Unroll& n) { one(n.count), on_block(n.body); },
                 [&](const ast::While& n) { one(n.condition), on_block(n.body); },
                 [&](const ast::ForRange& n) { one(n.first), one(n.last), on_block(n.body); },
                 [&](const ast::ForMap& n) { one(n.map), on_block(n.body); },
                 [&](const ast::Jump& n) { one(n.value); },
                 [&](const ast::BlockStatement& n) { on_block(n.block); },
             },
             stmt.node);
}

// Calls `visit` with every expression below, parents before children.
template <typename Visit> void for_each_expr(const ast::Expr& expr, Visit&& visit) {
  visit(expr);
  for_each_child(expr, [&](const ast::Expr& child) { for_each_expr(child, visit); });
}

// Calls `visit` with every statement below, parents before children.
template <typename Visit> void for_each_stmt(const ast::Block& block, Visit&& visit) {
  for (const ast::StmtPtr& stmt : block.statements) {
    if (!stmt) continue;
    visit(*stmt);
    for_each_part(*stmt, [](const ast::Expr&) {}, [&](const ast::Block& inner) { for_each_stmt(inner, visit); });
  }
}

// Every statement of a block, also of blocks with a value inside of expressions.
template <typename Visit> void for_each_inner_stmt(const ast::Block& block, const Visit& visit) {
  for_each_stmt(block, [&](const ast::Stmt& stmt) {
    visit(stmt);
    for_each_part(stmt, [&](const ast::Expr& expr) {
      for_each_expr(expr, [&](const ast::Expr& e) {
        const auto* value = std::get_if<ast::BlockExpr>(&e.node);
        if (value) for_each_stmt(value->block, visit);
      });
    }, [](const ast::Block&) {});
  });
}

// Every expression of a probe, its predicate first.
template <typename Visit> void for_each_expr(const ast::Probe& probe, Visit&& visit) {
  if (probe.predicate) for_each_expr(*probe.predicate, visit);
  for_each_stmt(probe.body, [&](const ast::Stmt& stmt) {
    for_each_part(stmt, [&](const ast::Expr& expr) { for_each_expr(expr, visit); }, [](const ast::Block&) {});
  });
}

} // namespace trapline::sema
