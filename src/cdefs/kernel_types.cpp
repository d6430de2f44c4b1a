#include "cdefs/kernel_types.h"

#include "system/system.h"

#include <fmt/format.h>

namespace trapline::clang {

namespace {

constexpr uint32_t kLargestStandIn = 1 << 24;

// "field has incomplete type `struct foo`" and "unknown type name `foo_t`": the name.
std::string missing_type(const std::string& message) {
  if (message.find("incomplete type") == std::string::npos && !message.starts_with("unknown type name")) return {};
  size_t begin = message.find('`');
  size_t end = begin == std::string::npos ? begin : message.find('`', begin + 1);
  return end == std::string::npos ? std::string() : message.substr(begin + 1, end - begin - 1);
}

std::string bytes_of(const Type& type) {
  return fmt::format("{{ char bytes[{}]; }} __attribute__((aligned({})))", type.size, type.alignment());
}

} // namespace

bool KernelTypes::add_missing(const std::vector<CError>& errors) {
  bool added = false;
  for (const CError& error : errors) {
    std::string name = missing_type(error.message);
    if (name.empty() || types_.contains(name)) continue;
    added |= name.find(' ') == std::string::npos ? add_named(name) : add_tagged(name);
  }
  return added;
}

bool KernelTypes::add_tagged(const std::string& name) {
  std::string tag = name.substr(name.find(' ') + 1);
  auto record = kernel_.structure(tag, name.starts_with("union "));
  if (!record || record->size() == 0 || record->size() > kLargestStandIn) return false;
  Type type = Type::structure(std::move(record));
  declarations_ += fmt::format("{} {};\n", name, bytes_of(type));
  types_.emplace(name, std::move(type));
  return true;
}

bool KernelTypes::add_named(const std::string& name) {
  Type type = kernel_.named(name);
  if (type.is(Kind::Bool)) declarations_ += fmt::format("typedef _Bool {};\n", name);
  else if (type.is_integral()) declarations_ += fmt::format("typedef __{}INT{}_TYPE__ {};\n", type.is_signed ? "" : "U", type.size * 8, name);
  else if (type.is(Kind::Pointer)) declarations_ += fmt::format("typedef void *{};\n", name);
  else if (type.is(Kind::Struct) && type.size > 0) declarations_ += fmt::format("typedef struct {} {};\n", bytes_of(type), name);
  else return false;
  types_.emplace(name, std::move(type));
  return true;
}

Type KernelTypes::find(std::string_view name) const {
  auto found = types_.find(name);
  return found == types_.end() ? Type::error() : found->second;
}

} // namespace trapline::clang
