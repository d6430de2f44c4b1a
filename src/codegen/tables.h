// Which print() and clear() or zero() belong together: `print(@m); clear(@m);` is one step, in which no update is lost.
#pragma once

#include "program/program.h"
#include "sema/sema.h"

#include <unordered_map>
#include <unordered_set>

namespace trapline::codegen {

struct Tables {
  std::unordered_map<ast::NodeId, Action::Then> then; // calls of print: what follows
  std::unordered_set<ast::NodeId> done;               // calls of clear and zero that their print has done
};

// Looks for them in all statement lists of a block: a print(@m) and a later clear(@m) or zero(@m) of the same list, with
// nothing between that touches @m or may leave the list.
Tables find_tables(const ast::Block&, const sema::Instance&);

// The map that a call of clear() or zero() is about; nullptr: it is none.
const ast::MapAccess* emptied_map(const ast::Expr&, const sema::Instance&);

} // namespace trapline::codegen
