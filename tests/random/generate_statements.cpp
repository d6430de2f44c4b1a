#include "random/generate.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace trapline::random_programs {

namespace {

constexpr int kDepth = 3; // of expressions
constexpr int kMostLoops = 2;

Expr variable(uint32_t place) { return {.kind = ExprKind::Variable, .place = place}; }
Expr number(uint64_t value) { return {.kind = ExprKind::Integer, .number = value}; }

Expr step(Op op, Expr target) {
  Expr e{.kind = ExprKind::Step, .op = op};
  e.parts.push_back(std::move(target));
  return e;
}

Expr less(Expr left, Expr right) {
  Expr e{.kind = ExprKind::Binary, .op = Op::Less};
  e.parts.push_back(std::move(left));
  e.parts.push_back(std::move(right));
  return e;
}

Stmt statement_of(StmtKind kind, Expr first) {
  Stmt stmt{.kind = kind};
  stmt.exprs.push_back(std::move(first));
  return stmt;
}

Stmt statement_of(StmtKind kind, Expr first, Expr second) {
  Stmt stmt = statement_of(kind, std::move(first));
  stmt.exprs.push_back(std::move(second));
  return stmt;
}

} // namespace

std::vector<Stmt> Generator::body(size_t count, int depth) {
  std::vector<Stmt> list;
  for (size_t i = 0; i < count; ++i) statement(list, depth);
  return list;
}

std::vector<Stmt> Generator::scope(size_t count, int depth) {
  scopes_.emplace_back();
  std::vector<Stmt> list = body(count, depth);
  scopes_.pop_back();
  return list;
}

void Generator::statement(std::vector<Stmt>& body, int depth) {
  uint64_t choice = random_.below(100);
  if (depth == 0 || choice < 72) return simple_statement(body);
  size_t count = 1 + random_.below(4);
  if (choice < 84) {
    Stmt stmt = statement_of(StmtKind::If, condition(kDepth - 1));
    stmt.body = scope(count, depth - 1);
    if (random_.chance(50)) stmt.otherwise = scope(count, depth - 1);
    body.push_back(std::move(stmt));
  } else if (choice < 87) {
    body.push_back({.kind = StmtKind::Block, .body = scope(count, depth - 1)});
  } else if (loops_ == kMostLoops) {
    simple_statement(body);
  } else if (choice < 91) {
    while_loop(body, depth);
  } else if (choice < 96) {
    for_loop(body, depth);
  } else {
    // break and continue do not belong to it.
    int loops = std::exchange(loops_, 0);
    body.push_back({.kind = StmtKind::Unroll, .number = 1 + random_.below(4), .body = scope(count, 0)});
    loops_ = loops;
  }
}

void Generator::simple_statement(std::vector<Stmt>& body) {
  uint64_t choice = random_.below(100);
  if (choice < 18) return declare(body);
  if (choice < 28) return assign(body);
  if (choice < 40) return assign_map(body);
  if (choice < 50) return combine(body);
  if (choice < 54) {
    const Op ops[] = {Op::PreIncrement, Op::PreDecrement, Op::PostIncrement, Op::PostDecrement};
    return body.push_back(statement_of(StmtKind::Evaluate, step(random_.pick(ops), assignable_number())));
  }
  if (choice < 58) return body.push_back(statement_of(StmtKind::Discard, expression(make_shape(1), kDepth - 1)));
  if (choice < 63) return twins(body);
  if (choice < 67) return jump(body);
  if (choice < 80) return printf(body);
  return print(body);
}

// --- variables and maps

void Generator::declare(std::vector<Stmt>& body) {
  Type shape = make_shape(2);
  bool is_let = random_.chance(50);
  // The value does not see the variable.
  Expr value = expression(shape, kDepth);
  uint32_t place = new_variable(shape, true);
  Stmt stmt{.kind = is_let ? StmtKind::Let : StmtKind::Assign, .place = place};
  if (is_let && random_.chance(50)) {
    Type& declared = program_.variables[place].declared;
    if (shape.kind == Kind::Int) declared = integer_type();
    if (shape.kind == Kind::Bool || shape.kind == Kind::Array) declared = shape;
    if (shape.kind == Kind::String) declared = Type::string(64);
  }
  bool empty = is_let && program_.variables[place].declared.kind != Kind::Unknown && random_.chance(20);
  if (!is_let) stmt.exprs.push_back(variable(place));
  if (!empty) stmt.exprs.push_back(std::move(value));
  scopes_.back().push_back(place);
  body.push_back(std::move(stmt));
}

void Generator::assign(std::vector<Stmt>& body) {
  std::vector<uint32_t> known;
  for (const auto& scope : scopes_) {
    for (uint32_t place : scope) {
      if (assignable_[place]) known.push_back(place);
    }
  }
  if (known.empty()) return declare(body);
  uint32_t place = random_.pick(known);
  body.push_back(statement_of(StmtKind::Assign, variable(place), expression(variable_shapes_[place], kDepth)));
}

