// Patterns: parsing, and matching what is known at compile time.
#include "builtins/pattern.h"

#include <algorithm>

namespace trapline::builtins {

namespace {

constexpr char kEscape = '\\';

std::unexpected<Error> incomplete_set() { return fail("a `[` has no `]` after it", "a bracket that stands for itself is written [[]"); }

// The set that begins at `at`, which is moved behind its `]`.
Result<ByteSet> parse_set(std::string_view text, size_t& at) {
  size_t i = at + 1;
  bool negated = i < text.size() && (text[i] == '!' || text[i] == '^');
  if (negated) ++i;
  ByteSet set;
  // A member, or nullopt at the end of the text. A bracket that comes first is one.
  auto member = [&]() -> int {
    if (i < text.size() && text[i] == kEscape) ++i;
    return i < text.size() ? static_cast<unsigned char>(text[i++]) : -1;
  };
  for (bool first = true; first || (i < text.size() && text[i] != ']'); first = false) {
    int low = member();
    if (low < 0) return incomplete_set();
    int high = low;
    bool is_range = i + 1 < text.size() && text[i] == '-' && text[i + 1] != ']';
    if (is_range) {
      ++i;
      high = member();
      if (high < low) return fail("a range in `[]` is backwards", "write the lower end first: [a-z]");
    }
    for (int c = low; c <= high; ++c) set.set(static_cast<size_t>(c));
  }
  if (i >= text.size()) return incomplete_set();
  at = i + 1;
  if (negated) set.flip();
  return set & any_byte();
}

bool starts_with(const Segment& segment, std::string_view text) {
  if (text.size() < segment.size()) return false;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (!segment[i].test(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

} // namespace

ByteSet any_byte() {
  ByteSet all;
  return all.set().reset(0);
}

Segment segment_of(std::string_view literal) {
  Segment segment;
  for (unsigned char c : literal) segment.push_back(ByteSet().set(c));
  return segment;
}

int only_byte(const ByteSet& set) {
  if (set.count() != 1) return -1;
  int byte = 0;
  while (!set.test(static_cast<size_t>(byte))) ++byte;
  return byte;
}

size_t Pattern::shortest() const {
  size_t sum = 0;
  for (const Segment& segment : segments) sum += segment.size();
  return sum;
}

Result<Pattern> parse_pattern(std::string_view text) {
  Pattern pattern;
  pattern.segments.emplace_back();
  for (size_t i = 0; i < text.size();) {
    char c = text[i];
    if (c == '*') {
      bool repeated = pattern.segments.size() > 1 && pattern.segments.back().empty();
      if (!repeated) pattern.segments.emplace_back();
      ++i;
      continue;
    }
    Segment& segment = pattern.segments.back();
    if (c == '[') {
      Result<ByteSet> set = parse_set(text, i);
      if (!set) return std::unexpected(set.error());
      segment.push_back(*set);
      continue;
    }
    if (c == kEscape && ++i == text.size()) {
      return fail("it ends with a single `\\`", "write \"\\\\\\\\\" for one that stands for itself");
    }
    segment.push_back(c == '?' ? any_byte() : ByteSet().set(static_cast<unsigned char>(text[i])));
    ++i;
  }
  return pattern;
}

bool matches(const Pattern& pattern, std::string_view text) {
  const std::vector<Segment>& segments = pattern.segments;
  const Segment& first = segments.front();
  const Segment& last = segments.back();
  if (segments.size() == 1) return text.size() == first.size() && starts_with(first, text);
  if (text.size() < first.size() + last.size() || !starts_with(first, text)) return false;
  if (!starts_with(last, text.substr(text.size() - last.size()))) return false;
  // What lies between is found from left to right: the first place that fits leaves the most room for the rest.
  text = text.substr(first.size(), text.size() - first.size() - last.size());
  for (size_t i = 1; i + 1 < segments.size(); ++i) {
    while (text.size() >= segments[i].size() && !starts_with(segments[i], text)) text.remove_prefix(1);
    if (text.size() < segments[i].size()) return false;
    text.remove_prefix(segments[i].size());
  }
  return true;
}

} // namespace trapline::builtins
