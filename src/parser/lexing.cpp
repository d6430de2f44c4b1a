// What the lexer's rules call: tokens, declarations, macros, and the mistakes found on the way.
#include "parser/lexer.h"

#include "parser/attribute.h"
#include "parser/quote.h"
#include "support/literals.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <climits>

namespace trapline {

namespace {

constexpr uint32_t kMaxNesting = 300;       // brackets of all kinds
constexpr size_t kMaxExpansions = 32;       // macros in macros
constexpr size_t kMaxExpandedTokens = 100'000;
constexpr size_t kMaxScriptSize = 4 << 20; // bytes

struct Keyword {
  std::string_view text;
  TokenKind kind;
};

constexpr std::array kKeywords = {
    Keyword{"if", Tok::TOK_IF},         Keyword{"else", Tok::TOK_ELSE},         Keyword{"while", Tok::TOK_WHILE},
    Keyword{"for", Tok::TOK_FOR},       Keyword{"unroll", Tok::TOK_UNROLL},     Keyword{"let", Tok::TOK_LET},
    Keyword{"break", Tok::TOK_BREAK},   Keyword{"continue", Tok::TOK_CONTINUE}, Keyword{"return", Tok::TOK_RETURN},
    Keyword{"true", Tok::TOK_TRUE},     Keyword{"false", Tok::TOK_FALSE},       Keyword{"sizeof", Tok::TOK_SIZEOF},
    Keyword{"offsetof", Tok::TOK_OFFSETOF}, Keyword{"struct", Tok::TOK_STRUCT}, Keyword{"union", Tok::TOK_UNION},
    Keyword{"enum", Tok::TOK_ENUM},     Keyword{"comptime", Tok::TOK_COMPTIME}, Keyword{"typeof", Tok::TOK_TYPEOF},
    Keyword{"typeinfo", Tok::TOK_TYPEINFO},
};

TokenKind keyword(std::string_view text) {
  for (const Keyword& k : kKeywords) {
    if (k.text == text) return k.kind;
  }
  return Tok::TOK_IDENTIFIER;
}

// Words that C declarations carry and that change nothing here.
bool is_qualifier(std::string_view text) {
  constexpr std::array kQualifiers = {"const", "volatile", "restrict", "__restrict", "__user", "__kernel", "__rcu", "__percpu", "__iomem"};
  return std::find(kQualifiers.begin(), kQualifiers.end(), text) != kQualifiers.end();
}

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)); }

size_t skip_spaces(std::string_view text, size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

} // namespace

Lexer::Lexer(const SourceFile& source, Span part, const ParseOptions& options, Diagnostics& diags)
    : source_(source), part_(part), text_(std::string_view(source.text()).substr(0, part.end)), options_(options), diags_(diags),
      preprocessor_(options, diags) {}

TokenList Lexer::run() {
  begin_ = end_ = part_.begin;
  if (part_.end - part_.begin > kMaxScriptSize) {
    report(DiagId::ScriptTooLarge, Span{part_.begin, part_.begin}, fmt::format("{} bytes, at most {} are read", part_.end - part_.begin, kMaxScriptSize));
  } else {
    scan(text_.substr(part_.begin));
  }
  preprocessor_.finish();
  damaged_ |= gave_up_;
  uint32_t end = tokens_.empty() ? part_.begin : tokens_.back().span.end;
  while (depth_ > 0) forget(Tok::TOK_RBRACE, {end, end});
  begin_ = end_ = end;
  emit(Tok::TOK_END);
  c_text_.includes = preprocessor_.take_includes();
  c_text_.needs_front_end |= preprocessor_.needs_front_end();
  return {std::move(tokens_), std::move(asides_), std::move(c_text_)};
}

Span Lexer::here() const { return expanding() ? use_ : Span{begin_, end_}; }

bool Lexer::at_line_start() const {
  if (expanding()) return false;
  const std::string_view text = text_;
  for (uint32_t i = begin_; i > 0; --i) {
    if (text[i - 1] == '\n') return true;
    if (!is_space(text[i - 1])) return false;
  }
  return true;
}

