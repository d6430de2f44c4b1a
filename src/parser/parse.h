// Text to tree.
#pragma once

#include "ast/ast.h"
#include "support/diagnostics.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace trapline {

// What a C front end found out about the script's C text (cdefs/), where a script needs one.
struct CFacts {
  std::map<std::string, std::string, std::less<>> macros; // object-like: a constant, or the text
  std::map<std::string, int64_t, std::less<>> constants;  // enumerators of headers
  std::optional<std::vector<Span>> skipped; // text that conditions leave out, if that was asked
  bool has_definitions = false;   // it read the C text itself: only where that ends matters
};

// The script's C text, for a C front end.
struct CText {
  struct Include {
    std::string name;
    Span span;
  };
  std::vector<Span> pieces;       // directives and definitions, and what is left out between them; in order
  std::vector<Include> includes;  // those that conditions let through
  std::vector<std::string> imported; // headers of `import "x.h"`
  bool needs_front_end = false;   // a condition or macro depends on more than the script says
};

struct ParseOptions {
  // $1..$N: an attach point may hold them (`i:ms:$1`), so they are substituted there; in expressions they stay
  // Positional nodes.
  std::vector<std::string> positional;
  std::vector<std::string> include_dirs, include_files; // -I and --include
  bool have_btf = true; // BPFTRACE_HAVE_BTF is defined
  uint32_t kernel_version = 0; // LINUX_VERSION_CODE for `#if`; 0: not defined
  const CFacts* c_facts = nullptr;
  CText* c_text = nullptr; // receives what is C; parts of a script add theirs
};

// Reports every syntax error it can recover from. nullopt only when nothing useful was parsed; with errors in `diags`
// the script holds the probes and statements that were understood.
std::optional<ast::Script> parse(const SourceFile&, const ParseOptions&, Diagnostics& diags);
// The same for one file of several, the text at `part`. Its nodes are numbered from `first_node`; it may be without probes.
ast::Script parse_part(const SourceFile&, Span part, ast::NodeId first_node, const ParseOptions&, Diagnostics& diags);

} // namespace trapline
