// The words of syntax errors: what was found, what was expected, and hints for typical mistakes.
#include "parser/quote.h"
#include "parser/token_stream.h"

#include <algorithm>
#include <array>

namespace trapline {

namespace {

// Symbols that together mean one thing to the user. Present when `sign` is.
struct Group {
  std::string_view sign;
  std::string_view words;
  std::vector<std::string_view> members;
};

const std::vector<std::string_view> kOperandStarts = {"number", "positional parameter", "string", "name", "variable", "map", "keyed map",
                                                      "(", "( before a type", "-", "!", "~", "*", "&", "++", "--", "sizeof", "offsetof", "true", "false",
                                                      "typeinfo", "typeof", "struct", "union", "enum", "comptime", "if before a value", "{ before a value", "{ before a member"};

// Statements hold expressions: the larger group comes first.
const std::vector<Group>& groups() {
  static const std::vector<Group> kGroups = {
      {"if", "a statement", {"if", "while", "for", "unroll", "let", "break", "continue", "return", "{"}},
      {"attach point", "a probe", {"attach point", "struct", "union", "enum", "typedef", "config", "let", "macro", "fn", "import", ";", "end of file"}},
      {"%", "an operator",
       {"||", "&&", "|", "^", "&", "==", "!=", "=~", "<", "<=", ">", ">=", "<<", ">>", "+", "-", "*", "/ between operands", "%", "?", "[", ".",
        "->", "++", "--", "=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}},
  };
  return kGroups;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void remove_all(std::vector<std::string_view>& names, const std::vector<std::string_view>& unwanted) {
  std::erase_if(names, [&](std::string_view name) { return contains(unwanted, name); });
}

std::string in_words(std::string_view symbol) {
  if (symbol == "end of file") return "the end of the file";
  if (symbol == "/ between operands" || symbol == "/ before a predicate") return "`/`";
  if (symbol == "( before a type") return "`(`";
  if (symbol == "{ before a value" || symbol == "{ before a member") return "`{`";
  if (symbol == "keyed map") return "a map";
  constexpr std::array<std::string_view, 8> kNouns = {"number", "positional parameter", "string", "name", "member name", "variable", "map", "predicate"};
  if (std::find(kNouns.begin(), kNouns.end(), symbol) != kNouns.end()) return "a " + std::string(symbol);
  if (symbol == "attach point" || symbol == "attribute") return "an " + std::string(symbol);
  return "`" + std::string(symbol) + "`";
}

std::string join_words(const std::vector<std::string>& words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

constexpr size_t kMaxExpected = 5;

} // namespace

std::string describe_expected(const std::vector<std::string_view>& expected) {
  std::vector<std::string_view> rest = expected;
  std::vector<std::string> phrases;
  bool statement = contains(rest, "if");
  for (const Group& group : groups()) {
    if (!contains(rest, group.sign)) continue;
    // A comma between attach points alone does not make for a new probe.
    if (group.sign == "attach point" && !contains(rest, "typedef")) continue;
    phrases.emplace_back(group.words);
    remove_all(rest, group.members);
  }
  if (contains(rest, "!")) {
    if (!statement) phrases.emplace_back("an expression");
    remove_all(rest, kOperandStarts);
  }
  // Every name could be that of a function.
  if (contains(expected, "%")) remove_all(rest, {"("});
  remove_all(rest, {"attribute"});
  // A `}` may always stand for the last `;`.
  if (contains(rest, ";") || statement) remove_all(rest, {statement ? ";" : "}"});
  std::vector<std::string> words;
  for (std::string_view symbol : rest) {
    if (std::string word = in_words(symbol); std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  words.insert(words.end(), phrases.begin(), phrases.end());
  return words.size() > kMaxExpected ? std::string() : join_words(words);
}

std::string TokenStream::found() const {
  const Token& token = current();
  std::string text = "`" + quote(source_.text_of(token.span)) + "`";
  if (token.forgotten && token.span.begin < token.span.end) return text;
  if (token.kind == Tok::TOK_END || token.forgotten) return "end of file";
  if (token.kind == Tok::TOK_STRING) return "string " + text;
  if (token.kind == Tok::TOK_INTEGER) return "number " + text;
  return text;
}

void TokenStream::add_hints(Diagnostic& diagnostic, const std::vector<std::string_view>& expected) const {
  const Token& token = current();
  TokenKind before = current_ > 0 ? tokens_[current_ - 1].kind : Tok::TOK_END;
  const Token& first = tokens_[statement_begin(current_)];
  if (token.forgotten) {
    size_t brace = tokens_[first_forgotten(current_)].partner;
    if (brace != Token::kNone) diagnostic.note(tokens_[brace].span, "the block that begins here is not closed");
    return;
  }
  if (token.kind == Tok::TOK_ASSIGN && contains(expected, "==")) {
    diagnostic.hint("`==` compares, `=` assigns");
  } else if (first.kind == Tok::TOK_FOR && !contains(expected, "==") && token.kind != Tok::TOK_LBRACE) {
    diagnostic.hint("a loop runs over a range, `for ($i : 0..10) { ... }`, or over a map, `for ($kv : @map) { ... }`");
  } else if (token.kind == Tok::TOK_RBRACE && token.partner == Token::kNone) {
    diagnostic.hint("there is no open block here that a `}` could close");
  } else if (token.kind == Tok::TOK_LBRACE && contains(expected, "attach point")) {
    diagnostic.hint("a block belongs to a probe: `BEGIN { ... }`");
  } else if (token.in_predicate && token.kind == Tok::TOK_LBRACE && contains(expected, "/")) {
    diagnostic.hint("a predicate stands between slashes: /pid == 1/");
  } else if (contains(expected, "{") && !contains(expected, "if") && token.depth == 0 && !token.in_record) {
    diagnostic.hint("a probe needs a block: `BEGIN { ... }`");
  } else if (contains(expected, "{") && (first.kind == Tok::TOK_IF || before == Tok::TOK_ELSE || first.kind == Tok::TOK_WHILE ||
                                           first.kind == Tok::TOK_UNROLL || first.kind == Tok::TOK_FOR)) {
    diagnostic.hint("the body needs braces: `{ ... }`");
  } else if (contains(expected, ";") && current_ > 0 && token.kind != Tok::TOK_END &&
             source_.position(tokens_[current_ - 1].span.end).line < source_.position(token.span.begin).line) {
    diagnostic.hint("is there a `;` missing at the end of the line before?");
  }
}

} // namespace trapline
