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
    return is_address(from) || from.is(Kind::KSym) || from.is(Kind::Username) || from.is(Kind::CgroupPath);
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
  Type to = in_.types.resolve(n.type, *diagnostics_);
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
  return result ? set_constant(expr, {type, result->value}) : type;
}

Type Inference::node(const ast::Expr& expr, const ast::SizeOf& n) {
  Type type;
  if (const auto* name = std::get_if<ast::TypeName>(&n.operand)) {
    type = in_.types.resolve(*name, *diagnostics_);
  } else {
    const ast::ExprPtr& operand = std::get<ast::ExprPtr>(n.operand);
    if (!operand) return Type::error();
    const auto* identifier = std::get_if<ast::Identifier>(&operand->node);
    bool is_name = identifier && !instance_->builtin_of[operand->id];
    if (is_name) type = in_.types.named(identifier->name);
    if (type.is_error()) type = infer(*operand);
  }
  if (type.is_error()) return type;
  if (type.is(Kind::Struct) && type.size == 0 && type.record->fields().empty()) {
    report(DiagId::IncompleteType, expr.span, to_string(type));
    return Type::error();
  }
  return set_constant(expr, Folded::literal(type.size));
}

Type Inference::node(const ast::Expr& expr, const ast::OffsetOf& n) {
  Type type = in_.types.resolve(n.type, *diagnostics_);
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
