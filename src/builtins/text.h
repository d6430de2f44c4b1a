// Text that builtins read: string values, literals, arrays of bytes, pointers to bytes in kernel or user memory, `probe`.
// It is copied to memory of this program once, and its length is known from then on.
#pragma once

#include "builtins/builtin.h"
#include "codegen/lowering.h"

#include <optional>
#include <string>

namespace trapline::builtins {

struct Text {
  codegen::Value base;   // `room(capacity)` bytes, aligned to 8, that may be read at computed offsets
  codegen::Value length; // bytes before the NUL; the verifier does not know it
  uint32_t capacity = 0; // bytes that it has at most, not 0
};

// --- for `check`

// Most bytes that a text of this type has; NUL not counted where there is always one.
uint32_t text_capacity(const Type&, const Program::Settings&);
// The text that C sees of a string constant: up to a NUL. nullopt: not a string constant.
std::optional<std::string> constant_text(const Check::Argument&);
// Of all arguments.
bool all_constant(const Check&);

// --- for `lower`

// Bytes that memory for a text must have, so that words can be read at any offset up to its capacity.
uint32_t room(uint32_t capacity);
// The whole text; `padded`: zeros follow it to the end of the room. That of a literal is read-only.
Text read_text(const Lower&, const ast::Expr&, bool padded = false);
// Where byte (or, with a multiple of 8, word) `offset` is. One that is too large leads somewhere else in the room.
codegen::Value at(const Lower&, const Text&, codegen::Value offset);
// The address of at least `bytes` readable bytes, which begin with the text. Cheap where the text is in our memory.
codegen::Value read_start(const Lower&, const ast::Expr&, uint32_t bytes);

} // namespace trapline::builtins
