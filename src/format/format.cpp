#include "format/format.h"

#include "format/document.h"
#include "format/layout.h"
#include "format/piece.h"
#include "parser/classify.h"
#include "parser/lexer.h"

#include <algorithm>
#include <fmt/format.h>

namespace trapline {

namespace {

constexpr size_t kWidth = 80;

TokenList read_tokens(const SourceFile& source, const ParseOptions& options) {
  Diagnostics ignored; // the parser reports them
  TokenList list = Lexer(source, source.file_span(0), options, ignored).run();
  classify(list.tokens);
  return list;
}

// What formatting must not change: the tree, and how many comments there are. A file for others to import may have no probes.
// nullopt: it has errors.
std::optional<std::string> essence(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  Diagnostics found;
  std::optional<ast::Script> script = parse(source, options, found);
  if (!script && found.errors() == 1 && found.has(DiagId::NoProbes)) {
    found = {};
    script = parse(SourceFile(source.name(), source.text() + "\nBEGIN {}"), options, found);
  }
  if (!script || found.has_errors()) {
    diags = std::move(found);
    return std::nullopt;
  }
  const TokenList list = read_tokens(source, options);
  const auto comments = std::count_if(list.asides.begin(), list.asides.end(), [](const Aside& a) { return a.kind == Aside::Kind::Comment; });
  return fmt::format("{}{} comments", ast::dump(*script), comments);
}

} // namespace

std::optional<std::string> format_script(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  const std::optional<std::string> before = essence(source, options, diags);
  if (!before) return std::nullopt;
  format::Layout layout(format::cut(source, read_tokens(source, options)));
  std::string text = format::print(layout.script(), kWidth);
  Diagnostics ignored;
  if (essence(SourceFile(source.name(), text), options, ignored) == before) return text;
  diags.report(DiagId::FormatChanges, Span{});
  return std::nullopt;
}

} // namespace trapline
