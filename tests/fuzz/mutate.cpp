// Mutations know a little of the language: most work on tokens, so that many results get past the parser.
#include "fuzz/mutate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace trapline::fuzz {

namespace {

using Random = std::mt19937_64;
using Tokens = std::vector<std::string>;

size_t below(Random& random, size_t limit) { return limit == 0 ? 0 : random() % limit; }

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '@' || c == '$'; }

// Words, runs of blanks, and single characters; joined they are the text again.
Tokens split(const std::string& text) {
  Tokens tokens;
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (is_word(text[i]))
      while (end < text.size() && is_word(text[end])) end++;
    tokens.push_back(text.substr(i, end - i));
    i = end;
  }
  return tokens;
}

std::string join(const Tokens& tokens) {
  std::string text;
  for (const std::string& token : tokens) text += token;
  return text;
}

constexpr auto kInteresting = std::to_array<std::string_view>({
    "0", "-1", "1", "64", "18446744073709551615", "9223372036854775808", "0xffffffff", "\"\"", "\"text\"", "\"%d %s\"", "$x",
    "@", "@x", "$1", "$99", "$#", "(", ")", "{", "}", "[", "]", ";", ",", "->", ".", "*", "&", "<<", ">>", "/", "%", "?", ":", "++",
    "--", "==", "&&", "||", "!", "~", "=", "+=", "args", "arg0", "retval", "curtask", "ctx", "comm", "kstack", "ustack(3)", "count()",
    "hist(1)", "lhist(1,0,10,1)", "stats(2)", "str(arg0)", "(uint8)", "(struct task_struct *)", "(int32 *)", "(1, 2)", "if (1) { }",
    "while (1) { break; }", "unroll(3) { }", "for ($i : 0..9) { }", "let $y = 1;", "return;", "exit();", "BEGIN { }",
    "tracepoint:sched:sched_switch { }", "#define A A", "struct s { int x; };", "sizeof(int)", "\\", "\n", "\"", "/*", "//", "\xff",
});

void mutate_once(Tokens& tokens, const std::vector<std::string>& corpus, Random& random) {
  const size_t at = below(random, tokens.size());
  const auto position = tokens.begin() + static_cast<std::ptrdiff_t>(at);
  const std::string interesting(kInteresting[below(random, kInteresting.size())]);
  switch (below(random, 8)) {
  case 0: tokens.erase(position); break;
  case 1: tokens.insert(position, *position); break;
  case 2: std::swap(*position, tokens[below(random, tokens.size())]); break;
  case 3: *position = interesting; break;
  case 4: tokens.insert(position, interesting); break;
  case 5: tokens.resize(at + 1); break;
  case 6: (*position)[below(random, position->size())] = static_cast<char>(random()); break;
  default: {
    const Tokens other = split(corpus[below(random, corpus.size())]);
    const size_t begin = below(random, other.size()), end = begin + below(random, other.size() - begin);
    tokens.insert(position, other.begin() + static_cast<std::ptrdiff_t>(begin), other.begin() + static_cast<std::ptrdiff_t>(end));
  }
  }
}

} // namespace

std::string mutate(const std::vector<std::string>& corpus, Random& random) {
  Tokens tokens = split(corpus[below(random, corpus.size())]);
  for (size_t changes = 1 + below(random, 4); changes > 0 && !tokens.empty(); changes--) mutate_once(tokens, corpus, random);
  return join(tokens);
}

} // namespace trapline::fuzz
