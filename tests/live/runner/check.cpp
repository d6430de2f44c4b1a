// Regular expressions are POSIX extended ones; `^` and `$` match at lines, `.` does not match a newline.
#include "runner/check.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex.h>
#include <sstream>
#include <string_view>

namespace trapline::live {

namespace {

using Lines = std::vector<std::string>;

Lines split_lines(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// All non-overlapping matches: the first group of each, or all of it where the expression has no group.
struct Matches {
  std::string error;
  std::vector<std::string> texts;
};

Matches find_all(const std::string& expression, const std::string& text) {
  Matches found;
  regex_t compiled;
  if (const int code = regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_NEWLINE); code != 0) {
    char message[200];
    regerror(code, &compiled, message, sizeof message);
    found.error = fmt::format("bad regular expression `{}`: {}", expression, message);
    return found;
  }
  const std::unique_ptr<regex_t, void (*)(regex_t*)> owner(&compiled, regfree);
  regmatch_t match[2];
  for (size_t at = 0; at <= text.size();) {
    const bool line_start = at == 0 || text[at - 1] == '\n';
    if (regexec(&compiled, text.c_str() + at, 2, match, line_start ? 0 : REG_NOTBOL) != 0) break;
    const regmatch_t& part = match[1].rm_so >= 0 ? match[1] : match[0];
    found.texts.push_back(text.substr(at + static_cast<size_t>(part.rm_so), static_cast<size_t>(part.rm_eo - part.rm_so)));
    at += static_cast<size_t>(std::max(match[0].rm_eo, match[0].rm_so + 1));
  }
  return found;
}

// Lines of both, the common ones once: '-' is missing, '+' is too much.
std::string difference(const Lines& expected, const Lines& actual) {
  const size_t n = expected.size(), m = actual.size();
  std::vector<std::vector<size_t>> common(n + 1, std::vector<size_t>(m + 1, 0));
  for (size_t i = n; i-- > 0;)
    for (size_t j = m; j-- > 0;)
      common[i][j] = expected[i] == actual[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string text;
  size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && expected[i] == actual[j]) {
      text += fmt::format("      {}\n", expected[i++]);
      j++;
    } else if (j < m && (i == n || common[i][j + 1] >= common[i + 1][j])) {
      text += fmt::format("    + {}\n", actual[j++]);
    } else {
      text += fmt::format("    - {}\n", expected[i++]);
    }
  }
  return text;
}

// Without blank lines at the beginning and the end.
std::string_view trim_blank_lines(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

std::string resolve_escapes(const std::string& text) {
  std::string result;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      result += text[i];
      continue;
    }
    const char c = text[++i];
    result += c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return result;
}

using Verdict = std::optional<std::string>; // what is wrong

Verdict check_match(const Expectation& e, const std::string& text, std::string_view where, bool wanted) {
  const Matches found = find_all(e.text, text);
  if (!found.error.empty()) return found.error;
  if (found.texts.empty() != wanted) return std::nullopt;
  return fmt::format("{} {} `{}`", where, wanted ? "does not match" : "must not match", e.text);
}

Verdict check_exact(const Expectation& e, const std::string& output) {
  const std::string actual(trim_blank_lines(output)), expected(trim_blank_lines(e.text));
  if (actual == expected) return std::nullopt;
  return fmt::format("the output differs (- missing, + too much):\n{}", difference(split_lines(expected), split_lines(actual)));
}

Verdict check_bytes(const Expectation& e, const std::string& output) {
  const std::string expected = resolve_escapes(e.text);
  if (output == expected) return std::nullopt;
  return fmt::format("the output is {}, not {}", nlohmann::json(output).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                     nlohmann::json(expected).dump());
}

// Each line of the expectation stands in the output, as JSON: spacing and the order of members do not count.
Verdict check_json(const Expectation& e, const std::string& output) {
  std::vector<nlohmann::json> objects;
  for (const std::string& line : split_lines(output)) {
    if (line.empty()) continue;
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (object.is_discarded()) return fmt::format("not JSON: {}", line);
    objects.push_back(std::move(object));
  }
  for (const std::string& line : split_lines(e.text)) {
    const nlohmann::json wanted = nlohmann::json::parse(line, nullptr, false);
    if (wanted.is_discarded()) return fmt::format("the expectation is not JSON: {}", line);
    if (std::find(objects.begin(), objects.end(), wanted) == objects.end()) return fmt::format("no line is {}", line);
  }
  return std::nullopt;
}

Verdict check_range(const Expectation& e, int64_t value, std::string_view what) {
  if (value >= e.low && value <= e.high) return std::nullopt;
  return fmt::format("the {} of `{}` is {}, not {} to {}", what, e.text, value, e.low, e.high);
}

Verdict check_sum(const Expectation& e, const Matches& found) {
  int64_t sum = 0;
  for (const std::string& text : found.texts) sum += strtoll(text.c_str(), nullptr, 0);
  if (found.texts.empty()) return fmt::format("the output does not match `{}`", e.text);
  return check_range(e, sum, "sum");
}

Verdict check_one(const Expectation& e, const Observed& observed) {
  using Kind = Expectation::Kind;
  switch (e.kind) {
  case Kind::Match: return check_match(e, observed.output, "the output", true);
  case Kind::NoMatch: return check_match(e, observed.output, "the output", false);
  case Kind::Stderr: return check_match(e, observed.error_output, "standard error", true);
  case Kind::NoStderr: return check_match(e, observed.error_output, "standard error", false);
  case Kind::Exact: return check_exact(e, observed.output);
  case Kind::Bytes: return check_bytes(e, observed.output);
  case Kind::Json: return check_json(e, observed.output);
  case Kind::Count:
  case Kind::Sum: break;
  }
  const Matches found = find_all(e.text, observed.output);
  if (!found.error.empty()) return found.error;
  if (e.kind == Kind::Sum) return check_sum(e, found);
  return check_range(e, static_cast<int64_t>(found.texts.size()), "number of matches");
}

} // namespace

std::vector<std::string> check(const std::vector<Expectation>& expectations, const Observed& observed) {
  std::vector<std::string> wrong;
  for (const Expectation& e : expectations)
    if (const Verdict verdict = check_one(e, observed)) wrong.push_back(fmt::format("line {}: {}", e.line, *verdict));
  return wrong;
}

} // namespace trapline::live
