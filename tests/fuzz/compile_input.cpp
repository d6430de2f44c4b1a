// The compiler as one call without side effects.
#include "fuzz/compile_input.h"

#include "compile.h"
#include "format/format.h"
#include "system/fake.h"

#include <cstdlib>

namespace trapline::fuzz {

namespace {

// Formatted, a script stays the same script, and formatting it again changes nothing.
void format_input(const SourceFile& source) {
  Diagnostics diagnostics;
  const std::optional<std::string> formatted = format_script(source, {}, diagnostics);
  if (diagnostics.has(DiagId::FormatChanges)) std::abort();
  if (formatted && format_script(SourceFile("fuzz", *formatted), {}, diagnostics) != formatted) std::abort();
}

} // namespace

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
  format_input(source);
}

} // namespace trapline::fuzz
