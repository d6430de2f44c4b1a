// Strings and bytes from memory.
#include "builtins/families.h"
#include "builtins/text.h"
#include "codegen/words.h"

#include <algorithm>
#include <optional>

namespace trapline::builtins {

namespace {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kLengthWord = 4; // of a buffer

bool is_user(const Lower& l, AddressSpace space) {
  return (space == AddressSpace::None ? l.low.context().default_space : space) == AddressSpace::User;
}

std::string digits(const Constant& constant, const Type& type) {
  return type.is_signed ? std::to_string(static_cast<int64_t>(constant.integer())) : std::to_string(constant.integer());
}

bool is_byte_array(const Type& type) { return type.is(Kind::Array) && type.element && type.element->size == 1; }

// A length known at compile time, at most `most`. A negative one is an error, and one that is too large is cut with a warning.
std::optional<uint32_t> constant_length(const Check& c, uint32_t most) {
  if (c.arguments.size() < 2 || !c.arguments[1].constant || !c.arguments[1].constant->is_integer()) return std::nullopt;
  uint64_t length = c.arguments[1].constant->integer();
  Span where = c.arguments[1].expr->span;
  if (static_cast<int64_t>(length) < 0) {
    if (c.final) c.diagnostics.report(DiagId::OutOfRange, where, "the second argument", c.name, "a length cannot be negative");
    return 0;
  }
  if (c.final && length > most) {
    c.diagnostics.report(DiagId::LengthCut, where, c.name, most, length).hint("set max_strlen higher to read more: config = { max_strlen = 4096 }");
  }
  return static_cast<uint32_t>(std::min<uint64_t>(length, most));
}

// The second argument at run time: a negative length is none at all, and a large one is no more than `most`.
Value run_time_length(const Lower& l, uint32_t most) {
  Emitter& e = l.low.emit();
  Value length = l.low.scalar(*l.arguments[1]);
  if (l.low.type_of(*l.arguments[1]).is_signed) length = codegen::not_negative(e, length);
  return codegen::at_most(e, length, most);
}

bool has_run_time_length(const Lower& l) { return l.arguments.size() > 1 && !l.low.constant_of(*l.arguments[1]); }

// Where the bytes go. Not where they come from: `$s = str($s)`.
Value destination(const Lower& l) {
  const Type& from = l.low.type_of(*l.arguments[0]);
  bool may_be_ours = from.is(Kind::String) || from.is(Kind::Array) || from.is(Kind::Buffer) || from.is(Kind::Struct);
  return may_be_ours ? l.low.scratch(l.type.size) : l.low.result_memory(l.type);
}

// --- str

// A string or an array has no more than its own bytes.
uint32_t str_limit(const Check& c) {
  const Type& source = c.arguments[0].type;
  if (source.is(Kind::Probe)) return text_capacity(source, c.settings);
  bool is_bounded = source.is(Kind::String) || (is_byte_array(source) && source.size > 0);
  return is_bounded ? std::clamp(source.size, 1u, c.settings.max_strlen) : c.settings.max_strlen;
}

Type check_str(const Check& c) {
  uint32_t capacity = str_limit(c);
  if (std::optional<uint32_t> length = constant_length(c, c.settings.max_strlen - 1)) capacity = std::min(capacity, *length + 1);
  return Type::string(capacity);
}

// Text known at compile time is that text, and a number its digits, cut to the length asked for.
std::optional<Constant> fold_str(const Check& c) {
  const Check::Argument& argument = c.arguments[0];
  bool is_number = argument.constant && argument.constant->is_integer();
  if (!argument.constant || (is_number && !argument.type.is_integral())) return std::nullopt;
  std::string text = is_number ? digits(*argument.constant, argument.type) : argument.constant->text();
  if (c.arguments.size() < 2) return Constant{std::move(text)};
  std::optional<uint32_t> length = constant_length(c, c.settings.max_strlen - 1);
  if (!length) return std::nullopt;
  return Constant{text.substr(0, *length)};
}

// The address of the text; that of `probe` has to be made first.
Value str_source(const Lower& l, AddressSpace& space) {
  const Type& type = l.low.type_of(*l.arguments[0]);
  if (!type.is(Kind::Probe)) return l.low.pointer(*l.arguments[0], space);
  space = AddressSpace::Kernel;
  Type name = Type::string(text_capacity(type, l.low.settings()));
  Value memory = l.low.scratch(name.size);
  l.low.into(*l.arguments[0], name, memory);
  return l.low.emit().to_number(memory);
}

Operand lower_str(const Lower& l) {
  Emitter& e = l.low.emit();
  AddressSpace space;
  Value from = str_source(l, space);
  Helper helper = is_user(l, space) ? Helper::ProbeReadUserStr : Helper::ProbeReadKernelStr;
  uint32_t capacity = l.type.size;
  Value memory = destination(l);
  if (l.low.wants_padding()) {
    e.zero(memory, capacity);
  } else {
    e.store(memory, 0, 1, e.number(0)); // an unreadable address is an empty string
  }
  // What max_strlen cuts is marked as such, what the length cuts is not.
  if (has_run_time_length(l)) {
    Value length = run_time_length(l, capacity);
    Label all = e.block("all"), some = e.block("some"), done = e.block("read");
    e.branch(e.operate(Op::Eq, length, e.number(capacity)), all, some);
    e.place(all);
    l.low.read_text(memory, capacity, from, space);
    e.jump(done);
    e.place(some);
    e.call(helper, {memory, codegen::at_most(e, e.operate(Op::Add, length, e.number(1)), capacity), from});
    e.jump(done);
    e.place(done);
  } else if (l.arguments.size() > 1 && l.low.constant_of(*l.arguments[1])->integer() < capacity) {
    e.call(helper, {memory, e.number(capacity), from}); // with room for the NUL
  } else {
    l.low.read_text(memory, capacity, from, space);
  }
  return Operand::address(memory);
}

// --- buf

Type check_buf(const Check& c) {
  uint32_t most = c.settings.max_strlen - kLengthWord;
  const Type& source = c.arguments[0].type;
  bool is_sized = source.is(Kind::Array) || source.is(Kind::String) || source.is(Kind::Struct) || source.is(Kind::Inet) || source.is(Kind::Mac);
  uint32_t limit = is_sized && source.size > 0 ? std::min(source.size, most) : most;
  if (source.is(Kind::Buffer)) limit = std::min(source.size - kLengthWord, most);
  if (std::optional<uint32_t> length = constant_length(c, most)) return Type::buffer(std::min(*length, limit));
  bool is_known = limit < most || is_sized || source.is(Kind::Buffer) || c.arguments.size() > 1;
  if (c.final && !is_known && !source.is_error()) {
    c.diagnostics.report(DiagId::WrongArgumentCount, c.span, c.name, "a length when the first argument is not an array", "none");
  }
  return Type::buffer(limit);
}

Operand lower_buf(const Lower& l) {
  Emitter& e = l.low.emit();
  const Type& source = l.low.type_of(*l.arguments[0]);
  uint32_t capacity = l.type.size - kLengthWord;
  AddressSpace space = AddressSpace::Kernel;
  Value from, length = e.number(capacity);
  if (source.is(Kind::Buffer)) {
    Value buffer = l.low.address(*l.arguments[0]);
    from = e.to_number(e.offset(buffer, kLengthWord));
    length = codegen::at_most(e, e.load(buffer, 0, kLengthWord, false), capacity);
  } else {
    from = l.low.pointer(*l.arguments[0], space);
  }
  if (has_run_time_length(l)) {
    Value wanted = run_time_length(l, capacity);
    length = source.is(Kind::Buffer) ? e.select(e.operate(Op::ULt, wanted, length), wanted, length) : wanted;
  }
  Value memory = destination(l);
  e.zero(memory, l.type.size);
  e.store(memory, 0, kLengthWord, length);
  Helper helper = is_user(l, space) ? Helper::ProbeReadUser : Helper::ProbeReadKernel;
  l.low.check_read(e.call(helper, {e.offset(memory, kLengthWord), length, from}), helper, l.use.span);
  return Operand::address(memory);
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
  const std::vector<Parameter> str = {{"address", Accepts::TextOrAddress}, {"length", Accepts::Integer, true}};
  const std::vector<Parameter> buf = {{"bytes", Accepts::Bytes}, {"length", Accepts::Integer, true}};
  const std::vector<Parameter> pointer = {{"pointer", Accepts::Pointer}};
  const Form f = Form::Function;
  return {
      {"str", f, str, false, "string", "the NUL-terminated string at an address", false, check_str, lower_str, nullptr, fold_str},
      {"buf", f, buf, false, "buffer", "bytes at an address", false, check_buf, lower_buf},
      {"kptr", f, pointer, false, "pointer", "the same address, in kernel memory", false, check_space<AddressSpace::Kernel>, lower_space},
      {"uptr", f, pointer, false, "pointer", "the same address, in user memory", false, check_space<AddressSpace::User>, lower_space},
  };
}

} // namespace trapline::builtins