Token& Lexer::emit(TokenKind kind, std::string_view text) {
  if (expanding() && ++expanded_tokens_ == kMaxExpandedTokens) {
    report(DiagId::ScriptTooLarge, use_, std::string_view("its macros expand to too many tokens"));
    gave_up_ = true;
  }
  Token& token = tokens_.emplace_back();
  token.kind = kind;
  token.span = here();
  token.text = text;
  token.depth = depth_;
  token.in_record = in_record();
  only_c_so_far_ &= in_record() || kind == Tok::TOK_SEMICOLON;
  token.damaged = damaged_;
  damaged_ = false;
  return token;
}

void Lexer::nest() {
  if (++nesting_ != kMaxNesting) return;
  report(DiagId::NestedTooDeeply, here(), std::string_view("brackets"), kMaxNesting);
  gave_up_ = true;
}

void Lexer::bracket(TokenKind kind) {
  if (kind == Tok::TOK_LPAREN || kind == Tok::TOK_LBRACKET) {
    nest();
  } else if (nesting_ > 0) {
    --nesting_;
  }
  emit(kind);
}

Lexer::State Lexer::open_brace() {
  nest();
  emit(Tok::TOK_LBRACE);
  if (!expanding()) ++depth_;
  return State::Code;
}

Lexer::State Lexer::close_brace() {
  if (nesting_ > 0) --nesting_;
  if (expanding() || depth_ == 0) {
    emit(Tok::TOK_RBRACE);
    return expanding() ? State::Same : end_item();
  }
  --depth_;
  emit(Tok::TOK_RBRACE);
  if (depth_ > 0 || top_level_ == TopLevel::Typedef) return State::Same;
  nesting_ = 0;
  return top_level_ == TopLevel::Record ? State::RecordEnd : end_item();
}

Lexer::State Lexer::semicolon() {
  emit(Tok::TOK_SEMICOLON);
  bool ends = !expanding() && depth_ == 0;
  return ends ? end_item() : State::Same;
}

Lexer::State Lexer::begin_item(TopLevel kind, TokenKind keyword) {
  top_level_ = kind;
  item_begin_ = tokens_.size();
  item_offset_ = begin_;
  emit(keyword);
  return State::Code;
}

Lexer::State Lexer::end_item() {
  if (in_record()) {
    c_text_.pieces.push_back({item_offset_, end_});
    if (drops_item()) drop_item();
  }
  top_level_ = TopLevel::Probe;
  nesting_ = 0;
  return State::Outside;
}

void Lexer::drop_item() {
  if (tokens_.size() > item_begin_) {
    const Span span{item_offset_, tokens_.back().span.end};
    auto first = std::ranges::find_if(asides_, [&](const Aside& a) { return a.span.begin >= span.begin; });
    auto behind = std::find_if(first, asides_.end(), [&](const Aside& a) { return a.span.begin >= span.end; });
    asides_.insert(asides_.erase(first, behind), {Aside::Kind::Definition, span});
  }
  tokens_.resize(item_begin_);
  damaged_ = false;
}

void Lexer::integer(std::string_view text) {
  ParsedInteger number = parse_integer(text);
  if (!number.error.empty()) report(DiagId::InvalidInteger, here(), quote(text), number.error);
  Token& token = emit(Tok::TOK_INTEGER);
  token.value = {number.value, number.too_large};
}

void Lexer::positional(std::string_view digits) {
  uint64_t index = 0;
  for (char c : digits) index = index > UINT32_MAX ? index : index * 10 + static_cast<uint64_t>(c - '0');
  if (!digits.empty() && (index == 0 || index > UINT32_MAX)) {
    report(DiagId::SyntaxError, here(), fmt::format("there is no positional parameter `${}`, they count from 1", quote(digits)));
    index = 1;
  }
  emit(Tok::TOK_POSITIONAL).value.value = index;
}

// The present token follows what a statement may assign to.
bool Lexer::at_assignment() const {
  size_t at = tokens_.size();
  if (at > 0 && tokens_[at - 1].kind == Tok::TOK_RBRACKET) {
    size_t open = 0;
    do {
      --at;
      if (tokens_[at].kind == Tok::TOK_RBRACKET) ++open;
      if (tokens_[at].kind == Tok::TOK_LBRACKET) --open;
    } while (open > 0 && at > 0);
    if (at == 0 || tokens_[at - 1].kind != Tok::TOK_MAP) return false;
  }
  if (at < 2) return false;
  TokenKind target = tokens_[at - 1].kind, before = tokens_[at - 2].kind;
  bool is_target = target == Tok::TOK_VARIABLE || target == Tok::TOK_MAP;
  return is_target && (before == Tok::TOK_SEMICOLON || before == Tok::TOK_LBRACE || before == Tok::TOK_RBRACE);
}

