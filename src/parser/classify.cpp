// Context-dependent tokens. Each rule looks at a few neighbours only, so the whole is linear.
#include "parser/classify.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace trapline {

namespace {

template <typename... Kinds> bool is_one_of(TokenKind kind, Kinds... kinds) { return ((kind == kinds) || ...); }

bool is_tag(TokenKind kind) { return is_one_of(kind, Tok::TOK_STRUCT, Tok::TOK_UNION, Tok::TOK_ENUM); }

bool ends_operand(TokenKind kind) {
  return is_one_of(kind, Tok::TOK_IDENTIFIER, Tok::TOK_VARIABLE, Tok::TOK_MAP, Tok::TOK_KEYED_MAP, Tok::TOK_INTEGER, Tok::TOK_POSITIONAL,
                   Tok::TOK_STRING, Tok::TOK_RPAREN, Tok::TOK_RBRACKET, Tok::TOK_OFFSETOF);
}

// Could not stand after a complete expression in parentheses.
bool begins_operand_only(TokenKind kind) {
  return is_one_of(kind, Tok::TOK_IDENTIFIER, Tok::TOK_VARIABLE, Tok::TOK_MAP, Tok::TOK_INTEGER, Tok::TOK_POSITIONAL, Tok::TOK_STRING,
                   Tok::TOK_LPAREN, Tok::TOK_NOT, Tok::TOK_TILDE, Tok::TOK_SIZEOF, Tok::TOK_OFFSETOF, Tok::TOK_TRUE, Tok::TOK_FALSE,
                   Tok::TOK_TYPEINFO, Tok::TOK_COMPTIME, Tok::TOK_BLOCK_VALUE);
}

// An operand follows: a `{` is a block with a value, an `if` chooses one.
bool wants_operand(TokenKind kind) {
  return is_one_of(kind, Tok::TOK_ASSIGN, Tok::TOK_ADD_ASSIGN, Tok::TOK_SUB_ASSIGN, Tok::TOK_MUL_ASSIGN, Tok::TOK_DIV_ASSIGN, Tok::TOK_MOD_ASSIGN,
                   Tok::TOK_AND_ASSIGN, Tok::TOK_OR_ASSIGN, Tok::TOK_XOR_ASSIGN, Tok::TOK_SHIFT_LEFT_ASSIGN, Tok::TOK_SHIFT_RIGHT_ASSIGN,
                   Tok::TOK_LPAREN, Tok::TOK_CAST, Tok::TOK_LBRACKET, Tok::TOK_COMMA, Tok::TOK_RETURN, Tok::TOK_QUESTION, Tok::TOK_COLON,
                   Tok::TOK_DOTDOT, Tok::TOK_OR, Tok::TOK_AND, Tok::TOK_BAR, Tok::TOK_CARET, Tok::TOK_AMPERSAND, Tok::TOK_EQUAL, Tok::TOK_NOT_EQUAL,
                   Tok::TOK_MATCH, Tok::TOK_LESS, Tok::TOK_LESS_EQUAL, Tok::TOK_GREATER, Tok::TOK_GREATER_EQUAL, Tok::TOK_SHIFT_LEFT,
                   Tok::TOK_SHIFT_RIGHT, Tok::TOK_PLUS, Tok::TOK_MINUS, Tok::TOK_STAR, Tok::TOK_SLASH, Tok::TOK_PERCENT, Tok::TOK_NOT,
                   Tok::TOK_TILDE, Tok::TOK_COMPTIME);
}

bool begins_statement(TokenKind kind) {
  return is_one_of(kind, Tok::TOK_IDENTIFIER, Tok::TOK_VARIABLE, Tok::TOK_MAP, Tok::TOK_IF, Tok::TOK_WHILE, Tok::TOK_FOR, Tok::TOK_UNROLL,
                   Tok::TOK_LET, Tok::TOK_BREAK, Tok::TOK_CONTINUE, Tok::TOK_RETURN);
}

// Words of C's basic types: several of them make one type.
bool is_c_type_word(std::string_view word) {
  constexpr std::array<std::string_view, 11> kWords = {"char", "short", "int", "long", "unsigned", "signed", "void", "float", "double", "_Bool", "__int128"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// Words that are never a value.
bool is_type_word(std::string_view word) {
  constexpr std::array<std::string_view, 31> kWords = {
      "bool",  "string", "buffer", "inet",   "int8",   "int16",  "int32",  "int64",  "uint8",  "uint16", "uint32",
      "uint64", "u8",    "u16",    "u32",    "u64",    "s8",     "s16",    "s32",    "s64",    "__u8",   "__u16",
      "__u32", "__u64",  "__s8",   "__s16",  "__s32",  "__s64",  "__be16", "__be32", "__be64"};
  if (is_c_type_word(word) || word.ends_with("_t")) return true;
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// A type and what makes it one.
struct TypeShape {
  size_t end = 0; // the token behind it; 0: this is no type
  bool certain = false;
};

// `struct x *`, `unsigned long`, `int32[4]*`, `name`, ... from `at` on.
TypeShape read_type(const std::vector<Token>& tokens, size_t at) {
  bool certain = false;
  if (tokens[at].kind == Tok::TOK_TYPEOF) {
    size_t open = 0;
    for (++at; tokens[at].kind != Tok::TOK_END; ++at) {
      if (is_one_of(tokens[at].kind, Tok::TOK_LPAREN, Tok::TOK_CAST)) ++open;
      if (tokens[at].kind == Tok::TOK_RPAREN && --open == 0) break;
      if (open == 0) return {};
    }
    if (tokens[at].kind == Tok::TOK_END) return {};
    certain = true;
    ++at;
  } else if (is_tag(tokens[at].kind)) {
    if (tokens[at + 1].kind != Tok::TOK_IDENTIFIER) return {};
    certain = true;
    at += 2;
  } else {
    if (tokens[at].kind != Tok::TOK_IDENTIFIER) return {};
    certain = is_type_word(tokens[at].text);
    bool more = is_c_type_word(tokens[at].text);
    for (++at; tokens[at].kind == Tok::TOK_IDENTIFIER; ++at) {
      if (!more || !is_c_type_word(tokens[at].text)) return {};
    }
  }
  for (;; ++at) {
    if (tokens[at].kind == Tok::TOK_STAR) {
      // Behind an operand, as in `(a * b)`, there is no `)` and this is no type after all.
      certain = true;
      continue;
    }
    if (tokens[at].kind != Tok::TOK_LBRACKET) return {at, certain};
    if (tokens[at + 1].kind == Tok::TOK_INTEGER) ++at;
    if (tokens[++at].kind != Tok::TOK_RBRACKET) return {};
  }
}

// The `)` of the cast that the `(` at `paren` begins; 0 if it begins none. `cast_end` is that of the cast before.
size_t find_cast_end(const std::vector<Token>& tokens, size_t paren, size_t cast_end) {
  TokenKind before = paren > 0 ? tokens[paren - 1].kind : Tok::TOK_END;
  bool follows_cast = paren > 0 && cast_end == paren - 1;
  if (ends_operand(before) && !follows_cast) return 0;
  TypeShape type = read_type(tokens, paren + 1);
  if (type.end == 0 || tokens[type.end].kind != Tok::TOK_RPAREN) return 0;
  if (type.certain) return type.end;
  bool heads_block = is_one_of(before, Tok::TOK_IF, Tok::TOK_WHILE, Tok::TOK_FOR, Tok::TOK_UNROLL, Tok::TOK_SIZEOF, Tok::TOK_TYPEOF, Tok::TOK_TYPEINFO);
  return !heads_block && begins_operand_only(tokens[type.end + 1].kind) ? type.end : 0;
}

// The name that a C declarator gives, as opposed to the words of the type before it.
bool is_member_name(const std::vector<Token>& tokens, size_t at) {
  if (at == 0 || is_c_type_word(tokens[at].text)) return false;
  if (!is_one_of(tokens[at - 1].kind, Tok::TOK_IDENTIFIER, Tok::TOK_STAR, Tok::TOK_RBRACE, Tok::TOK_COMMA, Tok::TOK_ATTRIBUTE)) return false;
  return is_one_of(tokens[at + 1].kind, Tok::TOK_SEMICOLON, Tok::TOK_COMMA, Tok::TOK_COLON, Tok::TOK_LBRACKET, Tok::TOK_LPAREN,
                   Tok::TOK_ATTRIBUTE, Tok::TOK_RPAREN, Tok::TOK_RBRACE);
}

void pair_braces(std::vector<Token>& tokens) {
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind == Tok::TOK_LBRACE) {
      open.push_back(i);
    } else if (tokens[i].kind == Tok::TOK_RBRACE && !open.empty()) {
      tokens[i].partner = open.back();
      tokens[open.back()].partner = i;
      open.pop_back();
    }
  }
}

// `begin` is the `/` that opens it. Returns the last token looked at.
size_t mark_predicate(std::vector<Token>& tokens, size_t begin) {
  size_t at = begin + 1;
  for (;; ++at) {
    Token& token = tokens[at];
    if (is_one_of(token.kind, Tok::TOK_END, Tok::TOK_ATTACH_POINT)) return at - 1;
    token.in_predicate = true;
    if (token.kind == Tok::TOK_LBRACE) return at;
    if (token.kind == Tok::TOK_SLASH && is_one_of(tokens[at + 1].kind, Tok::TOK_LBRACE, Tok::TOK_SEMICOLON, Tok::TOK_END)) {
      token.kind = Tok::TOK_PREDICATE_END;
      return at;
    }
  }
}

void imply_semicolons(std::vector<Token>& tokens) {
  std::vector<size_t> places;
  uint32_t parens = 0;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    TokenKind kind = tokens[i].kind;
    if (is_one_of(kind, Tok::TOK_SEMICOLON, Tok::TOK_LBRACE, Tok::TOK_RBRACE)) parens = 0;
    if (kind == Tok::TOK_LPAREN || kind == Tok::TOK_LBRACKET) ++parens;
    if ((kind == Tok::TOK_RPAREN || kind == Tok::TOK_RBRACKET) && parens > 0) --parens;
    bool steps = is_one_of(kind, Tok::TOK_INCREMENT, Tok::TOK_DECREMENT) && i > 0 && tokens[i].depth > 0 && parens == 0;
    // `(int8)++$x` is a cast: only variables and elements are counted up.
    bool is_behind_target = i > 0 && ends_operand(tokens[i - 1].kind) && tokens[i - 1].kind != Tok::TOK_RPAREN;
    if (steps && is_behind_target && begins_statement(tokens[i + 1].kind)) places.push_back(i + 1);
  }
  if (places.empty()) return;
  std::vector<Token> out;
  out.reserve(tokens.size() + places.size());
  size_t next = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (next < places.size() && places[next] == i) {
      Token semicolon;
      semicolon.kind = Tok::TOK_SEMICOLON;
      semicolon.span = {tokens[i - 1].span.end, tokens[i - 1].span.end};
      semicolon.depth = tokens[i].depth;
      out.push_back(std::move(semicolon));
      ++next;
    }
    out.push_back(std::move(tokens[i]));
  }
  tokens = std::move(out);
}

} // namespace

