// The user's mistakes, collected as data. Every kind is a row of diagnostics.def; wording lives there, places and
// arguments come from the phase that found the mistake.
#pragma once

#include "support/source.h"

#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

enum class Severity : uint8_t { Warning, Error };

enum class DiagId : uint16_t {
#define DIAG(id, severity, text) id,
#include "support/diagnostics.def"
#undef DIAG
};

struct DiagnosticRow {
  std::string_view name; // as in diagnostics.def, for tests
  Severity severity;
  std::string_view text; // fmt format string
};

const DiagnosticRow& diagnostic_row(DiagId id);
size_t diagnostic_count();

struct Diagnostic {
  struct Note {
    Span span;
    std::string message;
  };
  DiagId id;
  Severity severity;
  Span span;
  std::string message;
  std::vector<std::string> hints;
  std::vector<Note> notes;

  Diagnostic& hint(std::string text) {
    hints.push_back(std::move(text));
    return *this;
  }
  Diagnostic& note(Span where, std::string text) {
    notes.push_back({where, std::move(text)});
    return *this;
  }
};

class Diagnostics {
public:
  // The returned reference stays valid; add hints and notes to it. A report with the same id and span as an earlier
  // one is folded into that one (probe blocks are checked once per kind of attach point).
  template <typename... Args> Diagnostic& report(DiagId id, Span span, const Args&... args) {
    return add(id, span, fmt::vformat(diagnostic_row(id).text, fmt::make_format_args(args...)));
  }
  Diagnostic& add(DiagId id, Span span, std::string message);

  bool has_errors() const { return errors_ > 0; }
  size_t errors() const { return errors_; }
  const std::deque<Diagnostic>& all() const { return all_; }
  bool has(DiagId id) const;

private:
  std::deque<Diagnostic> all_;
  size_t errors_ = 0;
};

// `FILE:L:C1-C2: ERROR: message`, the source line, a caret under the span, then notes and `HINT:` lines; ends with a
// newline. What goes over several lines is `FILE:L1-L2`, with the first of them. Span::none() prints the message alone.
std::string render(const Diagnostic&, const SourceFile&);
// The uses of the macros that brought this text in, innermost first, each with its line; empty for text of a file.
std::string render_expansions(Span, const SourceFile&);
// Errors first, each kind in source order.
std::string render_all(const Diagnostics&, const SourceFile&, bool with_warnings = true);

// The candidate closest to `word` by edit distance, if it is close enough to be what the user meant; else empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace trapline
