// A reader of C declarations, just large enough for what tests declare, and the layout of what it reads.
#include "system/fake_types.h"

#include "system/common_types.h"
#include "system/glob.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fmt/format.h>

namespace trapline {

// Laid out when the size is asked for; the members' types are made when the fields are, since they may point to structs
// that are declared later.
class FakeTypes::Record final : public StructType {
public:
  Record(const FakeTypes& types, std::string name, bool is_union)
      : types_(types), name_(std::move(name)), is_union_(is_union) {}

  void add(Declaration member) { members_.push_back(std::move(member)); }
  // Structs that point to each other own each other through their fields.
  void forget_fields() { fields_.clear(); }

  const std::string& name() const override { return name_; }
  uint32_t size() const override { return layout().size; }
  uint32_t alignment() const override { return layout().alignment; }
  const std::vector<Field>& fields() const override {
    if (!fields_.empty()) return fields_;
    for (size_t i = 0; i < members_.size(); ++i) {
      Field field;
      field.name = members_[i].name;
      field.type = std::make_shared<const Type>(types_.type_of(members_[i]));
      uint32_t start = layout().bits[i];
      uint32_t unit = members_[i].bits > 0 ? 8 * field.type->size : 8;
      field.offset = start / unit * (unit / 8);
      field.bit_offset = static_cast<uint8_t>(start - 8 * field.offset);
      field.bit_width = static_cast<uint8_t>(members_[i].bits);
      fields_.push_back(std::move(field));
    }
    return fields_;
  }

private:
  struct Layout {
    uint32_t size = 0, alignment = 0;
    std::vector<uint32_t> bits; // where each member starts
  };

  const Layout& layout() const {
    if (layout_.alignment > 0) return layout_;
    layout_.alignment = 1;
    uint32_t next = 0, end = 0;
    for (const Declaration& member : members_) {
      uint32_t size = types_.size_of(member), alignment = types_.alignment_of(member);
      uint32_t width = member.bits > 0 ? member.bits : 8 * size;
      uint32_t at = is_union_ ? 0 : next;
      bool fits_unit = member.bits > 0 && at / (8 * size) == (at + width - 1) / (8 * size);
      if (!fits_unit) at = (at + 8 * alignment - 1) / (8 * alignment) * (8 * alignment);
      layout_.bits.push_back(at);
      next = at + width;
      end = std::max(end, next);
      layout_.alignment = std::max(layout_.alignment, alignment);
    }
    uint32_t bytes = (end + 7) / 8;
    layout_.size = (bytes + layout_.alignment - 1) / layout_.alignment * layout_.alignment;
    return layout_;
  }

  const FakeTypes& types_;
  std::string name_;
  bool is_union_;
  std::vector<Declaration> members_;
  mutable Layout layout_;
  mutable std::vector<Field> fields_;
};

class FakeTypes::Parser {
public:
  Parser(FakeTypes& types, std::string_view text) : types_(types), text_(text) { advance(); }

  void declarations() {
    while (!token_.empty()) {
      if (accept("typedef")) {
        Declaration alias = declaration();
        types_.typedefs_.insert_or_assign(alias.name, alias);
      } else {
        declaration();
      }
      expect(";");
    }
  }

  std::vector<Declaration> parameters() {
    std::vector<Declaration> result;
    while (!token_.empty()) {
      result.push_back(declaration());
      if (!token_.empty()) expect(",");
    }
    return result;
  }

private:
  void advance() {
    size_t begin = text_.find_first_not_of(" \n\t");
    text_.remove_prefix(std::min(begin, text_.size()));
    size_t length = 0;
    while (length < text_.size() && is_word(text_[length])) ++length;
    token_ = text_.substr(0, std::max<size_t>(length, text_.empty() ? 0 : 1));
    text_.remove_prefix(token_.size());
  }
  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-'; }
  bool accept(std::string_view token) {
    if (token_ != token) return false;
    advance();
    return true;
  }
  void expect(std::string_view token) {
    if (accept(token)) return;
    fmt::print(stderr, "FakeTypes: expected `{}` before `{}{:.60}`\n", token, token_, text_);
    std::abort();
  }
  bool at_word() const { return !token_.empty() && is_word(token_.front()); }
  std::string word() {
    std::string result(token_);
    advance();
    return result;
  }
  int64_t number() { return std::strtoll(word().c_str(), nullptr, 0); }

