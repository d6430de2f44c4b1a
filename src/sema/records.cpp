// C's layout rules for structs, unions and bit-fields (System V ABI).
#include "sema/records.h"

#include "types/struct_reference.h"

#include <algorithm>

namespace trapline::sema {

namespace {

constexpr uint64_t kLargestRecord = 1 << 20;

uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) / alignment * alignment; }

std::string record_name(const ast::RecordDefinition& definition) {
  const char* keyword = definition.tag == ast::TypeName::Tag::Union ? "union " : "struct ";
  return keyword + (definition.name.empty() ? std::string("(anonymous)") : definition.name);
}

} // namespace

void RecordLayout::lay_out(const ast::RecordDefinition& definition, TypeNames::Record& record) {
  is_union_ = definition.tag == ast::TypeName::Tag::Union;
  packed_ = definition.packed;
  for (const ast::Declarator& member : definition.members) {
    Span where = member.type.span.end > 0 ? member.type.span : definition.span;
    Type type = member_type(member, where);
    if (type.is_error()) {
      if (!member.name.empty()) add_field(member.name, std::move(type), bits_ / 8, 0, 0);
      continue;
    }
    if (member.bit_width) place_bits(member, type, *member.bit_width, where);
    else place(member, std::move(type), where);
    if (size_ > kLargestRecord) {
      diagnostics_.report(DiagId::OutOfRange, where, std::string("the size"), record.name(), "more than 1 MiB");
      return;
    }
  }
  alignment_ = std::max(alignment_, definition.alignment);
  record.complete(static_cast<uint32_t>(align_up(size_, alignment_)), alignment_, std::move(fields_));
}

Type RecordLayout::member_type(const ast::Declarator& member, Span where) {
  if (member.inline_record) {
    Type type = inline_type(*member.inline_record);
    return type.is_error() ? type : TypeNames::with_suffixes(std::move(type), member.type, diagnostics_);
  }
  bool is_pointer = std::ranges::any_of(member.type.suffixes, [](const auto& suffix) { return suffix.pointer; });
  Type base = names_.base(member.type);
  // As in C, a pointer may point to a struct that is not defined.
  bool is_opaque = base.is_error() && is_pointer && member.type.tag != ast::TypeName::Tag::None && member.type.tag != ast::TypeName::Tag::Enum;
  if (is_opaque) {
    const char* keyword = member.type.tag == ast::TypeName::Tag::Union ? "union " : "struct ";
    base = Type::structure(std::make_shared<PlainStruct>(keyword + member.type.name, 0, 1, std::vector<Field>()));
  }
  if (base.is_error()) {
    names_.report_unknown(member.type, diagnostics_);
    return base;
  }
  return completed(TypeNames::with_suffixes(std::move(base), member.type, diagnostics_), where);
}

// The type of a member must be known by now, unless it is what a pointer points to.
Type RecordLayout::completed(Type type, Span where) {
  const Type* part = &type;
  while (part->is(Kind::Array)) part = part->element.get();
  const TypeNames::Record* own = part->is(Kind::Struct) ? names_.own_record(*part->record) : nullptr;
  if (!part->is(Kind::Void) && (!own || own->is_complete())) return without_cycles(std::move(type));
  diagnostics_.report(DiagId::IncompleteType, where, own ? own->name() : std::string("void"));
  return Type::error();
}

// Records of the script may point to themselves.
Type RecordLayout::without_cycles(Type type) const {
  if (type.is(Kind::Array)) return Type::array(without_cycles(*type.element), type.count);
  if (!type.is(Kind::Pointer)) return type;
  const Type& pointee = *type.element;
  if (pointee.is(Kind::Struct) && names_.own_record(*pointee.record))
    return Type::pointer(Type::structure(std::make_shared<StructReference>(pointee.record)), type.space);
  return Type::pointer(without_cycles(pointee), type.space);
}

// As the attributes ask for; numbers of 16 bytes, which are kept as arrays, have an alignment of their own.
uint32_t RecordLayout::alignment_of(const ast::Declarator& member, const Type& type) const {
  if (packed_ || member.packed) return std::max(member.alignment, 1U);
  bool is_named = std::ranges::none_of(member.type.suffixes, [](const auto& suffix) { return suffix.pointer; }) && !member.inline_record;
  uint32_t asked = is_named ? names_.alignment(member.type) : 0;
  return std::max({type.alignment(), asked, member.alignment});
}

Type RecordLayout::inline_type(const ast::RecordDefinition& definition) {
  RecordLayout inner(names_, diagnostics_);
  auto record = std::make_shared<TypeNames::Record>(record_name(definition));
  inner.lay_out(definition, *record);
  return Type::structure(std::move(record));
}

void RecordLayout::place(const ast::Declarator& member, Type type, Span where) {
  if (member.name.empty() && !type.is(Kind::Struct)) return;
  bool known = std::any_of(fields_.begin(), fields_.end(), [&](const Field& f) { return !f.name.empty() && f.name == member.name; });
  if (known) diagnostics_.report(DiagId::Redeclared, where, member.name);
  uint32_t alignment = alignment_of(member, type);
  uint64_t offset = is_union_ ? 0 : align_up((bits_ + 7) / 8, alignment);
  uint64_t end = offset + type.size;
  alignment_ = std::max(alignment_, alignment);
  size_ = std::max(size_, end);
  bits_ = is_union_ ? 0 : end * 8;
  add_field(member.name, std::move(type), offset, 0, 0);
}

// A bit-field lies in the bits that are next, unless it would cross a boundary of its own type; a width of 0 moves on to
// the next boundary.
void RecordLayout::place_bits(const ast::Declarator& member, const Type& type, uint32_t width, Span where) {
  if (!type.is_integral() || width > type.size * 8) {
    diagnostics_.report(DiagId::OutOfRange, where, std::string("the width"), member.name, width);
    return;
  }
  uint64_t unit = uint64_t{type.size} * 8;
  uint64_t start = is_union_ ? 0 : bits_;
  if (width == 0) {
    bits_ = align_up(start, unit);
    return;
  }
  bool is_packed = packed_ || member.packed;
  if (!is_packed && start / unit != (start + width - 1) / unit) start = align_up(start, unit);
  if (member.alignment > 0) start = align_up(start, uint64_t{member.alignment} * 8);
  // A bit-field without a name moves those behind it, and nothing else.
  if (!member.name.empty()) alignment_ = std::max(alignment_, is_packed ? std::max(member.alignment, 1U) : std::max(type.alignment(), member.alignment));
  uint64_t base = is_packed ? start / 8 * 8 : start / unit * unit;
  size_ = std::max(size_, (start + width + 7) / 8);
  bits_ = is_union_ ? 0 : start + width;
  if (!member.name.empty()) add_field(member.name, type, base / 8, static_cast<uint32_t>(start - base), width);
}

void RecordLayout::add_field(std::string name, Type type, uint64_t offset, uint32_t bit_offset, uint32_t bit_width) {
  fields_.push_back({std::move(name), std::make_shared<const Type>(std::move(type)), static_cast<uint32_t>(offset),
                     static_cast<uint8_t>(bit_offset), static_cast<uint8_t>(bit_width)});
}

} // namespace trapline::sema
