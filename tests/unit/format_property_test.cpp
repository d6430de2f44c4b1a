// What holds of every script: formatted it means the same, and formatting it again changes nothing.
#include "format/format.h"
#include "parser/lexer.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

namespace fs = std::filesystem;

namespace trapline {
namespace {

const fs::path kRoot = TRAPLINE_SOURCE_DIR;

struct Script {
  std::string name, text;
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Fenced blocks.
void read_markdown(const fs::path& path, std::vector<Script>& out) {
  std::ifstream in(path);
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("```")) {
      text += line + "\n";
      continue;
    }
    if (inside) out.push_back({path.filename(), text});
    inside = !inside;
    text.clear();
  }
}

// Programs of live cases, see tests/live/README.md.
void read_cases(const fs::path& path, std::vector<Script>& out) {
  std::ifstream in(path);
  bool inside = false;
  std::string name;
  for (std::string line; std::getline(in, line);) {
    if (inside && line.starts_with("  ")) {
      out.back().text += "\n" + line.substr(2);
      continue;
    }
    inside = false;
    if (line.starts_with("NAME ")) name = line.substr(5);
    for (const std::string_view key : {"PROG ", "SCRIPT ", "STDIN "}) {
      if (!line.starts_with(key)) continue;
      inside = true;
      out.push_back({name, line.substr(key.size())});
    }
  }
}

// With those that are no scripts.
std::vector<Script> candidates() {
  std::vector<Script> out;
  for (const char* folder : {"scripts", "tests/golden"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      if (entry.path().extension() == ".bt") out.push_back({entry.path().filename(), read_file(entry.path())});
    }
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / "docs")) read_markdown(entry.path(), out);
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / "tests/live")) {
    if (entry.path().extension() == ".test") read_cases(entry.path(), out);
  }
  return out;
}

std::optional<std::string> ast_of(const std::string& text) {
  Diagnostics diags;
  const std::optional<ast::Script> script = parse(SourceFile("test", text), {}, diags);
  if (!script || diags.has_errors()) return std::nullopt;
  return ast::dump(*script);
}

std::string format(const std::string& text) {
  Diagnostics diags;
  const SourceFile source("test", text);
  std::optional<std::string> out = format_script(source, {}, diags);
  EXPECT_TRUE(out) << render_all(diags, source) << text;
  return out.value_or("");
}

void expect_sound(const std::string& text, const std::string& ast) {
  const std::string formatted = format(text);
  EXPECT_EQ(ast_of(formatted), ast) << text;
  EXPECT_EQ(format(formatted), formatted) << text;
  EXPECT_EQ(formatted.find(" \n"), std::string::npos) << text;
  EXPECT_EQ(formatted.find("\n\n\n"), std::string::npos) << text;
}

TEST(FormatProperty, EveryScriptInTheRepository) {
  size_t checked = 0;
  for (const Script& script : candidates()) {
    SCOPED_TRACE(script.name);
    const std::optional<std::string> ast = ast_of(script.text);
    if (!ast) continue;
    expect_sound(script.text, *ast);
    ++checked;
  }
  EXPECT_GT(checked, 300u);
}

// --- noise

// Where something may be put between two tokens: the ends of tokens and comments. Not of directives, which are lines.
std::vector<size_t> places(const std::string& text) {
  const SourceFile source("test", text);
  Diagnostics diags;
  const TokenList list = Lexer(source, source.file_span(0), {}, diags).run();
  std::vector<size_t> out;
  for (const Token& token : list.tokens) out.push_back(token.span.end);
  std::vector<size_t> free;
  for (size_t place : out) {
    const bool in_directive = std::any_of(list.asides.begin(), list.asides.end(), [&](const Aside& a) {
      return a.kind == Aside::Kind::Directive && place >= a.span.begin && place <= a.span.end;
    });
    if (!in_directive && (free.empty() || place > free.back())) free.push_back(place);
  }
  return free;
}

std::string add_noise(const std::string& text, std::mt19937& random) {
  constexpr std::array kNoise = {" ", "\n", "\t\t", "\n\n\n", "  /* c */ ", "\n /* c */\n", " // c\n", "\n\n   // c\n", " /* c\n  d\n */ ", "\n/* c */ /* d */ // e\n"};
  std::string out;
  size_t copied = 0;
  for (size_t place : places(text)) {
    if (random() % 4 != 0) continue;
    out += text.substr(copied, place - copied);
    out += kNoise[random() % kNoise.size()];
    copied = place;
  }
  return out + text.substr(copied);
}

TEST(FormatProperty, CommentsAndBlanksAnywhere) {
  std::mt19937 random(1);
  size_t checked = 0;
  for (const Script& script : candidates()) {
    SCOPED_TRACE(script.name);
    const std::optional<std::string> ast = ast_of(script.text);
    if (!ast) continue;
    for (int round = 0; round < 3; ++round) {
      const std::string noisy = add_noise(script.text, random);
      if (ast_of(noisy) != ast) continue; // a word in the first column may be taken for a probe
      expect_sound(noisy, *ast);
      ++checked;
      if (testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(checked, 1000u);
}

// No comment gets lost.
TEST(FormatProperty, CommentsAreKept) {
  std::mt19937 random(2);
  auto count = [](const std::string& text, std::string_view what) {
    size_t found = 0;
    for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  };
  for (const Script& script : candidates()) {
    SCOPED_TRACE(script.name);
    if (!ast_of(script.text)) continue;
    const std::string noisy = add_noise(script.text, random);
    if (!ast_of(noisy)) continue;
    const std::string formatted = format(noisy);
    for (const char* mark : {"//", "/*", "*/"}) EXPECT_EQ(count(noisy, mark), count(formatted, mark)) << noisy << formatted;
    if (testing::Test::HasFailure()) return;
  }
}

} // namespace
} // namespace trapline
