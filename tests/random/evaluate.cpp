#include "random/evaluate.h"

#include <algorithm>
#include <fmt/format.h>

namespace trapline::random_programs {

namespace {

constexpr uint64_t kMostSteps = 20'000; // far above what the generator's loops can take

} // namespace

std::optional<Outcome> evaluate(const Program& program, const Inputs& inputs, const Types& types) {
  return Evaluator(program, inputs, types).run();
}

std::optional<Value> constant_value(const Expr& e, const Program& program, const Inputs& inputs, const Types& types) {
  return Evaluator(program, inputs, types).constant(e);
}

Evaluator::Evaluator(const Program& program, const Inputs& inputs, const Types& types)
    : program_(program), types_(types), inputs_(inputs), typing_(program, inputs) {
  typing_.set_types(types);
  types_.variables.resize(program.variables.size());
  types_.keys.resize(program.maps.size());
  types_.values.resize(program.maps.size());
  for (const Type& type : types_.variables) variables_.push_back(Value::zero(type));
  maps_.resize(program.maps.size());
  for (size_t i = 0; i < inputs.maps.size() && i < maps_.size(); ++i) {
    const Input& input = inputs.maps[i];
    for (size_t k = 0; k < std::max(input.numbers.size(), input.texts.size()); ++k) {
      Value key = Value::number(k, types_.keys[i]);
      Value value = input.texts.empty() ? Value::number(input.numbers[k], input.type) : Value::string(input.texts[k], input.type.size);
      maps_[i][shown(key)] = {key, value};
    }
  }
}

const Typed& Evaluator::typed(const Expr& e) {
  auto [found, is_new] = typed_.try_emplace(&e);
  if (is_new) {
    Typed typed = typing_.typed(e);
    found->second = std::move(typed);
  }
  return found->second;
}

bool Evaluator::touch() {
  if (constant_only_) failed_ = true;
  return !failed_;
}

std::optional<Value> Evaluator::constant(const Expr& e) {
  constant_only_ = true;
  Value value = evaluate(e);
  return failed_ ? std::nullopt : std::optional(std::move(value));
}

std::optional<Outcome> Evaluator::run() {
  execute(program_.body);
  if (failed_) return std::nullopt;
  for (size_t i = 0; i < maps_.size(); ++i) {
    const Map& map = program_.maps[i];
    if (map.is_input) continue;
    for (const auto& [text, element] : maps_[i]) {
      std::string key = map.keyed ? shown(element.key) : "";
      if (map.keyed && element.key.type.kind == Kind::Tuple) key = key.substr(1, key.size() - 2);
      std::string value = shown(read(map, element, types_.values[i]));
      if (map.aggregate == "stats") {
        value = fmt::format("{{ .count = {}, .average = {}, .total = {} }}", element.count, value,
                            shown(Value::number(element.total, types_.values[i])));
      }
      outcome_.maps.push_back(fmt::format("@{}{}: {}", map.name, map.keyed ? "[" + key + "]" : "", value));
    }
  }
  std::sort(outcome_.maps.begin(), outcome_.maps.end());
  return std::move(outcome_);
}

// --- statements

Evaluator::Flow Evaluator::execute(const std::vector<Stmt>& body) {
  for (const Stmt& stmt : body) {
    if (++steps_ > kMostSteps) failed_ = true;
    if (failed_) return Flow::Return;
    Flow flow = execute(stmt);
    if (flow != Flow::Next) return flow;
  }
  return Flow::Next;
}

Evaluator::Flow Evaluator::execute(const Stmt& stmt) {
  auto first = [&]() -> const Expr& { return stmt.exprs[0]; };
  switch (stmt.kind) {
  case StmtKind::Let: {
    const Type& type = types_.variables[stmt.place];
    variables_[stmt.place] = stmt.exprs.empty() ? Value::zero(type) : convert(evaluate(first()), type);
    return Flow::Next;
  }
  case StmtKind::Assign: assign(first(), evaluate(stmt.exprs[1])); return Flow::Next;
  case StmtKind::Combine: {
    Value old = evaluate(first()), by = evaluate(stmt.exprs[1]);
    assign(first(), combine(stmt.op, old, typed(first()).operand(), by, typed(stmt.exprs[1]).operand()));
    return Flow::Next;
  }
  case StmtKind::Discard:
  case StmtKind::Evaluate: evaluate(first()); return Flow::Next;
  case StmtKind::Aggregate: aggregate(stmt); return Flow::Next;
  case StmtKind::If: return execute(evaluate(first()).bits != 0 ? stmt.body : stmt.otherwise);
  case StmtKind::While: return execute_while(stmt);
  case StmtKind::For: return execute_for(stmt);
  case StmtKind::Unroll:
    for (uint64_t i = 0; i < stmt.number; ++i) {
      if (Flow flow = execute(stmt.body); flow != Flow::Next) return flow;
    }
    return Flow::Next;
  case StmtKind::Block: return execute(stmt.body);
  case StmtKind::Break: return Flow::Break;
  case StmtKind::Continue: return Flow::Continue;
  case StmtKind::Return: return Flow::Return;
  case StmtKind::Print: outcome_.lines.push_back(shown(evaluate(first()))); return Flow::Next;
  case StmtKind::Printf: {
    std::vector<Value> arguments;
    for (const Expr& e : stmt.exprs) arguments.push_back(evaluate(e));
    outcome_.lines.push_back(formatted(stmt.text, arguments));
    return Flow::Next;
  }
  }
  return Flow::Next;
}

Evaluator::Flow Evaluator::execute_while(const Stmt& stmt) {
  while (!failed_ && evaluate(stmt.exprs[0]).bits != 0) {
    if (++steps_ > kMostSteps) failed_ = true;
    Flow flow = execute(stmt.body);
    if (flow == Flow::Break) break;
    if (flow == Flow::Return) return flow;
  }
  return Flow::Next;
}

Evaluator::Flow Evaluator::execute_for(const Stmt& stmt) {
  const Type& type = types_.variables[stmt.place];
  uint64_t first = convert(evaluate(stmt.exprs[0]), type).bits, last = convert(evaluate(stmt.exprs[1]), type).bits;
  for (uint64_t i = first; apply(Op::Less, i, last, type.is_signed) && !failed_; ++i) {
    if (++steps_ > kMostSteps) failed_ = true;
    variables_[stmt.place] = Value::number(i, type);
    Flow flow = execute(stmt.body);
    if (flow == Flow::Break) break;
    if (flow == Flow::Return) return flow;
  }
  return Flow::Next;
}

void Evaluator::assign(const Expr& target, const Value& value) {
  if (!touch()) return;
  if (target.kind == ExprKind::Variable) {
    variables_[target.place] = convert(value, types_.variables[target.place]);
    return;
  }
  Element element;
  std::string key = key_of(target, &element.key);
  element.value = convert(value, types_.values[target.place]);
  maps_[target.place][key] = std::move(element);
}

void Evaluator::aggregate(const Stmt& stmt) {
  const Expr& target = stmt.exprs[0];
  const Type& type = types_.values[target.place];
  Value argument = stmt.exprs.size() > 1 ? evaluate(stmt.exprs[1]) : Value::number(1, type);
  Value key;
  Element& element = maps_[target.place][key_of(target, &key)];
  element.key = std::move(key);
  ++element.count;
  bool is_extreme = stmt.text == "min" || stmt.text == "max";
  bool better = apply(stmt.text == "min" ? Op::Less : Op::Greater, argument.bits, element.total, type.is_signed) != 0;
  if (!is_extreme) element.total += argument.bits;
  else if (element.count == 1 || better) element.total = argument.bits;
}

// --- expressions

Value Evaluator::evaluate(const Expr& e) {
  if (failed_) return Value::zero(typed(e).type);
  switch (e.kind) {
  case ExprKind::Integer:
  case ExprKind::Boolean:
  case ExprKind::Positional: return Value::number(*typed(e).literal, typed(e).type);
  case ExprKind::Text: return Value::string(e.text, typed(e).type.size);
  case ExprKind::PositionalText: return Value::string(positional_text(inputs_, e.number), typed(e).type.size);
  case ExprKind::Variable: return touch() ? variables_[e.place] : Value::zero(typed(e).type);
  case ExprKind::Map:
  case ExprKind::Length:
  case ExprKind::HasKey:
  case ExprKind::Delete: return map_access(e);
  case ExprKind::Unary: return unary(e);
  case ExprKind::Step: return step(e);
  case ExprKind::Binary: return binary(e);
  case ExprKind::Ternary: return ternary(e);
  case ExprKind::Cast: return cast(e);
  case ExprKind::Tuple: return tuple(e);
  case ExprKind::Member: {
    Value object = evaluate(e.parts[0]);
    return e.number < object.members.size() ? object.members[e.number] : Value();
  }
  case ExprKind::Index: return index(e);
  case ExprKind::SizeOf: return Value::number(*typed(e).literal, typed(e).type);
  }
  return {};
}

Value Evaluator::unary(const Expr& e) { return Value::number(apply_unary(e.op, evaluate(e.parts[0]).bits), typed(e).type); }

Value Evaluator::step(const Expr& e) {
  const Expr& target = e.parts[0];
  bool up = e.op == Op::PreIncrement || e.op == Op::PostIncrement;
  bool before = e.op == Op::PreIncrement || e.op == Op::PreDecrement;
  Value old = evaluate(target);
  Value changed = Value::number(up ? old.bits + 1 : old.bits - 1, old.type);
  assign(target, changed);
  return before ? changed : old;
}

Value Evaluator::binary(const Expr& e) {
  Value left = evaluate(e.parts[0]);
  if (e.op == Op::And && left.bits == 0) return Value::number(0, Type::boolean());
  if (e.op == Op::Or && left.bits != 0) return Value::number(1, Type::boolean());
  Value right = evaluate(e.parts[1]);
  return combine(e.op, left, typed(e.parts[0]).operand(), right, typed(e.parts[1]).operand());
}

Value Evaluator::combine(Op op, const Value& left, const Operand& left_operand, const Value& right, const Operand& right_operand) {
  if (!left.type.is_number()) {
    bool equal = left.same(right);
    if (left.type.kind == Kind::String && op != Op::Equal && op != Op::NotEqual)
      return Value::number(op == Op::Less ? left.text < right.text : left.text > right.text, Type::boolean());
    return Value::number(equal == (op == Op::Equal), Type::boolean());
  }
  uint64_t bits = apply(op, left.bits, right.bits, works_signed(op, left_operand, right_operand));
  return Value::number(bits, result_type(op, left_operand, right_operand));
}

Value Evaluator::ternary(const Expr& e) {
  Value condition = evaluate(e.parts[0]);
  const Type& type = typed(e).type;
  if (e.parts.size() == 2) return convert(condition.bits != 0 ? condition : evaluate(e.parts[1]), type);
  return convert(evaluate(e.parts[condition.bits != 0 ? 1 : 2]), type);
}

// Numbers and arrays are the same bytes, lowest first.
Value Evaluator::cast(const Expr& e) {
  Value from = evaluate(e.parts[0]);
  if (e.type.kind == Kind::String) return Value::string(from.text, e.type.size);
  if (e.type.is_number() && from.type.kind == Kind::Array) {
    uint64_t bits = 0;
    uint32_t element = from.type.members[0].size;
    for (size_t i = 0; i < from.members.size(); ++i) {
      uint64_t mask = element >= 8 ? UINT64_MAX : (uint64_t{1} << (8 * element)) - 1;
      bits |= (from.members[i].bits & mask) << (8 * element * i);
    }
    return Value::number(bits, e.type);
  }
  if (e.type.kind != Kind::Array) return Value::number(from.bits, e.type);
  Value array = Value::zero(e.type);
  for (uint32_t i = 0; i < e.type.size; ++i) {
    const Type& element = e.type.members[0];
    array.members[i] = Value::number(from.bits >> (8 * element.size * i), Type::integer(element.size, element.is_signed));
    array.members[i].type = element;
  }
  return array;
}

Value Evaluator::tuple(const Expr& e) {
  Value value{typed(e).type, 0, {}, {}};
  for (const Expr& part : e.parts) value.members.push_back(evaluate(part));
  return value;
}

// Outside of an array or a string is 0.
Value Evaluator::index(const Expr& e) {
  Value object = evaluate(e.parts[0]);
  uint64_t at = evaluate(e.parts[1]).bits;
  const Type& type = typed(e).type;
  if (object.type.kind == Kind::String) {
    char c = at < object.text.size() ? object.text[at] : '\0';
    return Value::number(static_cast<uint64_t>(static_cast<signed char>(c)), type);
  }
  return at < object.members.size() ? object.members[at] : Value::zero(type);
}

// --- maps

std::string Evaluator::key_of(const Expr& map, Value* key) {
  if (map.parts.empty()) return "";
  Value value;
  if (map.parts.size() == 1) {
    value = evaluate(map.parts[0]);
  } else {
    for (const Expr& part : map.parts) value.members.push_back(evaluate(part));
  }
  value = convert(value, types_.keys[map.place]);
  std::string text = shown(value);
  if (key) *key = std::move(value);
  return text;
}

Value Evaluator::read(const Map& map, const Element& element, const Type& type) const {
  if (map.aggregate.empty()) return element.value;
  if (map.aggregate == "count") return Value::number(element.count, type);
  if (map.aggregate != "avg" && map.aggregate != "stats") return Value::number(element.total, type);
  return Value::number(element.count == 0 ? 0 : apply(Op::Div, element.total, element.count, type.is_signed), type);
}

Value Evaluator::map_access(const Expr& e) {
  if (!touch()) return Value::zero(typed(e).type);
  Elements& elements = maps_[e.place];
  if (e.kind == ExprKind::Length) return Value::number(elements.size(), typed(e).type);
  std::string key = key_of(e);
  if (e.kind == ExprKind::Delete) return Value::number(elements.erase(key), Type::boolean());
  auto found = elements.find(key);
  if (e.kind == ExprKind::HasKey) return Value::number(found != elements.end(), Type::boolean());
  const Type& type = typed(e).type;
  return found == elements.end() ? Value::zero(type) : read(program_.maps[e.place], found->second, type);
}

} // namespace trapline::random_programs
