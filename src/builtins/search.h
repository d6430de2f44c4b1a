// Searching text for a literal, for a segment of a pattern, or for other text. Eight places are tried at once.
#pragma once

#include "builtins/pattern.h"
#include "builtins/text.h"

#include <functional>
#include <variant>

namespace trapline::builtins {

// What is looked for. A segment is not empty; a text that is empty is found nowhere.
using Needle = std::variant<Segment, Text>;

// What an argument is searched for: a literal is a segment.
Needle needle_of(const Lower&, const ast::Expr&);
// Reports, for `text` and `part` as the first two arguments, a search that this kernel's verifier would not follow.
void check_needle(const Check&);

codegen::Value size_of(const Lower&, const Needle&);

// Runs `found` for each place from `from` on where the needle is and ends at or before `end`, from left to right, places
// that overlap included; `found` may jump to `done`. The verifier does not know the position.
void scan(const Lower&, const Text&, codegen::Value from, codegen::Value end, const Needle&,
          const std::function<void(codegen::Value position, codegen::Label done)>& found);

// 1 if these bytes fit the segment, else 0; without a jump. `memory` is aligned to 8 bytes and has all of them.
codegen::Value fits(const Lower&, codegen::Value memory, const Segment&);
// 1 if the text has the needle's bytes at `position`, else 0. Both are known to be long enough.
codegen::Value has_at(const Lower&, const Text&, codegen::Value position, const Needle&);

} // namespace trapline::builtins
