#include "format/spacing.h"

#include <algorithm>
#include <array>

namespace trapline::format {

namespace {

bool spaced_before_open(const Piece& before, const Piece& open, const Piece& first) {
  if (open.is("{")) return true;
  if (before.shape == Shape::TypeStar) return false;
  if (open.is("[")) return !ends_operand(before.shape);
  if (before.shape == Shape::Keyword) return !takes_parentheses(before);
  if (before.is("}")) return true;
  if (before.in_record && first.is("*")) return true; // a pointer to a function
  return !ends_operand(before.shape);
}

// Two operators that would be read as one.
bool would_merge(const Piece& before, const Piece& next) {
  constexpr std::string_view kDoubled = "+-&";
  return kDoubled.find(next.text[0]) != std::string_view::npos && before.text.back() == next.text[0];
}

bool hugs_next(const Piece& before, const Piece& next) {
  switch (before.shape) {
  case Shape::Open:
  case Shape::Dot: return true;
  case Shape::CastEnd: return !next.is("{");
  case Shape::Prefix: return !would_merge(before, next);
  case Shape::TypeStar: return next.shape == Shape::TypeStar || next.shape == Shape::Operand;
  case Shape::Colon: return before.is("?") && next.is(":");
  default: return false;
  }
}

} // namespace

bool spaced(const std::vector<Piece>& pieces, size_t at) {
  const Piece &before = pieces[at - 1], &next = pieces[at];
  if (next.text.empty()) return false;
  // A predicate that began with `/*` would be a comment.
  if (before.kind == Tok::TOK_PREDICATE_BEGIN) return next.text[0] == '*';
  if (next.kind == Tok::TOK_PREDICATE_END) return false;
  if (hugs_next(before, next)) return false;
  switch (next.shape) {
  case Shape::Comma:
  case Shape::Semicolon:
  case Shape::Postfix:
  case Shape::Close:
  case Shape::CastEnd: return false;
  case Shape::Dot: return !ends_operand(before.shape);
  case Shape::Open: return spaced_before_open(before, next, pieces[std::min(at + 1, pieces.size() - 1)]);
  default: return true;
  }
}

int precedence(const Piece& piece) {
  struct Row {
    std::string_view spelling;
    int level;
  };
  constexpr std::array kRows = {
      Row{"||", 1}, Row{"&&", kLogicalAnd}, Row{"|", 3},  Row{"^", 4},  Row{"&", 5},  Row{"==", 6}, Row{"!=", 6}, Row{"=~", 6}, Row{"<", 7}, Row{"<=", 7},
      Row{">", 7},  Row{">=", 7}, Row{"<<", 8}, Row{">>", 8}, Row{"+", 9},  Row{"-", 9},  Row{"*", 10}, Row{"/", 10}, Row{"%", 10},
  };
  for (const Row& row : kRows) {
    if (row.spelling == piece.text) return row.level;
  }
  return kAssignment;
}

} // namespace trapline::format