void Generator::assign_map(std::vector<Stmt>& body) {
  std::vector<uint32_t> own;
  for (uint32_t place = 0; place < program_.maps.size(); ++place) {
    if (!program_.maps[place].is_input) own.push_back(place);
  }
  uint32_t map = random_.pick(own);
  if (!program_.maps[map].aggregate.empty()) return aggregate(map, body);
  effects_ = false;
  Expr target = map_access(map, 2);
  effects_ = true;
  if (program_.maps[map].keyed && random_.chance(15)) {
    target.kind = ExprKind::Delete;
    return body.push_back(statement_of(StmtKind::Evaluate, std::move(target)));
  }
  body.push_back(statement_of(StmtKind::Assign, std::move(target), expression(value_shapes_[map], kDepth)));
}

void Generator::aggregate(uint32_t map, std::vector<Stmt>& body) {
  const Map& info = program_.maps[map];
  effects_ = false;
  Stmt stmt{.kind = StmtKind::Aggregate, .text = info.aggregate, .exprs = {map_access(map, 1)}};
  effects_ = true;
  if (info.aggregate != "count") {
    Type type = Type::integer(uint32_t{1} << random_.below(4), info.input.is_signed);
    stmt.exprs.push_back({.kind = ExprKind::Cast, .type = type, .parts = {integer(2)}});
  }
  body.push_back(std::move(stmt));
}

// A variable or an element that holds a number.
Expr Generator::assignable_number() {
  Type shape = Type::integer(8, true);
  std::vector<uint32_t> known = variables(shape, true), plain = maps(shape, false);
  bool effects = std::exchange(effects_, false);
  Expr target;
  if (!plain.empty() && (known.empty() || random_.chance(30))) {
    target = map_access(random_.pick(plain), 1);
  } else if (!known.empty()) {
    target = variable(random_.pick(known));
  } else {
    // There is none yet: a map for numbers.
    auto place = static_cast<uint32_t>(program_.maps.size());
    program_.maps.push_back({fmt::format("p{}_n", program_.number), false, "", false, {}});
    key_shapes_.emplace_back();
    value_shapes_.push_back(shape);
    target = {.kind = ExprKind::Map, .place = place};
  }
  effects_ = effects;
  return target;
}

void Generator::combine(std::vector<Stmt>& body) {
  const Op ops[] = {Op::Add, Op::Sub, Op::Mul, Op::Div, Op::Mod, Op::BitAnd, Op::BitOr, Op::BitXor, Op::Shl, Op::Shr};
  Expr target = assignable_number();
  Stmt stmt = statement_of(StmtKind::Combine, std::move(target), integer(kDepth - 1));
  stmt.op = random_.pick(ops);
  body.push_back(std::move(stmt));
}

// --- loops and jumps

void Generator::while_loop(std::vector<Stmt>& body, int depth) {
  uint32_t counter = new_variable(Type::integer(8, true), false);
  body.push_back(statement_of(StmtKind::Assign, variable(counter), number(0)));
  scopes_.back().push_back(counter);
  ++loops_;
  uint64_t count = random_.below(7);
  bool in_condition = random_.chance(30);
  Expr test = less(in_condition ? step(Op::PostIncrement, variable(counter)) : variable(counter), number(count));
  if (random_.chance(30)) {
    Expr both{.kind = ExprKind::Binary, .op = Op::And};
    both.parts.push_back(std::move(test));
    both.parts.push_back(condition(1));
    test = std::move(both);
  }
  Stmt stmt = statement_of(StmtKind::While, std::move(test));
  stmt.body = scope(1 + random_.below(4), depth - 1);
  if (!in_condition) stmt.body.insert(stmt.body.begin(), statement_of(StmtKind::Evaluate, step(Op::PreIncrement, variable(counter))));
  --loops_;
  body.push_back(std::move(stmt));
}

void Generator::for_loop(std::vector<Stmt>& body, int depth) {
  effects_ = false;
  Expr first = number(random_.below(3)), last = number(random_.below(8));
  if (random_.chance(30)) first = {.kind = ExprKind::Integer, .negative = true, .number = 0 - random_.below(5) - 1};
  else if (random_.chance(30)) first = small(2);
  if (random_.chance(40)) last = small(2);
  effects_ = true;
  uint32_t counter = new_variable(Type::integer(8, true), false);
  Stmt stmt = statement_of(StmtKind::For, std::move(first), std::move(last));
  stmt.place = counter;
  ++loops_;
  scopes_.push_back({counter});
  stmt.body = scope(1 + random_.below(4), depth - 1);
  scopes_.pop_back();
  --loops_;
  body.push_back(std::move(stmt));
}

