// Text to tree: lex everything, settle what depends on context, parse.
#include "parser/parse.h"

#include "parser/builder.h"
#include "parser/classify.h"
#include "parser/lexer.h"
#include "parser/token_stream.h"

#include "grammar.h"

#include <algorithm>
#include <iterator>

namespace trapline {

namespace {

void append(CText& to, CText more) {
  to.pieces.insert(to.pieces.end(), more.pieces.begin(), more.pieces.end());
  std::ranges::move(more.includes, std::back_inserter(to.includes));
  to.needs_front_end |= more.needs_front_end;
}

} // namespace

ast::Script parse_part(const SourceFile& source, Span part, ast::NodeId first_node, const ParseOptions& options, Diagnostics& diags) {
  TokenList list = Lexer(source, part, options, diags).run();
  std::vector<std::string> includes;
  for (const CText::Include& include : list.c_text.includes) includes.push_back(include.name);
  if (options.c_text) append(*options.c_text, std::move(list.c_text));
  classify(list.tokens);

  TokenStream tokens(std::move(list.tokens), source, diags);
  Builder builder(source, first_node, options.c_facts, diags);
  grammar::Parser(builder, tokens).parse();
  tokens.finish();
  return builder.take_script(std::move(includes));
}

std::optional<ast::Script> parse(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  size_t errors_before = diags.errors();
  ast::Script script = parse_part(source, source.file_span(0), 0, options, diags);
  // Imports may bring probes.
  if (!script.probes.empty() || !script.imports.empty()) return script;
  if (diags.errors() == errors_before) diags.report(DiagId::NoProbes, Span{}).hint("a probe is an attach point with a block: `BEGIN { ... }`");
  return std::nullopt;
}

} // namespace trapline
