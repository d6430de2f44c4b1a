// Numbers: digits of the base, then an exponent or a suffix.
#include "support/literals.h"

#include <array>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace trapline {

namespace {

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};

constexpr std::array kUnits = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
    Unit{"d", 86'400'000'000'000},
};

std::optional<uint32_t> digit_value(char c, uint32_t base) {
  uint32_t value;
  if (c >= '0' && c <= '9') {
    value = static_cast<uint32_t>(c - '0');
  } else if (c >= 'a' && c <= 'f') {
    value = static_cast<uint32_t>(c - 'a') + 10;
  } else if (c >= 'A' && c <= 'F') {
    value = static_cast<uint32_t>(c - 'A') + 10;
  } else {
    return std::nullopt;
  }
  // A digit too high for the base is still a digit: 08 is a mistake, not a 0 with suffix 8.
  if (value >= base && (value >= 10 || base > 10)) return std::nullopt;
  return value;
}

bool multiply(uint64_t& value, uint64_t factor) { return !__builtin_mul_overflow(value, factor, &value); }

ParsedInteger too_large() { return {std::numeric_limits<uint64_t>::max(), true, "it does not fit 64 bits"}; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

ParsedInteger scale_by_exponent(uint64_t value, std::string_view exponent) {
  uint64_t power = 0;
  for (char c : exponent) {
    if (c < '0' || c > '9') return {0, false, "an exponent is a whole number"};
    power = power > 1000 ? power : power * 10 + static_cast<uint64_t>(c - '0');
  }
  if (exponent.empty()) return {0, false, "the exponent has no digits"};
  if (value == 0) return {};
  for (uint64_t i = 0; i < power; ++i) {
    if (!multiply(value, 10)) return too_large();
  }
  return {value, false, {}};
}

ParsedInteger apply_suffix(uint64_t value, std::string_view suffix) {
  for (const Unit& unit : kUnits) {
    if (suffix != unit.name) continue;
    if (!multiply(value, unit.nanoseconds)) return too_large();
    return {value, false, {}};
  }
  std::string name = lower(suffix);
  bool is_signed = name == "l" || name == "ll";
  if (is_signed && value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return {value, false, "it does not fit a signed 64-bit integer"};
  }
  if (is_signed || name == "u" || name == "ul" || name == "ull") return {value, false, {}};
  return {value, false, fmt::format("unknown suffix `{}`", suffix)};
}

} // namespace

ParsedInteger parse_integer(std::string_view text) {
  uint32_t base = 10;
  size_t at = 0;
  if (text.size() > 1 && text[0] == '0') {
    base = text[1] == 'x' || text[1] == 'X' ? 16 : 8;
    at = base == 16 ? 2 : 1;
  }
  uint64_t value = 0;
  bool overflow = false;
  size_t first_digit = at;
  for (; at < text.size(); ++at) {
    if (text[at] == '_') continue;
    std::optional<uint32_t> digit = digit_value(text[at], base);
    if (!digit) break;
    if (*digit >= base) return {0, false, fmt::format("`{}` is not an octal digit", text[at])};
    overflow |= !multiply(value, base) || __builtin_add_overflow(value, *digit, &value);
  }
  if (base == 16 && at == first_digit) return {0, false, "no digits after `0x`"};
  if (text[at - 1] == '_') return {0, false, "it ends in an underscore"};
  if (overflow) return too_large();

  std::string_view rest = text.substr(at);
  if (rest.empty()) return {value, false, {}};
  if (base != 16 && (rest[0] == 'e' || rest[0] == 'E')) return scale_by_exponent(value, rest.substr(1));
  return apply_suffix(value, rest);
}

} // namespace trapline
