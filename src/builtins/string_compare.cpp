// Comparing text and bytes.
#include "builtins/families.h"
#include "builtins/text.h"
#include "codegen/words.h"

#include <algorithm>

namespace trapline::builtins {

namespace {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kWord = 8;
constexpr uint32_t kLengthWord = 4; // of a buffer

uint32_t round_up(uint32_t n) { return (n + kWord - 1) / kWord * kWord; }

// A constant length; nullopt if it is none, or negative, which is reported.
std::optional<uint64_t> length_of(const Check& c, size_t index) {
  const std::optional<Constant>& constant = c.arguments[index].constant;
  if (!constant || !constant->is_integer()) return std::nullopt;
  if (static_cast<int64_t>(constant->integer()) >= 0) return constant->integer();
  if (c.final) c.diagnostics.report(DiagId::OutOfRange, c.arguments[index].expr->span, "the third argument", c.name, "a length cannot be negative");
  return std::nullopt;
}

// --- strncmp

Type check_strncmp(const Check& c) {
  length_of(c, 2);
  return Type::integer(8, false);
}

std::optional<Constant> fold_strncmp(const Check& c) {
  std::optional<std::string> a = constant_text(c.arguments[0]), b = constant_text(c.arguments[1]);
  std::optional<uint64_t> size = length_of(c, 2);
  if (!a || !b || !size) return std::nullopt;
  return Constant{static_cast<uint64_t>(a->substr(0, *size) != b->substr(0, *size))};
}

Operand lower_strncmp(const Lower& l) {
  Emitter& e = l.low.emit();
  auto bytes = static_cast<uint32_t>(std::min<uint64_t>(l.low.constant_of(*l.arguments[2])->integer(), UINT32_MAX));
  if (bytes == 0) return Operand::scalar(e.number(0));
  struct Side {
    Value address;
    uint32_t capacity;
  };
  auto side = [&](const ast::Expr& expr) {
    uint32_t capacity = std::min(text_capacity(l.low.type_of(expr), l.low.settings()), bytes);
    return Side{read_start(l, expr, capacity), capacity};
  };
  Value equal;
  l.low.temporarily([&] {
    const ast::Expr& left = *l.arguments[0];
    const ast::Expr& right = *l.arguments[1];
    if (const Constant* text = l.low.constant_of(right)) {
      Side other = side(left);
      equal = l.low.starts_with(other.address, other.capacity, text->text(), bytes);
    } else if (const Constant* text = l.low.constant_of(left)) {
      Side other = side(right);
      equal = l.low.starts_with(other.address, other.capacity, text->text(), bytes);
    } else {
      Side a = side(left), b = side(right);
      equal = l.low.starts_equal(a.address, a.capacity, b.address, b.capacity, bytes);
    }
  });
  return Operand::scalar(e.is_zero(equal));
}

// --- memcmp, strcasecmp, strncasecmp

// The first byte in which two words differ, as the difference of these bytes; 0 if they do not.
Value byte_difference(Emitter& e, Value a, Value b) {
  Value differing = e.operate(Op::Xor, a, b);
  Value lowest = e.operate(Op::And, differing, e.negate(differing));
  // Of the eight bits from the lowest on, one is the highest of that byte.
  Value bits = lowest;
  for (uint64_t shift : {1, 2, 4}) bits = e.operate(Op::Or, bits, e.operate(Op::Shl, bits, e.number(shift)));
  Value unit = e.operate(Op::LShr, e.operate(Op::And, bits, e.number(codegen::kHighs)), e.number(7)); // 1 in that byte
  auto byte = [&](Value word) { return e.operate(Op::And, e.operate(Op::UDiv, word, unit), e.number(0xff)); };
  return e.operate(Op::Sub, byte(a), byte(b));
}

// The difference of the first bytes that differ within `size`, at most `capacity`.
Value difference(const Lower& l, const Text& a, const Text& b, Value size, uint32_t capacity, bool without_case) {
  Emitter& e = l.low.emit();
  Value result = e.local("difference");
  e.store(result, 0, 8, e.number(0));
  l.low.repeat(round_up(capacity) / kWord, [&](Value turn, Label next, Label done) {
    Value offset = e.operate(Op::Mul, turn, e.number(kWord));
    Value used = e.operate(Op::Sub, size, codegen::hidden(e, offset));
    Label inside = e.block("compare"), differs = e.block("differs");
    e.branch(e.operate(Op::SGt, used, e.number(0)), inside, done);
    e.place(inside);
    Value left = e.load(at(l, a, offset), 0, 8, false), right = e.load(at(l, b, offset), 0, 8, false);
    if (without_case) {
      left = codegen::change_case(e, left, true);
      right = codegen::change_case(e, right, true);
    }
    // Bytes behind the end are shifted out, and the others stay in order.
    Value unused = codegen::shift_of_unused(e, used);
    left = e.operate(Op::Shl, left, unused);
    right = e.operate(Op::Shl, right, unused);
    e.branch(e.operate(Op::Ne, left, right), differs, next);
    e.place(differs);
    e.store(result, 0, 8, codegen::hidden(e, byte_difference(e, left, right)));
    e.jump(done);
  });
  return e.load(result, 0, 8, false);
}

// Bytes of a value as they are, with zeros behind its end.
Text read_bytes(const Lower& l, const ast::Expr& expr, uint32_t capacity, Value size) {
  Emitter& e = l.low.emit();
  const Type& type = l.low.type_of(expr);
  Text bytes{l.low.buffer(room(capacity)), size, capacity};
  l.low.temporarily([&] {
    AddressSpace space = AddressSpace::Kernel;
    bool is_value = !type.is(Kind::Pointer) && !type.is_integral() && !type.is_aggregate();
    uint32_t most = is_value ? std::min(type.size, capacity) : capacity;
    Value from;
    if (type.is(Kind::Buffer)) {
      from = e.offset(l.low.address(expr), kLengthWord);
      most = std::min(type.size - kLengthWord, capacity);
    } else {
      from = l.low.pointer(expr, space);
    }
    if (most < capacity) e.zero(bytes.base, room(capacity));
    if (space == AddressSpace::None) space = l.low.context().default_space;
    Helper helper = space == AddressSpace::User ? Helper::ProbeReadUser : Helper::ProbeReadKernel;
    e.call(helper, {bytes.base, codegen::at_most(e, size, most), from});
  });
  return bytes;
}

Type check_memcmp(const Check& c) {
  std::optional<uint64_t> size = length_of(c, 2);
  if (c.final && size && *size > c.settings.max_strlen) {
    c.diagnostics.report(DiagId::LengthCut, c.arguments[2].expr->span, c.name, c.settings.max_strlen, *size).hint("set max_strlen higher to compare more");
  }
  return Type::integer(8, true);
}

Operand lower_memcmp(const Lower& l) {
  Emitter& e = l.low.emit();
  Value result;
  l.low.temporarily([&] {
    uint32_t capacity = l.low.settings().max_strlen;
    const Constant* constant = l.low.constant_of(*l.arguments[2]);
    if (constant) capacity = static_cast<uint32_t>(std::clamp<uint64_t>(constant->integer(), 1, capacity));
    Value size = constant ? e.number(std::min<uint64_t>(constant->integer(), capacity)) : l.low.scalar(*l.arguments[2]);
    if (!constant && l.low.type_of(*l.arguments[2]).is_signed) size = codegen::not_negative(e, size);
    size = codegen::at_most(e, size, capacity);
    Text a = read_bytes(l, *l.arguments[0], capacity, size);
    Text b = read_bytes(l, *l.arguments[1], capacity, size);
    result = difference(l, a, b, size, capacity, false);
  });
  return Operand::scalar(result);
}

int first_difference(std::string_view a, std::string_view b, bool without_case) {
  auto byte = [&](std::string_view text, size_t i) -> int {
    auto c = static_cast<unsigned char>(i < text.size() ? text[i] : '\0');
    return without_case && c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  };
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    if (int difference = byte(a, i) - byte(b, i)) return difference;
  }
  return 0;
}

Type check_strcasecmp(const Check& c) {
  if (c.arguments.size() > 2) length_of(c, 2);
  return Type::integer(8, true);
}

std::optional<Constant> fold_strcasecmp(const Check& c) {
  std::optional<std::string> a = constant_text(c.arguments[0]), b = constant_text(c.arguments[1]);
  if (!a || !b || !all_constant(c)) return std::nullopt;
  uint64_t size = UINT64_MAX;
  if (c.arguments.size() > 2) {
    std::optional<uint64_t> given = length_of(c, 2);
    if (!given) return std::nullopt;
    size = *given;
  }
  return Constant{static_cast<uint64_t>(static_cast<int64_t>(first_difference(a->substr(0, size), b->substr(0, size), true)))};
}

Operand lower_strcasecmp(const Lower& l) {
  Emitter& e = l.low.emit();
  Value result;
  l.low.temporarily([&] {
    Text a = read_text(l, *l.arguments[0], true), b = read_text(l, *l.arguments[1], true);
    // Up to the NUL of the shorter one: there they differ, or both end.
    Value shorter = e.select(e.operate(Op::ULt, a.length, b.length), a.length, b.length);
    Value size = e.operate(Op::Add, shorter, e.number(1));
    if (l.arguments.size() > 2) {
      Value given = l.low.scalar(*l.arguments[2]);
      if (l.low.type_of(*l.arguments[2]).is_signed) given = codegen::not_negative(e, given);
      size = e.select(e.operate(Op::ULt, given, size), given, size);
    }
    uint32_t common = std::min(a.capacity, b.capacity);
    Value start = difference(l, a, b, codegen::at_most(e, size, common), common, true);
    // One may fill its memory, and the other go on.
    Value last_a = codegen::change_case(e, e.load(a.base, common, 1, false), true);
    Value last_b = codegen::change_case(e, e.load(b.base, common, 1, false), true);
    Value is_last = e.operate(Op::And, e.is_zero(start), e.operate(Op::UGt, size, e.number(common)));
    result = e.select(is_last, e.operate(Op::Sub, last_a, last_b), start);
  });
  return Operand::scalar(result);
}

} // namespace

