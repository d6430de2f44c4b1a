// The text of a script and places in it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// Half-open range of byte offsets into one SourceFile.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
};

inline Span join(Span a, Span b) { return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end}; }

// Both count from 1; the column counts bytes.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

class SourceFile {
public:
  // `name` is what diagnostics print: a path, or "stdin" for -e and -.
  SourceFile(std::string name, std::string text);

  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  Position position(uint32_t offset) const;
  // The text of a line without its newline; empty past the end.
  std::string_view line(uint32_t number) const;
  std::string_view text_of(Span span) const;

private:
  std::string name_;
  std::string text_;
  std::vector<uint32_t> line_starts_;
};

} // namespace trapline
