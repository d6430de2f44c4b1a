// Expressions: where their lines may end.
#include "format/layout.h"

#include "format/spacing.h"

#include <algorithm>
#include <climits>

namespace trapline::format {

namespace {

constexpr size_t kContinuation = 4; // columns, of what stands below an assignment

} // namespace

bool Layout::is_binary(size_t at, size_t begin, size_t end) const {
  return pieces_[at].shape == Shape::Binary && at > begin && at + 1 < end;
}

Doc Layout::expression(size_t begin, size_t end) {
  if (begin >= end) return {};
  if (is_keyword(begin, "return") && begin + 1 < end) {
    Docs parts = {word(begin)};
    join(parts, begin + 1);
    parts.push_back(beside(begin + 1, end));
    return concat(std::move(parts));
  }
  if (pieces_[begin].kind == Tok::TOK_IF_VALUE) return operand(begin, end);
  int loosest = INT_MAX;
  size_t question = Piece::kNone;
  for (size_t i = begin; i < end; i = skip(i, end)) {
    if (pieces_[i].is("?") && i > begin) question = std::min(question, i);
    if (!is_binary(i, begin, end)) continue;
    const int level = precedence(pieces_[i]);
    if (level == kAssignment) return assignment(begin, i, end);
    loosest = std::min(loosest, level);
  }
  if (question != Piece::kNone) return ternary(begin, question, end);
  return loosest == INT_MAX ? operand(begin, end) : chain(begin, end, loosest);
}

Doc Layout::assignment(size_t begin, size_t op, size_t end) {
  Docs parts = {expression(begin, op)};
  join(parts, op);
  parts.push_back(word(op));
  const bool has_comments = has_head(op + 1) || ends_line(pieces_[op]);
  if (!has_comments && is_splittable(op + 1, end)) {
    join(parts, op + 1, space());
    parts.push_back(beside(op + 1, end));
  } else {
    tail(parts, op);
    Docs value = {line()};
    head(value, op + 1);
    value.push_back(expression(op + 1, end));
    parts.push_back(group({nest(kContinuation, std::move(value))}));
  }
  return concat(std::move(parts));
}

// An expression whose further lines begin where it begins; but those of a block are the statement's.
Doc Layout::beside(size_t begin, size_t end) {
  for (size_t i = begin; i < end; i = skip(i, end)) {
    if (pieces_[i].is("{")) return expression(begin, end);
  }
  return align({expression(begin, end)});
}

// Whether an expression may go over several lines without looking odd.
bool Layout::is_splittable(size_t begin, size_t end) const {
  for (size_t i = begin; i < end; i = skip(i, end)) {
    if (is_binary(i, begin, end) || pieces_[i].is("?") || pieces_[i].is("{")) return true;
    if (pieces_[i].shape != Shape::Open) continue;
    const size_t close = std::min(pieces_[i].partner, end);
    for (size_t inner = i + 1; inner < close; inner = skip(inner, close)) {
      if (pieces_[inner].shape == Shape::Comma || pieces_[inner].is("{")) return true;
    }
  }
  return false;
}

Doc Layout::ternary(size_t begin, size_t question, size_t end) {
  size_t colon = question + 1;
  for (size_t open = 1; colon < end; colon = skip(colon, end)) {
    if (pieces_[colon].is("?")) ++open;
    if (pieces_[colon].is(":") && --open == 0) break;
  }
  if (colon >= end) return operand(begin, end);
  Docs parts = {expression(begin, question)};
  join(parts, question, line());
  parts.push_back(word(question));
  join(parts, question + 1);
  if (colon > question + 1) {
    parts.push_back(align({expression(question + 1, colon)}));
    join(parts, colon, line());
  }
  parts.push_back(word(colon));
  if (colon + 1 < end) {
    join(parts, colon + 1);
    parts.push_back(expression(colon + 1, end));
  }
  return align({group(std::move(parts))});
}

// Operands between operators of one level.
Doc Layout::chain(size_t begin, size_t end, int level) {
  Docs parts;
  size_t from = begin;
  for (size_t i = begin; i < end; i = skip(i, end)) {
    if (!is_binary(i, begin, end) || precedence(pieces_[i]) != level) continue;
    Docs content;
    if (from > begin) head(content, from);
    content.push_back(expression(from, i));
    join(content, i);
    content.push_back(word(i));
    tail(content, i);
    parts.push_back(concat(std::move(content)));
    parts.push_back(line());
    from = i + 1;
  }
  Docs content;
  head(content, from);
  content.push_back(expression(from, end));
  parts.push_back(concat(std::move(content)));
  return align({level <= kLogicalAnd ? group(std::move(parts)) : fill(std::move(parts))});
}

// Names, their brackets, prefixes: lines end only in brackets. The blocks of an `if` go over several lines together.
Doc Layout::operand(size_t begin, size_t end) {
  const bool is_choice = pieces_[begin].kind == Tok::TOK_IF_VALUE;
  Docs parts;
  for (size_t i = begin; i < end;) {
    if (i > begin) join(parts, i);
    const size_t next = skip(i, end);
    if (next == i + 1) {
      parts.push_back(word(i));
    } else if (pieces_[i].is("{")) {
      parts.push_back(is_choice ? braces(i) : group({braces(i)}));
    } else {
      parts.push_back(bracket(i));
    }
    i = next;
  }
  return is_choice ? group(std::move(parts)) : concat(std::move(parts));
}

Doc Layout::bracket(size_t open) {
  const size_t close = pieces_[open].partner;
  Docs inner;
  if (close > open + 1) {
    join(inner, open + 1);
    inner.push_back(fill(elements(open)));
  }
  join(inner, close);
  return group({word(open), align(std::move(inner)), word(close)});
}

// What stands between brackets: in turn an element with its comma, and a place where the line may end.
Layout::Docs Layout::elements(size_t open) {
  const size_t close = pieces_[open].partner;
  Docs parts;
  for (size_t from = open + 1; from < close;) {
    const size_t comma = find_comma(from, close);
    Docs content;
    if (from > open + 1) head(content, from);
    append_element(content, from, comma, close);
    if (comma + 1 < close) tail(content, comma);
    if (!parts.empty()) parts.push_back(line());
    parts.push_back(concat(std::move(content)));
    from = comma + 1;
  }
  return parts;
}

void Layout::append_element(Docs& out, size_t begin, size_t comma, size_t close) {
  out.push_back(expression(begin, comma));
  if (comma == close) return;
  if (comma > begin) join(out, comma);
  out.push_back(word(comma));
}

size_t Layout::find_comma(size_t at, size_t end) const {
  while (at < end && pieces_[at].shape != Shape::Comma) at = skip(at, end);
  return std::min(at, end);
}

// A value or a definition in braces; on one line if it was and the group that it is in has room.
Doc Layout::braces(size_t open) {
  const size_t close = pieces_[open].partner;
  const bool is_list = find_comma(open + 1, close) < close && find_semicolon(open + 1, close) == close;
  const bool on_lines = !is_one_line(open, close);
  if (!is_list && (on_lines || close == open + 1)) return block(open, Ends::AsWritten);
  Docs inner;
  if (!is_list) {
    inner = statements(open + 1, close, Ends::AsWritten, false);
  } else if (on_lines) {
    inner = element_lines(open);
  } else {
    for (Doc& part : elements(open)) {
      if (part.kind == Doc::Kind::Line) continue;
      inner.push_back(line());
      inner.push_back(std::move(part));
    }
  }
  return concat({text("{"), nest(kIndent, std::move(inner)), line(), text("}")});
}

Layout::Docs Layout::element_lines(size_t open) {
  const size_t close = pieces_[open].partner;
  Docs out;
  trailing(out, open);
  for (size_t from = open + 1; from < close;) {
    const size_t comma = find_comma(from, close);
    leading(out, from, from == open + 1);
    append_element(out, from, comma, close);
    trailing(out, std::min(comma, close - 1));
    from = comma + 1;
  }
  comment_lines(out, pieces_[close].before, false);
  out.push_back(hard());
  return out;
}

} // namespace trapline::format
