// Text to tree: lex everything, settle what depends on context, parse.
#include "parser/parse.h"

#include "parser/builder.h"
#include "parser/classify.h"
#include "parser/lexer.h"
#include "parser/token_stream.h"

#include "grammar.h"

namespace trapline {

ast::Script parse_part(const SourceFile& source, Span part, ast::NodeId first_node, const ParseOptions& options, Diagnostics& diags) {
  TokenList list = Lexer(source, part, options, diags).run();
  classify(list.tokens);

  TokenStream tokens(std::move(list.tokens), source, diags);
  Builder builder(source, first_node, diags);
  grammar::Parser(builder, tokens).parse();
  tokens.finish();
  return builder.take_script(std::move(list.includes));
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
