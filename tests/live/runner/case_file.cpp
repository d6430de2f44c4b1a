// Reads .test files: `KEY value` lines, continued by indented ones.
#include "runner/case_file.h"

#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <string_view>

namespace trapline::live {

namespace {

bool to_number(std::string_view text, int64_t& number) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() && end == text.data() + text.size();
}

std::string_view take_word(std::string_view& text) {
  const size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

using Kind = Expectation::Kind;

struct ExpectationKey {
  std::string_view key;
  Kind kind;
  int numbers; // that stand before the text
};
constexpr ExpectationKey kExpectationKeys[] = {
    {"EXPECT", Kind::Match, 0},        {"EXPECT_NOT", Kind::NoMatch, 0},      {"EXPECT_EXACT", Kind::Exact, 0},
    {"EXPECT_BYTES", Kind::Bytes, 0},  {"EXPECT_JSON", Kind::Json, 0},        {"EXPECT_COUNT", Kind::Count, 2},
    {"EXPECT_SUM", Kind::Sum, 2},      {"EXPECT_STDERR", Kind::Stderr, 0},    {"EXPECT_STDERR_NOT", Kind::NoStderr, 0},
};

// False: the key or its value is no good.
bool add_expectation(Case& into, std::string_view key, std::string_view value, int line) {
  for (const ExpectationKey& row : kExpectationKeys) {
    if (row.key != key) continue;
    Expectation expectation{.kind = row.kind, .line = line};
    if (row.numbers == 2 && (!to_number(take_word(value), expectation.low) || !to_number(take_word(value), expectation.high)))
      return false;
    expectation.text = value;
    into.expectations.push_back(std::move(expectation));
    return true;
  }
  return false;
}

bool set_number(int& into, std::string_view value) {
  int64_t number = 0;
  if (!to_number(value, number)) return false;
  into = static_cast<int>(number);
  return true;
}

struct TextKey {
  std::string_view key;
  void (*set)(Case&, std::string);
};
constexpr TextKey kTextKeys[] = {
    {"PROG", [](Case& c, std::string v) { c.program = std::move(v); }},
    {"SCRIPT", [](Case& c, std::string v) { c.script = std::move(v); }},
    {"STDIN", [](Case& c, std::string v) { c.standard_input = std::move(v); }},
    {"RUN", [](Case& c, std::string v) { c.command = std::move(v); }},
    {"OPTIONS", [](Case& c, std::string v) { c.options = std::move(v); }},
    {"ARGS", [](Case& c, std::string v) { c.arguments = std::move(v); }},
    {"CHILD", [](Case& c, std::string v) { c.child = std::move(v); }},
    {"WORKLOAD", [](Case& c, std::string v) { c.workload = std::move(v); }},
    {"BEFORE", [](Case& c, std::string v) { c.before = std::move(v); }},
    {"STOP", [](Case& c, std::string v) { c.stop = std::move(v); }},
    {"READ", [](Case& c, std::string v) { c.read = std::move(v); }},
    {"ENV", [](Case& c, std::string v) { c.environment.push_back(std::move(v)); }},
    {"NEEDS", [](Case& c, std::string v) { c.needs.push_back(std::move(v)); }},
};

bool set_key(Case& into, std::string_view key, const std::string& value, int line) {
  for (const TextKey& row : kTextKeys) {
    if (row.key != key) continue;
    row.set(into, value);
    return true;
  }
  if (key == "EXPECT_STATUS") return set_number(into.status, value);
  if (key == "DELAY_MS") return set_number(into.delay_ms, value);
  if (key == "TIMEOUT") return set_number(into.timeout_s, value);
  return add_expectation(into, key, value, line);
}

// One `KEY value` with its continuation lines.
struct Entry {
  std::string key, value;
  int line = 0;
};

std::vector<Entry> read_entries(std::istream& in) {
  std::vector<Entry> entries;
  std::string line;
  int blank = 0; // blank lines seen since the last one: they belong to the value if it goes on
  for (int number = 1; std::getline(in, line); number++) {
    if (line.empty()) {
      blank++;
    } else if (line.starts_with("  ") && !entries.empty()) {
      Entry& entry = entries.back();
      if (!entry.value.empty() || blank > 0) entry.value.append(static_cast<size_t>(blank) + 1, '\n');
      entry.value += line.substr(2);
      blank = 0;
    } else if (line[0] != '#') {
      const size_t end = std::min(line.find(' '), line.size());
      entries.push_back({line.substr(0, end), line.substr(std::min(end + 1, line.size())), number});
      blank = 0;
    }
  }
  return entries;
}

} // namespace

std::vector<Case> read_cases(const std::string& path, const std::string& shown_name, std::string& error) {
  std::vector<Case> cases;
  std::ifstream in(path);
  if (!in) {
    error = fmt::format("{}: cannot be read", shown_name);
    return cases;
  }
  for (const Entry& entry : read_entries(in)) {
    if (entry.key == "NAME") {
      cases.push_back({.file = shown_name, .line = entry.line, .name = entry.value});
    } else if (cases.empty() || !set_key(cases.back(), entry.key, entry.value, entry.line)) {
      error = fmt::format("{}:{}: `{} {}` is not understood", shown_name, entry.line, entry.key, entry.value);
      return cases;
    }
  }
  return cases;
}

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    const bool escaped = quote == '"' && c == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escaped) {
      word += text[++i];
    } else if (quote ? c == quote : c == '\'' || c == '"') {
      quote = quote ? 0 : c;
      in_word = true;
    } else if (!quote && (c == ' ' || c == '\n')) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

} // namespace trapline::live
