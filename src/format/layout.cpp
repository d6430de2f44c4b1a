// The top level, and what stands around tokens: comments, blank lines.
#include "format/layout.h"

#include "format/spacing.h"

#include <algorithm>

namespace trapline::format {

Doc Layout::script() {
  Docs out;
  bool was_block = false; // the item before had braces
  const size_t end = pieces_.size() - 1;
  for (size_t at = 0; at < end;) {
    if (pieces_[at].is(";") && !has_directive(pieces_[at])) {
      drop(out, at++);
      continue;
    }
    const bool is_block = has_body(at);
    leading(out, at, out.empty(), was_block || is_block);
    at = item(out, at);
    was_block = is_block;
  }
  comment_lines(out, pieces_[end].before, out.empty(), was_block);
  return concat(std::move(out));
}

// Whether the item that begins at a piece is a probe or has braces otherwise.
bool Layout::has_body(size_t at) const {
  for (; at + 1 < pieces_.size() && !pieces_[at].is(";"); ++at) {
    if (pieces_[at].is("{")) return true;
  }
  return false;
}

size_t Layout::item(Docs& out, size_t at) {
  const Piece& first = pieces_[at];
  if (first.kind == Tok::TOK_ATTACH_POINT) return probe(out, at);
  if (first.is("macro") || first.is("fn")) return function(out, at);
  const bool is_definition = first.is("struct") || first.is("union") || first.is("enum");
  if (is_definition || first.is("config")) return record(out, at);
  return statement(out, at, pieces_.size() - 1, Ends::Always);
}

// A definition in C, or the configuration: up to a `;` or the end of its braces.
size_t Layout::record(Docs& out, size_t at) {
  const size_t end = pieces_.size() - 1;
  const bool is_config = pieces_[at].is("config");
  const size_t semicolon = find_semicolon(at, end);
  size_t open = at;
  while (open < semicolon && !pieces_[open].is("{")) ++open;
  if (open == semicolon || pieces_[open].partner == Piece::kNone) return statement(out, at, end, Ends::Always);
  for (size_t i = at; i < open; ++i) {
    out.push_back(word(i));
    join(out, i + 1);
  }
  out.push_back(is_config ? block(open, Ends::Always) : group({braces(open)}));
  size_t next = pieces_[open].partner + 1;
  for (; pieces_[next].kind == Tok::TOK_ATTRIBUTE; ++next) {
    join(out, next);
    out.push_back(word(next));
  }
  if (!is_config) return finish(out, next, end, Ends::Always);
  trailing(out, next - 1);
  return next;
}

// `macro name(...)`, `fn name(...) : type`
size_t Layout::function(Docs& out, size_t at) {
  const size_t end = pieces_.size() - 1;
  size_t open = at;
  while (open < end && pieces_[open].kind != Tok::TOK_LBRACE && !pieces_[open].is(";")) open = skip(open, end);
  if (pieces_[open].kind != Tok::TOK_LBRACE || pieces_[open].partner == Piece::kNone) return statement(out, at, end, Ends::Always);
  out.push_back(expression(at, open));
  trailing(out, open - 1);
  own_line(out, open);
  out.push_back(block(open, Ends::AsWritten, true));
  const size_t close = pieces_[open].partner;
  trailing(out, close);
  return close + 1;
}

size_t Layout::probe(Docs& out, size_t at) {
  const size_t end = pieces_.size() - 1;
  size_t open = at, slash = Piece::kNone;
  for (; open < end && !pieces_[open].is(";") && pieces_[open].kind != Tok::TOK_LBRACE; open = skip(open, end)) {
    if (pieces_[open].kind == Tok::TOK_PREDICATE_BEGIN) slash = open;
  }
  attach_points(out, at, std::min(slash, open));
  if (slash < open) predicate(out, slash, open);
  if (open == end || pieces_[open].is(";")) return end_without_block(out, open);
  trailing(out, open - 1);
  own_line(out, open);
  if (pieces_[open].partner == Piece::kNone) {
    out.push_back(word(open));
    return open + 1;
  }
  out.push_back(block(open, Ends::Always, true));
  trailing(out, pieces_[open].partner);
  return pieces_[open].partner + 1;
}

// Of a probe with the default action; the last one of a script may lack its `;`.
size_t Layout::end_without_block(Docs& out, size_t at) {
  if (at + 1 < pieces_.size()) {
    join(out, at);
    out.push_back(word(at));
    trailing(out, at);
    return at + 1;
  }
  out.push_back(text(";"));
  trailing(out, at - 1);
  return at;
}

void Layout::attach_points(Docs& out, size_t begin, size_t end) {
  bool one_a_line = has_comments(begin, end);
  for (size_t i = begin + 1; i < end; ++i) one_a_line |= pieces_[i].shape != Shape::Comma && pieces_[i].begins_line;
  Docs parts;
  for (size_t i = begin; i < end; ++i) {
    if (pieces_[i].shape == Shape::Comma) {
      join(parts, i);
    } else if (one_a_line && i > begin) {
      trailing(parts, i - 1);
      leading(parts, i, false);
    } else if (i > begin) {
      parts.push_back(line());
    }
    parts.push_back(word(i));
  }
  out.push_back(one_a_line ? concat(std::move(parts)) : group(std::move(parts)));
}

// `begin` is the `/` that opens it.
void Layout::predicate(Docs& out, size_t begin, size_t end) {
  size_t close = begin + 1;
  while (close < end && pieces_[close].kind != Tok::TOK_PREDICATE_END) ++close;
  trailing(out, begin - 1);
  own_line(out, begin);
  out.push_back(word(begin));
  join(out, begin + 1);
  out.push_back(align({expression(begin + 1, close)}));
  for (size_t i = close; i < end; ++i) {
    join(out, i);
    out.push_back(word(i));
  }
}

// Begins a line with a piece that may have stood on that of the one before it.
void Layout::own_line(Docs& out, size_t at) {
  std::vector<Comment>& before = pieces_[at].before;
  size_t count = 0;
  while (count < before.size() && !before[count].begins_line) ++count;
  for (size_t i = 0; i < count; ++i) {
    out.push_back(space());
    out.push_back(comment(before[i].text));
  }
  before.erase(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(count));
  leading(out, at, true);
}

// --- comments

void Layout::comment_lines(Docs& out, const std::vector<Comment>& comments, bool first, bool want_blank) {
  bool begins_line = true; // a line has to begin
  for (const Comment& c : comments) {
    const bool with_blank = !first && (c.blank_before || (want_blank && c.kind != Comment::Kind::Directive));
    want_blank = false;
    if (begins_line || (c.kind != Comment::Kind::Block && c.begins_line)) {
      out.push_back(with_blank ? blank() : hard());
    } else {
      out.push_back(space());
    }
    out.push_back(c.kind == Comment::Kind::Directive ? verbatim(c.text) : comment(c.text));
    first = false;
    begins_line = c.kind != Comment::Kind::Block || c.ends_line;
  }
}

void Layout::leading(Docs& out, size_t at, bool first, bool want_blank) {
  const Piece& piece = pieces_[at];
  comment_lines(out, piece.before, first, want_blank);
  if (piece.before.empty()) {
    out.push_back(!first && (piece.blank_before || want_blank) ? blank() : hard());
    return;
  }
  const Comment& last = piece.before.back();
  if (last.kind == Comment::Kind::Block && !last.ends_line) {
    out.push_back(space());
  } else {
    out.push_back(piece.blank_before ? blank() : hard());
  }
}

void Layout::trailing(Docs& out, size_t at) const {
  for (const Comment& c : pieces_[at].after) append_trailing(out, c);
}

void Layout::append_trailing(Docs& out, const Comment& c) {
  out.push_back(space());
  out.push_back(c.kind == Comment::Kind::Line ? format::trailing(c.text) : comment(c.text));
  if (c.kind == Comment::Kind::Line) out.push_back(hard());
}

void Layout::tail(Docs& out, size_t at) const {
  if (ends_line(pieces_[at])) trailing(out, at);
}

bool Layout::has_head(size_t at) const {
  return !pieces_[at].before.empty() || (!pieces_[at - 1].after.empty() && !ends_line(pieces_[at - 1]));
}

void Layout::head(Docs& out, size_t at) const {
  const Piece &before = pieces_[at - 1], &piece = pieces_[at];
  const bool closes = piece.shape == Shape::Close || piece.shape == Shape::CastEnd || piece.shape == Shape::Comma || piece.shape == Shape::Semicolon;
  auto put = [&](const Comment& c, bool is_last) {
    if (c.kind != Comment::Kind::Block) out.push_back(hard());
    out.push_back(c.kind == Comment::Kind::Directive ? verbatim(c.text) : comment(c.text));
    if (c.kind != Comment::Kind::Block) {
      out.push_back(hard());
    } else if (!is_last || !closes) {
      out.push_back(space());
    }
  };
  for (size_t i = 0; !ends_line(before) && i < before.after.size(); ++i) put(before.after[i], i + 1 == before.after.size() && piece.before.empty());
  for (size_t i = 0; i < piece.before.size(); ++i) put(piece.before[i], i + 1 == piece.before.size());
}

void Layout::join(Docs& out, size_t at, Doc separator) const {
  tail(out, at - 1);
  const bool is_open = pieces_[at - 1].shape == Shape::Open;
  if (separator.empty() && has_head(at) && !is_open) separator = space();
  if (!separator.empty()) out.push_back(std::move(separator));
  head(out, at);
}

void Layout::join(Docs& out, size_t at) const { join(out, at, spaced(pieces_, at) ? space() : Doc()); }

// --- ranges of pieces

size_t Layout::skip(size_t at, size_t end) const {
  const size_t partner = pieces_[at].partner;
  return partner != Piece::kNone && partner > at && partner < end ? partner + 1 : at + 1;
}

bool Layout::is_one_line(size_t begin, size_t end) const {
  for (size_t i = begin + 1; i <= end; ++i) {
    if (pieces_[i].begins_line) return false;
  }
  return !has_comments(begin, end + 1);
}

bool Layout::has_comments(size_t begin, size_t end) const {
  for (size_t i = begin; i < end; ++i) {
    if (i > begin && !pieces_[i].before.empty()) return true;
    if (i + 1 < end && !pieces_[i].after.empty()) return true;
  }
  return false;
}

} // namespace trapline::format
