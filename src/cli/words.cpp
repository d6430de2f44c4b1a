#include "cli/words.h"

#include <array>
#include <charconv>

namespace trapline::cli {
namespace {

constexpr double kLongest = 9e18; // nanoseconds, some 285 years

constexpr std::array kUnits = {Word<double>{"ns", 1}, Word<double>{"us", 1e3}, Word<double>{"ms", 1e6},
                               Word<double>{"s", 1e9}, Word<double>{"", 1e9},  Word<double>{"m", 60e9},
                               Word<double>{"h", 3600e9}, Word<double>{"d", 86400e9}};

} // namespace

std::vector<std::string> split_list(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(part.size() + 1, text.size()));
  }
  return parts;
}

std::optional<uint64_t> parse_duration(std::string_view text) {
  double count = 0;
  const char* last = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), last, count, std::chars_format::fixed);
  const double* unit = find_word<double>(kUnits, {end, static_cast<size_t>(last - end)});
  if (code != std::errc() || !unit) return std::nullopt;
  const double nanoseconds = count * *unit;
  if (!(nanoseconds >= 1 && nanoseconds <= kLongest)) return std::nullopt;
  return static_cast<uint64_t>(nanoseconds);
}

std::optional<unsigned> parse_pid(std::string_view text) {
  unsigned pid = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), pid);
  if (code != std::errc() || end != text.data() + text.size() || pid == 0) return std::nullopt;
  return pid;
}

} // namespace trapline::cli
