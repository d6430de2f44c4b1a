// Reads the numbers of attach points.
#include "probes/numbers.h"

#include <charconv>
#include <string>

namespace trapline::probes {

std::optional<uint64_t> parse_number(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9' || text.back() == '_') return std::nullopt;
  std::string digits;
  for (char c : text)
    if (c != '_') digits += c;
  int base = 10;
  std::string_view rest = digits;
  if (rest.starts_with("0x") || rest.starts_with("0X")) {
    base = 16;
    rest.remove_prefix(2);
  } else if (rest.size() > 1 && rest[0] == '0') {
    base = 8;
    rest.remove_prefix(1);
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value, base);
  if (rest.empty() || error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
  return value;
}

} // namespace trapline::probes
