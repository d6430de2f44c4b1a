// Constructors of types, their sizes and alignments, equality and names.
#include "types/type.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace trapline {

namespace {

Type make(Kind kind, uint32_t size) {
  Type type;
  type.kind = kind;
  type.size = size;
  return type;
}

// What does not fit a register is copied word by word, and the BPF stack takes words at multiples of 8 only.
uint32_t member_alignment(const Type& member) { return member.is_scalar() ? member.alignment() : 8; }

uint32_t align_up(uint32_t offset, uint32_t alignment) { return (offset + alignment - 1) / alignment * alignment; }

std::string_view simple_name(Kind kind) {
  switch (kind) {
  case Kind::Error: return "unknown";
  case Kind::Void: return "void";
  case Kind::Bool: return "bool";
  case Kind::KStack: return "kstack";
  case Kind::UStack: return "ustack";
  case Kind::KSym: return "ksym_t";
  case Kind::USym: return "usym_t";
  case Kind::Probe: return "probe";
  case Kind::Inet: return "inet";
  case Kind::Mac: return "macaddr_t";
  case Kind::Username: return "username_t";
  case Kind::CgroupPath: return "cgroup_path_t";
  case Kind::Timestamp: return "timestamp";
  case Kind::Count: return "count_t";
  case Kind::Sum: return "sum_t";
  case Kind::Min: return "min_t";
  case Kind::Max: return "max_t";
  case Kind::Avg: return "avg_t";
  case Kind::Stats: return "stats_t";
  case Kind::Hist: return "hist_t";
  case Kind::LHist: return "lhist_t";
  case Kind::TSeries: return "tseries_t";
  default: return {};
  }
}

std::string pointer_name(const Type& type) {
  std::string pointee = type.element ? to_string(*type.element) : "void";
  return pointee + (pointee.ends_with('*') ? "*" : " *");
}

// Dimensions read from the outside in, as in C: int32[2][3] is two arrays of three.
std::string array_name(const Type& type) {
  std::string dimensions;
  const Type* inner = &type;
  for (; inner->is(Kind::Array); inner = inner->element.get()) dimensions += fmt::format("[{}]", inner->count);
  return to_string(*inner) + dimensions;
}

std::string tuple_name(const Type& type) {
  std::string text = "(";
  for (size_t i = 0; i < type.members->size(); ++i) {
    if (i > 0) text += ',';
    if (type.names) text += (*type.names)[i] + "=";
    text += to_string((*type.members)[i]);
  }
  return text + ')';
}

bool same_pointee(const std::shared_ptr<const Type>& a, const std::shared_ptr<const Type>& b) {
  return a == b || (a && b && *a == *b);
}

// False for "struct" and "struct (anonymous)".
bool has_tag(std::string_view name) {
  size_t space = name.find(' ');
  return space != std::string_view::npos && space + 1 < name.size() && name[space + 1] != '(';
}

// Structs with a tag are the same when the tag and the size are; the others when their fields are.
bool same_record(const StructType& a, const StructType& b) {
  if (&a == &b) return true;
  if (a.name() != b.name() || a.size() != b.size()) return false;
  if (has_tag(a.name())) return true;
  return std::ranges::equal(a.fields(), b.fields(), [](const Field& x, const Field& y) {
    return x.name == y.name && x.offset == y.offset && x.bit_offset == y.bit_offset && x.bit_width == y.bit_width &&
           same_pointee(x.type, y.type);
  });
}

bool same_enum(const EnumType& a, const EnumType& b) {
  if (&a == &b) return true;
  if (a.name != b.name) return false;
  if (!a.name.empty()) return true;
  return std::ranges::equal(a.values, b.values,
                            [](const auto& x, const auto& y) { return x.name == y.name && x.value == y.value; });
}

template <typename T, typename Same> bool both(const std::shared_ptr<T>& a, const std::shared_ptr<T>& b, Same same) {
  return a == b || (a && b && same(*a, *b));
}

void collect_names(const StructType& record, std::vector<std::string_view>& names) {
  for (const Field& field : record.fields()) {
    if (!field.name.empty())
      names.push_back(field.name);
    else if (field.type->record)
      collect_names(*field.type->record, names);
  }
}

} // namespace

Type Type::void_() { return make(Kind::Void, 0); }

