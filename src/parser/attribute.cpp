// Attributes: two that matter for layouts, some that matter and are not known, and many that do not matter.
#include "parser/attribute.h"

#include "support/literals.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>

namespace trapline {

namespace {

constexpr uint32_t kLargestAlignment = 16; // of `aligned` without a number, on the machines that BPF runs on

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// `__packed__` is `packed`.
std::string_view plain(std::string_view word) {
  bool is_padded = word.size() > 4 && word.starts_with("__") && word.ends_with("__");
  return is_padded ? word.substr(2, word.size() - 4) : word;
}

bool is_beyond(std::string_view word) {
  constexpr std::array<std::string_view, 7> kWords = {"mode",        "vector_size", "ext_vector_type", "ms_struct", "gcc_struct",
                                                      "warn_if_not_aligned", "scalar_storage_order"};
  return std::ranges::find(kWords, word) != kWords.end();
}

// The number in `(8)`; 0 if it is none, or no alignment.
uint32_t alignment(std::string_view text) {
  size_t begin = text.find_first_not_of("( \t\n");
  size_t end = text.find_first_of(" \t\n)", begin);
  if (begin == std::string_view::npos || end == std::string_view::npos || !std::isdigit(static_cast<unsigned char>(text[begin]))) return 0;
  ParsedInteger number = parse_integer(text.substr(begin, end - begin));
  bool is_alignment = number.error.empty() && std::has_single_bit(number.value) && number.value <= 1 << 16;
  return is_alignment && text[text.find_first_not_of(" \t\n", end)] == ')' ? static_cast<uint32_t>(number.value) : 0;
}

} // namespace

std::optional<grammar::Attribute> parse_attribute(std::string_view text) {
  grammar::Attribute attribute;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    std::string_view word = plain(text.substr(at, end - at));
    at = std::max(end, at + 1);
    if (is_beyond(word)) return std::nullopt;
    if (word == "packed") attribute.packed = true;
    if (word != "aligned") continue;
    size_t open = text.find_first_not_of(" \t\n", end);
    bool has_number = open != std::string_view::npos && text[open] == '(';
    attribute.alignment = has_number ? alignment(text.substr(open)) : kLargestAlignment;
    if (attribute.alignment == 0) return std::nullopt;
  }
  return attribute;
}

} // namespace trapline