void classify(std::vector<Token>& tokens) {
  imply_semicolons(tokens);
  pair_braces(tokens);
  size_t enum_end = 0; // enumerators are no members
  size_t cast_end = 0;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    Token& token = tokens[i];
    if (token.kind == Tok::TOK_PREDICATE_BEGIN) mark_predicate(tokens, i);
    if (token.kind == Tok::TOK_LPAREN) {
      if (size_t end = find_cast_end(tokens, i, cast_end)) {
        token.kind = Tok::TOK_CAST;
        cast_end = end;
      }
    }
    bool in_code = token.depth > 0 || token.in_predicate;
    if (in_code && !token.in_record && i > 0 && wants_operand(tokens[i - 1].kind)) {
      if (token.kind == Tok::TOK_IF) token.kind = Tok::TOK_IF_VALUE;
      if (token.kind == Tok::TOK_LBRACE) token.kind = tokens[i + 1].kind == Tok::TOK_DOT ? Tok::TOK_RECORD_BRACE : Tok::TOK_BLOCK_VALUE;
    }
    if (token.kind == Tok::TOK_MAP && tokens[i + 1].kind == Tok::TOK_LBRACKET) token.kind = Tok::TOK_KEYED_MAP;
    if (!token.in_record) continue;
    if (token.kind == Tok::TOK_ENUM) {
      size_t brace = i + 1;
      while (is_one_of(tokens[brace].kind, Tok::TOK_ATTRIBUTE, Tok::TOK_IDENTIFIER)) ++brace;
      if (tokens[brace].kind == Tok::TOK_LBRACE && tokens[brace].partner != Token::kNone) enum_end = std::max(enum_end, tokens[brace].partner);
    }
    bool names = token.kind == Tok::TOK_IDENTIFIER && i >= enum_end && !is_tag(tokens[i - 1].kind);
    if (names && is_member_name(tokens, i)) token.kind = Tok::TOK_MEMBER_NAME;
  }
}

} // namespace trapline
