// Blocks and their statements.
#include "format/layout.h"

#include <algorithm>
#include <iterator>

namespace trapline::format {

Doc Layout::block(size_t open, Ends ends, bool on_own_line) {
  const size_t close = pieces_[open].partner;
  Docs inner;
  trailing(inner, open);
  Docs lines = statements(open + 1, close, ends);
  const bool is_empty = lines.empty() && inner.empty() && pieces_[close].before.empty();
  std::move(lines.begin(), lines.end(), std::back_inserter(inner));
  comment_lines(inner, pieces_[close].before, inner.empty());
  if (is_empty && !on_own_line) return text("{}");
  return concat({text("{"), nest(kIndent, std::move(inner)), hard(), text("}")});
}

Layout::Docs Layout::statements(size_t begin, size_t end, Ends ends, bool on_lines) {
  Docs out;
  bool first = true;
  for (size_t at = begin; at < end;) {
    if (pieces_[at].is(";") && !has_directive(pieces_[at])) {
      drop(out, at++);
      continue;
    }
    if (on_lines) {
      leading(out, at, first);
    } else {
      out.push_back(line());
    }
    first = false;
    at = statement(out, at, end, ends);
  }
  return out;
}

// Leaves a `;` of no meaning out. What is said about it stays on its line if it may, else it goes before what follows.
void Layout::drop(Docs& out, size_t at) {
  Piece &piece = pieces_[at], &next = pieces_[at + 1];
  std::vector<Comment> comments = std::move(piece.before);
  std::move(piece.after.begin(), piece.after.end(), std::back_inserter(comments));
  piece.before.clear();
  piece.after.clear();
  bool on_line = at > 0 && !piece.begins_line && !ends_line(pieces_[at - 1]);
  auto rest = comments.begin();
  for (; on_line && rest != comments.end() && !rest->begins_line; ++rest) {
    append_trailing(out, *rest);
    on_line = rest->kind == Comment::Kind::Block;
  }
  for (auto c = rest; c != comments.end(); ++c) c->begins_line = c->ends_line = true;
  next.before.insert(next.before.begin(), std::make_move_iterator(rest), std::make_move_iterator(comments.end()));
  next.blank_before |= piece.blank_before;
}

size_t Layout::statement(Docs& out, size_t at, size_t end, Ends ends) {
  if (is_keyword(at, "if") || is_keyword(at, "while") || is_keyword(at, "for") || is_keyword(at, "unroll")) {
    if (find_body(at, end) < end) return compound(out, at, end, ends);
  }
  if (pieces_[at].is("{") && pieces_[at].partner < end) {
    out.push_back(block(at, ends));
    return finish(out, pieces_[at].partner + 1, end, ends);
  }
  const size_t semicolon = find_semicolon(at, end);
  if (semicolon == at) { // behind a directive
    out.push_back(word(at));
    trailing(out, at);
    return at + 1;
  }
  out.push_back(expression(at, semicolon));
  if (semicolon < end) {
    join(out, semicolon);
    out.push_back(word(semicolon));
    trailing(out, semicolon);
    return semicolon + 1;
  }
  if (ends == Ends::Always) out.push_back(text(";"));
  trailing(out, end - 1);
  return end;
}

// `if`, `while`, `for` and `unroll` with their blocks.
size_t Layout::compound(Docs& out, size_t at, size_t end, Ends ends) {
  for (;;) {
    at = branch(out, at, find_body(at, end), ends);
    if (at >= end || !is_keyword(at, "else")) break;
    const std::vector<Comment>& before = pieces_[at].before;
    const bool on_its_line = std::none_of(before.begin(), before.end(), [](const Comment& c) { return c.begins_line || c.ends_line; });
    if (on_its_line && pieces_[at - 1].after.empty()) {
      join(out, at);
    } else {
      trailing(out, at - 1);
      leading(out, at, true);
    }
    out.push_back(word(at));
    const bool is_if = at + 1 < end && is_keyword(at + 1, "if");
    if (is_if && find_body(at + 1, end) < end) {
      join(out, ++at);
      continue;
    }
    if (at + 1 < end && pieces_[at + 1].is("{") && pieces_[at + 1].partner < end) {
      at = branch(out, at, at + 1, ends);
    } else {
      trailing(out, at++);
      return at;
    }
    break;
  }
  return finish(out, at, end, ends);
}

// From a keyword (for `else`, behind it) to the end of the block at `brace`.
size_t Layout::branch(Docs& out, size_t at, size_t brace, Ends ends) {
  if (!is_keyword(at, "else")) out.push_back(word(at));
  if (at + 1 < brace) {
    join(out, at + 1);
    out.push_back(align({expression(at + 1, brace)}));
  }
  move_comments_behind(pieces_, brace);
  join(out, brace);
  out.push_back(block(brace, ends));
  return pieces_[brace].partner + 1;
}

// The end of a statement whose last piece, before `at`, is a brace.
size_t Layout::finish(Docs& out, size_t at, size_t end, Ends ends) {
  const bool is_semicolon = at < end && pieces_[at].is(";") && !has_directive(pieces_[at]);
  const bool in_definition = pieces_[at - 1].in_record;
  if (is_semicolon && (in_definition || ends == Ends::AsWritten)) {
    join(out, at);
    out.push_back(word(at));
    trailing(out, at);
    return at + 1;
  }
  if (in_definition) out.push_back(text(";"));
  trailing(out, at - 1);
  if (is_semicolon) drop(out, at++);
  return at;
}

size_t Layout::find_semicolon(size_t at, size_t end) const {
  while (at < end && !pieces_[at].is(";")) at = skip(at, end);
  return std::min(at, end);
}

// The `{` of the block of the statement that begins at a keyword; `end` if there is none. The brace of a value is of another kind.
size_t Layout::find_body(size_t at, size_t end) const {
  for (++at; at < end && !pieces_[at].is(";"); at = skip(at, end)) {
    if (pieces_[at].kind == Tok::TOK_LBRACE) return pieces_[at].partner < end ? at : end;
  }
  return end;
}

} // namespace trapline::format
