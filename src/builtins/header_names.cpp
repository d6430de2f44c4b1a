// The values of the names that header_names.cmake found. The kernel's own flags: the C library hides some (O_LARGEFILE).
#include "builtins/header_names.h"

#include <algorithm>
#include <asm/fcntl.h>
#include <bit>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace trapline::builtins {

namespace {

struct Named {
  std::string_view name;
  int value;
};

constexpr Named kOpenFlags[] = {
#define OPEN_FLAG(name) {#name, name},
#define SOCKET_FAMILY(name)
#include "header_names.inc"
#undef OPEN_FLAG
#undef SOCKET_FAMILY
};

constexpr Named kSocketFamilies[] = {
#define OPEN_FLAG(name)
#define SOCKET_FAMILY(name) {#name, name},
#include "header_names.inc"
#undef OPEN_FLAG
#undef SOCKET_FAMILY
};

} // namespace

std::shared_ptr<const EnumType> open_flag_names() {
  static const std::shared_ptr<const EnumType> names = [] {
    auto made = std::make_shared<EnumType>();
    made->name = "open_flags";
    made->is_flags = true;
    made->field = O_ACCMODE;
    for (const Named& flag : kOpenFlags) made->values.push_back({std::string(flag.name), flag.value});
    // The access mode, then flags of several bits, then the others, each by value.
    auto rank = [&](const EnumType::Value& v) {
      auto bits = static_cast<uint64_t>(v.value);
      return (bits & ~made->field) == 0 ? -64 : -std::popcount(bits);
    };
    std::ranges::sort(made->values, [&](const auto& a, const auto& b) {
      return rank(a) != rank(b) ? rank(a) < rank(b) : a.value < b.value;
    });
    return made;
  }();
  return names;
}

std::string_view socket_family_name(int number) {
  const auto* found = std::ranges::find(kSocketFamilies, number, &Named::value);
  return found == std::end(kSocketFamilies) ? std::string_view{} : found->name;
}

int socket_family_count() { return std::ranges::max(kSocketFamilies, {}, &Named::value).value + 1; }

} // namespace trapline::builtins
