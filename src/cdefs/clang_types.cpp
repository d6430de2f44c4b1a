// clang's types as the language's. Sizes and offsets are clang's own, so that attributes of all kinds count.
#include "cdefs/clang_record.h"
#include "system/system.h"
#include "types/struct_reference.h"

namespace trapline::clang {

namespace {

constexpr std::string_view kAnonymous = "(anonymous)";

// A number too wide for a register, a vector: its bytes.
Type bytes(uint32_t size) {
  return size % 8 == 0 ? Type::array(Type::integer(8, false), size / 8) : Type::array(Type::integer(1, false), size);
}

// A bit-field as it is read: in an aligned unit of its type if it lies in one that is inside of the struct.
void place_bits(Field& field, uint64_t bit, uint32_t width, uint32_t struct_size) {
  uint64_t unit = field.type->size > 0 ? field.type->size : 1;
  uint64_t start = bit / (8 * unit) * unit;
  if (start + unit > struct_size || bit - 8 * start + width > 8 * unit) start = bit / 8;
  field.offset = static_cast<uint32_t>(start);
  field.bit_offset = static_cast<uint8_t>(bit - 8 * start);
  field.bit_width = static_cast<uint8_t>(width);
}

// Structs that are part of others are needed when those are printed, which may be after the definitions are gone.
void make_fields(const Type& type) {
  if (type.is(Kind::Struct)) static_cast<void>(type.record->fields());
  if (type.is(Kind::Array)) make_fields(*type.element);
}

} // namespace

const std::vector<Field>& Definitions::Record::fields() const {
  if (!has_fields_ && definitions_) {
    has_fields_ = true;
    fields_ = definitions_->fields_of(type_, size_);
    for (const Field& field : fields_) make_fields(*field.type);
  }
  return fields_;
}

Type Definitions::type_of(CXType outer) const {
  CXType type = clang_.getCanonicalType(outer);
  long long size = clang_.Type_getSizeOf(type); // negative: not known
  auto size_in_bytes = static_cast<uint32_t>(size > 0 ? size : 0);
  switch (type.kind) {
  case TypePointer: return pointer_to(clang_.getPointeeType(type));
  case TypeRecord: {
    Type of_kernel = kernel_.find(record_name(type));
    if (!of_kernel.is_error()) return of_kernel;
    return size < 0 ? Type::error() : Type::structure(record_of(type));
  }
  case TypeEnum: return enum_of(type);
  case TypeConstantArray:
    return Type::array(type_of(clang_.getArrayElementType(type)), static_cast<uint32_t>(clang_.getArraySize(type)));
  case TypeIncompleteArray: return Type::array(type_of(clang_.getArrayElementType(type)), 0);
  default: return integer_of(type.kind, size_in_bytes);
  }
}

// Floating point is shown by its bits. What has no size, as a function, is void.
Type Definitions::integer_of(int kind, uint32_t size) const {
  if (kind == TypeBool) return Type::boolean();
  if (kind == TypeCharU) return Type::integer(1, true);
  if (size == 0 || kind == TypeVoid) return Type::void_();
  if (size > 8 || (size & (size - 1)) != 0) return bytes(size);
  return Type::integer(size, kind >= TypeCharS && kind <= TypeInt128);
}

Type Definitions::pointer_to(CXType outer) const {
  CXType pointee = clang_.getCanonicalType(outer);
  if (pointee.kind != TypeRecord) {
    Type type = type_of(pointee);
    return Type::pointer(type.is_error() ? Type::void_() : std::move(type), AddressSpace::None);
  }
  Type of_kernel = kernel_.find(record_name(pointee));
  if (!of_kernel.is_error()) return Type::pointer(std::move(of_kernel), AddressSpace::None);
  std::string name = record_name(pointee);
  std::string_view tag = std::string_view(name).substr(name.find(' ') + 1);
  bool is_known = clang_.Type_getSizeOf(pointee) >= 0 && !is_better_known(clang_.getTypeDeclaration(pointee), tag);
  if (is_known) return Type::pointer(Type::structure(std::make_shared<StructReference>(record_of(pointee))), AddressSpace::None);
  auto known = kernel_.source().structure(tag, name.starts_with("union "));
  if (!known) known = std::make_shared<PlainStruct>(name, 0, 1, std::vector<Field>());
  return Type::pointer(Type::structure(std::move(known)), AddressSpace::None);
}

Type Definitions::enum_of(CXType type) const {
  CXCursor declaration = clang_.getTypeDeclaration(type);
  CXType underlying = clang_.getCanonicalType(clang_.getEnumDeclIntegerType(declaration));
  auto& known = enums_[declaration.data[0]];
  if (!known) {
    auto made = std::make_shared<EnumType>();
    made->name = name_of(declaration);
    visit_children(clang_, declaration, [&](CXCursor cursor) {
      if (cursor.kind == EnumConstantDecl) made->values.push_back({name_of(cursor), clang_.getEnumConstantDeclValue(cursor)});
      return Visit::Continue;
    });
    known = std::move(made);
  }
  long long size = clang_.Type_getSizeOf(type);
  bool is_signed = underlying.kind >= TypeCharS && underlying.kind <= TypeInt128;
  return Type::enumerated(known, static_cast<uint32_t>(size > 0 ? size : 4), is_signed);
}

// With its keyword; one without a tag has the name of its typedef.
std::string Definitions::record_name(CXType type) const {
  CXCursor declaration = clang_.getTypeDeclaration(type);
  std::string keyword = declaration.kind == UnionDecl ? "union " : "struct ";
  std::string name = name_of(declaration);
  std::string spelling = clang_.text(clang_.getTypeSpelling(type));
  if (spelling.find('(') != std::string::npos || name.empty()) {
    bool has_typedef = spelling.find_first_of("( ") == std::string::npos && !spelling.empty();
    return has_typedef ? spelling : keyword + std::string(kAnonymous);
  }
  return spelling == name ? name : keyword + name;
}

std::shared_ptr<const StructType> Definitions::record_of(CXType type) const {
  CXCursor declaration = clang_.getTypeDeclaration(type);
  auto& record = records_[declaration.data[0]];
  if (!record) {
    auto size = static_cast<uint32_t>(clang_.Type_getSizeOf(type));
    auto alignment = static_cast<uint32_t>(std::max(clang_.Type_getAlignOf(type), 1LL));
    record = std::make_shared<Record>(*this, type, record_name(type), size, alignment);
  }
  return record;
}

std::vector<Field> Definitions::fields_of(CXType type, uint32_t size) const {
  std::vector<Field> fields;
  auto add = [&](CXCursor cursor) {
    Field field;
    field.name = name_of(cursor);
    Type own = type_of(clang_.getCursorType(cursor));
    // An unnamed member that is no struct is padding.
    bool is_part = !field.name.empty() || own.is(Kind::Struct);
    long long bit = clang_.Cursor_getOffsetOfField(cursor);
    if (!is_part || bit < 0 || own.is_error()) return Visit::Continue;
    field.type = std::make_shared<const Type>(std::move(own));
    field.offset = static_cast<uint32_t>(bit / 8);
    if (clang_.Cursor_isBitField(cursor) != 0)
      place_bits(field, static_cast<uint64_t>(bit), static_cast<uint32_t>(clang_.getFieldDeclBitWidth(cursor)), size);
    fields.push_back(std::move(field));
    return Visit::Continue;
  };
  clang_.Type_visitFields(type, [](CXCursor cursor, void* data) { return (*static_cast<decltype(add)*>(data))(cursor); }, &add);
  return fields;
}

} // namespace trapline::clang
