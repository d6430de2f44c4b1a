// Strings and bytes.
#include "builtins/families.h"
#include "codegen/lowering.h"

#include <algorithm>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kLengthWord = 4; // of a buffer

const Constant* length_constant(const Check& c) {
  if (c.arguments.size() < 2 || !c.arguments[1].constant || !c.arguments[1].constant->is_integer()) return nullptr;
  return &*c.arguments[1].constant;
}

// --- str

Type check_str(const Check& c) {
  uint32_t capacity = c.settings.max_strlen;
  if (const Constant* n = length_constant(c)) {
    capacity = static_cast<uint32_t>(std::min<uint64_t>(n->integer(), capacity - 1)) + 1;
  }
  return Type::string(capacity);
}

// Text known at compile time is that text, cut to the length asked for; a number written there is its digits.
std::optional<Constant> fold_str(const Check& c) {
  const auto& source = c.arguments[0];
  if (!source.constant) return std::nullopt;
  bool is_number = source.constant->is_integer();
  if (is_number && !std::holds_alternative<ast::IntLiteral>(source.expr->node)) return std::nullopt;
  std::string text = is_number ? fmt::format("{}", source.constant->integer()) : source.constant->text();
  if (c.arguments.size() > 1) {
    const Constant* length = length_constant(c);
    if (!length) return std::nullopt;
    text.resize(std::min<uint64_t>(length->integer(), text.size()));
  }
  return Constant{std::move(text)};
}

// The helper ends what it read with a NUL also when there was more. Then the last byte is read as well: a string without
// a NUL in its memory is one that was cut, and is printed so.
void mark_cut(const Lower& l, Value memory, Value taken, Value from, AddressSpace space) {
  auto& e = l.low.emit();
  uint32_t last = l.type.size - 1;
  Label cut = e.block("full"), done = e.block("read");
  e.branch(e.operate(Op::Eq, taken, e.number(l.type.size)), cut, done, Likely::False);
  e.place(cut);
  l.low.read(e.offset(memory, last), 1, e.operate(Op::Add, from, e.number(last)), space);
  e.jump(done);
  e.place(done);
}

Operand lower_str(const Lower& l) {
  auto& e = l.low.emit();
  AddressSpace space;
  Value from = l.low.pointer(*l.arguments[0], space);
  Value length = e.number(l.type.size);
  if (l.arguments.size() > 1 && !l.low.constant_of(*l.arguments[1])) {
    Value wanted = e.operate(Op::Add, l.low.scalar(*l.arguments[1]), e.number(1));
    length = e.select(e.operate(Op::ULt, wanted, e.number(l.type.size)), wanted, e.number(l.type.size));
  }
  Value memory = l.low.result_memory(l.type);
  if (l.low.wants_padding()) {
    e.zero(memory, l.type.size);
  } else {
    e.store(memory, 0, 1, e.number(0)); // an unreadable address is an empty string
  }
  Value taken = e.call(space == AddressSpace::User ? Helper::ProbeReadUserStr : Helper::ProbeReadKernelStr, {memory, length, from});
  bool may_be_cut = l.arguments.size() == 1;
  if (may_be_cut) mark_cut(l, memory, taken, from, space);
  return Operand::address(memory);
}

// --- buf

Type check_buf(const Check& c) {
  uint32_t most = c.settings.max_strlen - kLengthWord;
  const Type& source = c.arguments[0].type;
  if (const Constant* n = length_constant(c)) return Type::buffer(static_cast<uint32_t>(std::min<uint64_t>(n->integer(), most)));
  if (c.arguments.size() > 1) return Type::buffer(most);
  if (source.is(Kind::Array) && source.size > 0) return Type::buffer(std::min(source.size, most));
  if (source.is(Kind::String)) return Type::buffer(std::min(source.size, most));
  if (c.final && !source.is_error()) {
    c.diagnostics.report(DiagId::WrongArgumentCount, c.span, c.name, "a length when the first argument is not an array", "none");
  }
  return Type::buffer(most);
}

Operand lower_buf(const Lower& l) {
  auto& e = l.low.emit();
  uint32_t capacity = l.type.size - kLengthWord;
  AddressSpace space;
  Value from = l.low.pointer(*l.arguments[0], space);
  Value length = e.number(capacity);
  if (l.arguments.size() > 1 && !l.low.constant_of(*l.arguments[1])) {
    Value wanted = l.low.scalar(*l.arguments[1]);
    length = e.select(e.operate(Op::ULt, wanted, e.number(capacity)), wanted, e.number(capacity));
  }
  Value memory = l.low.result_memory(l.type);
  e.zero(memory, l.type.size);
  e.store(memory, 0, 4, length);
  e.call(space == AddressSpace::User ? Helper::ProbeReadUser : Helper::ProbeReadKernel, {e.offset(memory, kLengthWord), length, from});
  return Operand::address(memory);
}

// --- strncmp

Type check_strncmp(const Check& c) {
  for (size_t i = 0; i < 2; ++i) {
    const Type& type = c.arguments[i].type;
    if (c.final && !type.is_error() && !type.is(Kind::String)) {
      c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[i].expr->span, i == 0 ? "the first argument" : "the second argument", c.name, "a string", to_string(type));
    }
  }
  return Type::integer(8, false);
}

Operand lower_strncmp(const Lower& l) {
  uint64_t bytes = l.low.constant_of(*l.arguments[2])->integer();
  auto capped = static_cast<uint32_t>(std::min<uint64_t>(bytes, UINT32_MAX));
  return Operand::scalar(l.low.differ(*l.arguments[0], *l.arguments[1], capped));
}

// --- address spaces

template <AddressSpace space> Type check_space(const Check& c) {
  Type type = c.arguments[0].type;
  if (!type.is(Kind::Pointer)) type = Type::pointer(Type::integer(8, false), space);
  type.space = space;
  return type;
}

Operand lower_space(const Lower& l) {
  AddressSpace ignored;
  return Operand::scalar(l.low.pointer(*l.arguments[0], ignored));
}

} // namespace

std::vector<Builtin> string_rows() {
  const std::vector<Parameter> str = {{"address", Accepts::Text}, {"length", Accepts::Integer, true}};
  const std::vector<Parameter> buf = {{"bytes", Accepts::Bytes}, {"length", Accepts::Integer, true}};
  const std::vector<Parameter> strncmp = {{"a", Accepts::Value}, {"b", Accepts::Value}, {"n", Accepts::IntegerConstant}};
  const std::vector<Parameter> pointer = {{"pointer", Accepts::Pointer}};
  const Form f = Form::Function;
  return {
      {"str", f, str, false, "string", "the NUL-terminated string at an address", false, check_str, lower_str, nullptr, fold_str},
      {"buf", f, buf, false, "buffer", "bytes at an address", false, check_buf, lower_buf},
      {"strncmp", f, strncmp, false, "uint64", "0 if the first n bytes of two strings are equal", false, check_strncmp, lower_strncmp},
      {"kptr", f, pointer, false, "pointer", "the same address, in kernel memory", false, check_space<AddressSpace::Kernel>, lower_space},
      {"uptr", f, pointer, false, "pointer", "the same address, in user memory", false, check_space<AddressSpace::User>, lower_space},
  };
}

} // namespace trapline::builtins
