// Literals, names, variables and maps.
#include "sema/inference.h"

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

Type Inference::node(const ast::Expr& expr, const ast::BoolLiteral& n) { return set_constant(expr, Folded::boolean(n.value)); }

Type Inference::node(const ast::Expr& expr, const ast::StringLiteral& n) { return set_constant(expr, Folded::text(n.value)); }

Type Inference::node(const ast::Expr& expr, const ast::Identifier& n) {
  const Names& names = in_.names[instance_->block];
  if (auto found = names.enumerator_of.find(expr.id); found != names.enumerator_of.end())
    return set_constant(expr, Folded::integer(static_cast<uint64_t>(found->second.value), found->second.type));
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

Type Inference::node(const ast::Expr& expr, const ast::TupleLiteral& n) {
  std::vector<Type> members;
  for (const ast::ExprPtr& element : n.elements) members.push_back(read_as(value_of(element)));
  return tuple_of(std::move(members), expr.span);
}

} // namespace trapline::sema
