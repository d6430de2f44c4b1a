#include "format/format.h"

#include "format/document.h"
#include "format/layout.h"
#include "format/piece.h"
#include "parser/classify.h"
#include "parser/lexer.h"

namespace trapline {

namespace {

constexpr size_t kWidth = 80;

std::string lay_out(const SourceFile& source, const ParseOptions& options) {
  Diagnostics ignored; // of a script without errors
  TokenList list = Lexer(source, options, ignored).run();
  classify(list.tokens);
  format::Layout layout(format::cut(source, list));
  return format::print(layout.script(), kWidth);
}

bool means_the_same(const ast::Script& script, const SourceFile& formatted, const ParseOptions& options) {
  Diagnostics diags;
  const std::optional<ast::Script> again = parse(formatted, options, diags);
  return again && !diags.has_errors() && ast::dump(script) == ast::dump(*again);
}

// A file for others to import has no probes.
bool has_errors_besides_no_probes(const Diagnostics& diags) {
  return diags.errors() > (diags.has(DiagId::NoProbes) ? 1u : 0u);
}

} // namespace

std::optional<std::string> format_script(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  Diagnostics found;
  const std::optional<ast::Script> script = parse(source, options, found);
  if (has_errors_besides_no_probes(found)) {
    diags = std::move(found);
    return std::nullopt;
  }
  std::string text = lay_out(source, options);
  if (script && !means_the_same(*script, SourceFile(source.name(), text), options)) {
    diags.report(DiagId::FormatChanges, Span{});
    return std::nullopt;
  }
  return text;
}

} // namespace trapline