// `$x =~ 1` as a statement assigns the complement, as it always did.
void Lexer::match_operator() {
  if (!at_assignment()) {
    emit(Tok::TOK_MATCH);
    return;
  }
  Span whole{begin_, end_};
  end_ = begin_ + 1;
  emit(Tok::TOK_ASSIGN);
  begin_ = whole.begin + 1;
  end_ = whole.end;
  emit(Tok::TOK_TILDE);
}

// --- words

Lexer::State Lexer::word(std::string_view text) {
  if (starts_a_probe()) {
    close_blocks();
    return State::Outside;
  }
  TokenKind before = tokens_.empty() ? Tok::TOK_END : tokens_.back().kind;
  bool names_field = before == Tok::TOK_DOT || before == Tok::TOK_ARROW;
  bool names_record = before == Tok::TOK_STRUCT || before == Tok::TOK_UNION || before == Tok::TOK_ENUM;
  if (names_field) {
    emit(Tok::TOK_IDENTIFIER, text);
    return State::Same;
  }
  if (is_qualifier(text)) {
    aside(Aside::Kind::Word, {begin_, end_});
    return State::Same;
  }
  if (in_record() && text == "__attribute__" && !expanding()) {
    begin_attribute();
    return State::Attribute;
  }
  if (in_record() && text == "__packed") {
    emit(Tok::TOK_ATTRIBUTE).attribute.packed = true;
    return State::Same;
  }
  TokenKind kind = keyword(text);
  bool is_own_word = kind == Tok::TOK_LET || kind == Tok::TOK_UNROLL || kind == Tok::TOK_COMPTIME || kind == Tok::TOK_TYPEOF || kind == Tok::TOK_TYPEINFO;
  if (in_record() && is_own_word) kind = Tok::TOK_IDENTIFIER;
  if (kind == Tok::TOK_IDENTIFIER && !names_record) {
    std::string name(text);
    const std::string* macro = preprocessor_.find(name);
    if (preprocessor_.is_function_like(name) && (expanding() || in_record())) c_text_.needs_front_end = true;
    if (macro && std::find(expansions_.begin(), expansions_.end(), name) == expansions_.end()) {
      expand(name, *macro);
      return State::Same;
    }
  }
  emit(kind, kind == Tok::TOK_IDENTIFIER ? text : std::string_view{});
  return State::Same;
}

void Lexer::expand(const std::string& name, const std::string& text) {
  if (expansions_.size() == kMaxExpansions) {
    report(DiagId::NestedTooDeeply, use_, std::string_view("macros"), kMaxExpansions);
    gave_up_ = true;
    return;
  }
  Span saved{begin_, end_};
  aside(Aside::Kind::Word, saved);
  if (!expanding()) use_ = saved;
  expansions_.push_back(name);
  begin_ = end_ = 0;
  size_t first = tokens_.size();
  // The lexer cannot change macros while one is expanded: directives need the start of a line of the script.
  scan(text);
  // A value is one operand wherever it is used, as if written in parentheses; a type stays as it is.
  size_t count = tokens_.size() - first;
  bool is_value = std::any_of(tokens_.begin() + static_cast<ptrdiff_t>(first), tokens_.end(),
                              [](const Token& t) { return t.kind != Tok::TOK_IDENTIFIER; });
  TokenKind head = count > 0 ? tokens_[first].kind : Tok::TOK_END;
  bool is_tagged = head == Tok::TOK_STRUCT || head == Tok::TOK_UNION || head == Tok::TOK_ENUM;
  if (count > 1 && is_value && !is_tagged && tokens_.back().kind != Tok::TOK_STAR && !in_record()) {
    emit(Tok::TOK_RPAREN);
    emit(Tok::TOK_LPAREN);
    std::rotate(tokens_.begin() + static_cast<ptrdiff_t>(first), tokens_.end() - 1, tokens_.end());
  }
  expansions_.pop_back();
  begin_ = saved.begin;
  end_ = saved.end;
}

// --- forgotten ends

