// Nodes for the grammar: expressions, statements and probes.
#include "parser/builder.h"

#include "ast/overloaded.h"

#include <algorithm>

namespace trapline {

using namespace ast;
using namespace grammar;

namespace {

// Calls `visit` with every expression directly below a node; null ones are left out.
template <typename Visit> void for_each_child(const decltype(Expr::node)& node, const Visit& visit) {
  auto one = [&](const ExprPtr& child) {
    if (child) visit(*child);
  };
  auto all = [&](const std::vector<ExprPtr>& children) {
    for (const ExprPtr& child : children) one(child);
  };
  std::visit(Overloaded{
                 [&](const MapAccess& n) { all(n.keys); },
                 [&](const Unary& n) { one(n.operand); },
                 [&](const Binary& n) { one(n.left), one(n.right); },
                 [&](const Ternary& n) { one(n.condition), one(n.then), one(n.otherwise); },
                 [&](const Call& n) { all(n.arguments); },
                 [&](const FieldAccess& n) { one(n.object); },
                 [&](const TupleAccess& n) { one(n.object); },
                 [&](const Index& n) { one(n.object), one(n.index); },
                 [&](const Cast& n) { one(n.operand); },
                 [&](const TupleLiteral& n) { all(n.elements); },
                 [&](const SizeOf& n) {
                   if (const auto* operand = std::get_if<ExprPtr>(&n.operand)) one(*operand);
                 },
                 [](const auto&) {},
             },
             node);
}

} // namespace

Script Builder::take_script(std::vector<std::string> includes) {
  script_.includes = std::move(includes);
  script_.node_count = static_cast<NodeId>(depths_.size());
  return std::move(script_);
}

void Builder::too_deep(std::string_view what, Span span) {
  if (!too_deep_reported_) diags_.report(DiagId::NestedTooDeeply, span, what, kMaxDepth);
  too_deep_reported_ = true;
}

// What the grammar cannot say. More than a few of them at once help nobody.
void Builder::mistake(Span span, std::string_view message) {
  if (++mistakes_ <= kMaxMistakes) diags_.report(DiagId::SyntaxError, span, message);
}

// --- expressions

uint32_t Builder::depth_below(const ExprNode& node) const {
  uint32_t depth = 0;
  for_each_child(node, [&](const Expr& child) { depth = std::max<uint32_t>(depth, depths_[child.id] + 1u); });
  return depth;
}

ExprPtr Builder::add(Span span, ExprNode node) {
  uint32_t depth = depth_below(node);
  if (depth > kMaxDepth) {
    too_deep("expressions", span);
    node = IntLiteral{};
    depth = 0;
  }
  auto id = static_cast<NodeId>(depths_.size());
  depths_.push_back(static_cast<uint16_t>(depth));
  return std::make_unique<Expr>(Expr{id, span, std::move(node)});
}

ExprPtr Builder::binary(Span span, BinaryOp op, ExprPtr left, ExprPtr right, Span op_span) {
  return add(span, Binary{op, std::move(left), std::move(right), op_span});
}

ExprPtr Builder::tuple_access(Span span, ExprPtr object, Integer index, Span index_span) {
  if (index.value > UINT32_MAX) {
    mistake(index_span, "the index of a tuple's element is too large");
    index.value = 0;
  }
  return add(span, TupleAccess{std::move(object), static_cast<uint32_t>(index.value), index_span});
}

ExprPtr Builder::integer(Span span, Integer value) { return add(span, IntLiteral{value.value, value.too_large}); }

ExprPtr Builder::positional(Span span, Integer index) { return add(span, Positional{static_cast<uint32_t>(index.value)}); }

ExprPtr Builder::variable(Span span, std::string name) { return add(span, Variable{name.substr(1)}); }

// `@x[(a, b)]` and `@x[a, b]` are the same map access.
ExprPtr Builder::map(Span span, std::string name, Exprs keys) {
  if (keys.size() == 1) {
    auto* tuple = std::get_if<TupleLiteral>(&keys[0]->node);
    if (tuple && tuple->elements.size() > 1) keys = Exprs(std::move(tuple->elements));
  }
  return add(span, MapAccess{std::move(name), std::move(keys)});
}

ExprPtr Builder::tuple(Span span, ExprPtr first, Exprs rest) {
  rest.insert(rest.begin(), std::move(first));
  return add(span, TupleLiteral{std::move(rest)});
}

// --- statements

Statement Builder::add_statement(Span span, StatementNode node, uint32_t depth) {
  if (depth > kMaxDepth) {
    too_deep("blocks", span);
    node = BlockStatement{};
    depth = 0;
  }
  return {std::make_unique<Stmt>(Stmt{span, std::move(node)}), depth};
}

Statement Builder::let(std::string variable, Span name_span, std::optional<TypeName> type, ExprPtr value, Span span) {
  return add_statement(span, Let{variable.substr(1), name_span, std::move(type), std::move(value)}, 0);
}

LoopHead Builder::loop_head(std::string variable, Span variable_span, ExprPtr first, ExprPtr last) {
  if (!last && !std::holds_alternative<MapAccess>(first->node)) {
    mistake(first->span, "a `for` loop runs over a range `0..10` or a map `@x`");
  }
  return {variable.substr(1), variable_span, std::move(first), std::move(last)};
}

Statement Builder::for_loop(Span span, LoopHead head, Body body) {
  if (head.last) {
    return loop(span, ForRange{std::move(head.variable), head.variable_span, std::move(head.first), std::move(head.last), {}}, std::move(body));
  }
  return loop(span, ForMap{std::move(head.variable), head.variable_span, std::move(head.first), {}}, std::move(body));
}

Statement Builder::block_statement(Span span, Body body) {
  return add_statement(span, BlockStatement{std::move(body.block)}, body.depth + 1);
}

Statement Builder::branch(Span span, ExprPtr condition, Body then) {
  return add_statement(span, If{std::move(condition), std::move(then.block), std::nullopt}, then.depth + 1);
}

Statement Builder::branch(Span span, ExprPtr condition, Body then, Body otherwise) {
  uint32_t depth = std::max(then.depth, otherwise.depth) + 1;
  return add_statement(span, If{std::move(condition), std::move(then.block), std::move(otherwise.block)}, depth);
}

Statement Builder::else_if(Span span, ExprPtr condition, Body then, Statement otherwise) {
  Body block;
  block.block.span = otherwise.node->span;
  return branch(span, std::move(condition), std::move(then), append(std::move(block), std::move(otherwise)));
}

Body Builder::append(Body body, Statement statement) {
  body.depth = std::max(body.depth, statement.depth);
  body.block.statements.push_back(std::move(statement.node));
  return body;
}

Body Builder::body(Body body, Span span) {
  body.block.span = span;
  return body;
}

// --- top level

void Builder::probe(std::vector<AttachPoint> attach_points, ExprPtr predicate, Body body, Span span) {
  script_.probes.push_back({std::move(attach_points), std::move(predicate), std::move(body.block), span});
}

void Builder::config(std::string key, std::string value, Span key_span, Span value_span) {
  script_.config.push_back({std::move(key), std::move(value), key_span, value_span});
}

void Builder::map_declaration(std::string name, std::string kind, Integer entries, Span span) {
  script_.map_declarations.push_back({std::move(name), std::move(kind), entries.value, span});
}

} // namespace trapline
