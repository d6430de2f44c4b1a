// Where to go on after a mistake: at the end of the statement, predicate or item that it is in.
#include "parser/token_stream.h"

#include <algorithm>

namespace trapline {

namespace {
constexpr size_t kMaxErrors = 20;

bool opens_block(TokenKind kind) { return kind == Tok::TOK_LBRACE || kind == Tok::TOK_BLOCK_VALUE || kind == Tok::TOK_RECORD_BRACE; }
}

TokenStream::TokenStream(std::vector<Token> tokens, const SourceFile& source, Diagnostics& diags)
    : tokens_(std::move(tokens)), source_(source), diags_(diags) {}

const Token& TokenStream::next() {
  if (insert_) {
    insert_ = false;
    return inserted_;
  }
  current_ = next_;
  if (next_ + 1 < tokens_.size()) ++next_;
  return tokens_[current_];
}

void TokenStream::resume(size_t at, std::optional<TokenKind> first) {
  next_ = at;
  if (!first) return;
  insert_ = true;
  inserted_ = Token();
  inserted_.kind = *first;
  inserted_.span = {tokens_[at].span.begin, tokens_[at].span.begin};
}

// The parser keeps the token it stumbled over; where that one ends the damaged part already, there is nothing to do.
void TokenStream::recover() {
  const Token& token = current();
  if (++errors_ >= kMaxErrors) return resume(tokens_.size() - 1);
  if (token.kind == Tok::TOK_END) return;
  if (token.kind == Tok::TOK_RBRACE && token.partner != Token::kNone) return;
  if (token.in_predicate) return recover_predicate();
  if (token.depth == 0) return recover_item();
  recover_statement();
}

void TokenStream::recover_predicate() {
  size_t at = current_;
  if (tokens_[at].kind == Tok::TOK_PREDICATE_END) return;
  while (tokens_[at].in_predicate && tokens_[at].kind != Tok::TOK_LBRACE && tokens_[at].kind != Tok::TOK_PREDICATE_END) ++at;
  if (tokens_[at].kind == Tok::TOK_PREDICATE_END) return resume(at);
  resume(at, Tok::TOK_PREDICATE_END);
}

void TokenStream::recover_item() {
  for (size_t at = current_;; ++at) {
    const Token& token = tokens_[at];
    if (token.kind == Tok::TOK_END) return resume(at);
    if (token.kind == Tok::TOK_SEMICOLON) return at == current_ ? void() : resume(at);
    if (token.kind == Tok::TOK_RBRACE) return resume(at + 1, Tok::TOK_SEMICOLON);
    if (token.kind == Tok::TOK_LBRACE && token.partner != Token::kNone) return resume(token.partner + 1, Tok::TOK_SEMICOLON);
  }
}

void TokenStream::recover_statement() {
  uint32_t level = current().depth;
  // The semicolons in the head of C's `for` end nothing.
  bool in_for = tokens_[statement_begin(current_)].kind == Tok::TOK_FOR;
  for (size_t at = current_;; ++at) {
    const Token& token = tokens_[at];
    if (token.kind == Tok::TOK_END) return resume(at);
    if (token.kind == Tok::TOK_SEMICOLON && !in_for) return at == current_ ? void() : resume(at);
    if (token.kind == Tok::TOK_RBRACE && token.depth < level) return resume(at);
    if (!opens_block(token.kind)) continue;
    if (token.partner == Token::kNone) return resume(tokens_.size() - 1);
    at = token.partner;
    if (tokens_[at + 1].kind != Tok::TOK_ELSE) return resume(at + 1, Tok::TOK_SEMICOLON);
  }
}

// The first token of the statement, member or item around the one at `at`.
size_t TokenStream::statement_begin(size_t at) const {
  while (at > 0) {
    TokenKind before = tokens_[at - 1].kind;
    if (before == Tok::TOK_SEMICOLON || opens_block(before) || before == Tok::TOK_RBRACE) break;
    --at;
  }
  return at;
}

bool TokenStream::follows_from_another(size_t at) const {
  for (size_t i = statement_begin(at); i <= at; ++i) {
    if (tokens_[i].damaged) return true;
  }
  return false;
}

size_t TokenStream::first_forgotten(size_t at) const {
  while (at > 0 && tokens_[at - 1].forgotten && tokens_[at - 1].span.begin == tokens_[at].span.begin) --at;
  return at;
}

void TokenStream::report(Span span, std::string_view message) { diags_.report(DiagId::SyntaxError, span, message); }

void TokenStream::syntax_error(const std::vector<std::string_view>& expected) {
  bool silent = errors_ >= kMaxErrors || follows_from_another(current_);
  // Braces forgotten at one place are one mistake.
  if (current().forgotten) {
    size_t first = first_forgotten(current_);
    silent |= std::find(reported_.begin(), reported_.end(), first) != reported_.end();
    reported_.push_back(first);
  }
  if (!silent) {
    std::string message = "unexpected " + found();
    if (std::string wanted = describe_expected(expected); !wanted.empty()) message += ", expected " + wanted;
    add_hints(diags_.report(DiagId::SyntaxError, current().span, message), expected);
  }
  recover();
}

void TokenStream::finish() {
  size_t end = tokens_.size() - 1;
  for (size_t i = 0; i < end && errors_ < kMaxErrors; ++i) {
    if (!tokens_[i].forgotten || first_forgotten(i) != i) continue;
    current_ = i;
    syntax_error({tokens_[i].kind == Tok::TOK_RBRACE ? "}" : ";"});
  }
}

} // namespace trapline
