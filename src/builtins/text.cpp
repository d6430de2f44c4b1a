// Reading text.
#include "builtins/text.h"

#include "codegen/words.h"

#include <algorithm>
#include <bit>

namespace trapline::builtins {

using codegen::Emitter;
using codegen::Op;
using codegen::Value;

namespace {

constexpr uint32_t kLongest = 4096; // bytes read of an array, whatever its size
constexpr uint32_t kWord = 8;

} // namespace

uint32_t text_capacity(const Type& type, const Program::Settings& settings) {
  uint32_t most = std::max(settings.max_strlen, kLongest);
  switch (type.kind) {
  case Kind::String:
  case Kind::Array: return std::clamp(type.size, 1u, most);
  case Kind::Probe: return std::clamp(type.count, 1u, most);
  default: return settings.max_strlen;
  }
}

std::optional<std::string> constant_text(const Check::Argument& argument) {
  if (!argument.constant || argument.constant->is_integer()) return std::nullopt;
  const std::string& text = argument.constant->text();
  return text.substr(0, text.find('\0'));
}

bool all_constant(const Check& c) {
  return std::ranges::all_of(c.arguments, [](const Check::Argument& argument) { return argument.constant.has_value(); });
}

uint32_t room(uint32_t capacity) { return std::bit_ceil(std::max(capacity, kWord)) + 2 * kWord; }

namespace {

Text literal_text(const Lower& l, std::string text) {
  Emitter& e = l.low.emit();
  text.resize(std::min(text.find('\0'), text.size()));
  auto length = static_cast<uint32_t>(text.size());
  text.resize(room(length), '\0');
  return {e.constant_bytes(text), e.number(length), std::max(length, 1u)};
}

} // namespace

Text read_text(const Lower& l, const ast::Expr& expr, bool padded) {
  Emitter& e = l.low.emit();
  const Constant* constant = l.low.constant_of(expr);
  if (constant) return literal_text(l, constant->text());
  const Type& type = l.low.type_of(expr);
  Text text;
  text.capacity = text_capacity(type, l.low.settings());
  text.base = l.low.buffer(room(text.capacity));
  l.low.temporarily([&] {
    AddressSpace space = AddressSpace::Kernel;
    Value address;
    if (type.is(Kind::Probe)) {
      address = l.low.buffer(text.capacity);
      l.low.into(expr, Type::string(text.capacity), address);
    } else {
      address = l.low.pointer(expr, space);
    }
    if (padded) e.zero(text.base, room(text.capacity));
    text.length = codegen::hidden(e, l.low.read_text(text.base, text.capacity, e.to_number(address), space));
  });
  return text;
}

Value at(const Lower& l, const Text& text, Value offset) {
  Emitter& e = l.low.emit();
  uint32_t mask = room(text.capacity) - 2 * kWord - 1;
  return e.offset(text.base, e.operate(Op::And, offset, e.number(mask)));
}

Value read_start(const Lower& l, const ast::Expr& expr, uint32_t bytes) {
  const Type& type = l.low.type_of(expr);
  if (type.is(Kind::String) && type.size >= bytes) return l.low.address(expr);
  Emitter& e = l.low.emit();
  Value memory = l.low.scratch((bytes + kWord) / kWord * kWord);
  if (type.is(Kind::String)) {
    e.zero(memory, (bytes + kWord) / kWord * kWord);
    e.copy(memory, l.low.address(expr), type.size);
    return memory;
  }
  if (type.is(Kind::Probe)) {
    l.low.into(expr, Type::string(bytes + 1), memory);
    return memory;
  }
  AddressSpace space;
  Value address = l.low.pointer(expr, space);
  uint32_t most = type.is(Kind::Array) ? std::min(type.size, bytes) : bytes;
  e.zero(memory, (bytes + kWord) / kWord * kWord);
  l.low.read_text(memory, most, address, space);
  return memory;
}

} // namespace trapline::builtins