Type Type::integer(uint32_t bytes, bool is_signed) {
  Type type = make(Kind::Int, bytes);
  type.is_signed = is_signed;
  return type;
}

Type Type::boolean() { return make(Kind::Bool, 1); }

Type Type::string(uint32_t capacity) { return make(Kind::String, capacity); }

Type Type::buffer(uint32_t bytes) { return make(Kind::Buffer, 4 + bytes); }

Type Type::pointer(Type pointee, AddressSpace space) {
  Type type = make(Kind::Pointer, 8);
  type.space = space;
  type.element = std::make_shared<const Type>(std::move(pointee));
  return type;
}

Type Type::array(Type element, uint32_t count) {
  Type type = make(Kind::Array, element.size * count);
  type.count = count;
  type.element = std::make_shared<const Type>(std::move(element));
  return type;
}

Type Type::structure(std::shared_ptr<const StructType> record) {
  Type type = make(Kind::Struct, record->size());
  type.record = std::move(record);
  return type;
}

Type Type::tuple(std::vector<Type> members) {
  Type type = make(Kind::Tuple, 0);
  type.members = std::make_shared<const std::vector<Type>>(std::move(members));
  if (!type.members->empty())
    type.size = align_up(tuple_offsets(type).back() + type.members->back().size, type.alignment());
  return type;
}

Type Type::named_tuple(std::vector<std::string> names, std::vector<Type> members) {
  Type type = tuple(std::move(members));
  type.names = std::make_shared<const std::vector<std::string>>(std::move(names));
  return type;
}

Type Type::with_members(std::vector<Type> types) const {
  Type type = tuple(std::move(types));
  type.names = names;
  return type;
}

std::optional<uint32_t> Type::member_index(std::string_view name) const {
  if (!names) return std::nullopt;
  auto found = std::find(names->begin(), names->end(), name);
  if (found == names->end()) return std::nullopt;
  return static_cast<uint32_t>(found - names->begin());
}

Type Type::enumerated(std::shared_ptr<const EnumType> enumeration, uint32_t bytes, bool is_signed) {
  Type type = make(Kind::Enum, bytes);
  type.is_signed = is_signed;
  type.enumeration = std::move(enumeration);
  return type;
}

Type Type::kstack(StackMode mode, uint32_t frames) {
  Type type = make(Kind::KStack, 8 + 8 * frames);
  type.stack_mode = mode;
  type.count = frames;
  return type;
}

Type Type::ustack(StackMode mode, uint32_t frames) {
  Type type = make(Kind::UStack, 16 + frame_bytes(mode) * frames);
  type.stack_mode = mode;
  type.count = frames;
  return type;
}

Type Type::simple(Kind kind) {
  switch (kind) {
  case Kind::Inet: return make(kind, 24);
  case Kind::Mac: return make(kind, 6);
  case Kind::USym:
  case Kind::CgroupPath:
  case Kind::Timestamp: return make(kind, 16);
  default: return make(kind, 8);
  }
}

Type Type::aggregate(Kind kind, bool is_signed) {
  Type type = make(kind, kind == Kind::Count ? 8 : 16);
  type.is_signed = is_signed;
  return type;
}

Type Type::hist(uint32_t bits) {
  Type type = make(Kind::Hist, 8 * hist_slots(bits));
  type.count = bits;
  return type;
}

Type Type::lhist(int64_t min, int64_t max, int64_t step) {
  Type type = make(Kind::LHist, 0);
  type.min = min;
  type.max = max;
  type.step = step;
  type.size = 8 * lhist_slots(type);
  return type;
}

Type Type::tseries(SeriesOf series, bool is_signed, int64_t interval_ns, uint32_t intervals) {
  Type type = make(Kind::TSeries, kSeriesSlot * intervals);
  type.is_signed = is_signed;
  type.series = series;
  type.step = interval_ns;
  type.count = intervals;
  return type;
}

uint32_t frame_bytes(StackMode mode) { return mode == StackMode::BuildId ? 32 : 8; }

uint32_t Type::alignment() const {
  switch (kind) {
  case Kind::Int:
  case Kind::Bool:
  case Kind::Enum: return size == 0 ? 1 : std::min(std::bit_floor(size), 8u);
  case Kind::Error:
  case Kind::Void:
  case Kind::String:
  case Kind::Mac: return 1;
  case Kind::Buffer: return 4;
  case Kind::Array: return element->alignment();
  case Kind::Struct: return std::max(record->alignment(), 1u);
  case Kind::Tuple: {
    uint32_t largest = 1;
    for (const Type& member : *members) largest = std::max(largest, member_alignment(member));
    return largest;
  }
  default: return 8;
  }
}

