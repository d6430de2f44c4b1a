#include "compile.h"

#include "ast/ast.h"
#include "codegen/generate.h"
#include "front_end.h"

namespace trapline {

std::optional<Program> compile(SourceFile& source, const CompileOptions& options, const System& system, Diagnostics& diags) {
  using Dump = CompileOptions::Dump;
  auto stop = [&](std::string text) -> std::optional<Program> {
    if (options.dump_text) *options.dump_text = std::move(text);
    return std::nullopt;
  };
  std::optional<Understood> script = understand(source, options, system, diags);
  if (!script) return std::nullopt;
  if (options.dump == Dump::Ast) return stop(ast::dump(*script->syntax));
  sema::Script& meaning = *script->meaning;
  if (options.parameters) *options.parameters = meaning.parameters;
  sema::select(meaning, options.selection, diags);
  if (diags.has_errors()) return std::nullopt;
  if (options.dump == Dump::Sema) return stop(sema::dump(meaning, source));

  codegen::GenerateOptions generate_options;
  generate_options.pid = options.sema.expand.pid;
  generate_options.line_info = options.line_info;
  generate_options.warn_reads = options.warn_reads;
  generate_options.want_object = options.dump == Dump::None;
  generate_options.plain_ir = options.dump == Dump::PlainIr ? options.dump_text : options.plain_ir;
  generate_options.ir = options.dump == Dump::Ir ? options.dump_text : options.ir;
  generate_options.verify = options.verify_ir;
  if (options.dump == Dump::Asm) generate_options.assembly = options.dump_text;
  auto program = codegen::generate(meaning, generate_options, source, system, diags);
  if (!program || options.dump == Dump::PlainIr || options.dump == Dump::Ir || options.dump == Dump::Asm) return std::nullopt;
  if (options.dump == Dump::Program) return stop(dump(*program));
  return program;
}

} // namespace trapline
