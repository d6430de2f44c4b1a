#include "format/format.h"

#include "format/document.h"
#include "format/layout.h"
#include "format/piece.h"
#include "parser/classify.h"
#include "parser/lexer.h"

#include <algorithm>

namespace trapline {

namespace {

constexpr size_t kWidth = 80;

TokenList read_tokens(const SourceFile& source, const ParseOptions& options) {
  Diagnostics ignored; // the parser reports them
  TokenList list = Lexer(source, source.file_span(0), options, ignored).run();
  classify(list.tokens);
  return list;
}

// What formatting must not change: the tree, what is kept as it is, and how many comments there are. nullopt: it has errors.
std::optional<std::string> essence(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  const ast::Script script = parse_part(source, source.file_span(0), 0, options, diags);
  if (diags.has_errors()) return std::nullopt;
  std::string out = ast::dump(script);
  size_t comments = 0;
  for (const Aside& aside : read_tokens(source, options).asides) {
    if (aside.kind == Aside::Kind::Comment) ++comments;
    if (aside.kind == Aside::Kind::Definition) out += source.text_of(aside.span);
  }
  return out + std::to_string(comments);
}

std::string lay_out(const SourceFile& source, const ParseOptions& options) {
  format::Layout layout(format::cut(source, read_tokens(source, options)));
  return format::print(layout.script(), kWidth);
}

// C text that only a C front end can read: definitions are kept as they are, and of conditions the first branch is formatted.
const CFacts kUnreadC{.macros = {}, .constants = {}, .skipped = std::vector<Span>(), .has_definitions = true};

bool is_about_c(const Diagnostic& diagnostic, const CText& text) {
  return std::ranges::any_of(text.pieces, [&](Span piece) { return piece.begin <= diagnostic.span.begin && diagnostic.span.begin < piece.end; });
}

} // namespace

std::optional<std::string> format_script(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  ParseOptions reading = options;
  CText c_text;
  reading.c_text = &c_text;
  Diagnostics found;
  std::optional<std::string> before = essence(source, reading, found);
  reading.c_text = nullptr;
  const bool needs_c = std::ranges::any_of(found.all(), [&](const Diagnostic& d) { return is_about_c(d, c_text); });
  if (!before && (needs_c || c_text.needs_front_end)) {
    reading.c_facts = &kUnreadC;
    Diagnostics ignored;
    before = essence(source, reading, ignored);
  }
  if (!before) {
    diags = std::move(found);
    return std::nullopt;
  }
  std::string text = lay_out(source, reading);
  const SourceFile formatted(source.name(), text);
  Diagnostics ignored;
  const bool is_same = essence(formatted, reading, ignored) == before;
  if (!reading.c_facts) {
    if (is_same) return text;
    diags.report(DiagId::FormatChanges, Span{});
    return std::nullopt;
  }
  if (is_same && lay_out(formatted, reading) == text) return text;
  diags = std::move(found); // it is not clear where the C text ends
  return std::nullopt;
}

} // namespace trapline
