// BTF records turned into types, each when it is first needed.
#include "system/live_btf.h"

#include "system/common_types.h"
#include "system/glob.h"

#include <algorithm>
#include <array>
#include <bit>

namespace trapline {

namespace {

constexpr int kMaxDepth = 64; // of pointers, arrays and typedefs; a damaged file may loop

constexpr uint32_t bit(uint32_t kind) { return 1u << kind; }
constexpr uint32_t kEnums = bit(BTF_KIND_ENUM) | bit(BTF_KIND_ENUM64);
constexpr std::string_view kTracePrefix = "btf_trace_";

bool is_modifier(uint32_t kind) {
  constexpr uint32_t kModifiers = bit(BTF_KIND_CONST) | bit(BTF_KIND_VOLATILE) | bit(BTF_KIND_RESTRICT) |
                                  bit(BTF_KIND_TYPEDEF) | bit(BTF_KIND_TYPE_TAG) | bit(BTF_KIND_DECL_TAG);
  return (kModifiers >> kind & 1) != 0;
}

uint32_t kind_of(const btf_type* type) { return BTF_INFO_KIND(type->info); }

// What a type is once const, volatile, typedefs and tags are taken off.
struct Peeled {
  const btf_type* type = nullptr;  // nullptr: void, or damaged
  const btf_type* alias = nullptr; // the innermost typedef
  bool user = false;               // tagged __user
  bool per_cpu = false;            // tagged __percpu
};

Peeled peel(const BtfImage& image, const btf_type* type) {
  Peeled peeled;
  for (int depth = 0; type && is_modifier(kind_of(type)); ++depth) {
    if (depth == kMaxDepth) return {};
    if (kind_of(type) == BTF_KIND_TYPEDEF) peeled.alias = type;
    if (kind_of(type) == BTF_KIND_TYPE_TAG && image.name(type) == "user") peeled.user = true;
    if (kind_of(type) == BTF_KIND_TYPE_TAG && image.name(type) == "percpu") peeled.per_cpu = true;
    type = image.type(type->type);
  }
  peeled.type = type;
  return peeled;
}

// The kernel is built with unsigned plain chars; to a script `char` is int8 all the same.
Type integer_of(const BtfImage& image, const btf_type* type) {
  uint32_t data = *reinterpret_cast<const uint32_t*>(type + 1);
  uint32_t encoding = BTF_INT_ENCODING(data);
  if ((encoding & BTF_INT_BOOL) != 0 && type->size == 1) return Type::boolean();
  if (type->size > 8) return Type::array(Type::integer(8, false), type->size / 8);
  bool is_char = type->size == 1 && image.name(type) == "char";
  return Type::integer(type->size, is_char || (encoding & BTF_INT_SIGNED) != 0);
}

// The natural alignment of a type, 1 for a struct that is packed.
uint32_t alignment_of(const BtfImage& image, const btf_type* type, int depth) {
  type = peel(image, type).type;
  if (!type || depth == kMaxDepth) return 1;
  switch (kind_of(type)) {
  case BTF_KIND_PTR: return 8;
  case BTF_KIND_ARRAY:
    return alignment_of(image, image.type(reinterpret_cast<const btf_array*>(type + 1)->type), depth + 1);
  case BTF_KIND_STRUCT:
  case BTF_KIND_UNION: {
    uint32_t largest = 1;
    for (const btf_member& member : payload<btf_member>(type)) {
      uint32_t alignment = alignment_of(image, image.type(member.type), depth + 1);
      bool has_widths = BTF_INFO_KFLAG(type->info);
      uint32_t width = has_widths ? BTF_MEMBER_BITFIELD_SIZE(member.offset) : 0;
      uint32_t offset = has_widths ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset;
      if (width == 0 && offset % (8 * alignment) != 0) return 1;
      largest = std::max(largest, alignment);
    }
    return type->size % largest == 0 ? largest : 1;
  }
  case BTF_KIND_INT:
  case BTF_KIND_ENUM:
  case BTF_KIND_ENUM64:
  case BTF_KIND_FLOAT: return type->size == 0 ? 1 : std::min(std::bit_floor(type->size), 16u);
  default: return 1;
  }
}

// Places a bit-field: inside an aligned unit of its declared type where that fits the struct, as compilers read it.
void place_bits(Field& field, uint32_t offset, uint32_t width, uint32_t struct_size) {
  uint32_t unit = std::max(field.type->size, 1u);
  uint32_t start = offset / (8 * unit) * unit;
  if (start + unit > struct_size || offset - 8 * start + width > 8 * unit) start = offset / 8;
  field.offset = start;
  field.bit_offset = static_cast<uint8_t>(offset - 8 * start);
  field.bit_width = static_cast<uint8_t>(width);
}

} // namespace

class BtfTypes::Struct final : public StructType {
public:
  Struct(const BtfTypes& types, const BtfImage& image, const btf_type* type, std::string name)
      : types_(types), image_(image), type_(type), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  uint32_t size() const override { return is_complete() ? type_->size : 0; }
  uint32_t alignment() const override {
    std::scoped_lock lock(types_.mutex_);
    if (alignment_ == 0) alignment_ = alignment_of(image_, type_, 0);
    return alignment_;
  }
  const std::vector<Field>& fields() const override {
    std::scoped_lock lock(types_.mutex_);
    if (!has_fields_) {
      has_fields_ = true;
      if (is_complete()) fields_ = types_.fields_of(image_, type_);
    }
    return fields_;
  }
  // Structs that point to each other own each other through their fields.
  void forget_fields() { fields_.clear(); }

private:
  bool is_complete() const { return kind_of(type_) != BTF_KIND_FWD; }