// In the first column of a line, where no statement of a block begins like this, stands what can only be the next probe.
bool Lexer::starts_a_probe() const {
  const std::string_view text = text_;
  if (expanding() || (begin_ > 0 && text[begin_ - 1] != '\n')) return false;
  if (depth_ == 0 && top_level_ == TopLevel::Probe) return false; // in a predicate

  std::string_view word = source_.text_of({begin_, end_});
  size_t at = skip_spaces(text, end_);
  if (at == text.size()) return false;
  if (word == "BEGIN" || word == "END" || word == "begin" || word == "end") return text[at] == '{';
  if (text[end_] != ':' || at != end_) return false;
  size_t end = text.find_first_of(" \t\r\n{}();?\"", at);
  if (end == std::string_view::npos || end == at + 1) return false;
  end = skip_spaces(text, end);
  return end < text.size() && (text[end] == '{' || text[end] == '/');
}

// Puts in the braces that the script forgot, so that the rest of it can be read. The parser reports them.
void Lexer::close_blocks() {
  const std::string_view text = text_;
  auto end = static_cast<uint32_t>(std::min(text.find_first_of(" \t\r\n{", begin_), text.size()));
  if (depth_ == 0) forget(Tok::TOK_SEMICOLON, {begin_, end});
  while (depth_ > 0) forget(Tok::TOK_RBRACE, {begin_, end});
  end_item();
}

void Lexer::forget(TokenKind kind, Span span) {
  if (kind == Tok::TOK_RBRACE) --depth_;
  bool damaged = damaged_;
  Token& token = emit(kind);
  token.span = span;
  token.forgotten = true;
  damaged_ = damaged;
}

// --- strings and comments

void Lexer::begin_string() {
  string_.clear();
  string_begin_ = begin_;
}

void Lexer::append_octal(std::string_view escape) {
  uint32_t value = 0;
  for (char c : escape.substr(1)) value = value * 8 + static_cast<uint32_t>(c - '0');
  if (value > 255) return invalid_escape(escape);
  string_ += static_cast<char>(value);
}

void Lexer::append_hex(std::string_view escape) {
  string_ += static_cast<char>(parse_integer("0x" + std::string(escape.substr(2))).value);
}

void Lexer::invalid_escape(std::string_view escape) {
  report(DiagId::InvalidEscape, here(), quote(escape)).hint("the escapes are \\n \\t \\r \\\" \\\\ \\NNN (octal) and \\xHH");
  string_.append(escape.substr(1));
}

void Lexer::end_string(bool terminated) {
  Span span = expanding() ? use_ : Span{string_begin_, end_};
  if (!terminated) {
    const std::string_view text = text_;
    while (!expanding() && span.end > span.begin + 1 && is_space(text[span.end - 1])) --span.end;
    report(DiagId::UnterminatedString, span).hint("a string ends with a double quote on the line where it begins");
  }
  emit(Tok::TOK_STRING, string_).span = span;
}

void Lexer::single_quoted(std::string_view text) {
  report(DiagId::InvalidCharacter, here(), std::string_view("`'`")).hint("strings are written in double quotes: \"...\"");
  emit(Tok::TOK_STRING, text.substr(1, text.size() - 2));
}

void Lexer::unterminated_comment() {
  report(DiagId::UnterminatedComment, expanding() ? use_ : Span{comment_begin_, comment_begin_ + 2});
}

void Lexer::invalid(std::string_view bytes) {
  Diagnostic& diagnostic = report(DiagId::InvalidCharacter, here(), describe_first_character(bytes));
  if (bytes.starts_with("\xe2\x80\x9c") || bytes.starts_with("\xe2\x80\x9d")) diagnostic.hint("strings are written in plain double quotes: \"...\"");
  if (bytes == "'") diagnostic.hint("strings are written in double quotes: \"...\"");
  if (bytes == "#") diagnostic.hint("a comment starts with `//`");
  if (bytes == "$") diagnostic.hint("a variable is `$` and a name, a positional parameter `$` and a number");
}

// --- directives and attributes

void Lexer::begin_directive() {
  directive_begin_ = begin_;
  string_.clear();
}

