// Fields, tuple members and elements.
#include "sema/inference.h"

#include <algorithm>
#include <fmt/ranges.h>

namespace trapline::sema {

namespace {
constexpr size_t kFewFields = 6; // to be named in a hint
}

// --- fields

Type Inference::node(const ast::Expr& expr, const ast::FieldAccess& n) {
  Type object = value_of(n.object);
  if (object.is_error()) return object;
  if (const auto* info = std::get_if<ast::TypeInfo>(&n.object->node); info && object.is_named_tuple()) return typeinfo_member(expr, *n.object, n.field);
  const builtins::Builtin* row = instance_->builtin_of[n.object->id];
  if (row && row->fold_member && object.is_named_tuple()) {
    Type type = field_of(object, n.field, expr.span, n.field_span.end > 0 ? n.field_span : expr.span);
    std::optional<Constant> value = row->fold_member(in_.settings, n.field);
    if (value) return set_constant(expr, value->is_integer() ? Folded::integer(value->integer(), type) : Folded::text(value->text()));
    return type;
  }
  return field_of(object, n.field, expr.span, n.field_span.end > 0 ? n.field_span : expr.span);
}

namespace {

// Pointers in the kernel's memory stay in it, whatever the object says; those marked as the user's are the user's.
Type field_value(const Type& field, AddressSpace object) {
  Type type = element_as_value(field);
  bool is_placed = type.is(Kind::Pointer) || type.is(Kind::Struct) || type.is(Kind::Array);
  if (!is_placed || object == AddressSpace::None) return type;
  bool is_user_pointer = type.is(Kind::Pointer) && type.space == AddressSpace::User;
  if (!is_user_pointer) type.space = object;
  // The verifier tracks pointers to structs only.
  bool untracked = type.is(Kind::Pointer) && !type.element->is(Kind::Struct);
  if (untracked && type.space == AddressSpace::Btf) type.space = AddressSpace::Kernel;
  return type;
}

// A struct that was incomplete when the pointer to it was made has its size by now.
Type refreshed(Type type) {
  if (!type.is(Kind::Pointer) || !type.element->is(Kind::Struct) || type.element->size == type.element->record->size()) return type;
  return Type::pointer(Type::structure(type.element->record), type.space);
}

} // namespace

Type Inference::field_of(const Type& object, const std::string& name, Span where, Span field_span) {
  Type type = object;
  while (type.is(Kind::Pointer)) {
    Type pointee = in_space(*type.element, type.space);
    type = std::move(pointee);
  }
  if (type.is_named_tuple()) {
    if (std::optional<uint32_t> index = type.member_index(name)) return (*type.members)[*index];
    Diagnostic& diagnostic = report(DiagId::UnknownField, field_span, "the record", name);
    std::string_view close = nearest(name, {type.names->begin(), type.names->end()});
    if (!close.empty()) diagnostic.hint(fmt::format("did you mean `{}`?", close));
    return Type::error();
  }
  if (!type.is(Kind::Struct)) {
    Diagnostic& diagnostic = report(DiagId::NotAStruct, where, to_string(object), name);
    if (object.is_integral()) diagnostic.hint(fmt::format("if it is the address of a struct, cast it: `((struct NAME *)$x)->{}`", name));
    return Type::error();
  }
  const StructType& record = *type.record;
  if (std::optional<Field> field = find_field(record, name)) return refreshed(field_value(*field->type, type.space));
  if (record.fields().empty() && record.size() == 0) {
    bool is_per_cpu = record.name().starts_with("per-CPU ");
    report(DiagId::IncompleteType, where, record.name())
        .hint(is_per_cpu ? "each CPU has a copy of its own, at an address that only the kernel computes" : "define its members in the script");
    return Type::error();
  }
  Diagnostic& diagnostic = report(DiagId::UnknownField, field_span, fmt::format("`{}`", record.name()), name);
  const std::vector<std::string_view> names = field_names(record);
  std::string_view close = nearest(name, names);
  if (!close.empty()) {
    diagnostic.hint(fmt::format("did you mean `{}`?", close));
  } else if (!names.empty() && names.size() <= kFewFields) {
    diagnostic.hint(fmt::format("it has {}", fmt::join(names, ", ")));
  }
  return Type::error();
}

// --- tuples

Type Inference::tuple_member(const Type& tuple, uint64_t index, Span where) {
  if (index < tuple.members->size()) return (*tuple.members)[index];
  report(DiagId::IndexOutOfBounds, where, index, to_string(tuple));
  return Type::error();
}

Type Inference::node(const ast::Expr& expr, const ast::TupleAccess& n) {
  Type object = value_of(n.object);
  if (object.is_error()) return object;
  if (!object.is(Kind::Tuple)) {
    report(DiagId::InvalidIndex, expr.span, fmt::format("`{}` is not a tuple and has no member {}", to_string(object), n.index));
    return Type::error();
  }
  Type type = tuple_member(object, n.index, n.index_span.end > 0 ? n.index_span : expr.span);
  const auto* literal = std::get_if<ast::TupleLiteral>(&n.object->node);
  if (!literal || type.is_error()) return type;
  std::optional<Folded> element = folded(*literal->elements[n.index]);
  return element ? set_constant(expr, std::move(*element)) : type;
}

// --- elements

Type Inference::node(const ast::Expr& expr, const ast::Index& n) {
  Type object = value_of(n.object);
  Type index = value_of(n.index);
  if (object.is_error() || index.is_error()) return Type::error();
  if (!is_number(index)) {
    report(DiagId::InvalidIndex, n.index->span, fmt::format("an index must be an integer, not `{}`", to_string(index)));
    return Type::error();
  }
  if (constant_of(*n.index)) return constant_index(expr, n, object);
  return indexed(n, object, expr.span);
}

Type Inference::constant_index(const ast::Expr& expr, const ast::Index& n, const Type& object) {
  uint64_t index = constant_of(*n.index)->is_integer() ? constant_of(*n.index)->integer() : 0;
  if (object.is(Kind::Tuple)) return tuple_member(object, index, n.index->span);
  bool is_bounded = (object.is(Kind::Array) && object.count > 0) || (object.is(Kind::String) && object.size > 0);
  uint32_t bound = object.is(Kind::Array) ? object.count : object.size;
  if (is_bounded && index >= bound) {
    report(DiagId::IndexOutOfBounds, n.index->span, static_cast<int64_t>(index), to_string(object));
    return Type::error();
  }
  const Constant* text = constant_of(*n.object);
  if (text && !text->is_integer()) {
    char c = index < text->text().size() ? text->text()[index] : '\0';
    return set_constant(expr, Folded::integer(static_cast<uint64_t>(static_cast<int64_t>(static_cast<signed char>(c))), Type::integer(1, true)));
  }
  return indexed(n, object, expr.span);
}

Type Inference::indexed(const ast::Index& n, const Type& object, Span where) {
  if (object.is(Kind::String)) return Type::integer(1, true);
  if (object.is(Kind::Buffer)) return Type::integer(1, false);
  bool is_readable = object.is(Kind::Array) || (object.is(Kind::Pointer) && !object.element->is(Kind::Void));
  if (!is_readable) {
    report(DiagId::InvalidIndex, where, fmt::format("a value of type `{}` has no elements", to_string(object)));
    return Type::error();
  }
  // Beyond the struct that the verifier knows, a tracked pointer is an address like any other.
  AddressSpace space = object.space;
  const Constant* index = constant_of(*n.index);
  bool stays = index && index->is_integer() && index->integer() == 0;
  if (space == AddressSpace::Btf && object.is(Kind::Pointer) && !stays) space = AddressSpace::Kernel;
  Type element = *object.element;
  if (element.is(Kind::Struct)) element = Type::structure(element.record);
  return field_value(element, space);
}

} // namespace trapline::sema
