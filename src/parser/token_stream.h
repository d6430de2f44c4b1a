// Tokens for the parser, and what happens when one is not expected.
#pragma once

#include "parser/token.h"
#include "support/diagnostics.h"

#include <optional>
#include <string_view>
#include <vector>

namespace trapline {

class TokenStream {
public:
  // `tokens` are classified and end in TOK_END.
  TokenStream(std::vector<Token> tokens, const SourceFile& source, Diagnostics& diags);

  // TOK_END again and again at the end. The reference holds until the next call.
  const Token& next();
  // The token that next() returned last is not in the grammar there, `expected` (names of the grammar's symbols) would be.
  // Reports that, unless it follows from what was reported already, and moves on to where parsing can go on.
  void syntax_error(const std::vector<std::string_view>& expected);
  void report(Span span, std::string_view message);
  // After parsing: reports a brace that was forgotten where nothing else is wrong.
  void finish();

private:
  const Token& current() const { return tokens_[current_]; }
  size_t statement_begin(size_t at) const;
  bool follows_from_another(size_t at) const;
  std::string found() const;
  void add_hints(Diagnostic& diagnostic, const std::vector<std::string_view>& expected) const;
  // The first of the tokens forgotten at one place, one of which is at `at`.
  size_t first_forgotten(size_t at) const;

  void recover();
  void recover_predicate();
  void recover_item();
  void recover_statement();
  void resume(size_t at, std::optional<TokenKind> first = std::nullopt);

  std::vector<Token> tokens_;
  const SourceFile& source_;
  Diagnostics& diags_;
  size_t next_ = 0;
  size_t current_ = 0;
  Token inserted_; // by recovery, before tokens_[next_]
  bool insert_ = false;
  std::vector<size_t> reported_; // first_forgotten() of the places reported
  size_t errors_ = 0;
};

// "`;`, `)` or an operator": the symbols that the parser expected, in the words of the user; empty if too many.
std::string describe_expected(const std::vector<std::string_view>& expected);

} // namespace trapline
