// Type names to types.
#include "sema/type_names.h"

#include "sema/fold.h"
#include "sema/records.h"
#include "system/common_types.h"

#include <algorithm>
#include <array>

namespace trapline::sema {

namespace {

using Tag = ast::TypeName::Tag;

constexpr uint64_t kLargestArray = 1 << 20; // bytes

// The language's own names, besides intN and uintN.
struct NamedType {
  std::string_view name;
  Type (*make)();
};

constexpr auto kNamedTypes = std::to_array<NamedType>({
    {"void", Type::void_},
    {"bool", Type::boolean},
    {"string", [] { return Type::string(0); }},
    {"buffer", [] { return Type::buffer(0); }},
    {"inet", [] { return Type::simple(Kind::Inet); }},
    {"macaddr_t", [] { return Type::simple(Kind::Mac); }},
    {"username_t", [] { return Type::simple(Kind::Username); }},
    {"timestamp", [] { return Type::simple(Kind::Timestamp); }},
    {"cgroup_path_t", [] { return Type::simple(Kind::CgroupPath); }},
    {"count_t", [] { return Type::aggregate(Kind::Count, false); }},
    {"sum_t", [] { return Type::aggregate(Kind::Sum, true); }},
    {"usum_t", [] { return Type::aggregate(Kind::Sum, false); }},
    {"min_t", [] { return Type::aggregate(Kind::Min, true); }},
    {"umin_t", [] { return Type::aggregate(Kind::Min, false); }},
    {"max_t", [] { return Type::aggregate(Kind::Max, true); }},
    {"umax_t", [] { return Type::aggregate(Kind::Max, false); }},
    {"avg_t", [] { return Type::aggregate(Kind::Avg, true); }},
    {"uavg_t", [] { return Type::aggregate(Kind::Avg, false); }},
    {"stats_t", [] { return Type::aggregate(Kind::Stats, true); }},
    {"ustats_t", [] { return Type::aggregate(Kind::Stats, false); }},
});

// int8 ... uint64, without C's "_t".
Type sized_integer(std::string_view name) {
  bool is_signed = !name.starts_with('u');
  if (!is_signed) name.remove_prefix(1);
  if (!name.starts_with("int")) return Type::error();
  name.remove_prefix(3);
  for (uint32_t bytes : {1U, 2U, 4U, 8U}) {
    if (name == std::to_string(bytes * 8)) return Type::integer(bytes, is_signed);
  }
  return Type::error();
}

Type language_type(std::string_view name) {
  Type type = sized_integer(name);
  if (!type.is_error()) return type;
  const auto* found = std::ranges::find(kNamedTypes, name, &NamedType::name);
  return found != kNamedTypes.end() ? found->make() : common_type(name);
}

} // namespace

Type enum_type(std::shared_ptr<const EnumType> enumeration, bool packed) {
  int64_t lowest = 0, highest = 0;
  for (const EnumType::Value& value : enumeration->values) {
    lowest = std::min(lowest, value.value);
    highest = std::max(highest, value.value);
  }
  bool is_signed = lowest < 0;
  // All the bits of a value above this many repeat its sign.
  auto fits = [&](uint32_t bytes) {
    if (is_signed) return lowest >= -(int64_t{1} << (bytes * 8 - 1)) && highest < int64_t{1} << (bytes * 8 - 1);
    return highest < int64_t{1} << (bytes * 8);
  };
  uint32_t bytes = packed ? 1 : 4;
  while (bytes < 8 && !fits(bytes)) bytes *= 2;
  return Type::enumerated(std::move(enumeration), bytes, is_signed);
}

TypeNames::TypeNames(const ast::Script& script, const System& system, const CDefinitions* headers, Diagnostics& diagnostics)
    : system_(system), headers_(headers) {
  for (const ast::Declarator& alias : script.typedefs) typedefs_.insert_or_assign(alias.name, &alias);
  for (const ast::EnumDefinition& definition : script.enums) define_enum(definition, diagnostics);
  std::vector<Record*> order;
  for (const ast::RecordDefinition& definition : script.records) {
    std::string name = (definition.tag == Tag::Union ? "union " : "struct ") + definition.name;
    auto [place, is_new] = records_.try_emplace(name, std::make_shared<Record>(name));
    if (!is_new) diagnostics.report(DiagId::Redeclared, definition.span, name);
    order.push_back(is_new ? place->second.get() : nullptr);
  }
  for (size_t i = 0; i < order.size(); ++i) {
    if (order[i]) RecordLayout(*this, diagnostics).lay_out(script.records[i], *order[i]);
  }
  for (const auto& [name, type] : enums_) definitions_.push_back(type);
  for (const auto& [name, record] : records_) definitions_.push_back(Type::structure(record));
}

void TypeNames::define_enum(const ast::EnumDefinition& definition, Diagnostics& diagnostics) {
  auto enumeration = std::make_shared<EnumType>();
  enumeration->name = definition.name;
  int64_t next = 0;
  for (const auto& enumerator : definition.enumerators) {
    if (enumerator.value) {
      auto earlier = [&](const std::string& name) -> std::optional<Folded> {
        for (const EnumType::Value& value : enumeration->values) {
          if (value.name == name) return Folded::integer(static_cast<uint64_t>(value.value), Type::integer(8, true));
        }
        std::optional<Enumerator> known = this->enumerator(name);
        if (!known) return std::nullopt;
        return Folded::integer(static_cast<uint64_t>(known->value), Type::integer(8, true));
      };
      std::optional<Folded> value = fold_expr(*enumerator.value, earlier);
      if (value && value->value.is_integer()) next = static_cast<int64_t>(value->value.integer());
      else diagnostics.report(DiagId::NotAConstant, enumerator.value->span, std::string("the value"), enumerator.name, "a constant");
    }
    enumeration->values.push_back({enumerator.name, next});
    next = static_cast<int64_t>(static_cast<uint64_t>(next) + 1);
  }
  if (definition.name.starts_with('(')) enumeration->name.clear();
  Type type = enum_type(enumeration, definition.packed);
  for (const EnumType::Value& value : enumeration->values) {
    if (!enumerators_.try_emplace(value.name, Enumerator{value.value, type}).second)
      diagnostics.report(DiagId::Redeclared, definition.span, value.name);
  }
  // An enum without a name is still kept alive by its enumerators.
  if (!definition.name.empty() && !enums_.try_emplace(definition.name, type).second)
    diagnostics.report(DiagId::Redeclared, definition.span, "enum " + definition.name);
}

// The script's own definitions beat those of the headers that it includes, and those the kernel's.
Type TypeNames::tagged(const ast::TypeName& name) const {
  if (name.tag == Tag::Enum) {
    if (auto own = enums_.find(name.name); own != enums_.end()) return own->second;
    Type type = headers_ ? headers_->tagged("enum " + name.name) : Type::error();
    if (!type.is_error()) return type;
    auto kernel = system_.types().enumeration(name.name);
    return kernel ? kernel_type(name.name, enum_type(std::move(kernel))) : Type::error();
  }
  bool is_union = name.tag == Tag::Union;
  std::string key = (is_union ? "union " : "struct ") + name.name;
  if (auto own = records_.find(key); own != records_.end()) return Type::structure(own->second);
  Type type = headers_ ? headers_->tagged(key) : Type::error();
  if (!type.is_error()) return type;
  auto kernel = system_.types().structure(name.name, is_union);
  return kernel ? kernel_type(name.name, Type::structure(std::move(kernel))) : Type::error();
}

Type TypeNames::kernel_type(std::string_view name, Type type) const {
  if (!type.is_error()) used_kernel_types_.emplace(name);
  return type;
}

const TypeNames::Record* TypeNames::own_record(const StructType& record) const {
  auto own = records_.find(record.name());
  return own != records_.end() && own->second.get() == &record ? own->second.get() : nullptr;
}

Type TypeNames::own_typedef(std::string_view name) const {
  auto alias = typedefs_.find(name);
  // `typedef struct x x;` is no circle, `typedef x x;` is.
  if (alias == typedefs_.end() || typedef_depth_ > 32) return Type::error();
  ++typedef_depth_;
  Type type = base(alias->second->type);
  --typedef_depth_;
  const ast::TypeName& meaning = alias->second->type;
  bool is_opaque = type.is_error() && meaning.tag != Tag::None && meaning.tag != Tag::Enum;
  if (is_opaque) {
    const char* keyword = meaning.tag == Tag::Union ? "union " : "struct ";
    type = Type::structure(std::make_shared<PlainStruct>(keyword + meaning.name, 0, 1, std::vector<Field>()));
  }
  Diagnostics unheard;
  return type.is_error() ? type : with_suffixes(std::move(type), meaning, unheard);
}

// `struct` and the like may be left out.
Type TypeNames::own_tagged(std::string_view name) const {
  for (std::string_view keyword : {"struct ", "union "}) {
    auto record = records_.find(std::string(keyword).append(name));
    if (record != records_.end()) return Type::structure(record->second);
  }
  auto enumeration = enums_.find(name);
  return enumeration != enums_.end() ? enumeration->second : Type::error();
}

Type TypeNames::named(std::string_view name) const {
  Type type = own_typedef(name);
  if (type.is_error()) type = language_type(name);
  // A header's dev_t is not the kernel's.
  Type in_header = headers_ ? headers_->type_named(name) : Type::error();
  if (!in_header.is_error() && (type.is_error() || !common_type(name).is_error())) return in_header;
  if (type.is_error()) type = own_tagged(name);
  if (!type.is_error()) return type;
  type = kernel_type(name, system_.types().named(name));
  if (!type.is_error()) return type;
  ast::TypeName tagged_name;
  tagged_name.name = name;
  // Scripts from before `struct` was required name kernel structs without it.
  for (Tag tag : {Tag::Struct, Tag::Union, Tag::Enum}) {
    tagged_name.tag = tag;
    type = tagged(tagged_name);
    if (!type.is_error()) return type;
  }
  return Type::error();
}

uint32_t TypeNames::alignment(const ast::TypeName& name) const {
  if (name.tag != Tag::None) return 0;
  if (auto alias = typedefs_.find(name.name); alias != typedefs_.end()) {
    const ast::TypeName& meaning = alias->second->type;
    bool is_pointer = std::ranges::any_of(meaning.suffixes, [](const auto& suffix) { return suffix.pointer; });
    uint32_t below = is_pointer || meaning.name == name.name ? 0 : alignment(meaning);
    return std::max(alias->second->alignment, below);
  }
  bool is_wide = name.name.find("__int128") != std::string::npos || (name.name.find("double") != std::string::npos && name.name.find("long") != std::string::npos);
  return is_wide ? 16 : 0;
}

Type TypeNames::base(const ast::TypeName& name) const { return name.tag == Tag::None ? named(name.name) : tagged(name); }

Type TypeNames::resolve(const ast::TypeName& name, Diagnostics& diagnostics) const {
  Type type = base(name);
  if (type.is_error()) {
    report_unknown(name, diagnostics);
    return type;
  }
  return with_suffixes(std::move(type), name, diagnostics);
}

Type TypeNames::with_suffixes(Type type, const ast::TypeName& name, Diagnostics& diagnostics) {
  size_t next = 0;
  auto too_large = [&] {
    diagnostics.report(DiagId::OutOfRange, name.span, std::string("the size"), ast::to_string(name), "more than 1 MiB");
    return Type::error();
  };
  bool takes_capacity = type.is(Kind::String) || type.is(Kind::Buffer) || type.is(Kind::Inet);
  if (takes_capacity && !name.suffixes.empty() && !name.suffixes[0].pointer) {
    uint64_t capacity = name.suffixes[0].length.value_or(0);
    if (capacity > kLargestArray) return too_large();
    if (type.is(Kind::String)) type = Type::string(static_cast<uint32_t>(capacity));
    if (type.is(Kind::Buffer)) type = Type::buffer(static_cast<uint32_t>(capacity));
    next = 1;
  }
  while (next < name.suffixes.size()) {
    if (name.suffixes[next].pointer) {
      type = Type::pointer(std::move(type), AddressSpace::None);
      ++next;
      continue;
    }
    // As in C, `int x[2][3]` is two arrays of three.
    size_t end = next;
    while (end < name.suffixes.size() && !name.suffixes[end].pointer) ++end;
    for (size_t i = end; i-- > next;) {
      uint64_t length = name.suffixes[i].length.value_or(0);
      if (length > kLargestArray || length * std::max(type.size, 1U) > kLargestArray) return too_large();
      type = Type::array(std::move(type), static_cast<uint32_t>(length));
    }
    next = end;
  }
  return type;
}

void TypeNames::report_unknown(const ast::TypeName& name, Diagnostics& diagnostics) const {
  ast::TypeName bare;
  bare.tag = name.tag;
  bare.name = name.name;
  Diagnostic& diagnostic = diagnostics.report(DiagId::UnknownType, name.span, ast::to_string(bare));
  std::vector<std::string> known;
  if (name.tag == Tag::Enum) {
    for (const auto& [key, type] : enums_) known.push_back(key);
  } else {
    for (const auto& [key, record] : records_) known.push_back(key.substr(key.find(' ') + 1));
    for (const std::string& key : headers_ ? headers_->tagged_names() : std::vector<std::string>()) known.push_back(key.substr(key.find(' ') + 1));
    for (std::string& kernel : system_.types().struct_names()) known.push_back(std::move(kernel));
  }
  if (name.tag == Tag::None) {
    for (const NamedType& row : kNamedTypes) known.emplace_back(row.name);
    for (std::string_view integer : {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}) known.emplace_back(integer);
  }
  std::string_view close = nearest(name.name, {known.begin(), known.end()});
  if (close.empty()) return;
  bare.name = close;
  diagnostic.hint("did you mean `" + ast::to_string(bare) + "`?");
}

std::optional<Enumerator> TypeNames::script_enumerator(std::string_view name) const {
  auto own = enumerators_.find(name);
  return own != enumerators_.end() ? std::optional(own->second) : std::nullopt;
}

std::optional<Enumerator> TypeNames::enumerator(std::string_view name) const {
  if (auto own = script_enumerator(name)) return own;
  if (headers_) {
    if (auto known = headers_->enumerator(name)) return Enumerator{known->value, known->type};
  }
  auto kernel = system_.types().enumerator(name);
  if (!kernel) return std::nullopt;
  return Enumerator{kernel->first, enum_type(kernel->second)};
}

std::vector<std::string_view> TypeNames::script_enumerators() const {
  std::vector<std::string_view> names;
  for (const auto& [name, enumerator] : enumerators_) names.push_back(name);
  return names;
}

} // namespace trapline::sema
