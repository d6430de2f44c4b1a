#include "random/generate.h"

#include <algorithm>

namespace trapline::random_programs {

namespace {

const uint64_t kNumbers[] = {0, 1, 2, 3, 5, 7, 10, 63, 64, 100, 127, 128, 255, 256, 1000, 32767, 32768, 65535, 65536, INT32_MAX,
                             uint64_t{1} << 31, UINT32_MAX, uint64_t{1} << 32, INT64_MAX, uint64_t{1} << 63, UINT64_MAX};
const int64_t kNegative[] = {-1, -2, -3, -7, -128, -129, -32768, -65536, INT32_MIN, int64_t{INT32_MIN} - 1, INT64_MIN + 1, INT64_MIN};
const char* const kTexts[] = {"", "a", "ab", "abc", "abd", "hello", "hello world", "\x81", "a longer text", "x\"y\\z"};

Expr binary(Op op, Expr left, Expr right) {
  Expr e{.kind = ExprKind::Binary, .op = op};
  e.parts.push_back(std::move(left));
  e.parts.push_back(std::move(right));
  return e;
}

Expr unary(ExprKind kind, Op op, Expr operand) {
  Expr e{.kind = kind, .op = op};
  e.parts.push_back(std::move(operand));
  return e;
}

Expr cast(const Type& type, Expr operand) {
  Expr e{.kind = ExprKind::Cast, .type = type};
  e.parts.push_back(std::move(operand));
  return e;
}

Expr number(uint64_t value) { return {.kind = ExprKind::Integer, .number = value}; }

} // namespace

Type Generator::integer_type() { return Type::integer(uint32_t{1} << random_.below(4), random_.chance(50)); }

Expr Generator::expression(const Type& shape, int depth) {
  switch (shape.kind) {
  case Kind::Bool: return boolean(depth);
  case Kind::String: return text(depth);
  case Kind::Array: return array(shape, depth);
  case Kind::Tuple: return tuple(shape, depth);
  default: return integer(depth);
  }
}

Expr Generator::condition(int depth) { return random_.chance(80) ? boolean(depth) : integer(depth); }

// --- what is kept somewhere

Expr Generator::stored(const Type& shape, int depth) {
  std::vector<uint32_t> known = variables(shape, false), plain = maps(shape, false);
  uint64_t choice = random_.below(known.size() + plain.size() + 2);
  if (choice < known.size()) return {.kind = ExprKind::Variable, .place = known[choice]};
  choice -= known.size();
  if (choice < plain.size()) return map_access(plain[choice], depth);
  // A member of a tuple.
  for (const auto& scope : scopes_) {
    for (uint32_t place : scope) {
      const std::vector<Type>& members = variable_shapes_[place].members;
      if (variable_shapes_[place].kind != Kind::Tuple) continue;
      auto found = std::ranges::find(members, shape);
      if (found == members.end() || random_.chance(30)) continue;
      return {.kind = ExprKind::Member, .number = static_cast<uint64_t>(found - members.begin()),
              .parts = {{.kind = ExprKind::Variable, .place = place}}};
    }
  }
  if (shape.kind == Kind::Int) return *input(integer_type());
  if (shape.kind == Kind::String) return *input(shape);
  return expression(shape, 0);
}

// --- integers

Expr Generator::literal() {
  if (random_.chance(30)) {
    int64_t value = random_.pick(kNegative);
    return {.kind = ExprKind::Integer, .negative = true, .number = static_cast<uint64_t>(value)};
  }
  if (random_.chance(15)) return number(random_.next() >> random_.below(64));
  return number(random_.pick(kNumbers));
}

Expr Generator::integer_leaf() {
  uint64_t choice = random_.below(100);
  if (choice < 30) return literal();
  if (choice < 34) return {.kind = ExprKind::Positional, .number = 1 + random_.below(7)};
  if (choice < 44) return cast(integer_type(), literal());
  if (choice < 62) return *input(integer_type());
  return stored(Type::integer(8, true), 0);
}

// From 0 to 7.
Expr Generator::small(int depth) { return binary(Op::BitAnd, integer(depth - 1), number(random_.chance(50) ? 3 : 7)); }

Expr Generator::arithmetic(int depth) {
  const Op ops[] = {Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Mod, Op::Div, Op::Mod, Op::BitAnd, Op::BitOr, Op::BitXor, Op::Shl, Op::Shr, Op::Shr};
  Op op = random_.pick(ops);
  Expr left = integer(depth - 1);
  Expr right = is_shift(op) && random_.chance(70) ? number(random_.below(66)) : integer(depth - 1);
  return binary(op, std::move(left), std::move(right));
}

Expr Generator::integer(int depth) {
  if (depth <= 0) return integer_leaf();
  uint64_t choice = random_.below(100);
  if (choice < 20) return integer_leaf();
  if (choice < 60) return arithmetic(depth);
  if (choice < 66) return unary(ExprKind::Unary, random_.chance(50) ? Op::Negate : Op::Complement, integer(depth - 1));
  if (choice < 76) return cast(integer_type(), integer(depth - 1));
  if (choice < 82) return integer_part(depth);
  if (choice < 90) {
    Expr e{.kind = ExprKind::Ternary};
    if (random_.chance(80)) e.parts.push_back(condition(depth - 1));
    e.parts.push_back(integer(depth - 1));
    e.parts.push_back(integer(depth - 1));
    return e;
  }
  if (choice < 94 && effects_) {
    const Op ops[] = {Op::PreIncrement, Op::PreDecrement, Op::PostIncrement, Op::PostDecrement};
    return unary(ExprKind::Step, random_.pick(ops), assignable_number());
  }
  return stored(Type::integer(8, true), depth - 1);
}

// Numbers that are made of other values.
Expr Generator::integer_part(int depth) {
  std::vector<uint32_t> aggregates = maps(Type::integer(8, true), true);
  switch (random_.below(7)) {
  case 0: return cast(integer_type(), boolean(depth - 1));
  case 1: {
    Expr e{.kind = ExprKind::SizeOf, .type = random_.chance(50) ? integer_type() : make_array()};
    return e;
  }
  case 2: {
    Type type = make_array();
    Expr index = random_.chance(50) ? number(random_.below(type.size)) : random_.chance(50) ? small(depth) : integer(depth - 1);
    Expr e = unary(ExprKind::Index, Op::None, array(type, depth - 1));
    e.parts.push_back(std::move(index));
    return type.members[0].kind == Kind::Bool ? cast(integer_type(), std::move(e)) : e;
  }
  case 3: {
    Expr e = unary(ExprKind::Index, Op::None, text(depth - 1));
    e.parts.push_back(random_.chance(50) ? number(random_.below(3)) : small(depth));
    return e;
  }
  case 4: {
    Type type = make_array();
    return cast(Type::integer(type.size * type.members[0].size, random_.chance(50)), array(type, depth - 1));
  }
  case 5:
    if (!aggregates.empty()) return cast(Type::integer(8, random_.chance(50)), map_access(random_.pick(aggregates), depth - 1));
    return literal();
  default:
    for (uint32_t map = 0; map < program_.maps.size(); ++map) {
      if (program_.maps[map].keyed && !program_.maps[map].is_input) return {.kind = ExprKind::Length, .place = map};
    }
    return literal();
  }
}

// --- booleans

Expr Generator::comparison(int depth) {
  const Op orders[] = {Op::Less, Op::LessEqual, Op::Greater, Op::GreaterEqual, Op::Equal, Op::NotEqual};
  if (random_.chance(65)) return binary(random_.pick(orders), integer(depth - 1), integer(depth - 1));
  Type shape = random_.chance(50) ? Type::string(0) : make_shape(1);
  Op op = random_.chance(50) ? Op::Equal : Op::NotEqual;
  return binary(op, expression(shape, depth - 1), expression(shape, depth - 1));
}

Expr Generator::boolean(int depth) {
  if (depth <= 0) {
    if (random_.chance(20)) return {.kind = ExprKind::Boolean, .number = random_.below(2)};
    if (random_.chance(40)) return binary(random_.chance(50) ? Op::Less : Op::NotEqual, integer_leaf(), integer_leaf());
    std::vector<uint32_t> known = variables(Type::boolean(), false);
    if (!known.empty()) return {.kind = ExprKind::Variable, .place = random_.pick(known)};
    return cast(Type::boolean(), integer_leaf());
  }
  uint64_t choice = random_.below(100);
  if (choice < 45) return comparison(depth);
  if (choice < 70) return binary(random_.chance(50) ? Op::And : Op::Or, condition(depth - 1), condition(depth - 1));
  if (choice < 78) return unary(ExprKind::Unary, Op::Not, condition(depth - 1));
  if (choice < 84) return cast(Type::boolean(), integer(depth - 1));
  if (choice < 88) {
    Expr e{.kind = ExprKind::Ternary};
    for (int i = 0; i < 3; ++i) e.parts.push_back(boolean(depth - 1));
    return e;
  }
  if (choice < 94) {
    for (uint32_t map = 0; map < program_.maps.size(); ++map) {
      if (!program_.maps[map].keyed || program_.maps[map].is_input || random_.chance(30)) continue;
      bool removes = effects_ && random_.chance(30);
      return {.kind = removes ? ExprKind::Delete : ExprKind::HasKey, .place = map, .parts = keys(map, depth - 1)};
    }
  }
  return stored(Type::boolean(), depth - 1);
}

// --- strings, tuples, arrays

Expr Generator::text(int depth) {
  uint64_t choice = random_.below(100);
  if (choice < 30) return {.kind = ExprKind::Text, .text = random_.pick(kTexts)};
  if (choice < 34) return {.kind = ExprKind::PositionalText, .number = 1 + random_.below(inputs_.positional.size())};
  if (choice < 50) return *input(Type::string(0));
  if (choice < 55) return cast(Type::string(64), {.kind = ExprKind::Text, .text = random_.pick(kTexts)});
  if (choice < 70 && depth > 0) {
    Expr e{.kind = ExprKind::Ternary};
    e.parts.push_back(condition(depth - 1));
    for (int i = 0; i < 2; ++i) e.parts.push_back(text(depth - 1));
    return e;
  }
  return stored(Type::string(0), depth - 1);
}

Expr Generator::tuple(const Type& shape, int depth) {
  if (depth > 0 && random_.chance(10)) {
    Expr e{.kind = ExprKind::Ternary};
    e.parts.push_back(condition(depth - 1));
    for (int i = 0; i < 2; ++i) e.parts.push_back(tuple(shape, depth - 1));
    return e;
  }
  if (depth > 0 && random_.chance(40)) return stored(shape, depth - 1);
  Expr e{.kind = ExprKind::Tuple};
  for (const Type& member : shape.members) e.parts.push_back(expression(member, depth - 1));
  return e;
}

Expr Generator::array(const Type& type, int depth) {
  if (depth > 0 && random_.chance(40)) return stored(type, depth - 1);
  const Type& element = type.members[0];
  Type whole = Type::integer(type.size * element.size, random_.chance(50));
  if (element.kind != Kind::Bool) return cast(type, cast(whole, integer(depth - 1)));
  // The bytes of booleans are 0 or 1.
  return cast(type, cast(whole, binary(Op::BitAnd, integer(depth - 1), number(0x0101010101010101))));
}

} // namespace trapline::random_programs