  Declaration declaration() {
    Declaration result;
    specifier(result);
    while (token_ == "*" || token_ == "const" || token_ == "__user") {
      if (token_ == "*") ++result.pointers;
      if (token_ == "__user") result.user = true;
      advance();
    }
    if (accept("(")) return function_pointer(std::move(result));
    // The last word of "unsigned long args" is the name: the specifier takes all of them.
    if (result.name.empty() && at_word()) result.name = word();
    while (accept("[")) {
      result.dimensions.push_back(token_ == "]" ? 0 : static_cast<uint32_t>(number()));
      expect("]");
    }
    if (accept(":")) result.bits = static_cast<uint32_t>(number());
    return result;
  }

  // After "RESULT (": "*name)(...)", which is a pointer to void.
  Declaration function_pointer(Declaration result) {
    result.base = "void";
    result.pointers = 1;
    expect("*");
    result.name = word();
    expect(")");
    while (token_ != ")") advance();
    expect(")");
    return result;
  }

  void specifier(Declaration& result) {
    while (accept("const") || accept("volatile")) {
    }
    if (token_ == "struct" || token_ == "union") return record(result);
    if (accept("enum")) return enumeration(result);
    std::string last = word();
    while (at_word() && token_ != "const" && token_ != "__user") {
      result.base += (result.base.empty() ? "" : " ") + last;
      last = word();
    }
    // Without a `*` the last word is the name: "unsigned long args".
    bool is_type = result.base.empty() || token_ == "*" || token_ == "const" || token_ == "__user" || token_ == "(";
    if (is_type) result.base += (result.base.empty() ? "" : " ") + last;
    else result.name = last;
  }

  void record(Declaration& result) {
    bool is_union = token_ == "union";
    std::string name = word();
    bool has_tag = at_word();
    if (has_tag) name += ' ' + word();
    result.base = name;
    if (!accept("{")) return;
    auto made = std::make_shared<Record>(types_, name, is_union);
    while (!accept("}")) {
      made->add(declaration());
      expect(";");
    }
    types_.all_records_.push_back(made);
    if (has_tag) types_.records_[name] = made;
    else result.record = made;
  }

  void enumeration(Declaration& result) {
    auto made = std::make_shared<EnumType>();
    if (at_word()) made->name = word();
    result.base = "enum " + made->name;
    if (!accept("{")) return;
    int64_t next = 0;
    while (!accept("}")) {
      std::string name = word();
      if (accept("=")) next = number();
      made->values.push_back({std::move(name), next++});
      accept(",");
    }
    types_.all_enums_.push_back(made);
    if (!made->name.empty()) types_.enums_[made->name] = made;
  }

