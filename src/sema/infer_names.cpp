// Literals, names, variables and maps.
#include "sema/inference.h"

#include <algorithm>

namespace trapline::sema {

Type Inference::infer(const ast::Expr& expr) {
  Type type = std::visit([&](const auto& n) { return node(expr, n); }, expr.node);
  instance_->types[expr.id] = type;
  return type;
}

Type Inference::value_of(const ast::Expr& expr) {
  Type type = infer(expr);
  if (type.is(Kind::Void)) {
    report(DiagId::NoValue, expr.span, ast::to_source(expr));
    return Type::error();
  }
  if (type.is_aggregate() && !type.is_castable_aggregate()) {
    report(DiagId::TypeMismatch, expr.span, fmt::format("a `{}` cannot be read as a value", to_string(type)))
        .hint("histograms and statistics can only be printed: print(@x)");
    return Type::error();
  }
  return type;
}

Type Inference::value_of(const ast::ExprPtr& expr) { return expr ? value_of(*expr) : Type::error(); }

const Constant* Inference::constant_of(const ast::Expr& expr) const {
  auto found = instance_->constants.find(expr.id);
  return found == instance_->constants.end() ? nullptr : &found->second;
}

std::optional<Folded> Inference::folded(const ast::Expr& expr) const {
  const Constant* constant = constant_of(expr);
  if (!constant) return std::nullopt;
  return Folded{type_at(expr), *constant};
}

Type Inference::set_constant(const ast::Expr& expr, Folded folded) {
  instance_->constants.insert_or_assign(expr.id, std::move(folded.value));
  instance_->types[expr.id] = folded.type;
  return std::move(folded.type);
}

Type Inference::node(const ast::Expr& expr, const ast::IntLiteral& n) { return set_constant(expr, Folded::literal(n.value)); }

Type Inference::node(const ast::Expr& expr, const ast::BoolLiteral& n) { return set_constant(expr, Folded::boolean(n.value).as_literal()); }

Type Inference::node(const ast::Expr& expr, const ast::StringLiteral& n) { return set_constant(expr, Folded::text(n.value)); }

// What is wrong with a name in a branch that `if comptime` may drop is an error only if the branch stays.
bool Inference::report_deferred(const ast::Expr& expr) {
  const Names& names = in_.names[instance_->block];
  auto found = names.deferred.find(expr.id);
  if (found == names.deferred.end()) return false;
  Diagnostic& copy = diagnostics_->add(found->second.id, found->second.span, found->second.message);
  copy.hints = found->second.hints;
  return true;
}

Type Inference::node(const ast::Expr& expr, const ast::Identifier& n) {
  if (report_deferred(expr)) return Type::error();
  const Names& names = in_.names[instance_->block];
  if (auto found = names.enumerator_of.find(expr.id); found != names.enumerator_of.end())
    return set_constant(expr, Folded::integer(static_cast<uint64_t>(found->second.value), found->second.type).as_literal());
  return use_builtin(expr, n.name, expr.span, {});
}

// The text of a positional parameter, "" if it was not given; nullopt for other expressions.
std::optional<std::string> Inference::positional_text(const ast::Expr& expr) const {
  const auto* positional = std::get_if<ast::Positional>(&expr.node);
  if (!positional || positional->index == 0) return std::nullopt;
  bool given = positional->index <= in_.options.positional.size();
  return given ? in_.options.positional[positional->index - 1] : std::string();
}

Type Inference::node(const ast::Expr& expr, const ast::Positional& n) {
  if (n.index == 0) return set_constant(expr, Folded::literal(in_.options.positional.size()));
  bool given = n.index <= in_.options.positional.size();
  if (as_text_) return set_constant(expr, Folded::text(*positional_text(expr)));
  if (given) return set_constant(expr, fold_positional(in_.options.positional[n.index - 1]));
  if (!tested_positionals_.contains(n.index)) report(DiagId::MissingPositional, expr.span, n.index);
  return set_constant(expr, Folded::literal(0));
}

Type Inference::node(const ast::Expr& expr, const ast::Variable&) {
  if (report_deferred(expr)) return Type::error();
  Place* place = variable_place(expr);
  return place ? place->read() : Type::error();
}

Type Inference::node(const ast::Expr& expr, const ast::MapAccess& n) {
  for (const ast::ExprPtr& key : n.keys) {
    if (key) infer(*key);
  }
  MapPlace* map = map_place(n.name);
  if (!map || map->use->info.keyed == n.keys.empty()) return Type::error();
  if (!n.keys.empty()) put_keys(*map, n, expr.span);
  return map->value.read();
}

namespace {

constexpr size_t kMostMembers = 1000;
constexpr uint64_t kLargestTuple = 1 << 20;

// Members of members too; stops counting when there are too many.
size_t count_members(const Type& type) {
  if (!type.is(Kind::Tuple)) return 1;
  size_t count = 1;
  for (const Type& member : *type.members) {
    count += count_members(member);
    if (count > kMostMembers) break;
  }
  return count;
}

} // namespace

// Error while a member is unknown. The limits keep types small that double with each line of a script.
Type Inference::tuple_of(std::vector<Type> members, Span where) {
  size_t count = 0;
  uint64_t size = 0;
  for (const Type& member : members) {
    if (is_unknown(member)) return Type::error();
    count += count_members(member);
    size += member.size;
  }
  if (count <= kMostMembers && size <= kLargestTuple) return Type::tuple(std::move(members));
  report(DiagId::TypeMismatch, where, fmt::format("this tuple is too large: more than {} members or 1 MiB", kMostMembers));
  return Type::error();
}

Type Inference::node(const ast::Expr& expr, const ast::RecordLiteral& n) {
  std::vector<Type> members;
  std::vector<std::string> names;
  for (const ast::RecordLiteral::Member& member : n.members) {
    members.push_back(read_as(value_of(member.value)));
    names.push_back(member.name);
  }
  Type tuple = tuple_of(members, expr.span);
  return tuple.is_error() ? tuple : Type::named_tuple(std::move(names), std::move(members));
}

// A block without statements is its value, also at compile time.
Type Inference::node(const ast::Expr& expr, const ast::BlockExpr& n) {
  visit(n.block);
  if (!n.value) return Type::void_();
  bool aggregates = is_aggregation(n.value) && assigned_aggregation_ == &expr;
  if (aggregates) assigned_aggregation_ = n.value.get();
  Type type = infer(*n.value);
  std::optional<Folded> value = n.block.statements.empty() ? folded(*n.value) : std::nullopt;
  return value ? set_constant(expr, std::move(*value)) : type;
}

bool Inference::is_known(const ast::Expr& expr) const {
  if (constant_of(expr) || std::holds_alternative<ast::TypeInfo>(expr.node)) return true;
  const auto known = [this](const ast::ExprPtr& part) { return part && is_known(*part); };
  if (const auto* tuple = std::get_if<ast::TupleLiteral>(&expr.node)) return std::ranges::all_of(tuple->elements, known);
  if (const auto* record = std::get_if<ast::RecordLiteral>(&expr.node))
    return std::ranges::all_of(record->members, known, &ast::RecordLiteral::Member::value);
  if (const auto* inner = std::get_if<ast::Comptime>(&expr.node)) return is_known(*inner->operand);
  return false;
}

Type Inference::node(const ast::Expr& expr, const ast::Comptime& n) {
  Type type = value_of(n.operand);
  if (std::optional<Folded> value = folded(*n.operand)) return set_constant(expr, std::move(*value));
  if (!type.is_error() && final_ && !is_known(*n.operand)) {
    report(DiagId::NotAConstant, n.operand->span, "the operand", "comptime", "known before the program runs");
    return Type::error();
  }
  return type;
}

Type Inference::node(const ast::Expr& expr, const ast::TupleLiteral& n) {
  std::vector<Type> members;
  for (const ast::ExprPtr& element : n.elements) members.push_back(read_as(value_of(element)));
  return tuple_of(std::move(members), expr.span);
}

} // namespace trapline::sema
