// The compiler as one call without side effects.
#include "fuzz/compile_input.h"

#include "compile.h"
#include "system/fake.h"

#include <cstdlib>

namespace trapline::fuzz {

void compile_input(std::string_view text) {
  static const std::unique_ptr<FakeSystem> machine = make_sample_system();
  SourceFile source("fuzz", std::string(text));
  CompileOptions options;
  options.sema.positional = {"5", "word"};
  Diagnostics diagnostics;
  const bool compiled = compile(source, options, *machine, diagnostics).has_value();
  // Each diagnostic can be shown, and a script is refused if and only if there is one that says why.
  (void)render_all(diagnostics, source);
  if (compiled == diagnostics.has_errors()) std::abort();
}

} // namespace trapline::fuzz