  FakeTypes& types_;
  std::string_view text_, token_;
};

FakeTypes::FakeTypes() = default;
FakeTypes::~FakeTypes() {
  for (const auto& record : all_records_) record->forget_fields();
}

void FakeTypes::declare(std::string_view c) { Parser(*this, c).declarations(); }

void FakeTypes::declare_raw_tracepoint(const std::string& name, std::string_view parameters) {
  raw_tracepoints_[name] = Parser(*this, parameters).parameters();
}

Type FakeTypes::base_type(const Declaration& declaration) const {
  std::string_view base = declaration.base;
  if (declaration.record) return Type::structure(declaration.record);
  if (base == "void") return Type::void_();
  if (base.starts_with("struct ") || base.starts_with("union ")) {
    if (auto known = records_.find(base); known != records_.end()) return Type::structure(known->second);
    auto& incomplete = incomplete_[declaration.base];
    if (!incomplete) incomplete = std::make_shared<PlainStruct>(declaration.base, 0, 1, std::vector<Field>{});
    return Type::structure(incomplete);
  }
  if (base.starts_with("enum")) {
    auto known = enums_.find(base.substr(std::min<size_t>(5, base.size())));
    if (known == enums_.end()) return Type::integer(4, false);
    bool is_signed = std::ranges::any_of(known->second->values, [](const auto& value) { return value.value < 0; });
    return Type::enumerated(known->second, 4, is_signed);
  }
  return named(base);
}

Type FakeTypes::type_of(const Declaration& declaration) const {
  Type type = base_type(declaration);
  for (int i = 0; i < declaration.pointers; ++i)
    type = Type::pointer(std::move(type), declaration.user ? AddressSpace::User : AddressSpace::Kernel);
  for (size_t i = declaration.dimensions.size(); i-- > 0;) type = Type::array(std::move(type), declaration.dimensions[i]);
  return type;
}

uint32_t FakeTypes::size_of(const Declaration& declaration) const {
  uint32_t size = declaration.pointers > 0 ? 8 : base_type(declaration).size;
  for (uint32_t count : declaration.dimensions) size *= count;
  return size;
}

uint32_t FakeTypes::alignment_of(const Declaration& declaration) const {
  return declaration.pointers > 0 ? 8 : base_type(declaration).alignment();
}

std::shared_ptr<const StructType> FakeTypes::structure(std::string_view name, bool is_union) const {
  auto known = records_.find((is_union ? "union " : "struct ") + std::string(name));
  return known == records_.end() ? nullptr : known->second;
}

std::shared_ptr<const EnumType> FakeTypes::enumeration(std::string_view name) const {
  auto known = enums_.find(name);
  return known == enums_.end() ? nullptr : known->second;
}

Type FakeTypes::named(std::string_view name) const {
  auto known = typedefs_.find(name);
  return known == typedefs_.end() ? common_type(name) : type_of(known->second);
}

std::optional<std::pair<int64_t, std::shared_ptr<const EnumType>>> FakeTypes::enumerator(std::string_view name) const {
  for (const auto& enumeration : all_enums_) {
    auto value = std::ranges::find(enumeration->values, name, &EnumType::Value::name);
    if (value != enumeration->values.end()) return std::pair{value->value, enumeration};
  }
  return std::nullopt;
}

std::optional<std::vector<TypeSource::Parameter>> FakeTypes::raw_tracepoint(std::string_view name) const {
  auto known = raw_tracepoints_.find(name);
  if (known == raw_tracepoints_.end()) return std::nullopt;
  std::vector<Parameter> parameters;
  for (const Declaration& parameter : known->second) parameters.push_back({parameter.name, type_of(parameter)});
  return parameters;
}

std::vector<std::string> FakeTypes::struct_names() const {
  std::vector<std::string> names;
  for (const auto& [name, record] : records_) names.push_back(name.substr(name.find(' ') + 1));
  std::ranges::sort(names);
  return names;
}

// Definitions say no more than the name.
std::vector<TypeSource::Listed> FakeTypes::list(std::string_view tag, std::string_view pattern, bool with_definition) const {
  std::vector<Listed> found;
  for (const auto& [name, record] : records_) {
    const std::string bare = name.substr(name.find(' ') + 1);
    if (!name.starts_with(std::string(tag) + " ") || !glob_match(pattern, bare)) continue;
    found.push_back({bare, "vmlinux", with_definition ? name + " {\n};" : std::string()});
  }
  std::ranges::sort(found, {}, &Listed::name);
  return found;
}

std::vector<std::string> FakeTypes::raw_tracepoint_names() const {
  std::vector<std::string> names;
  for (const auto& [name, parameters] : raw_tracepoints_) names.push_back(name);
  return names;
}

} // namespace trapline
