#include "macros/clone.h"

#include "ast/overloaded.h"

namespace trapline {

using namespace ast;

std::vector<ExprPtr> Cloner::clone(const std::vector<ExprPtr>& list) {
  std::vector<ExprPtr> copies;
  for (const ExprPtr& expr : list) copies.push_back(clone(expr));
  return copies;
}

std::variant<TypeName, ExprPtr> Cloner::clone(const std::variant<TypeName, ExprPtr>& operand) {
  if (const auto* name = std::get_if<TypeName>(&operand)) return type(*name);
  return clone(std::get<ExprPtr>(operand));
}

TypeName Cloner::type(const TypeName& original) {
  TypeName copy = original;
  copy.span = span(original.span);
  if (original.of) copy.of = clone(*original.of);
  return copy;
}

ExprPtr Cloner::clone(const Expr& expr) {
  if (ExprPtr other = replace(expr)) return other;
  Span at = span(expr.span);
  return std::visit(
      Overloaded{
          [&](const Variable& n) { return make(at, Variable{variable(n.name)}); },
          [&](const MapAccess& n) { return make(at, MapAccess{n.name, clone(n.keys)}); },
          [&](const Unary& n) { return make(at, Unary{n.op, clone(n.operand)}); },
          [&](const Binary& n) { return make(at, Binary{n.op, clone(n.left), clone(n.right), span(n.op_span)}); },
          [&](const Ternary& n) { return make(at, Ternary{clone(n.condition), clone(n.then), clone(n.otherwise)}); },
          [&](const Call& n) { return make(at, Call{n.name, span(n.name_span), clone(n.arguments)}); },
          [&](const FieldAccess& n) { return make(at, FieldAccess{clone(n.object), n.field, span(n.field_span), n.arrow}); },
          [&](const TupleAccess& n) { return make(at, TupleAccess{clone(n.object), n.index, span(n.index_span)}); },
          [&](const Index& n) { return make(at, Index{clone(n.object), clone(n.index)}); },
          [&](const Cast& n) { return make(at, Cast{type(n.type), clone(n.operand)}); },
          [&](const TupleLiteral& n) { return make(at, TupleLiteral{clone(n.elements)}); },
          [&](const RecordLiteral& n) {
            RecordLiteral copy;
            for (const RecordLiteral::Member& member : n.members) copy.members.push_back({member.name, span(member.name_span), clone(member.value)});
            return make(at, std::move(copy));
          },
          [&](const BlockExpr& n) { return make(at, BlockExpr{clone(n.block), clone(n.value)}); },
          [&](const Comptime& n) { return make(at, Comptime{clone(n.operand)}); },
          [&](const SizeOf& n) { return make(at, SizeOf{clone(n.operand)}); },
          [&](const OffsetOf& n) { return make(at, OffsetOf{type(n.type), path(n.path)}); },
          [&](const TypeInfo& n) { return make(at, TypeInfo{clone(n.operand)}); },
          [&](const TypeOperand& n) { return make(at, TypeOperand{type(n.type)}); },
          [&](const auto& leaf) { return make(at, leaf); },
      },
      expr.node);
}

Block Cloner::clone(const Block& block) {
  Block copy;
  copy.span = span(block.span);
  copy.ends_open = block.ends_open;
  for (const StmtPtr& statement : block.statements) copy.statements.push_back(clone(*statement));
  return copy;
}

StmtPtr Cloner::clone(const Stmt& statement) {
  using Node = decltype(Stmt::node);
  Node node = std::visit(
      Overloaded{
          [&](const ExprStatement& n) -> Node { return ExprStatement{clone(n.expr)}; },
          [&](const Assign& n) -> Node { return Assign{clone(n.target), n.op, clone(n.value)}; },
          [&](const Let& n) -> Node {
            return Let{variable(n.name), span(n.name_span), n.type ? std::optional(type(*n.type)) : std::nullopt, clone(n.value)};
          },
          [&](const If& n) -> Node {
            return If{clone(n.condition), clone(n.then), n.otherwise ? std::optional(clone(*n.otherwise)) : std::nullopt};
          },
          [&](const Unroll& n) -> Node { return Unroll{clone(n.count), clone(n.body)}; },
          [&](const While& n) -> Node { return While{clone(n.condition), clone(n.body)}; },
          [&](const ForRange& n) -> Node {
            return ForRange{variable(n.variable), span(n.variable_span), clone(n.first), clone(n.last), clone(n.body)};
          },
          [&](const ForMap& n) -> Node { return ForMap{variable(n.variable), span(n.variable_span), clone(n.map), clone(n.body)}; },
          [&](const Jump& n) -> Node { return Jump{n.kind, clone(n.value)}; },
          [&](const BlockStatement& n) -> Node { return BlockStatement{clone(n.block)}; },
      },
      statement.node);
  return std::make_unique<Stmt>(Stmt{span(statement.span), std::move(node)});
}

} // namespace trapline
