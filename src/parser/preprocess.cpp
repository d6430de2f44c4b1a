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

bool is_ignored(std::string_view name) { return name.empty() || name == "line" || name == "warning" || name == "ident"; }

} // namespace

Preprocessor::Preprocessor(const ParseOptions& options, Diagnostics& diags) : options_(options), diags_(diags) {
  if (options.have_btf) macros_["BPFTRACE_HAVE_BTF"] = {"1"};
  if (options.kernel_version != 0) macros_["LINUX_VERSION_CODE"] = {std::to_string(options.kernel_version)};
}

void Preprocessor::fail(Span span, std::string message) { diags_.report(DiagId::SyntaxError, span, message); }

const std::string* Preprocessor::find(const std::string& name) const {
  auto own = macros_.find(name);
  if (own != macros_.end() && own->second.function_like) return nullptr;
  bool is_plain = own != macros_.end() && !mentions_function(own->second.text);
  if (options_.c_facts && !is_plain) {
    auto known = options_.c_facts->macros.find(name);
    if (known != options_.c_facts->macros.end()) return &known->second;
  }
  return own != macros_.end() ? &own->second.text : nullptr;
}

bool Preprocessor::is_function_like(const std::string& name) const {
  auto found = macros_.find(name);
  return found != macros_.end() && found->second.function_like;
}

// Whether a function-like macro is used in it, which only a front end can expand.
bool Preprocessor::mentions_function(std::string_view text) const {
  while (!text.empty()) {
    std::string_view word = take_word(text);
    if (word.empty()) text.remove_prefix(1);
    else if (is_function_like(std::string(word))) return true;
  }
  return false;
}

void Preprocessor::run(std::string_view text, Span span) {
  text = trim(text);
  std::string_view rest = text;
  std::string_view name = take_word(rest);
  rest = trim(rest);
  if (skipping() && !is_conditional(name)) return;
  if (!guarded_.empty() && (name != "define" || take_word(rest) != guarded_)) needs_front_end_ = true;
  guarded_.clear();
  rest = trim(text.substr(static_cast<size_t>(name.data() + name.size() - text.data())));

  if (name == "ifdef" || name == "ifndef") {
    std::string word(take_word(rest));
    if (word.empty() && !skipping()) fail(span, fmt::format("`#{}` needs a name", name));
    open_group(is_defined(word, name == "ifndef") == (name == "ifdef"), span);
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
  } else if (name == "pragma") {
    pragma(rest, span);
  } else if (name == "error") {
    fail(span, fmt::format("`#error`: {}", quote(rest)));
  } else if (!is_ignored(name) || (name.empty() && !text.empty())) {
    diags_.report(DiagId::SyntaxError, span, fmt::format("unknown directive `#{}`", quote(name)))
        .hint("a comment starts with `//`");
  }
}

void Preprocessor::open_group(bool holds, Span span) {
  bool outer = !skipping();
  if (knows_conditions()) holds = !is_left_out(span);
  groups_.push_back({span, outer, outer && holds, outer && holds});
}

void Preprocessor::next_branch(std::string_view name, std::string_view rest, Span span) {
  if (groups_.empty()) return fail(span, fmt::format("`#{}` without an `#if`", name));
  if (groups_.back().in_else) return fail(span, fmt::format("`#{}` after `#else`", name));
  bool open = groups_.back().outer_active && !groups_.back().taken;
  bool holds = open && (name == "else" || condition(rest, span));
  if (knows_conditions()) holds = open && !is_left_out(span);
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
  includes_.push_back({std::string(rest.substr(1, end - 1)), span});
}

// `#pragma once` and the like mean nothing here; those that change layouts are for a front end.
void Preprocessor::pragma(std::string_view rest, Span span) {
  std::string_view name = take_word(rest);
  bool has_meaning = name == "pack" || name == "ms_struct" || name == "push_macro" || name == "pop_macro" ||
                     (name == "clang" && trim(rest).starts_with("attribute"));
  if (!has_meaning || (options_.c_facts && options_.c_facts->has_definitions)) return;
  needs_front_end_ = true;
  fail(span, fmt::format("`#pragma {}` changes how C text reads", quote(name)));
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

// A name that the script does not define may come from a header, unless the script goes on to define it itself.
bool Preprocessor::is_defined(const std::string& name, bool guards_definition) {
  if (macros_.contains(name)) return true;
  if (skipping() || includes_.empty()) return false;
  if (guards_definition) guarded_ = name;
  else needs_front_end_ = true;
  return false;
}

// Whether the front end left out what follows this directive.
bool Preprocessor::is_left_out(Span directive) const {
  return std::ranges::any_of(*options_.c_facts->skipped, [&](Span s) { return s.begin <= directive.end && directive.end < s.end; });
}

bool Preprocessor::condition(std::string_view rest, Span span) {
  if (knows_conditions()) return true; // see is_left_out
  bool ok = true, unknown = false;
  int64_t value = evaluate_condition(rest, macros_, ok, &unknown);
  if ((unknown && !includes_.empty()) || !ok) needs_front_end_ = true;
  if (!ok) fail(span, fmt::format("cannot evaluate the condition `{}`", quote(rest)));
  return ok && value != 0;
}

void Preprocessor::finish() {
  if (!groups_.empty()) fail(groups_.back().opened, "this condition has no `#endif`");
}

} // namespace trapline
