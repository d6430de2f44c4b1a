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
                 [&](const RecordLiteral& n) {
                   for (const RecordLiteral::Member& member : n.members) one(member.value);
                 },
                 [&](const BlockExpr& n) { one(n.value); },
                 [&](const Comptime& n) { one(n.operand); },
                 [&](const SizeOf& n) {
                   if (const auto* operand = std::get_if<ExprPtr>(&n.operand)) one(*operand);
                 },
                 [&](const TypeInfo& n) {
                   if (const auto* operand = std::get_if<ExprPtr>(&n.operand)) one(*operand);
                 },
                 [](const auto&) {},
             },
             node);
}

} // namespace

Script Builder::take_script(std::vector<std::string> includes) {
  script_.includes = std::move(includes);
  script_.node_count = first_node_ + static_cast<NodeId>(depths_.size());
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
  for_each_child(node, [&](const Expr& child) { depth = std::max<uint32_t>(depth, depths_[child.id - first_node_] + 1u); });
  return depth;
}

ExprPtr Builder::add(Span span, ExprNode node) {
  uint32_t depth = depth_below(node);
  if (depth > kMaxDepth) {
    too_deep("expressions", span);
    node = IntLiteral{};
    depth = 0;
  }
  auto id = first_node_ + static_cast<NodeId>(depths_.size());
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

std::vector<RecordLiteral::Member> Builder::member(std::vector<RecordLiteral::Member> members, std::string name, Span name_span, ExprPtr value) {
  for (const RecordLiteral::Member& other : members) {
    if (other.name == name) mistake(name_span, "the record has a member `" + name + "` already");
  }
  members.push_back({std::move(name), name_span, std::move(value)});
  return members;
}

ExprPtr Builder::block_value(Span span, Body body) {
  uint32_t depth = body.depth + 1;
  ExprPtr value = take_value(body.block);
  body.block.span = span;
  ExprPtr expr = add(span, BlockExpr{std::move(body.block), std::move(value)});
  if (depth > kMaxDepth) too_deep("blocks", span);
  uint16_t& known = depths_[expr->id - first_node_];
  known = static_cast<uint16_t>(std::min(std::max<uint32_t>(known, depth), kMaxDepth));
  return expr;
}

// Takes the value of a block out of its statements; null if it has none.
ExprPtr Builder::take_value(Block& block) {
  if (block.statements.empty()) return nullptr;
  Stmt& last = *block.statements.back();
  ExprPtr value;
  if (auto* statement = std::get_if<ExprStatement>(&last.node); statement && block.ends_open) {
    value = std::move(statement->expr);
  } else if (auto* branch = std::get_if<If>(&last.node); branch && branch->otherwise && has_value(branch->then) && has_value(*branch->otherwise)) {
    Span then_span = branch->then.span, otherwise_span = branch->otherwise->span;
    ExprPtr then = block_value(then_span, Body{std::move(branch->then), 0});
    ExprPtr otherwise = block_value(otherwise_span, Body{std::move(*branch->otherwise), 0});
    value = add(last.span, Ternary{std::move(branch->condition), std::move(then), std::move(otherwise)});
  } else {
    return nullptr;
  }
  block.statements.pop_back();
  block.ends_open = false;
  return value;
}

bool Builder::has_value(const Block& block) const {
  if (block.statements.empty()) return false;
  const Stmt& last = *block.statements.back();
  if (std::holds_alternative<ExprStatement>(last.node)) return block.ends_open;
  const auto* branch = std::get_if<If>(&last.node);
  return branch && branch->otherwise && has_value(branch->then) && has_value(*branch->otherwise);
}

ExprPtr Builder::choice(Span span, ExprPtr condition, Body then, Body otherwise) {
  Span where = otherwise.block.span;
  return choice(span, std::move(condition), std::move(then), block_value(where, std::move(otherwise)));
}

ExprPtr Builder::choice(Span span, ExprPtr condition, Body then, ExprPtr otherwise) {
  Span where = then.block.span;
  ExprPtr taken = block_value(where, std::move(then));
  return add(span, Ternary{std::move(condition), std::move(taken), std::move(otherwise)});
}

TypeName Builder::type_of(Span span, ExprPtr expr) {
  TypeName type;
  type.span = span;
  type.of = std::move(expr);
  return type;
}

ExprPtr Builder::type_operand(Span span, TypeName type, std::vector<TypeName::Suffix> pointers) {
  type.suffixes = std::move(pointers);
  type.suffixes.push_back({true, {}});
  return add(span, TypeOperand{std::move(type)});
}

// --- statements

Statement Builder::add_statement(Span span, StatementNode node, uint32_t depth) {
  if (depth > kMaxDepth) {
    too_deep("blocks", span);
    node = BlockStatement{};
    depth = 0;
  }
  return {std::make_unique<Stmt>(Stmt{span, std::move(node)}), depth, {}};
}

Statement Builder::assign(ExprPtr target, ExprPtr value, Span span) {
  auto* tuple = std::get_if<TupleLiteral>(&target->node);
  if (tuple && !tuple->elements.empty()) return unpack(std::move(tuple->elements), std::move(value), false, span);
  return add_statement(span, Assign{std::move(target), std::nullopt, std::move(value)}, 0);
}

Statement Builder::unpack(Exprs targets, ExprPtr value, bool declares, Span span) {
  std::string name = "tuple#" + std::to_string(++unpacked_);
  Span value_span = value->span;
  Statement all = add_statement(span, Let{name, value_span, std::nullopt, std::move(value)}, 0);
  for (uint32_t i = 0; i < targets.size(); ++i) {
    Span where = targets[i]->span;
    ExprPtr member = add(where, TupleAccess{add(value_span, Variable{name}), i, where});
    if (declares) {
      std::string variable = std::get<Variable>(targets[i]->node).name;
      all.rest.push_back(add_statement(where, Let{std::move(variable), where, std::nullopt, std::move(member)}, 0).node);
    } else {
      all.rest.push_back(add_statement(where, Assign{std::move(targets[i]), std::nullopt, std::move(member)}, 0).node);
    }
  }
  return all;
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
  for (StmtPtr& next : statement.rest) body.block.statements.push_back(std::move(next));
  return body;
}

Body Builder::append_last(Body body, Statement statement) {
  body = append(std::move(body), std::move(statement));
  body.block.ends_open = std::holds_alternative<ExprStatement>(body.block.statements.back()->node);
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

void Builder::probe_without_block(std::vector<AttachPoint> attach_points, ExprPtr predicate, Span span) {
  probe(std::move(attach_points), std::move(predicate), Body{{{}, span}, 0}, span);
  script_.probes.back().has_block = false;
}

void Builder::config(std::string key, std::string value, Span key_span, Span value_span) {
  script_.config.push_back({std::move(key), std::move(value), key_span, value_span});
}

void Builder::map_declaration(std::string name, std::string kind, Integer entries, Span span) {
  script_.map_declarations.push_back({std::move(name), std::move(kind), entries.value, span});
}

void Builder::import(std::string path, Span span) { script_.imports.push_back({std::move(path), span}); }

void Builder::macro(std::string name, Span name_span, std::vector<MacroDefinition::Parameter> parameters, Body body, Span span) {
  Span body_span = body.block.span;
  script_.macros.push_back({std::move(name), name_span, std::move(parameters), block_value(body_span, std::move(body)), span});
}

void Builder::function(std::string name, Span name_span, std::vector<FunctionDefinition::Parameter> parameters,
                       std::optional<TypeName> result, Body body, Span span) {
  Probe code{{}, nullptr, std::move(body.block), span};
  script_.functions.push_back({std::move(name), name_span, std::move(parameters), std::move(result), std::move(code)});
}

} // namespace trapline
