// Reading text.
#include "builtins/text.h"

#include "codegen/words.h"

#include <algorithm>
#include <bit>

namespace trapline::builtins {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Likely;
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

// The helper puts a NUL at the end also of what it cut. Then the last byte is read as well, and a text may fill its memory.
Value read_text(const Lower& l, Value memory, uint32_t capacity, Value address, AddressSpace space) {
  Emitter& e = l.low.emit();
  if (space == AddressSpace::None) space = l.low.context().default_space;
  bool is_user = space == AddressSpace::User;
  Value taken = e.call(is_user ? Helper::ProbeReadUserStr : Helper::ProbeReadKernelStr, {memory, e.number(capacity), address});
  Value length = e.local("length");
  // With its NUL, so at least 1; negative if it cannot be read.
  e.store(length, 0, 8, codegen::not_negative(e, e.operate(Op::Sub, taken, e.number(1))));
  Label full = e.block("full"), done = e.block("read");
  e.branch(e.operate(Op::Eq, taken, e.number(capacity)), full, done, Likely::False);
  e.place(full);
  l.low.read(e.offset(memory, capacity - 1), 1, e.operate(Op::Add, address, e.number(capacity - 1)), space);
  Value last = e.load(memory, capacity - 1, 1, false);
  Value is_text = e.operate(Op::LShr, e.operate(Op::Add, last, e.number(0xff)), e.number(8));
  e.store(length, 0, 8, e.operate(Op::Add, is_text, e.number(capacity - 1)));
  e.jump(done);
  e.place(done);
  return codegen::hidden(e, e.load(length, 0, 8, false));
}

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
    text.length = read_text(l, text.base, text.capacity, e.to_number(address), space);
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
  read_text(l, memory, most, address, space);
  return memory;
}

} // namespace trapline::builtins
