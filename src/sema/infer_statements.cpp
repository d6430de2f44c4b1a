// Statements.
#include "sema/inference.h"
#include "sema/walk.h"

namespace trapline::sema {

void Inference::visit(const ast::Block& block) {
  for (const ast::StmtPtr& stmt : block.statements) {
    if (stmt) visit(*stmt);
  }
}

void Inference::visit(const ast::Stmt& stmt) {
  std::visit([&](const auto& n) { node(stmt, n); }, stmt.node);
}

void Inference::condition(const ast::Expr& expr) {
  Type type = value_of(expr);
  if (!is_condition(type)) report(DiagId::InvalidCondition, expr.span, to_string(type));
}

void Inference::node(const ast::Stmt&, const ast::ExprStatement& n) {
  if (n.expr) infer(*n.expr);
}

void Inference::node(const ast::Stmt&, const ast::Assign& n) {
  if (!n.target || !n.value) return;
  const auto* word = std::get_if<ast::Identifier>(&n.target->node);
  if (word && word->name == "_" && !n.op) {
    value_of(*n.value);
    return;
  }
  if (!is_target(*n.target)) {
    infer(*n.target);
    value_of(*n.value);
    Diagnostic& diagnostic = report(DiagId::InvalidTarget, n.target->span, fmt::format("`{}`", ast::to_source(*n.target)));
    diagnostic.hint("only maps (@x) and variables ($x) can be assigned to");
    return;
  }
  if (n.op) return assign_combined(n);
  bool aggregates = std::holds_alternative<ast::MapAccess>(n.target->node) && is_aggregation(n.value);
  if (aggregates) assigned_aggregation_ = n.value.get();
  Type type = aggregates ? infer(*n.value) : value_of(*n.value);
  Cell cell = aggregates ? Cell::of(type) : cell_of(*n.value, type);
  put_target(*n.target, cell, n.value.get());
  infer(*n.target);
}

// `x op= e` is `x = x op e`.
void Inference::assign_combined(const ast::Assign& n) {
  Type target = infer(*n.target);
  Type value = value_of(*n.value);
  if (target.is_aggregate()) {
    const auto* access = std::get_if<ast::MapAccess>(&n.target->node);
    report(DiagId::MapValueMismatch, n.value->span, access ? access->name : "", to_string(target), to_string(value));
    return;
  }
  bool is_division = *n.op == ast::BinaryOp::Div || *n.op == ast::BinaryOp::Mod;
  const Constant* divisor = constant_of(*n.value);
  if (is_division && divisor && divisor->is_integer() && divisor->integer() == 0) report(DiagId::DivisionByZeroConstant, n.value->span);
  // Nothing is known of a map that is only ever added to: it holds numbers.
  if (target.is_error()) target = value.is_error() || is_number(value) ? Type::integer(8, true) : value;
  Type result = binary_type(*n.op, target, false, value, is_flexible(*instance_, *n.value));
  if (result.is_error()) {
    if (!value.is_error()) report(DiagId::InvalidOperands, n.value->span, std::string(ast::spelling(*n.op)) + "=", to_string(target), to_string(value));
    return;
  }
  if (!result.is_integral()) return put_target(*n.target, Cell::of(stored_as(result)), nullptr);
  // The target's own sign decides, unless the operator or a signed value makes the result signed whatever it is.
  bool is_shift = *n.op == ast::BinaryOp::ShiftLeft || *n.op == ast::BinaryOp::ShiftRight;
  bool is_signed_value = read_as(value).is_signed && !is_flexible(*instance_, *n.value);
  bool makes_signed = *n.op == ast::BinaryOp::Sub || (is_signed_value && !is_shift);
  put_target(*n.target, makes_signed ? Cell::of(Type::integer(8, true)) : Cell::wide(), nullptr);
}

void Inference::node(const ast::Stmt& stmt, const ast::Let& n) {
  Type type = n.value ? value_of(*n.value) : Type::error();
  auto variable = instance_->variable_of_statement.find(&stmt);
  if (variable == instance_->variable_of_statement.end()) return;
  if (n.type && n.type->of) {
    Place& place = variables_[instance_index_][variable->second];
    place.declared = type_named(*n.type);
    if (place.cell.empty() && !place.declared.is_error()) place.cell = Cell::of(place.declared);
  }
  if (!n.value) return;
  put_variable(variable->second, cell_of(*n.value, type), n.value.get(), n.value->span);
}

// The branch that `if comptime` drops is not looked at.
void Inference::node(const ast::Stmt&, const ast::If& n) {
  if (n.condition) condition(*n.condition);
  if (n.condition && std::holds_alternative<ast::Comptime>(n.condition->node)) {
    std::optional<Folded> test = folded(*n.condition);
    if (!test) return;
    if (test->truth()) visit(n.then);
    else if (n.otherwise) visit(*n.otherwise);
    return;
  }
  visit(n.then);
  if (n.otherwise) visit(*n.otherwise);
}

void Inference::node(const ast::Stmt& stmt, const ast::Unroll& n) {
  if (n.count) {
    value_of(*n.count);
    const Constant* count = constant_of(*n.count);
    if (!count || !count->is_integer() || count->integer() < 1 || count->integer() > 100) report(DiagId::InvalidUnroll, n.count->span).hint("`for ($i : 0..N)` takes any numbers");
  } else {
    report(DiagId::InvalidUnroll, stmt.span);
  }
  visit(n.body);
}

void Inference::node(const ast::Stmt&, const ast::While& n) {
  if (n.condition) condition(*n.condition);
  visit(n.body);
}

void Inference::node(const ast::Stmt& stmt, const ast::ForRange& n) {
  auto variable = instance_->variable_of_statement.find(&stmt);
  for (const ast::ExprPtr* bound : {&n.first, &n.last}) {
    if (!*bound) continue;
    Type type = value_of(**bound);
    if (!type.is_error() && !is_number(type)) {
      report(DiagId::TypeMismatch, (*bound)->span, fmt::format("the bounds of a range must be integers, not `{}`", to_string(type)));
      continue;
    }
    if (variable != instance_->variable_of_statement.end()) put_variable(variable->second, cell_of(**bound, type), bound->get(), (*bound)->span);
  }
  visit(n.body);
}

void Inference::node(const ast::Stmt& stmt, const ast::ForMap& n) {
  const auto* access = n.map ? std::get_if<ast::MapAccess>(&n.map->node) : nullptr;
  if (!access || !access->keys.empty()) {
    Type type = n.map ? infer(*n.map) : Type::error();
    if (!type.is_error()) report(DiagId::TypeMismatch, n.map->span, "a `for` loop goes over a range or a whole map");
    visit(n.body);
    return;
  }
  auto variable = instance_->variable_of_statement.find(&stmt);
  if (MapPlace* map = map_place(access->name); map && map->use->info.keyed) {
    Type key = map->key.read(), value = map->value.read();
    instance_->types[n.map->id] = value;
    if (final_ && value.is_aggregate() && !value.is_castable_aggregate())
      report(DiagId::TypeMismatch, n.map->span, fmt::format("a `for` loop cannot go over values of type `{}`", to_string(value)));
    if (variable != instance_->variable_of_statement.end())
      put_variable(variable->second, Cell::of(stored_as(tuple_of({key, value}, n.map->span))), nullptr, n.variable_span);
  }
  visit(n.body);
}

void Inference::node(const ast::Stmt& stmt, const ast::Jump& n) {
  if (instance_->function && n.kind == ast::Jump::Kind::Return) return return_from_function(stmt, n);
  if (!n.value) return;
  Type type = value_of(*n.value);
  if (!type.is_error() && !is_number(type))
    report(DiagId::ReturnNotSupported, n.value->span, fmt::format("a probe can only return a number, not `{}`", to_string(type)));
}

void Inference::return_from_function(const ast::Stmt& stmt, const ast::Jump& n) {
  const ast::FunctionDefinition& function = *instance_->function;
  Type type = n.value ? value_of(n.value) : Type::void_();
  if (n.value && !function.result) {
    report(DiagId::ReturnNotSupported, n.value->span, fmt::format("`{}` is declared without a result", function.name))
        .hint(fmt::format("declare its type: fn {}(...) : {}", function.name, to_string(type)));
  } else if (!n.value && function.result) {
    report(DiagId::ReturnNotSupported, stmt.span, fmt::format("`{}` must return a value", function.name)).note(function.result->span, "its type is declared here");
  } else if (n.value) {
    put_variable(static_cast<uint32_t>(function.parameters.size()), cell_of(*n.value, type), n.value.get(), n.value->span);
  }
}

void Inference::node(const ast::Stmt&, const ast::BlockStatement& n) { visit(n.block); }

} // namespace trapline::sema
