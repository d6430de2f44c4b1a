#include "format/piece.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>

namespace trapline::format {

namespace {

// A token or an aside; tokens that came out of one macro use are one.
struct Raw {
  Span span;
  TokenKind kind = Tok::TOK_END;
  bool in_record = false;
  bool is_comment = false;
  bool is_directive = false;
};

Raw raw(const Token& token) { return {token.span, token.kind, token.in_record}; }

std::vector<Raw> merge(const TokenList& list) {
  std::vector<Raw> out;
  size_t at = 0;
  const std::vector<Token>& tokens = list.tokens;
  for (const Aside& aside : list.asides) {
    while (at + 1 < tokens.size() && tokens[at].span.begin < aside.span.begin) out.push_back(raw(tokens[at++]));
    Raw entry{aside.span, Tok::TOK_IDENTIFIER};
    entry.is_comment = aside.kind != Aside::Kind::Word;
    entry.is_directive = aside.kind == Aside::Kind::Directive || aside.kind == Aside::Kind::Definition;
    if (!entry.is_comment) {
      const size_t first = at;
      while (at + 1 < tokens.size() && tokens[at].span.begin == aside.span.begin && tokens[at].span.end == aside.span.end) ++at;
      if (at == first + 1) entry.kind = tokens[first].kind;
      entry.in_record = tokens[first].in_record;
    }
    out.push_back(entry);
  }
  for (; at < tokens.size(); ++at) out.push_back(raw(tokens[at]));
  return out;
}

std::string_view trim_end(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
  return line;
}

// Columns that the blanks at its beginning take.
size_t indentation(std::string_view line) {
  size_t columns = 0;
  for (char c : line) {
    if (c != ' ' && c != '\t') break;
    columns = c == '\t' ? columns / 8 * 8 + 8 : columns + 1;
  }
  return columns;
}

// Without blanks at the ends of lines. Of lines after the first, blanks up to the column `unindent`, from 1, are taken off; 0: none.
std::string clean_lines(std::string_view text, size_t unindent) {
  std::string out;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = trim_end(text.substr(begin, end - begin));
    if (begin > 0) {
      out += '\n';
      if (unindent > 0) {
        const size_t columns = indentation(line);
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.empty()) out.append(columns - std::min(columns, unindent - 1), ' ');
      }
    }
    out += line;
    begin = end + 1;
  }
  return out;
}

// What stands between two places of the source.
struct Gap {
  size_t newlines = 0;
  Gap(const std::string& source, uint32_t begin, uint32_t end) {
    if (begin < end) newlines = static_cast<size_t>(std::count(source.begin() + begin, source.begin() + end, '\n'));
  }
};

class Cutter {
public:
  Cutter(const SourceFile& source, const TokenList& list) : source_(source), raws_(merge(list)) {}

  std::vector<Piece> run() {
    uint32_t end = 0; // of what came before
    for (const Raw& entry : raws_) {
      const bool is_end = entry.kind == Tok::TOK_END && !entry.is_comment;
      const uint32_t begin = is_end ? static_cast<uint32_t>(source_.text().size()) : entry.span.begin;
      const Gap gap(source_.text(), end, begin);
      if (entry.is_comment) {
        comment(entry, gap);
      } else {
        piece(entry, gap, is_end);
      }
      end = std::max(end, entry.span.end);
    }
    return std::move(pieces_);
  }

private:
  void comment(const Raw& entry, const Gap& gap) {
    Comment& comment = comments_.emplace_back();
    const std::string_view text = source_.text_of(entry.span);
    comment.kind = entry.is_directive ? Comment::Kind::Directive : text.starts_with("/*") ? Comment::Kind::Block : Comment::Kind::Line;
    comment.text = clean_lines(text, comment.kind == Comment::Kind::Block ? column(entry.span.begin) : 0);
    comment.begins_line = gap.newlines > 0 || (pieces_.empty() && comments_.size() == 1);
    comment.blank_before = gap.newlines > 1;
    if (comments_.size() > 1) comments_[comments_.size() - 2].ends_line = gap.newlines > 0;
  }