bool Lexer::end_directive() {
  size_t before = diags_.errors();
  uint32_t end = end_;
  const std::string_view text = text_;
  while (end > directive_begin_ + 1 && is_space(text[end - 1])) --end;
  const Span span{directive_begin_, end};
  const bool continues = preprocessor_.skipping();
  if (continues && only_c_so_far_) c_text_.pieces.push_back({skipped_begin_, directive_begin_});
  c_text_.pieces.push_back(span);
  skipped_begin_ = end;
  preprocessor_.run(string_, span);
  if (continues) {
    asides_.back().span.end = end;
  } else {
    asides_.push_back({Aside::Kind::Directive, span});
  }
  errors_ += diags_.errors() - before;
  if (errors_ >= kMaxErrors) gave_up_ = true;
  return preprocessor_.skipping();
}

void Lexer::begin_attribute() {
  attribute_begin_ = begin_;
  attribute_parens_ = 0;
  attribute_.clear();
}

void Lexer::attribute_text(std::string_view text) {
  if (text == "(") ++attribute_parens_;
  attribute_ += text;
}

void Lexer::unterminated_attribute() {
  constexpr uint32_t kLength = sizeof "__attribute__" - 1;
  report(DiagId::SyntaxError, {attribute_begin_, attribute_begin_ + kLength}, std::string_view("the parentheses of this attribute are not closed"));
}

bool Lexer::end_attribute() {
  if (attribute_parens_ > 1) {
    --attribute_parens_;
    attribute_ += ')';
    return false;
  }
  std::optional<grammar::Attribute> attribute = parse_attribute(attribute_);
  if (!attribute) {
    c_text_.needs_front_end = true;
    report(DiagId::SyntaxError, {attribute_begin_, end_}, std::string_view("this attribute changes the layout in a way that is not known here"));
  }
  Token& token = emit(Tok::TOK_ATTRIBUTE);
  token.span.begin = attribute_begin_;
  token.attribute = attribute.value_or(grammar::Attribute());
  return true;
}

// --- attach points

// The text that stands for the parameter at `text[at]`, a dollar sign outside of quotes; moves `at` behind it.
std::string Lexer::substitute(std::string_view text, size_t& at) {
  size_t begin = at++;
  if (at < text.size() && text[at] == '#') {
    ++at;
    return std::to_string(options_.positional.size());
  }
  uint64_t index = 0;
  for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])); ++at) {
    index = std::min<uint64_t>(index * 10 + static_cast<uint64_t>(text[at] - '0'), UINT32_MAX);
  }
  Span span{begin_ + static_cast<uint32_t>(begin), begin_ + static_cast<uint32_t>(at)};
  if (index == 0) {
    report(DiagId::SyntaxError, span, std::string_view("a `$` in an attach point begins a positional parameter such as `$1`"))
        .hint("put a name that holds a `$` in double quotes");
    return {};
  }
  if (index <= options_.positional.size()) return options_.positional[index - 1];
  if (++missing_positionals_ < kMaxErrors) diags_.report(DiagId::MissingPositional, span, index);
  return {};
}

namespace {

// Where `kprobe:f;` ends, and where a predicate begins in `kprobe:f/pid == 1/`: at a slash in the part that names an event or function, which has
// none in its name. Paths come right behind the provider of user-space probes.
size_t attach_point_end(std::string_view text) {
  std::string_view provider = text.substr(0, text.find(':'));
  bool is_pinned = provider.starts_with("it"); // where to is a path too
  if (size_t label = provider.find('='); label != std::string_view::npos) provider.remove_prefix(label + 1);
  bool has_path = provider.starts_with('u') || provider.starts_with('U') || provider.find('*') != std::string_view::npos;
  int colons = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == ';') return i;
    if (text[i] == ':') ++colons;
    bool begins_path = i > 0 && text[i - 1] == ':';
    if (text[i] == '/' && !begins_path && !is_pinned && colons > (has_path ? 1 : 0)) return i;
  }
  return text.size();
}

} // namespace

size_t Lexer::attach_point(std::string_view text) {
  size_t used = attach_point_end(text);
  retreat(used);
  text = text.substr(0, used);
  std::string out;
  bool quoted = false;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '$' && !quoted) {
      out += substitute(text, at);
      continue;
    }
    if (text[at] == '"') quoted = !quoted;
    if (quoted && text[at] == '\\' && at + 1 < text.size()) out += text[at++];
    out += text[at++];
  }
  emit(Tok::TOK_ATTACH_POINT, out);
  return used;
}

} // namespace trapline
