#include "random/typing.h"

#include <charconv>

namespace trapline::random_programs {

namespace {

constexpr int kRounds = 40;

} // namespace

std::string positional_text(const Inputs& inputs, uint64_t index) {
  return index <= inputs.positional.size() ? inputs.positional[index - 1] : std::string();
}

Typed positional_number(const Inputs& inputs, uint64_t index) {
  std::string text = positional_text(inputs, index);
  bool negative = text.starts_with('-');
  uint64_t value = 0;
  std::from_chars(text.data() + (negative ? 1 : 0), text.data() + text.size(), value);
  if (negative) return {Type::integer(8, true), 0 - value};
  return {Type::integer(8, value <= INT64_MAX), value};
}

uint32_t size_of(const Type& type) { return type.kind == Kind::Array ? type.size * size_of(type.members[0]) : type.size; }

// --- expressions

Type Typing::place_type(const Type& settled, const Joined* collected) const {
  if (settled.kind != Kind::Unknown || !eager_ || !collected) return settled;
  return collected->type().value_or(Type());
}

Typed Typing::typed(const Expr& e) const {
  auto of = [](std::vector<Type> const& types, uint32_t at) { return at < types.size() ? types[at] : Type(); };
  auto so_far = [](std::vector<Joined> const& places, uint32_t at) { return at < places.size() ? &places[at] : nullptr; };
  switch (e.kind) {
  case ExprKind::Integer: return {Type::integer(8, e.negative || e.number <= INT64_MAX), e.number};
  case ExprKind::Boolean: return {Type::boolean(), e.number};
  case ExprKind::Text: return {Type::string(static_cast<uint32_t>(e.text.size()) + 1), {}};
  case ExprKind::Positional: return positional_number(inputs_, e.number);
  case ExprKind::PositionalText: return {Type::string(static_cast<uint32_t>(positional_text(inputs_, e.number).size()) + 1), {}};
  case ExprKind::Variable: return {place_type(of(types_.variables, e.place), so_far(variables_, e.place)), {}};
  case ExprKind::Map: return {place_type(of(types_.values, e.place), so_far(values_, e.place)), {}};
  case ExprKind::Unary: return typed_unary(e);
  case ExprKind::Step: return typed(e.parts[0]);
  case ExprKind::Binary: return typed_binary(e);
  case ExprKind::Ternary: return typed_ternary(e);
  case ExprKind::Cast: return {e.type, {}};
  case ExprKind::Tuple: {
    std::vector<Type> members;
    for (const Expr& part : e.parts) {
      members.push_back(typed(part).type);
      if (members.back().kind == Kind::Unknown) return {};
    }
    return {Type::tuple(std::move(members)), {}};
  }
  case ExprKind::Member: {
    if (e.parts[0].kind == ExprKind::Tuple) return typed(e.parts[0].parts[e.number]);
    Type tuple = typed(e.parts[0]).type;
    return {e.number < tuple.members.size() ? tuple.members[e.number] : Type(), {}};
  }
  case ExprKind::Index: {
    Type object = typed(e.parts[0]).type;
    if (object.kind == Kind::String) return {Type::integer(1, true), {}};
    return {object.kind == Kind::Array ? object.members[0] : Type(), {}};
  }
  case ExprKind::SizeOf: {
    Type type = e.parts.empty() ? e.type : typed(e.parts[0]).type;
    return {Type::integer(8, true), size_of(type)};
  }
  case ExprKind::Length: return {Type::integer(8, true), {}};
  case ExprKind::HasKey:
  case ExprKind::Delete: return {Type::boolean(), {}};
  }
  return {};
}

Typed Typing::typed_unary(const Expr& e) const {
  Typed operand = typed(e.parts[0]);
  Typed result{Type::boolean(), {}};
  if (operand.literal) result.literal = apply_unary(e.op, *operand.literal);
  if (e.op == Op::Not) return result;
  if (operand.type.kind == Kind::Unknown) return {};
  bool smallest = e.op == Op::Negate && operand.literal == uint64_t{1} << 63; // -9223372036854775808 is one number
  result.type = Type::integer(8, operand.type.is_signed || smallest);
  return result;
}

Typed Typing::typed_binary(const Expr& e) const {
  Typed left = typed(e.parts[0]), right = typed(e.parts[1]);
  bool known = left.type.kind != Kind::Unknown && right.type.kind != Kind::Unknown;
  if (!known && !is_comparison(e.op) && !is_logical(e.op)) return {};
  Typed result{result_type(e.op, left.operand(), right.operand()), {}};
  if (left.literal && right.literal)
    result.literal = apply(e.op, *left.literal, *right.literal, works_signed(e.op, left.operand(), right.operand()));
  return result;
}

Typed Typing::typed_ternary(const Expr& e) const {
  Typed condition = typed(e.parts[0]);
  const Expr& then = e.parts[e.parts.size() - 2];
  const Expr& otherwise = e.parts.back();
  Joined joined;
  for (const Expr* side : {&then, &otherwise}) {
    if (typed(*side).type.kind == Kind::Unknown) return {};
    joined.join(contribution(*side));
  }
  std::optional<Type> type = joined.type();
  if (!type) return {};
  Typed left = typed(then), right = typed(otherwise), result{std::move(*type), {}};
  if (condition.literal && left.literal && right.literal) result.literal = *condition.literal ? left.literal : right.literal;
  return result;
}

// Integers made of literals may still get any width and sign, also those inside of tuples.
Joined Typing::contribution(const Expr& e) const {
  Joined joined;
  if (e.kind == ExprKind::Tuple) {
    std::vector<Joined> members;
    for (const Expr& part : e.parts) members.push_back(contribution(part));
    joined.add_tuple(members);
    return joined;
  }
  Typed value = typed(e);
  if (value.literal && value.type.kind == Kind::Int) joined.add_literal(*value.literal, value.type.is_signed);
  else joined.add(value.type);
  return joined;
}

// --- places

void Typing::put_keys(const Expr& map) {
  if (map.parts.empty()) return;
  if (map.parts.size() == 1) {
    keys_[map.place].join(contribution(map.parts[0]));
    return;
  }
  std::vector<Joined> members;
  for (const Expr& key : map.parts) members.push_back(contribution(key));
  keys_[map.place].add_tuple(members);
}

void Typing::put(const Expr& target, const Expr& value) {
  Joined& place = target.kind == ExprKind::Variable ? variables_[target.place] : values_[target.place];
  if (target.kind == ExprKind::Variable && program_.variables[target.place].declared.kind != Kind::Unknown) return;
  place.join(contribution(value));
}

void Typing::visit(const Expr& e) {
  for (const Expr& part : e.parts) visit(part);
  if (e.kind == ExprKind::Map || e.kind == ExprKind::HasKey || e.kind == ExprKind::Delete) put_keys(e);
  if (e.kind != ExprKind::Step) return;
  const Expr& target = e.parts[0];
  if (target.kind == ExprKind::Map) values_[target.place].add_wide();
  else if (program_.variables[target.place].declared.kind == Kind::Unknown) variables_[target.place].add_wide();
}

void Typing::visit(const Stmt& stmt) {
  for (const Expr& e : stmt.exprs) visit(e);
  Expr variable{.kind = ExprKind::Variable, .place = stmt.place};
  switch (stmt.kind) {
  case StmtKind::Let:
    if (!stmt.exprs.empty()) put(variable, stmt.exprs[0]);
    break;
  case StmtKind::Assign: put(stmt.exprs[0], stmt.exprs[1]); break;
  case StmtKind::Combine: put(stmt.exprs[0], {.kind = ExprKind::Binary, .op = stmt.op, .parts = stmt.exprs}); break;
  case StmtKind::Aggregate: {
    Type type = stmt.exprs.size() > 1 ? typed(stmt.exprs[1]).type : Type::integer(8, false);
    values_[stmt.exprs[0].place].add(Type::integer(8, type.is_signed));
    break;
  }
  case StmtKind::For:
    put(variable, stmt.exprs[0]);
    put(variable, stmt.exprs[1]);
    break;
  default: break;
  }
  visit(stmt.body);
  visit(stmt.otherwise);
}

void Typing::visit(const std::vector<Stmt>& body) {
  for (const Stmt& stmt : body) visit(stmt);
}

std::optional<Types> Typing::collect() {
  Types found;
  auto take = [](std::vector<Joined>& places, std::vector<Type>& into) {
    for (const Joined& place : places) {
      std::optional<Type> type = place.type();
      if (!type) return false;
      into.push_back(std::move(*type));
    }
    return true;
  };
  if (!take(variables_, found.variables) || !take(keys_, found.keys) || !take(values_, found.values)) return std::nullopt;
  for (size_t i = 0; i < found.variables.size(); ++i) {
    if (program_.variables[i].declared.kind != Kind::Unknown) found.variables[i] = program_.variables[i].declared;
  }
  for (size_t i = 0; i < found.values.size(); ++i) {
    if (!program_.maps[i].is_input) continue;
    found.values[i] = program_.maps[i].input;
    found.keys[i] = Type::integer(8, true);
  }
  return found;
}

std::optional<Types> Typing::settle(bool eager) {
  eager_ = eager;
  // What is known before anything is looked at: declared variables and inputs.
  variables_.assign(program_.variables.size(), {});
  keys_.assign(program_.maps.size(), {});
  values_.assign(program_.maps.size(), {});
  types_ = collect().value_or(Types());
  for (int round = 0; round < kRounds; ++round) {
    variables_.assign(program_.variables.size(), {});
    keys_.assign(program_.maps.size(), {});
    values_.assign(program_.maps.size(), {});
    visit(program_.body);
    std::optional<Types> found = collect();
    if (!found) return std::nullopt;
    if (*found == types_) return found;
    types_ = std::move(*found);
  }
  return std::nullopt;
}

std::optional<Types> Typing::infer(const Program& program, const Inputs& inputs) {
  Typing typing(program, inputs);
  std::optional<Types> patient = typing.settle(false), eager = typing.settle(true);
  return patient && eager && *patient == *eager ? patient : std::nullopt;
}

} // namespace trapline::random_programs
