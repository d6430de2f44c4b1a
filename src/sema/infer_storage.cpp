// What maps and variables collect.
#include "sema/inference.h"

#include <algorithm>

namespace trapline::sema {

// Tuples are taken apart, so that literals inside stay flexible.
Cell Inference::cell_of(const ast::Expr& expr, const Type& type) const {
  if (const auto* literal = std::get_if<ast::TupleLiteral>(&expr.node); literal && type.is(Kind::Tuple)) {
    std::vector<Cell> members;
    for (size_t i = 0; i < literal->elements.size(); ++i) members.push_back(cell_of(*literal->elements[i], (*type.members)[i]));
    return Cell::tuple(std::move(members));
  }
  if (const auto* literal = std::get_if<ast::RecordLiteral>(&expr.node); literal && type.is_named_tuple()) {
    std::vector<Cell> members;
    for (size_t i = 0; i < literal->members.size(); ++i) members.push_back(cell_of(*literal->members[i].value, (*type.members)[i]));
    return Cell::tuple(std::move(members), type.names);
  }
  if (const auto* block = std::get_if<ast::BlockExpr>(&expr.node); block && block->value) return cell_of(*block->value, type);
  if (const auto* comptime = std::get_if<ast::Comptime>(&expr.node)) return cell_of(*comptime->operand, type);
  const Constant* constant = constant_of(expr);
  if (constant && constant->from_literals && type.is(Kind::Int)) return Cell::literal(constant->integer(), type.is_signed);
  return Cell::of(stored_as(type));
}

Inference::MapPlace* Inference::map_place(const std::string& name) {
  auto found = maps_.find(name);
  return found != maps_.end() && found->second.use->assigned ? &found->second : nullptr;
}

Inference::Place* Inference::variable_place(const ast::Expr& expr) {
  auto found = instance_->variable_of.find(expr.id);
  return found == instance_->variable_of.end() ? nullptr : &variables_[instance_index_][found->second];
}

// False: does not go together with what was there before.
bool Inference::fill(Place& place, const Cell& cell, Span where) {
  if (!place.cell.merge(cell)) return false;
  if (!place.has_first && !cell.empty()) {
    place.first = where;
    place.has_first = true;
  }
  return true;
}

void Inference::put_key(MapPlace& map, const Cell& cell, Span where) {
  if (fill(map.key, cell, where) || !final_) return;
  const std::string& name = map.use->info.name;
  Type held = map.key.cell.type(), given = cell.type();
  report(DiagId::MapKeyMismatch, where, name, describe(held), describe(given))
      .note(map.key.first, fmt::format("it is first used with `{}` here", describe(held)));
}

namespace {

bool is_storable(const Type& type) {
  if (type.is(Kind::Void) || (type.is_aggregate() && !type.is_castable_aggregate())) return false;
  if (type.is(Kind::Tuple)) return std::all_of(type.members->begin(), type.members->end(), is_storable);
  return type.is_error() || type.size > 0;
}

} // namespace

// The context is a different one each time, and means nothing afterwards.
bool Inference::can_be_key(const ast::Expr& key, const Type& type) const {
  const auto* name = std::get_if<ast::Identifier>(&key.node);
  bool is_context = name && name->name == "ctx" && type.is(Kind::Pointer);
  return !is_context && is_storable(type);
}

void Inference::put_keys(MapPlace& map, const ast::MapAccess& access, Span where) {
  std::vector<Cell> cells;
  std::vector<Type> types;
  bool usable = true;
  for (const ast::ExprPtr& key : access.keys) {
    if (!key) continue;
    types.push_back(read_as(type_at(*key)));
    if (!can_be_key(*key, types.back())) {
      report(DiagId::InvalidKey, key->span, to_string(types.back()));
      usable = false;
    }
    cells.push_back(cell_of(*key, types.back()));
  }
  if (!usable || cells.empty()) return;
  if (cells.size() == 1) return put_key(map, cells[0], where);
  if (!tuple_of(std::move(types), where).is_error()) put_key(map, Cell::tuple(std::move(cells)), where);
}

void Inference::put_value(MapPlace& map, const Cell& cell, Span where) {
  if (fill(map.value, cell, where) || !final_) return;
  const std::string& name = map.use->info.name;
  Type held = map.value.cell.type(), given = cell.type();
  report(DiagId::MapValueMismatch, where, name, describe(held), describe(given))
      .note(map.value.first, fmt::format("it gets `{}` here", describe(held)));
}

void Inference::put_variable(uint32_t variable, const Cell& cell, const ast::Expr* value, Span where) {
  put_variable(instance_index_, variable, cell, value, where);
}

void Inference::put_variable(size_t instance, uint32_t variable, const Cell& cell, const ast::Expr* value, Span where) {
  Place& place = variables_[instance][variable];
  const std::string& name = instances_[instance].variables[variable].name;
  bool open = place.declared.is_error() || (place.declared.is(Kind::String) && place.declared.size == 0);
  if (!open) return put_declared(place, name, cell, value, where);
  if (fill(place, cell, where) || !final_) return;
  Type held = place.cell.type(), given = cell.type();
  report(DiagId::VariableMismatch, where, name, describe(held), describe(given))
      .note(place.has_first ? place.first : instances_[instance].variables[variable].span, fmt::format("it gets `{}` here", describe(held)));
}

// A declared type stays as it is: numbers are cut to it, and a constant must fit.
void Inference::put_declared(Place& place, const std::string& name, const Cell& cell, const ast::Expr* value, Span where) {
  const Type& declared = place.declared;
  Type given = cell.type();
  if (is_unknown(given) || !final_) return;
  if (declared.is_integral() && given.is_integral()) {
    const Constant* constant = value ? constant_of(*value) : nullptr;
    if (!constant || !constant->is_integer() || !declared.is(Kind::Int)) return;
    bool is_negative = given.is_signed && static_cast<int64_t>(constant->integer()) < 0;
    bool fits = is_negative ? declared.is_signed && bytes_for_negative(static_cast<int64_t>(constant->integer())) <= declared.size
                            : bytes_for(constant->integer(), declared.is_signed) <= declared.size;
    if (fits) return;
    report(DiagId::OutOfRange, where, "the value", "$" + name, fmt::format("it does not fit `{}`", to_string(declared)));
    return;
  }
  Cell merged = Cell::of(declared);
  if (merged.merge(cell) && merged.type() == declared) return;
  report(DiagId::VariableMismatch, where, name, to_string(declared), describe(given));
}

bool Inference::is_target(const ast::Expr& target) {
  return std::holds_alternative<ast::Variable>(target.node) || std::holds_alternative<ast::MapAccess>(target.node);
}

// `value` is what the cell was made of, if it is one expression.
void Inference::put_target(const ast::Expr& target, const Cell& cell, const ast::Expr* value) {
  Span where = value ? value->span : target.span;
  if (const auto* access = std::get_if<ast::MapAccess>(&target.node)) {
    if (MapPlace* map = map_place(access->name)) put_value(*map, cell, where);
    return;
  }
  auto found = instance_->variable_of.find(target.id);
  if (found != instance_->variable_of.end()) put_variable(found->second, cell, value, where);
}

} // namespace trapline::sema
