// Patterns of text, as the shell has them: `*` is any text, `?` any one byte, `[a-z]` one of a set, `[!a-z]` none of it,
// `\` takes the special meaning from the next character. Nothing else is special, not `/` and no leading dot.
#pragma once

#include "support/result.h"

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::builtins {

// What one byte may be. Never NUL, which ends a text.
using ByteSet = std::bitset<256>;
// One byte after the other.
using Segment = std::vector<ByteSet>;

ByteSet any_byte();
Segment segment_of(std::string_view literal);
// The byte, if the set has only one; else -1.
int only_byte(const ByteSet&);

struct Pattern {
  // What stands between the stars, so one more than there are stars. Only the first and the last may be empty.
  std::vector<Segment> segments;
  // Bytes that a text needs at least.
  size_t shortest() const;
};

// The error says what is wrong with the pattern.
Result<Pattern> parse_pattern(std::string_view);

bool matches(const Pattern&, std::string_view text);

} // namespace trapline::builtins
