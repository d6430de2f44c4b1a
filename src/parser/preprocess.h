// The C preprocessor, as far as scripts use it: includes, object-like macros, conditional groups.
#pragma once

#include "parser/parse.h"
#include "support/diagnostics.h"
#include "support/source.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

struct Macro {
  std::string text;
  bool function_like = false; // known only so that `#ifdef` and `#undef` see it; never expanded
};

class Preprocessor {
public:
  Preprocessor(const ParseOptions& options, Diagnostics& diags);

  // One directive: the text after its `#`, comments and continuations already replaced by spaces.
  void run(std::string_view text, Span span);
  // Whether text is in a group that a condition leaves out.
  bool skipping() const { return !groups_.empty() && !groups_.back().active; }
  // The text of an object-like macro, of the script or of a header; nullptr if there is none.
  const std::string* find(const std::string& name) const;
  bool is_function_like(const std::string& name) const;
  // At the end of the script: reports a group that was left open.
  void finish();

  std::vector<CText::Include> take_includes() { return std::move(includes_); }
  // Whether a condition or macro depends on what headers say.
  bool needs_front_end() const { return needs_front_end_; }

private:
  struct Group {
    Span opened;
    bool outer_active; // the text around it is compiled
    bool taken;        // one of its branches was
    bool active;       // this branch is
    bool in_else = false;
  };

  void open_group(bool condition, Span span);
  void next_branch(std::string_view name, std::string_view rest, Span span);
  void close_group(Span span);
  void include(std::string_view rest, Span span);
  void define(std::string_view rest, Span span);
  bool condition(std::string_view rest, Span span);
  bool is_defined(const std::string& name, bool guards_definition);
  bool knows_conditions() const { return options_.c_facts && options_.c_facts->skipped; }
  bool is_left_out(Span directive) const;
  void pragma(std::string_view rest, Span span);
  bool mentions_function(std::string_view text) const;
  void fail(Span span, std::string message);

  std::map<std::string, Macro> macros_;
  std::vector<Group> groups_;
  std::vector<CText::Include> includes_;
  const ParseOptions& options_;
  Diagnostics& diags_;
  std::string guarded_; // of `#ifndef NAME`, whose next line may define it
  bool needs_front_end_ = false;
};

// The value of an `#if` expression, in preprocess_condition.cpp. Unknown names are 0. False in `ok` when it is malformed.
// `unknown` is set when there was one.
int64_t evaluate_condition(std::string_view text, const std::map<std::string, Macro>& macros, bool& ok, bool* unknown = nullptr);

} // namespace trapline
