// Values of options: words that stand for something, lists, numbers with units.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::cli {

template <typename T> struct Word {
  std::string_view word;
  T value;
};

template <typename T> const T* find_word(std::span<const Word<T>> words, std::string_view word) {
  for (const Word<T>& candidate : words) {
    if (candidate.word == word) return &candidate.value;
  }
  return nullptr;
}

// The parts between the separators; empty ones are left out.
std::vector<std::string> split_list(std::string_view text, char separator);

// "10", "10s", "1.5s", "500ms", also ns us m h d; without a unit seconds. In nanoseconds; nullopt: no such time, or 0.
std::optional<uint64_t> parse_duration(std::string_view text);

// A positive process id.
std::optional<unsigned> parse_pid(std::string_view text);

} // namespace trapline::cli
