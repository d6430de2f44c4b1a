// Tokens as the lexer hands them over. The whole script is lexed before it is parsed: what a `(` or a `/` means
// then follows from the tokens around it (see classify.h), and recovery can look for the end of a damaged statement.
#pragma once

#include "grammar.h"
#include "parser/parse.h"
#include "support/source.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trapline {

using Tok = grammar::Parser::token;
using TokenKind = grammar::Parser::token_kind_type;

struct Token {
  static constexpr size_t kNone = SIZE_MAX;

  TokenKind kind = Tok::TOK_END;
  Span span;              // of a token that came out of a `#define`: where its name was used
  std::string text;       // names with their sigil, strings with escapes resolved, attach points
  grammar::Integer value; // of a number or positional parameter
  uint32_t depth = 0;     // braces around it; `{` and its `}` have the depth outside of them
  bool in_record = false; // in a struct, union, enum or typedef definition
  bool in_predicate = false;
  grammar::Attribute attribute;
  // The lexer complained about this token or about what was left out before it: what the parser has to say about it is
  // a consequence.
  bool damaged = false;
  size_t partner = kNone; // index of the other brace of a pair
  // A `}` that the script forgot, or a `;`, see Lexer::close_blocks.
  bool forgotten = false;
};

// What the parser does not see of the script's text. Tokens and asides together are all of it but blanks.
struct Aside {
  enum class Kind : uint8_t {
    Comment,    // also a `#!` line
    Directive,  // with the text that it leaves out, up to the end of the directive that ends this
    Definition, // in C, that a C front end has read
    Word,       // of no meaning (`const`), or a `#define`d name; tokens that this stands for have its span
  };
  Kind kind;
  Span span;
};

struct TokenList {
  std::vector<Token> tokens; // the last one is TOK_END
  std::vector<Aside> asides;
  CText c_text;
};

} // namespace trapline
