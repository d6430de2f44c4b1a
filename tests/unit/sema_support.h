// Analyzes a text for the sample machine.
#pragma once

#include "parser/parse.h"
#include "sema/sema.h"
#include "system/fake.h"

#include <memory>
#include <string>
#include <vector>

namespace trapline::sema::testing {

struct Analyzed {
  std::unique_ptr<SourceFile> source;
  std::unique_ptr<ast::Script> syntax;
  std::optional<Script> script;
  Diagnostics diagnostics;

  // "" if there is none.
  std::string map(std::string_view name) const {
    const MapInfo* info = script ? script->find_map(name) : nullptr;
    return info ? to_string(info->value) : "";
  }
  std::string key(std::string_view name) const {
    const MapInfo* info = script ? script->find_map(name) : nullptr;
    return info ? to_string(info->key) : "";
  }
  // The names of what was reported, in order, separated by spaces.
  std::string reported() const {
    std::string names;
    for (const Diagnostic& diagnostic : diagnostics.all())
      names += (names.empty() ? "" : " ") + std::string(diagnostic_row(diagnostic.id).name);
    return names;
  }
};

inline Analyzed analyze_text(std::string text, Options options = {}) {
  static const std::unique_ptr<FakeSystem> machine = make_sample_system();
  Analyzed result;
  result.source = std::make_unique<SourceFile>("test.bt", std::move(text));
  ParseOptions parse_options;
  parse_options.positional = options.positional;
  std::optional<ast::Script> syntax = parse(*result.source, parse_options, result.diagnostics);
  if (!syntax) return result;
  result.syntax = std::make_unique<ast::Script>(std::move(*syntax));
  result.script = analyze(*result.syntax, options, *machine, result.diagnostics);
  return result;
}

// The body of one BEGIN block.
inline Analyzed analyze_body(const std::string& body, Options options = {}) {
  return analyze_text("BEGIN { " + body + " }", std::move(options));
}

} // namespace trapline::sema::testing
