// Percentages as scripts and settings write them.
#include "builtins/percentiles.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace trapline::builtins {

namespace {

constexpr uint32_t kWhole = 100'000;
constexpr size_t kDecimals = 3;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

std::optional<uint32_t> read_percentile(std::string_view text) {
  const size_t point = text.find('.');
  std::string decimals(point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1));
  const std::string_view whole = text.substr(0, point);
  if (!is_digits(whole) || !is_digits(decimals) || whole.size() > kDecimals || decimals.size() > kDecimals) return std::nullopt;
  decimals.resize(kDecimals, '0');
  uint32_t percents = 0, thousandths = 0;
  std::from_chars(whole.data(), whole.data() + whole.size(), percents);
  std::from_chars(decimals.data(), decimals.data() + decimals.size(), thousandths);
  const uint32_t result = percents * 1000 + thousandths;
  return result <= kWhole ? std::optional(result) : std::nullopt;
}

std::optional<std::vector<uint32_t>> read_percentiles(std::string_view text) {
  std::string compact(text);
  std::erase(compact, ' ');
  std::vector<uint32_t> result;
  for (std::string_view rest = compact;;) {
    const size_t comma = rest.find(',');
    const auto one = read_percentile(rest.substr(0, comma));
    if (!one) return std::nullopt;
    result.push_back(*one);
    if (comma == std::string_view::npos) return result;
    rest.remove_prefix(comma + 1);
  }
}

} // namespace trapline::builtins
