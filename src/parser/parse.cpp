// Text to tree: lex everything, settle what depends on context, parse.
#include "parser/parse.h"

#include "parser/builder.h"
#include "parser/classify.h"
#include "parser/lexer.h"
#include "parser/token_stream.h"

#include "grammar.h"

namespace trapline {

std::optional<ast::Script> parse(const SourceFile& source, const ParseOptions& options, Diagnostics& diags) {
  size_t errors_before = diags.errors();
  TokenList list = Lexer(source, options, diags).run();
  classify(list.tokens);

  TokenStream tokens(std::move(list.tokens), source, diags);
  Builder builder(source, diags);
  grammar::Parser(builder, tokens).parse();
  tokens.finish();

  ast::Script script = builder.take_script(std::move(list.includes));
  if (!script.probes.empty()) return script;
  if (diags.errors() == errors_before) diags.report(DiagId::NoProbes, Span{});
  return std::nullopt;
}

} // namespace trapline