void Generator::jump(std::vector<Stmt>& body) {
  StmtKind kind = StmtKind::Return;
  if (loops_ > 0 && random_.chance(90)) kind = random_.chance(50) ? StmtKind::Break : StmtKind::Continue;
  if (kind == StmtKind::Return && random_.chance(50)) return print(body);
  Stmt stmt = statement_of(StmtKind::If, condition(2));
  if (random_.chance(30)) print(stmt.body);
  stmt.body.push_back({.kind = kind});
  body.push_back(std::move(stmt));
}

// --- output

void Generator::print(std::vector<Stmt>& body) {
  Expr e = expression(make_shape(2), kDepth);
  // print(@m) would print the map, later.
  if (e.kind == ExprKind::Map && e.parts.empty()) return printf(body);
  body.push_back(statement_of(StmtKind::Print, std::move(e)));
}

std::string Generator::conversion(const Type& shape, std::vector<Expr>& arguments) {
  std::string flags = "%";
  for (char flag : std::string_view("-+ #0")) {
    if (random_.chance(12)) flags += flag;
  }
  bool is_integer = shape.kind == Kind::Int && random_.chance(92);
  auto amount = [&] {
    if (!random_.chance(15)) return fmt::format("{}", random_.below(24));
    arguments.push_back(random_.chance(70) ? small(2) : number(random_.below(30)));
    return std::string("*");
  };
  if (random_.chance(35)) flags += amount();
  if (random_.chance(20)) flags += "." + amount();
  arguments.push_back(expression(shape, kDepth));
  if (!is_integer) {
    std::erase_if(flags, [](char c) { return c == '+' || c == ' ' || c == '#' || c == '0'; });
    return (flags == "%." || flags.ends_with('.') ? "%" : flags) + "s";
  }
  const char* const lengths[] = {"", "", "", "", "hh", "h", "l", "ll", "j", "z", "t"};
  return flags + random_.pick(lengths) + random_.pick(std::string_view("dddiuxXo"));
}

void Generator::printf(std::vector<Stmt>& body) {
  Stmt stmt{.kind = StmtKind::Printf};
  for (uint64_t i = 0, count = random_.below(5); i < count; ++i) {
    if (random_.chance(5)) stmt.text += "100%% ";
    if (random_.chance(4)) {
      Expr letter{.kind = ExprKind::Binary, .op = Op::Add, .parts = {small(2), number(65)}};
      stmt.exprs.push_back(std::move(letter));
      stmt.text += "%c ";
      continue;
    }
    stmt.text += fmt::format("<{}> ", conversion(make_shape(1), stmt.exprs));
  }
  stmt.text += ".";
  body.push_back(std::move(stmt));
}

// One expression three times: of constants, of variables, and of map elements that no compiler can look into.
void Generator::twins(std::vector<Stmt>& body) {
  std::array<Expr, 3> twins;
  twins.fill(integer(kDepth));
  replace_leaves({&twins[0], &twins[1], &twins[2]}, body);
  for (Expr& twin : twins) body.push_back(statement_of(StmtKind::Print, std::move(twin)));
}

// A number that is kept somewhere, or a literal.
bool Generator::is_number_leaf(const Expr& e) const {
  switch (e.kind) {
  case ExprKind::Integer:
  case ExprKind::Step:
  case ExprKind::Length:
  case ExprKind::Index: return true;
  case ExprKind::Variable: return variable_shapes_[e.place].kind == Kind::Int;
  case ExprKind::Map: return value_shapes_[e.place].kind == Kind::Int;
  case ExprKind::Member:
    return e.parts[0].kind == ExprKind::Variable && variable_shapes_[e.parts[0].place].members[e.number].kind == Kind::Int;
  default: return false;
  }
}

// `twins` are alike. Where they read or change something they get one of the inputs: as a constant, kept in a variable,
// and as it is.
void Generator::replace_leaves(std::array<Expr*, 3> twins, std::vector<Stmt>& body) {
  if (!is_number_leaf(*twins[0])) {
    for (size_t i = 0; i < twins[0]->parts.size(); ++i)
      replace_leaves({&twins[0]->parts[i], &twins[1]->parts[i], &twins[2]->parts[i]}, body);
    return;
  }
  auto map = static_cast<uint32_t>(random_.below(8));
  const Input& input = inputs_.maps[map];
  uint64_t key = random_.below(input.numbers.size()), bits = input.numbers[key];
  bool negative = input.type.is_signed && static_cast<int64_t>(bits) < 0;
  *twins[0] = {.kind = ExprKind::Cast, .type = input.type, .parts = {{.kind = ExprKind::Integer, .negative = negative, .number = bits}}};
  uint32_t place = new_variable(Type::integer(8, true), false);
  body.push_back(statement_of(StmtKind::Assign, variable(place), *twins[0]));
  scopes_.back().push_back(place);
  *twins[1] = variable(place);
  *twins[2] = {.kind = ExprKind::Map, .place = map, .parts = {number(key)}};
}

} // namespace trapline::random_programs
