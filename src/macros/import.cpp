#include "macros/import.h"

#include <iterator>
#include <set>

namespace trapline {

namespace {

template <typename List> void append(List& to, List&& more) { std::move(more.begin(), more.end(), std::back_inserter(to)); }

class Importer {
public:
  Importer(ast::Script& root, SourceFile& source, const ParseOptions& options, const System& system, Diagnostics& diags)
      : root_(root), source_(source), options_(options), system_(system), diags_(diags) {}

  void run() {
    std::vector<ast::Probe> own = std::exchange(root_.probes, {});
    follow(root_.imports);
    append(root_.probes, std::move(own));
    if (root_.probes.empty() && !diags_.has_errors()) diags_.report(DiagId::NoProbes, Span{});
  }

private:
  // By value: what is imported may import more.
  void follow(std::vector<ast::Import> imports) {
    for (const ast::Import& import : imports) {
      if (import.path.ends_with(".h")) {
        root_.includes.push_back(import.path);
        if (options_.c_text) options_.c_text->imported.push_back(import.path);
        continue;
      }
      if (import.path.ends_with(".bpf.c") || import.path.ends_with(".bpf.o")) {
        diags_.report(DiagId::ImportFailed, import.span, "BPF written in C cannot be imported").hint("write it as a macro or as `fn`");
        continue;
      }
      Result<std::vector<System::ImportedFile>> files = system_.read_import(import.path, source_.name_at(import.span.begin));
      if (!files && (import.path == "stdlib" || import.path.starts_with("stdlib/"))) continue; // is all built in
      if (!files) {
        Diagnostic& diagnostic = diags_.report(DiagId::ImportFailed, import.span, files.error().message);
        if (!files.error().hint.empty()) diagnostic.hint(files.error().hint);
        continue;
      }
      for (System::ImportedFile& file : *files) add(std::move(file));
    }
  }

  void add(System::ImportedFile file) {
    if (!seen_.insert(file.identity).second) return;
    Span part = source_.append(file.path, std::move(file.text));
    ast::Script script = parse_part(source_, part, root_.node_count, options_, diags_);
    root_.node_count = script.node_count;
    for (const ast::ConfigEntry& entry : script.config)
      diags_.report(DiagId::ImportFailed, entry.key_span, "a script that is imported has no config block of its own");
    follow(std::move(script.imports));
    append(root_.includes, std::move(script.includes));
    append(root_.records, std::move(script.records));
    append(root_.enums, std::move(script.enums));
    append(root_.typedefs, std::move(script.typedefs));
    append(root_.map_declarations, std::move(script.map_declarations));
    append(root_.macros, std::move(script.macros));
    append(root_.functions, std::move(script.functions));
    append(root_.probes, std::move(script.probes));
  }

  ast::Script& root_;
  SourceFile& source_;
  const ParseOptions& options_;
  const System& system_;
  Diagnostics& diags_;
  std::set<std::string> seen_;
};

} // namespace

void import_files(ast::Script& script, SourceFile& source, const ParseOptions& options, const System& system, Diagnostics& diags) {
  if (script.imports.empty()) return;
  Importer(script, source, options, system, diags).run();
}

} // namespace trapline