  void piece(const Raw& entry, const Gap& gap, bool is_end) {
    if (!comments_.empty()) comments_.back().ends_line = gap.newlines > 0 || is_end;
    take_trailing();
    Piece piece;
    piece.kind = entry.kind;
    piece.text = is_end ? std::string_view{} : source_.text_of(entry.span);
    if (piece.text.empty() && !is_end) piece.text = ";"; // which the script left out
    piece.in_record = entry.in_record;
    piece.begins_line = gap.newlines > 0 || pieces_.empty();
    piece.blank_before = gap.newlines > 1;
    piece.before = std::move(comments_);
    comments_.clear();
    pieces_.push_back(std::move(piece));
  }

  // From 1, in the editor.
  size_t column(uint32_t offset) const {
    const Position position = source_.position(offset);
    const std::string_view line = source_.line_at(offset).substr(0, position.column - 1);
    const size_t blanks = std::min(line.find_first_not_of(" \t"), line.size());
    return indentation(line) + line.size() - blanks + 1;
  }

  // Comments up to the end of the line belong to what stands before them.
  void take_trailing() {
    if (pieces_.empty()) return;
    size_t count = 0;
    while (count < comments_.size() && !comments_[count].begins_line) ++count;
    if (count == 0 || !comments_[count - 1].ends_line) return;
    const auto end = comments_.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(comments_.begin(), end, std::back_inserter(pieces_.back().after));
    comments_.erase(comments_.begin(), end);
  }

  const SourceFile& source_;
  std::vector<Raw> raws_;
  std::vector<Piece> pieces_;
  std::vector<Comment> comments_; // since the last piece
};

// --- brackets and shapes

bool opens(const Piece& piece) { return piece.is("(") || piece.is("[") || piece.is("{"); }
bool closes(const Piece& piece) { return piece.is(")") || piece.is("]") || piece.is("}"); }

void pair_brackets(std::vector<Piece>& pieces) {
  std::vector<size_t> open;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (opens(pieces[i])) open.push_back(i);
    if (!closes(pieces[i]) || open.empty()) continue;
    const char closer = pieces[open.back()].text[0] == '(' ? ')' : pieces[open.back()].text[0] == '[' ? ']' : '}';
    // A macro may stand for a bracket.
    if (pieces[i].text[0] != closer) continue;
    pieces[i].partner = open.back();
    pieces[open.back()].partner = i;
    open.pop_back();
  }
}

bool is_word(std::string_view text) {
  return !text.empty() && (std::isalnum(static_cast<unsigned char>(text[0])) || text[0] == '_');
}

// Of a word; a macro may stand for anything.
bool is_operand(TokenKind kind) {
  constexpr std::array kKinds = {Tok::TOK_IDENTIFIER, Tok::TOK_MEMBER_NAME, Tok::TOK_INTEGER,   Tok::TOK_TRUE, Tok::TOK_FALSE,
                                 Tok::TOK_STRING,     Tok::TOK_VARIABLE,    Tok::TOK_POSITIONAL, Tok::TOK_MAP,  Tok::TOK_KEYED_MAP};
  return std::find(kKinds.begin(), kKinds.end(), kind) != kKinds.end();
}

bool begins_operand(const Piece& piece) {
  if (is_word(piece.text) || opens(piece)) return piece.kind != Tok::TOK_ELSE;
  constexpr std::string_view kFirst = "\"$@-+*&!~";
  return !piece.text.empty() && kFirst.find(piece.text[0]) != std::string_view::npos;
}

Shape shape_of_close(const std::vector<Piece>& pieces, size_t at) {
  const size_t open = pieces[at].partner;
  if (open == Piece::kNone || pieces[open].kind != Tok::TOK_CAST) return Shape::Close;
  return open > 0 && takes_parentheses(pieces[open - 1]) ? Shape::Close : Shape::CastEnd;
}