std::vector<Builtin> string_compare_rows() {
  const std::vector<Parameter> strncmp = {{"a", Accepts::Text}, {"b", Accepts::Text}, {"n", Accepts::IntegerConstant}};
  const std::vector<Parameter> memcmp = {{"a", Accepts::Bytes}, {"b", Accepts::Bytes}, {"n", Accepts::Integer}};
  const std::vector<Parameter> strcasecmp = {{"a", Accepts::Text}, {"b", Accepts::Text}};
  const std::vector<Parameter> strncasecmp = {{"a", Accepts::Text}, {"b", Accepts::Text}, {"n", Accepts::Integer}};
  const Form f = Form::Function;
  return {
      {"strncmp", f, strncmp, false, "uint64", "0 if the first n bytes of two texts are equal", false, check_strncmp, lower_strncmp, nullptr, fold_strncmp},
      {"memcmp", f, memcmp, false, "int64", "0 if n bytes are equal, else the difference of the first that differ", false, check_memcmp, lower_memcmp},
      {"strcasecmp", f, strcasecmp, false, "int64", "0 if two texts are equal but for the case of letters", false, check_strcasecmp, lower_strcasecmp, nullptr, fold_strcasecmp},
      {"strncasecmp", f, strncasecmp, false, "int64", "the same for their first n bytes", false, check_strcasecmp, lower_strcasecmp, nullptr, fold_strcasecmp},
  };
}

} // namespace trapline::builtins
