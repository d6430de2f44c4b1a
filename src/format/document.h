// Text with the places where lines may end, and the printer that chooses among them. After Wadler, "A prettier printer".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace trapline::format {

struct Doc {
  enum class Kind : uint8_t {
    Text,
    Trailing, // a comment to the end of the line: it may pass the margin, what is before it need not make room
    Comment,  // Text whose further lines are indented as its first one is
    Verbatim, // Text in the first column
    Space,    // between words; nothing at the ends of lines
    Line,     // flat: a space; else a new line
    SoftLine, // flat: nothing; else a new line
    Hard,     // a new line; nothing where one begins already
    Blank,    // a Hard with an empty line
    Concat,
    Group,    // its own Lines are all flat, or all are new lines
    Fill,     // parts in turn content and Line: each Line is flat if what follows it has room
    Nest,     // new lines in it are indented by so much more
    Align,    // new lines in it begin where it begins, or less far right if that leaves no room
  };

  Kind kind = Kind::Concat;
  std::string text;
  std::vector<Doc> parts;
  size_t indent = 0; // of Nest
  // Columns up to its first Line, behind its last, and the most between two.
  size_t head = 0, tail = 0, widest = 0;
  bool breakable = false; // has a Line
  bool forced = false;    // has a Hard, or text of several lines

  bool empty() const { return kind == Kind::Concat && parts.empty(); }
};

Doc text(std::string_view);
Doc trailing(std::string_view);
Doc comment(std::string_view);
Doc verbatim(std::string_view);
Doc space();
Doc line();
Doc soft_line();
Doc hard();
Doc blank();
Doc concat(std::vector<Doc> parts);
Doc group(std::vector<Doc> parts);
Doc fill(std::vector<Doc> parts);
Doc nest(size_t indent, std::vector<Doc> parts);
Doc align(std::vector<Doc> parts);

// Without blanks at the ends of lines; with a newline at the end unless it is empty.
std::string print(const Doc&, size_t width);

} // namespace trapline::format
