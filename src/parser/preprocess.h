// The C preprocessor, as far as scripts use it: includes, object-like macros, conditional groups.
#pragma once

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
  Preprocessor(bool have_btf, uint32_t kernel_version, Diagnostics& diags);

  // One directive: the text after its `#`, comments and continuations already replaced by spaces.
  void run(std::string_view text, Span span);
  // Whether text is in a group that a condition leaves out.
  bool skipping() const { return !groups_.empty() && !groups_.back().active; }
  const Macro* find(const std::string& name) const;
  // At the end of the script: reports a group that was left open.
  void finish();

  std::vector<std::string> take_includes() { return std::move(includes_); }

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
  void fail(Span span, std::string message);

  std::map<std::string, Macro> macros_;
  std::vector<Group> groups_;
  std::vector<std::string> includes_;
  Diagnostics& diags_;
};

// The value of an `#if` expression, in preprocess_condition.cpp. Unknown names are 0. False in `ok` when it is malformed.
int64_t evaluate_condition(std::string_view text, const std::map<std::string, Macro>& macros, bool& ok);

} // namespace trapline
