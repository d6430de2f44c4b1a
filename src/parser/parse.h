// Text to tree.
#pragma once

#include "ast/ast.h"
#include "support/diagnostics.h"

#include <optional>

namespace trapline {

struct ParseOptions {
  // $1..$N: an attach point may hold them (`i:ms:$1`), so they are substituted there; in expressions they stay
  // Positional nodes.
  std::vector<std::string> positional;
  std::vector<std::string> include_dirs, include_files; // -I and --include
  bool have_btf = true; // BPFTRACE_HAVE_BTF is defined
  uint32_t kernel_version = 0; // LINUX_VERSION_CODE for `#if`; 0: not defined
};

// Reports every syntax error it can recover from. nullopt only when nothing useful was parsed; with errors in `diags`
// the script holds the probes and statements that were understood.
std::optional<ast::Script> parse(const SourceFile&, const ParseOptions&, Diagnostics& diags);
// The same for one file of several, the text at `part`. Its nodes are numbered from `first_node`; it may be without probes.
ast::Script parse_part(const SourceFile&, Span part, ast::NodeId first_node, const ParseOptions&, Diagnostics& diags);

} // namespace trapline
