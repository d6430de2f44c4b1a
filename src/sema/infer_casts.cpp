// Casts, sizeof and offsetof.
#include "sema/inference.h"

#include <algorithm>

namespace trapline::sema {

namespace {

constexpr uint32_t kRegisterBytes = 8;

bool is_address(const Type& type) { return type.is(Kind::Pointer) || is_number(type); }

// `(uint8[])x` has as many elements as fit.
bool fill_array(const Type& from, Type& to) {
  if (to.element->size == 0) return false;
  if (to.count == 0 && from.size % to.element->size == 0) to = Type::array(*to.element, from.size / to.element->size);
  if (from.is(Kind::String) || from.is(Kind::Array)) return to.size == from.size;
  return is_number(from) && to.size <= kRegisterBytes && to.size > 0;
}

} // namespace

// `to` may still be completed: sizes that the type's name leaves open.
bool Inference::can_cast(const Type& from, Type& to) const {
  switch (to.kind) {
  case Kind::Int:
    if (from.is(Kind::Array) || from.is(Kind::String)) return from.size <= to.size && from.size > 0;
    return is_address(from) || from.is(Kind::KSym) || from.is(Kind::Username);
  case Kind::Bool: return is_address(from);
  case Kind::Enum: return is_number(from);
  case Kind::Pointer: return is_address(from);
  case Kind::Array: return fill_array(from, to);
  case Kind::String:
    if (to.size == 0 && (from.is(Kind::String) || from.is(Kind::Probe))) to.size = from.is(Kind::String) ? from.size : from.count;
    return (from.is(Kind::String) && from.size <= to.size) || (from.is(Kind::Probe) && to.size > 0);
  case Kind::Buffer:
    if (to.size == Type::buffer(0).size && from.is(Kind::Buffer)) to.size = from.size;
    return from.is(Kind::Buffer) && from.size <= to.size;
  default: return from == to;
  }
}

Type Inference::cast_type(const ast::Cast&, const Type& from, Type to) const {
  if (!to.is(Kind::Pointer)) return to;
  to.space = from.is(Kind::Pointer) && from.space != AddressSpace::None ? from.space : context().default_space;
  // To the verifier a tracked pointer stays what it is: another type is read like any memory.
  bool same_pointee = from.is(Kind::Pointer) && *from.element == *to.element;
  if (to.space == AddressSpace::Btf && !same_pointee) to.space = AddressSpace::Kernel;
  return to;
}

Type Inference::node(const ast::Expr& expr, const ast::Cast& n) {
  Type from = value_of(n.operand);
  Type to = type_named(n.type);
  if (to.is_error()) return to;
  if (from.is_error()) return cast_type(n, from, std::move(to));
  if (!can_cast(from, to)) {
    Diagnostic& diagnostic = report(DiagId::InvalidCast, expr.span, to_string(from), to_string(to));
    if (to.is(Kind::Struct)) diagnostic.hint(fmt::format("cast to a pointer instead: ({} *)", to_string(to)));
    return to.is(Kind::Struct) ? Type::error() : to;
  }
  std::optional<Folded> operand = folded(*n.operand);
  if (operand && to.is(Kind::Enum) && operand->value.is_integer()) {
    auto value = static_cast<int64_t>(operand->value.integer());
    bool known = std::ranges::any_of(to.enumeration->values, [&](const auto& v) { return v.value == value; });
    if (!known) report(DiagId::TypeMismatch, n.operand->span, fmt::format("{} is not a value of `{}`", value, to_string(to)));
  }
  Type type = cast_type(n, from, std::move(to));
  std::optional<Folded> result = operand ? fold_cast(*operand, type) : std::nullopt;
  if (operand && !operand->value.is_integer() && type.is(Kind::String)) result = Folded{type, operand->value};
  return result ? set_constant(expr, Folded{type, result->value}.as_literal(false)) : type;
}

// The type of what is not evaluated. A bare map with keys stands for its key.
Type Inference::type_of_operand(const ast::Expr& operand) {
  const auto* identifier = std::get_if<ast::Identifier>(&operand.node);
  bool is_name = identifier && !instance_->builtin_of[operand.id];
  Type type = is_name ? in_.types.named(identifier->name) : Type::error();
  if (!type.is_error()) return type;
  if (const auto* access = std::get_if<ast::MapAccess>(&operand.node); access && access->keys.empty()) {
    if (MapPlace* map = map_place(access->name); map && map->use->info.keyed) return instance_->types[operand.id] = map->key.read();
  }
  return infer(operand);
}

Type Inference::type_named(const ast::TypeName& name) {
  if (!name.of) return in_.types.resolve(name, *diagnostics_);
  Type type = type_of_operand(*name.of);
  return type.is_error() ? type : TypeNames::with_suffixes(std::move(type), name, *diagnostics_);
}

Type Inference::type_or_operand(const std::variant<ast::TypeName, ast::ExprPtr>& operand) {
  if (const auto* name = std::get_if<ast::TypeName>(&operand)) return type_named(*name);
  const ast::ExprPtr& expr = std::get<ast::ExprPtr>(operand);
  return expr ? type_of_operand(*expr) : Type::error();
}

Type Inference::node(const ast::Expr&, const ast::TypeOperand& n) { return type_named(n.type); }

namespace {

// What kind of type it is, in one word.
std::string base_type(const Type& type) {
  switch (type.kind) {
  case Kind::Int: return "int";
  case Kind::Bool: return "bool";
  case Kind::Enum: return "enum";
  case Kind::Pointer: return "pointer";
  case Kind::Probe:
  case Kind::String: return "string";
  case Kind::Buffer: return "buffer";
  case Kind::Array: return "array";
  case Kind::Struct: return "record";
  case Kind::Tuple: return type.is_named_tuple() ? "record" : "tuple";
  default: return to_string(type);
  }
}

} // namespace

// A record (btf_id, base_type, full_type); its members are constants.
Type Inference::node(const ast::Expr& expr, const ast::TypeInfo& n) {
  Type type = type_or_operand(n.operand);
  if (type.is_error()) return type;
  std::string base = base_type(type), full = to_string(type);
  Type base_text = Type::string(static_cast<uint32_t>(base.size()) + 1), full_text = Type::string(static_cast<uint32_t>(full.size()) + 1);
  uint64_t id = 0;
  if (type.record) id = in_.system.types().id_of(type.record->name());
  instance_->type_infos.insert_or_assign(expr.id, Instance::TypeFacts{id, std::move(base), std::move(full)});
  return Type::named_tuple({"btf_id", "base_type", "full_type"}, {Type::integer(8, false), base_text, full_text});
}

Type Inference::typeinfo_member(const ast::Expr& expr, const ast::Expr& info, const std::string& name) {
  const Instance::TypeFacts& facts = instance_->type_infos.at(info.id);
  if (name == "btf_id") return set_constant(expr, Folded::integer(facts.btf_id, Type::integer(8, false)));
  if (name == "base_type") return set_constant(expr, Folded::text(facts.base));
  if (name == "full_type") return set_constant(expr, Folded::text(facts.full));
  report(DiagId::UnknownField, expr.span, "the record of `typeinfo`", name).hint("it has btf_id, base_type and full_type");
  return Type::error();
}

Type Inference::node(const ast::Expr& expr, const ast::SizeOf& n) {
  Type type = type_or_operand(n.operand);
  if (type.is_error()) return type;
  if (type.is(Kind::Struct) && type.size == 0 && type.record->fields().empty()) {
    report(DiagId::IncompleteType, expr.span, to_string(type));
    return Type::error();
  }
  return set_constant(expr, Folded::literal(type.size));
}

Type Inference::node(const ast::Expr& expr, const ast::OffsetOf& n) {
  Type type = type_named(n.type);
  uint64_t offset = 0;
  for (const std::string& name : n.path) {
    if (type.is_error()) return type;
    Type member = field_of(type.is(Kind::Pointer) ? Type::void_() : type, name, expr.span, expr.span);
    if (member.is_error()) return member;
    std::optional<Field> field = find_field(*type.record, name);
    offset += field->offset;
    type = *field->type;
  }
  return type.is_error() ? type : set_constant(expr, Folded::literal(offset));
}

} // namespace trapline::sema
