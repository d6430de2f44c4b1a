// Reads the C declarations of tracepoint formats. The format tells how wide a field's slot is, which suffices for most;
// kernel types are looked up only for pointees, enums, structs, and typedefs narrower than their slot.
#include "probes/record_fields.h"

#include <algorithm>
#include <fmt/format.h>

namespace trapline::probes {
namespace {

// A declaration, taken apart.
struct Declaration {
  std::string base; // "unsigned int", "struct sockaddr"
  int pointers = 0;
};

bool is_qualifier(std::string_view word) {
  constexpr std::string_view kQualifiers[] = {"const", "volatile", "__data_loc", "__rel_loc", "__user", "__rcu", "__percpu",
                                              "__iomem", "__seg_gs", "__seg_fs"};
  return std::ranges::find(kQualifiers, word) != std::end(kQualifiers);
}

Declaration take_apart(std::string_view text) {
  Declaration declaration;
  size_t i = 0;
  while (i < text.size() && text[i] != '[') {
    if (text[i] == '*') ++declaration.pointers;
    if (text[i] == '*' || text[i] == ' ') {
      ++i;
      continue;
    }
    const size_t begin = i;
    while (i < text.size() && text[i] != ' ' && text[i] != '*' && text[i] != '[') ++i;
    const std::string_view word = text.substr(begin, i - begin);
    if (is_qualifier(word)) continue;
    if (!declaration.base.empty()) declaration.base += ' ';
    declaration.base += word;
  }
  return declaration;
}

struct NamedInteger {
  std::string_view name;
  uint8_t size;
  bool is_signed;
};

// C's integers and the typedefs that system calls use, so that most scripts never make us read the kernel's types.
constexpr NamedInteger kIntegers[] = {
    {"char", 1, true}, {"signed char", 1, true}, {"unsigned char", 1, false}, {"u8", 1, false}, {"__u8", 1, false},
    {"uint8_t", 1, false}, {"s8", 1, true}, {"__s8", 1, true}, {"short", 2, true}, {"unsigned short", 2, false},
    {"u16", 2, false}, {"__u16", 2, false}, {"uint16_t", 2, false}, {"umode_t", 2, false}, {"int", 4, true},
    {"signed int", 4, true}, {"unsigned int", 4, false}, {"unsigned", 4, false}, {"uint", 4, false}, {"u32", 4, false},
    {"__u32", 4, false}, {"uint32_t", 4, false}, {"s32", 4, true}, {"__s32", 4, true}, {"int32_t", 4, true},
    {"pid_t", 4, true}, {"uid_t", 4, false}, {"gid_t", 4, false}, {"key_t", 4, true}, {"key_serial_t", 4, true},
    {"qid_t", 4, false}, {"mqd_t", 4, true}, {"timer_t", 4, true}, {"clockid_t", 4, true}, {"rwf_t", 4, true},
    {"long", 8, true}, {"unsigned long", 8, false}, {"long long", 8, true}, {"unsigned long long", 8, false},
    {"long int", 8, true}, {"long unsigned int", 8, false}, {"u64", 8, false}, {"__u64", 8, false}, {"uint64_t", 8, false},
    {"s64", 8, true}, {"__s64", 8, true}, {"int64_t", 8, true}, {"size_t", 8, false}, {"ssize_t", 8, true},
    {"loff_t", 8, true}, {"off_t", 8, true}, {"aio_context_t", 8, false},
};

std::optional<Type> integer_named(std::string_view name) {
  const auto found = std::ranges::find(kIntegers, name, &NamedInteger::name);
  if (found == std::end(kIntegers)) return std::nullopt;
  return Type::integer(found->size, found->is_signed);
}

// A type of this space all the way down.
Type in_space(Type type, AddressSpace space) {
  if (!type.is(Kind::Pointer)) return type;
  type.space = space;
  if (type.element && type.element->is(Kind::Pointer))
    type.element = std::make_shared<const Type>(in_space(*type.element, space));
  return type;
}

// Error kind when unknown.
Type base_type(std::string_view base, uint32_t size, bool is_signed, AddressSpace space, const TypeSource& types) {
  if (base == "void") return Type::void_();
  if (base == "bool" || base == "_Bool") return Type::boolean();
  if (std::optional<Type> integer = integer_named(base)) return *integer;
  if (base.starts_with("struct ") || base.starts_with("union ")) {
    const bool is_union = base.starts_with("union ");
    std::shared_ptr<const StructType> record = types.structure(base.substr(is_union ? 6 : 7), is_union);
    return record ? Type::structure(std::move(record)) : Type::error();
  }
  if (base.starts_with("enum ")) {
    std::shared_ptr<const EnumType> values = types.enumeration(base.substr(5));
    return values ? Type::enumerated(std::move(values), size, is_signed) : Type::error();
  }
  return in_space(types.named(base), space);
}

bool is_machine_word(uint32_t size) { return size == 1 || size == 2 || size == 4 || size == 8; }

Type array_type(const TracepointField& field, const std::string& base, AddressSpace space, const TypeSource& types) {
  if (base == "char") return Type::string(field.size);
  const uint32_t count = std::max(field.array_length, 1u);
  Type element = base_type(base, field.size / count, field.is_signed, space, types);
  if (element.is_error() || element.is(Kind::Void)) {
    const uint32_t width = field.size / count;
    element = Type::integer(is_machine_word(width) ? width : 1, field.is_signed);
  }
  return Type::array(element, element.size == 0 ? 0 : field.size / element.size);
}

bool is_array(const TracepointField& field) { return field.type.find('[') != std::string::npos; }

} // namespace

Type declared_type(std::string_view text, uint32_t size, bool is_signed, AddressSpace space, const TypeSource& types) {
  const Declaration declaration = take_apart(text);
  Type type = base_type(declaration.base, size, is_signed, space, types);
  if (declaration.pointers > 0) {
    if (type.is_error()) type = Type::void_();
    for (int i = 0; i < declaration.pointers; ++i) type = Type::pointer(type, space);
    return type;
  }
  const bool fits = !type.is_scalar() || type.size <= size || !is_machine_word(size);
  if (!type.is_error() && !type.is(Kind::Void) && fits) return type;
  return is_machine_word(size) ? Type::integer(size, is_signed) : Type::array(Type::integer(1, false), size);
}

ArgsField record_field(const TracepointField& field, AddressSpace space, const TypeSource& types) {
  ArgsField result;
  result.name = field.name;
  result.fetch.offset = field.offset;
  if (field.is_data_loc) {
    // The record itself is kernel memory, whatever its pointers point to.
    const Declaration declaration = take_apart(field.type);
    Type element = base_type(declaration.base, 1, false, space, types);
    if (element.is_error()) element = Type::void_();
    result.type = Type::pointer(std::move(element), AddressSpace::Kernel);
    result.fetch.how = Fetch::How::DataLocation;
    return result;
  }
  if (is_array(field) && field.size == 0) { // a flexible array: where it starts
    Type element = base_type(take_apart(field.type).base, 1, false, space, types);
    if (element.is_error()) element = Type::void_();
    result.type = Type::pointer(std::move(element), AddressSpace::Kernel);
    result.fetch.how = Fetch::How::ContextAddress;
    return result;
  }
  if (is_array(field)) {
    result.type = array_type(field, take_apart(field.type).base, space, types);
    result.fetch.how = Fetch::How::ContextAddress;
    return result;
  }
  result.type = declared_type(field.type, field.size, field.is_signed, space, types);
  if (result.type.is_scalar()) {
    result.fetch.how = Fetch::How::Context;
    result.fetch.size = result.type.size;
    result.fetch.is_signed = result.type.is_signed;
  } else {
    result.fetch.how = Fetch::How::ContextAddress;
  }
  return result;
}

std::string describe(const TracepointField& field) {
  const size_t bracket = field.type.find('[');
  if (bracket == std::string::npos || field.is_data_loc) return fmt::format("    {} {}", field.type, field.name);
  return fmt::format("    {} {}{}", field.type.substr(0, bracket), field.name, field.type.substr(bracket));
}

} // namespace trapline::probes