  const BtfTypes& types_;
  const BtfImage& image_;
  const btf_type* type_;
  std::string name_;
  mutable uint32_t alignment_ = 0;
  mutable bool has_fields_ = false;
  mutable std::vector<Field> fields_;
};

BtfTypes::~BtfTypes() {
  for (auto& [type, record] : structs_) record->forget_fields();
}

const BtfImage* BtfTypes::kernel() const {
  if (!opened_) {
    opened_ = true;
    if (auto bytes = FileBytes::open(kernel_path_)) {
      if (auto image = BtfImage::open(std::move(*bytes))) kernel_ = std::move(*image);
    }
  }
  return kernel_.get();
}

const std::vector<std::unique_ptr<BtfImage>>& BtfTypes::modules() const {
  if (modules_opened_ || !kernel() || modules_path_.empty()) return modules_;
  modules_opened_ = true;
  for (const std::string& name : directory_names(modules_path_)) {
    if (name == "vmlinux") continue;
    auto bytes = FileBytes::open(modules_path_ + '/' + name);
    if (!bytes) continue;
    if (auto image = BtfImage::open(std::move(*bytes), kernel_.get())) modules_.push_back(std::move(*image));
  }
  return modules_;
}

// The kernel proper, then the modules, until visit(image) returns false.
template <typename Visit> void BtfTypes::each_image(Visit visit) const {
  const BtfImage* base = kernel();
  if (!base || !visit(*base)) return;
  for (const auto& module : modules()) {
    if (!visit(*module)) return;
  }
}

BtfTypes::Found BtfTypes::find(std::string_view name, uint32_t kinds) const {
  Found found;
  if (name.empty()) return found;
  each_image([&](const BtfImage& image) {
    if (const btf_type* type = image.find(name, kinds)) found = {&image, type};
    return !found;
  });
  return found;
}

Type BtfTypes::type_of(const BtfImage& image, uint32_t id, int depth) const {
  return id == 0 ? Type::void_() : type_of(image, image.type(id), depth);
}

Type BtfTypes::type_of(const BtfImage& image, const btf_type* outer, int depth) const {
  if (!outer || depth == kMaxDepth) return Type::error();
  auto [type, alias, user, per_cpu] = peel(image, outer);
  if (!type) return Type::void_();
  switch (kind_of(type)) {
  case BTF_KIND_INT: return integer_of(image, type);
  case BTF_KIND_PTR: return pointer_to(image, type->type, depth + 1);
  case BTF_KIND_ARRAY: {
    const auto* array = reinterpret_cast<const btf_array*>(type + 1);
    return Type::array(type_of(image, array->type, depth + 1), array->nelems);
  }
  case BTF_KIND_STRUCT:
  case BTF_KIND_UNION: return Type::structure(struct_of(image, type, alias));
  case BTF_KIND_ENUM:
  case BTF_KIND_ENUM64: return Type::enumerated(enum_of(image, type), type->size, BTF_INFO_KFLAG(type->info));
  case BTF_KIND_FWD: return forward(image, type);
  case BTF_KIND_FLOAT: // its bits
    return type->size > 8 ? Type::array(Type::integer(8, false), type->size / 8) : Type::integer(type->size, false);
  default: return Type::void_(); // a function
  }
}

Type BtfTypes::pointer_to(const BtfImage& image, uint32_t id, int depth) const {
  if (id == 0) return Type::pointer(Type::void_(), AddressSpace::Kernel);
  Peeled pointee = peel(image, image.type(id));
  Type type = type_of(image, id, depth);
  // No address, but an offset to which each CPU adds its own: there is nothing to follow.
  if (pointee.per_cpu) type = Type::structure(std::make_shared<PlainStruct>("per-CPU " + to_string(type), 0, 1, std::vector<Field>()));
  return Type::pointer(std::move(type), pointee.user ? AddressSpace::User : AddressSpace::Kernel);
}

// A struct declared somewhere and defined elsewhere under the same name; without fields if it is defined nowhere.
Type BtfTypes::forward(const BtfImage& image, const btf_type* type) const {
  uint32_t kind = BTF_INFO_KFLAG(type->info) ? BTF_KIND_UNION : BTF_KIND_STRUCT;
  if (auto known = structs_.find(type); known != structs_.end()) return Type::structure(known->second);
  Found definition;
  if (const btf_type* own = image.find(image.name(type), bit(kind))) definition = {&image, own};
  else if (const btf_type* base = kernel_->find(image.name(type), bit(kind))) definition = {kernel_.get(), base};
  auto record = definition ? struct_of(*definition.image, definition.type, nullptr) : struct_of(image, type, nullptr);
  structs_[type] = record;
  return Type::structure(std::move(record));
}

std::shared_ptr<BtfTypes::Struct> BtfTypes::struct_of(const BtfImage& image, const btf_type* type,
                                                      const btf_type* alias) const {
  bool by_alias = type->name_off == 0 && alias;
  auto& record = structs_[by_alias ? alias : type];
  if (record) return record;
  bool is_union = kind_of(type) == BTF_KIND_UNION || (kind_of(type) == BTF_KIND_FWD && BTF_INFO_KFLAG(type->info));
  std::string name = is_union ? "union" : "struct";
  if (by_alias) name = image.name(alias);
  else if (type->name_off != 0) name.append(" ").append(image.name(type));
  record = std::make_shared<Struct>(*this, image, type, std::move(name));
  return record;
}

std::shared_ptr<const EnumType> BtfTypes::enum_of(const BtfImage& image, const btf_type* type) const {
  auto& known = enums_[type];
  if (known) return known;
  auto made = std::make_shared<EnumType>();
  made->name = image.name(type);
  bool is_signed = BTF_INFO_KFLAG(type->info);
  if (kind_of(type) == BTF_KIND_ENUM) {
    for (const btf_enum& value : payload<btf_enum>(type)) {
      int64_t number = is_signed ? int64_t{value.val} : int64_t{static_cast<uint32_t>(value.val)};
      made->values.push_back({std::string(image.string(value.name_off)), number});
    }
  } else {
    for (const btf_enum64& value : payload<btf_enum64>(type)) {
      uint64_t number = uint64_t{value.val_hi32} << 32 | value.val_lo32;
      made->values.push_back({std::string(image.string(value.name_off)), static_cast<int64_t>(number)});
    }
  }
  known = std::move(made);
  return known;
}

std::vector<Field> BtfTypes::fields_of(const BtfImage& image, const btf_type* type) const {
  std::vector<Field> fields;
  auto members = payload<btf_member>(type);
  fields.reserve(members.size());
  bool has_widths = BTF_INFO_KFLAG(type->info);
  for (const btf_member& member : members) {
    Field field;
    field.name = image.string(member.name_off);
    field.type = std::make_shared<const Type>(type_of(image, member.type));
    uint32_t offset = has_widths ? BTF_MEMBER_BIT_OFFSET(member.offset) : member.offset;
    uint32_t width = has_widths ? BTF_MEMBER_BITFIELD_SIZE(member.offset) : 0;
    const btf_type* bare = peel(image, image.type(member.type)).type;
    if (!has_widths && bare && kind_of(bare) == BTF_KIND_INT) { // compilers before kind_flag
      uint32_t data = *reinterpret_cast<const uint32_t*>(bare + 1);
      if (BTF_INT_BITS(data) < 8 * bare->size && BTF_INT_BITS(data) > 1) width = BTF_INT_BITS(data);
      offset += BTF_INT_OFFSET(data);
    }
    if (width > 0) place_bits(field, offset, width, type->size);
    else field.offset = offset / 8;
    // An unnamed member that is no struct is padding.
    if (!field.name.empty() || field.type->is(Kind::Struct)) fields.push_back(std::move(field));
  }
  return fields;
}

std::shared_ptr<const StructType> BtfTypes::structure(std::string_view name, bool is_union) const {
  std::scoped_lock lock(mutex_);
  Found found = find(name, bit(is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT));
  return found ? struct_of(*found.image, found.type, nullptr) : nullptr;
}

std::shared_ptr<const EnumType> BtfTypes::enumeration(std::string_view name) const {
  std::scoped_lock lock(mutex_);
  Found found = find(name, kEnums);
  return found ? enum_of(*found.image, found.type) : nullptr;
}

Type BtfTypes::named(std::string_view name) const {
  Type common = common_type(name);
  if (!common.is_error()) return common;
  std::scoped_lock lock(mutex_);
  Found found = find(name, bit(BTF_KIND_TYPEDEF) | bit(BTF_KIND_INT) | bit(BTF_KIND_FLOAT));
  return found ? type_of(*found.image, found.type, 0) : Type::error();
}

std::optional<std::pair<int64_t, std::shared_ptr<const EnumType>>> BtfTypes::enumerator(std::string_view name) const {
  std::scoped_lock lock(mutex_);
  Found found;
  each_image([&](const BtfImage& image) {
    auto names = [&](const auto& value) { return image.string(value.name_off) == name; };
    image.each(kEnums, [&](const btf_type* type) {
      bool has = kind_of(type) == BTF_KIND_ENUM ? std::ranges::any_of(payload<btf_enum>(type), names)
                                                : std::ranges::any_of(payload<btf_enum64>(type), names);
      if (has) found = {&image, type};
      return !found;
    });
    return !found;
  });
  if (!found) return std::nullopt;
  auto enumeration = enum_of(*found.image, found.type);
  auto value = std::ranges::find(enumeration->values, name, &EnumType::Value::name);
  return std::pair{value->value, enumeration};
}

// The typedef has the types; the functions that the kernel generates around a tracepoint have the names too.
std::optional<std::vector<TypeSource::Parameter>> BtfTypes::raw_tracepoint(std::string_view name) const {
  std::scoped_lock lock(mutex_);
  Found declared = find(std::string(kTracePrefix).append(name), bit(BTF_KIND_TYPEDEF));
  if (!declared) return std::nullopt;
  const BtfImage& image = *declared.image;
  const btf_type* pointer = peel(image, declared.type).type;
  const btf_type* prototype = pointer && kind_of(pointer) == BTF_KIND_PTR ? image.type(pointer->type) : nullptr;
  if (!prototype || kind_of(prototype) != BTF_KIND_FUNC_PROTO || payload<btf_param>(prototype).empty()) return std::nullopt;
  auto typed = payload<btf_param>(prototype);

  std::span<const btf_param> names;
  for (std::string_view prefix : {"__traceiter_", "__probestub_", "__bpf_trace_"}) {
    const btf_type* function = image.find(std::string(prefix).append(name), bit(BTF_KIND_FUNC));
    const btf_type* found = function ? image.type(function->type) : nullptr;
    if (!found || kind_of(found) != BTF_KIND_FUNC_PROTO) continue;
    names = payload<btf_param>(found);
    if (names.size() == typed.size()) break;
    names = {};
  }

  std::vector<Parameter> parameters;
  for (size_t i = 1; i < typed.size(); ++i) {
    std::string parameter(image.string(names.empty() ? typed[i].name_off : names[i].name_off));
    if (parameter.empty()) parameter = "arg" + std::to_string(i - 1);
    parameters.push_back({std::move(parameter), type_of(image, typed[i].type)});
  }
  return parameters;
}

uint32_t BtfTypes::number_of(std::string_view name, uint32_t kinds) const {
  const BtfImage* image = kernel();
  if (!image) return 0;
  for (uint32_t id = 1; const btf_type* type = image->type(id); ++id) {
    if ((kinds >> BTF_INFO_KIND(type->info) & 1) != 0 && image->name(type) == name) return id;
  }
  return 0;
}

uint32_t BtfTypes::id_of(std::string_view tagged_name) const {
  std::scoped_lock lock(mutex_);
  size_t space = tagged_name.find(' ');
  if (space == std::string_view::npos) return 0;
  bool is_union = tagged_name.starts_with("union ");
  return number_of(tagged_name.substr(space + 1), bit(is_union ? BTF_KIND_UNION : BTF_KIND_STRUCT));
}

uint32_t BtfTypes::function_id(std::string_view name) const {
  std::scoped_lock lock(mutex_);
  return number_of(name, bit(BTF_KIND_FUNC));
}

uint32_t BtfTypes::raw_tracepoint_id(std::string_view name) const {
  std::scoped_lock lock(mutex_);
  return number_of(std::string(kTracePrefix).append(name), bit(BTF_KIND_TYPEDEF));
}

std::vector<std::string> BtfTypes::struct_names() const {
  std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  each_image([&](const BtfImage& image) {
    image.each(bit(BTF_KIND_STRUCT) | bit(BTF_KIND_UNION), [&](const btf_type* type) {
      if (type->name_off != 0) names.emplace_back(image.name(type));
      return true;
    });
    return true;
  });
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::vector<std::string> BtfTypes::raw_tracepoint_names() const {
  std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  each_image([&](const BtfImage& image) {
    image.each(bit(BTF_KIND_TYPEDEF), [&](const btf_type* type) {
      std::string_view name = image.name(type);
      if (name.starts_with(kTracePrefix)) names.emplace_back(name.substr(kTracePrefix.size()));
      return true;
    });
    return true;
  });
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

} // namespace trapline