Shape shape_of_operator(const std::vector<Piece>& pieces, size_t at) {
  const Piece& piece = pieces[at];
  const std::string_view text = piece.text;
  const bool follows_operand = at > 0 && (ends_operand(pieces[at - 1].shape) || pieces[at - 1].shape == Shape::TypeStar);
  if (text == "++" || text == "--") return follows_operand ? Shape::Postfix : Shape::Prefix;
  if (text == "!" || text == "~") return Shape::Prefix;
  if (text == "*" && follows_operand && (piece.in_record || !begins_operand(pieces[at + 1]) || pieces[at + 1].is("*"))) {
    return pieces[at + 1].is("*") && !piece.in_record && begins_operand(pieces[at + 2]) ? Shape::Binary : Shape::TypeStar;
  }
  if (text == "*" || text == "&" || text == "-" || text == "+") return follows_operand ? Shape::Binary : Shape::Prefix;
  return Shape::Binary;
}

Shape shape_of(const std::vector<Piece>& pieces, size_t at) {
  const Piece& piece = pieces[at];
  const std::string_view text = piece.text;
  constexpr std::array kOthers = {Tok::TOK_END, Tok::TOK_ATTACH_POINT, Tok::TOK_PREDICATE_BEGIN, Tok::TOK_PREDICATE_END};
  if (std::find(kOthers.begin(), kOthers.end(), piece.kind) != kOthers.end()) return Shape::Other;
  if (is_word(text)) return is_operand(piece.kind) ? Shape::Operand : Shape::Keyword;
  if (text[0] == '"' || text[0] == '$' || text[0] == '@') return Shape::Operand;
  if (opens(piece)) return Shape::Open;
  if (closes(piece)) return shape_of_close(pieces, at);
  if (text == ",") return Shape::Comma;
  if (text == ";") return Shape::Semicolon;
  if (text == "." || text == "->" || text == "..") return Shape::Dot;
  if (text == ":" || text == "?") return Shape::Colon;
  return shape_of_operator(pieces, at);
}

// Of several comments to the end of the line only one fits on a line.
void spread(std::vector<Piece>& pieces, size_t at) {
  std::vector<Comment>& after = pieces[at].after;
  auto line = std::find_if(after.begin(), after.end(), [](const Comment& c) { return c.kind == Comment::Kind::Line; });
  if (line == after.end() || line + 1 == after.end()) return;
  std::vector<Comment>& next = pieces[at + 1].before;
  for (auto rest = line + 1; rest != after.end(); ++rest) rest->begins_line = rest->ends_line = true;
  next.insert(next.begin(), std::make_move_iterator(line + 1), std::make_move_iterator(after.end()));
  after.erase(line + 1, after.end());
}

} // namespace

bool ends_line(const Piece& piece) { return !piece.after.empty() && piece.after.back().kind == Comment::Kind::Line; }

bool takes_parentheses(const Piece& piece) {
  constexpr std::array<std::string_view, 4> kWords = {"sizeof", "offsetof", "typeof", "typeinfo"};
  return std::find(kWords.begin(), kWords.end(), piece.text) != kWords.end();
}

bool has_directive(const Piece& piece) {
  return std::any_of(piece.before.begin(), piece.before.end(), [](const Comment& c) { return c.kind == Comment::Kind::Directive; });
}

void move_comments_behind(std::vector<Piece>& pieces, size_t at) {
  std::vector<Comment>&from = pieces[at - 1].after, &before = pieces[at].before, &after = pieces[at].after;
  auto stays = [](const Comment& c) { return c.kind == Comment::Kind::Block && !c.begins_line; };
  if (has_directive(pieces[at])) return;
  if (std::all_of(from.begin(), from.end(), stays) && std::all_of(before.begin(), before.end(), stays)) return;
  std::vector<Comment> all = std::move(from);
  from.clear();
  std::move(before.begin(), before.end(), std::back_inserter(all));
  before.clear();
  std::move(after.begin(), after.end(), std::back_inserter(all));
  after = std::move(all);
  spread(pieces, at);
}

std::vector<Piece> cut(const SourceFile& source, const TokenList& list) {
  std::vector<Piece> pieces = Cutter(source, list).run();
  pair_brackets(pieces);
  for (size_t i = 0; i < pieces.size(); ++i) pieces[i].shape = shape_of(pieces, i);
  for (size_t i = 1; i < pieces.size(); ++i) {
    if (pieces[i].shape == Shape::Comma || pieces[i].shape == Shape::Semicolon) move_comments_behind(pieces, i);
  }
  return pieces;
}

} // namespace trapline::format