bool operator==(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.size != b.size || a.is_signed != b.is_signed || a.count != b.count) return false;
  switch (a.kind) {
  case Kind::KStack:
  case Kind::UStack: return a.stack_mode == b.stack_mode;
  case Kind::Pointer:
  case Kind::Array: return same_pointee(a.element, b.element);
  case Kind::Struct: return both(a.record, b.record, same_record);
  case Kind::Enum: return both(a.enumeration, b.enumeration, same_enum);
  case Kind::Tuple:
    if (!both(a.names, b.names, [](const auto& x, const auto& y) { return x == y; })) return false;
    return both(a.members, b.members, [](const auto& x, const auto& y) { return x == y; });
  case Kind::LHist: return a.min == b.min && a.max == b.max && a.step == b.step;
  case Kind::TSeries: return a.step == b.step && a.series == b.series;
  default: return true;
  }
}

std::string to_string(const Type& type) {
  switch (type.kind) {
  case Kind::Int: return fmt::format("{}int{}", type.is_signed ? "" : "u", type.size * 8);
  case Kind::Enum:
    if (type.enumeration && !type.enumeration->name.empty()) return "enum " + type.enumeration->name;
    return "enum";
  case Kind::String: return fmt::format("string[{}]", type.size);
  case Kind::Buffer: return fmt::format("buffer[{}]", type.size - 4);
  case Kind::Pointer: return pointer_name(type);
  case Kind::Array: return array_name(type);
  case Kind::Struct: return type.record->name();
  case Kind::Tuple: return tuple_name(type);
  case Kind::Sum:
  case Kind::Min:
  case Kind::Max:
  case Kind::Avg:
  case Kind::Stats: return fmt::format("{}{}", type.is_signed ? "" : "u", simple_name(type.kind));
  default: return std::string(simple_name(type.kind));
  }
}

std::vector<uint32_t> tuple_offsets(const Type& tuple) {
  std::vector<uint32_t> offsets;
  offsets.reserve(tuple.members->size());
  uint32_t end = 0;
  for (const Type& member : *tuple.members) {
    offsets.push_back(align_up(end, member_alignment(member)));
    end = offsets.back() + member.size;
  }
  return offsets;
}

uint32_t hist_slots(uint32_t bits) { return 1 + ((65 - bits) << bits); }

uint32_t hist_slot(uint32_t bits, int64_t value, bool is_signed) {
  if (is_signed && value < 0) return 0;
  auto v = static_cast<uint64_t>(value);
  if (v < (uint64_t{1} << bits)) return static_cast<uint32_t>(v) + 1;
  uint32_t shift = static_cast<uint32_t>(std::bit_width(v)) - 1 - bits;
  return 1 + (shift << bits) + static_cast<uint32_t>(v >> shift);
}

uint64_t hist_slot_floor(uint32_t bits, uint32_t slot) {
  uint64_t index = slot - 1;
  uint64_t linear = uint64_t{1} << bits;
  if (index < linear) return index;
  uint64_t shift = (index >> bits) - 1;
  return ((index & (linear - 1)) | linear) << shift;
}

// The last step may be cut short by `max`.
uint32_t lhist_slots(const Type& lhist) {
  if (lhist.step <= 0 || lhist.max <= lhist.min) return 2;
  uint64_t range = static_cast<uint64_t>(lhist.max) - static_cast<uint64_t>(lhist.min);
  auto step = static_cast<uint64_t>(lhist.step);
  return static_cast<uint32_t>(range / step + (range % step != 0)) + 2;
}

std::optional<Field> find_field(const StructType& record, std::string_view name) {
  for (const Field& field : record.fields()) {
    if (!field.name.empty()) {
      if (field.name == name) return field;
      continue;
    }
    if (!field.type->record) continue;
    if (auto inner = find_field(*field.type->record, name)) {
      inner->offset += field.offset;
      return inner;
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> field_names(const StructType& record) {
  std::vector<std::string_view> names;
  collect_names(record, names);
  return names;
}

} // namespace trapline
