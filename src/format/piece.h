// A script cut into tokens as they are written, each with the comments around it.
#pragma once

#include "parser/token.h"
#include "support/source.h"

#include <string>
#include <string_view>
#include <vector>

namespace trapline::format {

struct Comment {
  enum class Kind : uint8_t { Line, Block, Directive }; // the last: whatever stays as it is, on lines of its own
  Kind kind;
  std::string text; // without blanks at the ends of lines; those of a Block are indented as from its first column
  bool begins_line = false;  // in the source
  bool ends_line = false;
  bool blank_before = false; // an empty line
};

// What a token is to its neighbours.
enum class Shape : uint8_t {
  Operand, // a name, number, string, ...
  Keyword,
  Binary,
  Prefix,
  Postfix,
  TypeStar, // of a pointer type
  Open,
  Close,
  CastEnd, // the `)` of a cast
  Comma,
  Semicolon,
  Dot,   // also `->` and `..`
  Colon, // also `?`
  Other, // attach points, the slashes of a predicate, the end
};

inline bool ends_operand(Shape shape) { return shape == Shape::Operand || shape == Shape::Close || shape == Shape::Postfix; }

struct Piece {
  static constexpr size_t kNone = SIZE_MAX;

  TokenKind kind = Tok::TOK_END;
  std::string_view text; // as in the source
  Shape shape = Shape::Other;
  bool in_record = false;
  bool begins_line = false;  // in the source; of the token itself, as blank_before
  bool blank_before = false;
  size_t partner = kNone;    // the other bracket of a pair
  std::vector<Comment> before;
  std::vector<Comment> after; // on its line; of those that are Line only the last

  bool is(std::string_view spelling) const { return text == spelling && kind != Tok::TOK_ATTACH_POINT; }
};

// The last piece has no text and the kind END.
std::vector<Piece> cut(const SourceFile&, const TokenList&);

// Moves the comments between pieces `at - 1` and `at` behind `at`, unless they may stay where `at` follows on the same line. None
// is moved across a directive.
void move_comments_behind(std::vector<Piece>&, size_t at);

bool has_directive(const Piece&); // before it
bool ends_line(const Piece&); // with a comment

// Whether it is a keyword whose operand stands in parentheses as the arguments of a function do.
bool takes_parentheses(const Piece&);

} // namespace trapline::format
