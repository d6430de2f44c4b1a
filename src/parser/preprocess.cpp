// Directives: what they do to macros, includes and the stack of conditional groups.
#include "parser/preprocess.h"

#include "parser/quote.h"

#include <algorithm>
#include <cctype>

namespace trapline {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the identifier at the front of `text`; empty if there is none.
std::string_view take_word(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && is_word(text[length])) ++length;
  if (length > 0 && std::isdigit(static_cast<unsigned char>(text[0]))) length = 0;
  std::string_view word = text.substr(0, length);
  text.remove_prefix(length);
  return word;
}

bool is_conditional(std::string_view name) {
  return name == "if" || name == "ifdef" || name == "ifndef" || name == "elif" || name == "else" || name == "endif";
}

bool is_ignored(std::string_view name) { return name.empty() || name == "pragma" || name == "line" || name == "warning" || name == "ident"; }

} // namespace

Preprocessor::Preprocessor(bool have_btf, uint32_t kernel_version, Diagnostics& diags) : diags_(diags) {
  if (have_btf) macros_["BPFTRACE_HAVE_BTF"] = {"1"};
  if (kernel_version != 0) macros_["LINUX_VERSION_CODE"] = {std::to_string(kernel_version)};
}

void Preprocessor::fail(Span span, std::string message) { diags_.report(DiagId::SyntaxError, span, message); }

const Macro* Preprocessor::find(const std::string& name) const {
  auto found = macros_.find(name);
  return found == macros_.end() || found->second.function_like ? nullptr : &found->second;
}

void Preprocessor::run(std::string_view text, Span span) {
  text = trim(text);
  std::string_view rest = text;
  std::string_view name = take_word(rest);
  rest = trim(rest);
  if (skipping() && !is_conditional(name)) return;

  if (name == "ifdef" || name == "ifndef") {
    std::string word(take_word(rest));
    if (word.empty() && !skipping()) fail(span, fmt::format("`#{}` needs a name", name));
    open_group(macros_.contains(word) == (name == "ifdef"), span);
  } else if (name == "if") {
    open_group(!skipping() && condition(rest, span), span);
  } else if (name == "elif" || name == "else") {
    next_branch(name, rest, span);
  } else if (name == "endif") {
    close_group(span);
  } else if (name == "include") {
    include(rest, span);
  } else if (name == "define") {
    define(rest, span);
  } else if (name == "undef") {
    macros_.erase(std::string(take_word(rest)));
  } else if (name == "error") {
    fail(span, fmt::format("`#error`: {}", quote(rest)));
  } else if (!is_ignored(name) || (name.empty() && !text.empty())) {
    diags_.report(DiagId::SyntaxError, span, fmt::format("unknown directive `#{}`", quote(name)))
        .hint("a comment starts with `//`");
  }
}

void Preprocessor::open_group(bool holds, Span span) {
  bool outer = !skipping();
  groups_.push_back({span, outer, outer && holds, outer && holds});
}

void Preprocessor::next_branch(std::string_view name, std::string_view rest, Span span) {
  if (groups_.empty()) return fail(span, fmt::format("`#{}` without an `#if`", name));
  if (groups_.back().in_else) return fail(span, fmt::format("`#{}` after `#else`", name));
  bool open = groups_.back().outer_active && !groups_.back().taken;
  bool holds = open && (name == "else" || condition(rest, span));
  Group& group = groups_.back();
  group.in_else = name == "else";
  group.active = holds;
  group.taken |= holds;
}

void Preprocessor::close_group(Span span) {
  if (groups_.empty()) return fail(span, "`#endif` without an `#if`");
  groups_.pop_back();
}

void Preprocessor::include(std::string_view rest, Span span) {
  char closing = rest.starts_with('<') ? '>' : '"';
  size_t end = rest.size() > 1 && (rest[0] == '<' || rest[0] == '"') ? rest.find(closing, 1) : std::string_view::npos;
  if (end == std::string_view::npos || end == 1) return fail(span, "`#include` needs a name in `<>` or double quotes");
  includes_.emplace_back(rest.substr(1, end - 1));
}

void Preprocessor::define(std::string_view rest, Span span) {
  std::string name(take_word(rest));
  if (name.empty()) return fail(span, "`#define` needs a name");
  if (rest.starts_with('(')) {
    macros_[name] = {"", true};
    return;
  }
  macros_[name] = {std::string(trim(rest)), false};
}

bool Preprocessor::condition(std::string_view rest, Span span) {
  bool ok = true;
  int64_t value = evaluate_condition(rest, macros_, ok);
  if (!ok) fail(span, fmt::format("cannot evaluate the condition `{}`", quote(rest)));
  return ok && value != 0;
}

void Preprocessor::finish() {
  if (!groups_.empty()) fail(groups_.back().opened, "this condition has no `#endif`");
}

} // namespace trapline
