// From pieces to a document: which lines a script has. Whatever is not known by name is laid out by its brackets, commas and
// operators, so that the language may grow without this.
#pragma once

#include "format/document.h"
#include "format/piece.h"

#include <utility>
#include <vector>

namespace trapline::format {

class Layout {
public:
  explicit Layout(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  Doc script();

private:
  using Docs = std::vector<Doc>;
  static constexpr size_t kIndent = 2;

  // How the statements of a block end.
  enum class Ends : uint8_t {
    Always,    // with `;`, also the last
    AsWritten, // the last may be the block's value, without a `;`
  };

  // --- top level; each takes the item that begins at a piece, and returns where the next one begins
  size_t item(Docs& out, size_t at);
  size_t probe(Docs& out, size_t at);
  size_t end_without_block(Docs& out, size_t at);
  size_t record(Docs& out, size_t at);
  size_t function(Docs& out, size_t at);
  void attach_points(Docs& out, size_t begin, size_t end);
  void predicate(Docs& out, size_t begin, size_t end);
  void own_line(Docs& out, size_t at);
  bool has_body(size_t at) const;

  // --- statements
  Docs statements(size_t begin, size_t end, Ends ends, bool on_lines = true);
  size_t statement(Docs& out, size_t at, size_t end, Ends ends);
  size_t compound(Docs& out, size_t at, size_t end, Ends ends);
  size_t branch(Docs& out, size_t at, size_t brace, Ends ends);
  size_t finish(Docs& out, size_t at, size_t end, Ends ends);
  size_t find_semicolon(size_t at, size_t end) const;
  size_t find_body(size_t at, size_t end) const;
  Doc block(size_t open, Ends ends, bool on_own_line = false);
  void drop(Docs& out, size_t at);

  // --- expressions: of the pieces from `begin` up to `end`, without the comments before and behind them
  Doc expression(size_t begin, size_t end);
  Doc assignment(size_t begin, size_t op, size_t end);
  Doc ternary(size_t begin, size_t question, size_t end);
  Doc chain(size_t begin, size_t end, int level);
  Doc beside(size_t begin, size_t end);
  Doc operand(size_t begin, size_t end);
  Doc bracket(size_t open);
  Doc braces(size_t open);
  Docs elements(size_t open);
  Docs element_lines(size_t open);
  void append_element(Docs& out, size_t begin, size_t comma, size_t close);
  size_t find_comma(size_t at, size_t end) const;
  bool is_splittable(size_t begin, size_t end) const;
  bool is_binary(size_t at, size_t begin, size_t end) const;

  // --- comments
  // Those before a piece that begins a line, and the new line. `first`: nothing stands above it in its block.
  void leading(Docs& out, size_t at, bool first, bool want_blank = false);
  void comment_lines(Docs& out, const std::vector<Comment>& comments, bool first, bool want_blank = false);
  void trailing(Docs& out, size_t at) const;
  static void append_trailing(Docs& out, const Comment& c);
  // Within a line: what stands between a piece and the one before it, with the comments there.
  void join(Docs& out, size_t at, Doc separator) const;
  void join(Docs& out, size_t at) const;
  void tail(Docs& out, size_t at) const; // the comment that ends the line of `at`
  void head(Docs& out, size_t at) const; // the others before `at`
  bool has_head(size_t at) const;

  Doc word(size_t at) const { return text(pieces_[at].text); }
  bool is_keyword(size_t at, std::string_view spelling) const { return pieces_[at].shape == Shape::Keyword && pieces_[at].is(spelling); }
  // The piece behind `at`, or behind the bracket that it opens.
  size_t skip(size_t at, size_t end) const;
  bool is_one_line(size_t begin, size_t end) const; // in the source
  bool has_comments(size_t begin, size_t end) const; // between these pieces

  std::vector<Piece> pieces_;
};

} // namespace trapline::format
