// Whatever bytes come in, the parser reports or understands them; it never crashes or hangs.
#include "parser/parse.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trapline;
  SourceFile source("fuzz", std::string(reinterpret_cast<const char*>(data), size));
  ParseOptions options;
  options.positional = {"1", "BEGIN"};
  Diagnostics diags;
  std::optional<ast::Script> script = parse(source, options, diags);
  if (!script && !diags.has_errors()) std::abort();
  for (const Diagnostic& diagnostic : diags.all()) {
    if (diagnostic.span.begin > diagnostic.span.end || diagnostic.span.end > size) std::abort();
  }
  std::string text = render_all(diags, source);
  if (script) text += ast::dump(*script);
  return text.size() == SIZE_MAX;
}
