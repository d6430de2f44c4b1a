// The text of a script and places in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// Half-open range of offsets into one SourceFile.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  // Of what stands nowhere in the text: the environment, the command line.
  static constexpr Span none() { return {UINT32_MAX, UINT32_MAX}; }
  constexpr bool is_none() const { return begin == UINT32_MAX; }
};

inline Span join(Span a, Span b) { return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end}; }

// Both count from 1; the column counts bytes.
struct Position {
  uint32_t line = 1;
  uint32_t column = 1;
};

// A script with the files that it imports, one text behind the other, so that a Span tells the file too. Text that a macro
// brought in has spans of its own, beyond all files, which map back to the macro's definition: `expanded_from` says where
// the macro was used.
class SourceFile {
public:
  // `name` is what diagnostics print: a path, or "stdin" for -e and -.
  SourceFile(std::string name, std::string text);

  // Adds an imported file; returns the span of its text. Must not be called once there are expansions.
  Span append(std::string name, std::string text);
  // New spans for the text of `definition`, used at `use`: the returned offset stands for definition.begin.
  uint32_t expand(Span definition, Span use);
  // The use of the macro that brought this offset in.
  std::optional<Span> expanded_from(uint32_t offset) const;

  const std::string& name() const { return files_.front().name; }
  const std::string& name_at(uint32_t offset) const { return file_at(offset).name; }
  const std::string& text() const { return text_; }
  // Of the file that the offset is in.
  Span file_span(uint32_t offset) const;
  Position position(uint32_t offset) const;
  // The line around an offset without its newline.
  std::string_view line_at(uint32_t offset) const;
  std::string_view text_of(Span span) const;

private:
  static constexpr uint32_t kFirstExpansion = 1u << 30;
  struct File {
    std::string name;
    uint32_t begin = 0;
    uint32_t first_line = 0; // index into line_starts_
  };
  struct Expansion {
    uint32_t begin = 0; // the first of its offsets
    Span definition, use;
  };
  const File& file_at(uint32_t offset) const;
  const Expansion* expansion_at(uint32_t offset) const;
  uint32_t real(uint32_t offset) const; // in text_
  size_t line_index(uint32_t real_offset) const;

  std::string text_;
  std::vector<File> files_;
  std::vector<uint32_t> line_starts_;
  std::vector<Expansion> expansions_;
};

} // namespace trapline
