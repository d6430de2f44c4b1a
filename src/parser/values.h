// What the grammar's rules hand to each other, besides nodes of the tree.
#pragma once

#include "ast/ast.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trapline::grammar {

using namespace ast; // the types of the grammar's symbols stand in generated code of this namespace

struct Integer {
  uint64_t value = 0;
  bool too_large = false;
};

// Statements with the depth of the tree below them, which is bounded: everything after the parser recurses over it.
struct Statement {
  StmtPtr node;
  uint32_t depth = 0;
  std::vector<StmtPtr> rest; // what follows it, of a statement that stands for several
};
struct Body {
  Block block;
  uint32_t depth = 0;
};

// `$i : first..last` or `$kv : first`
struct LoopHead {
  std::string variable;
  Span variable_span;
  ExprPtr first, last;
};

// The type that the members of one C declaration share.
struct BaseType {
  TypeName type;
  std::shared_ptr<RecordDefinition> record;
};

// What of `__attribute__((...))` counts for the layout of a struct.
struct Attribute {
  bool packed = false;
  uint32_t alignment = 0; // 0: none asked for
};

using Exprs = std::vector<ExprPtr>;

} // namespace trapline::grammar
