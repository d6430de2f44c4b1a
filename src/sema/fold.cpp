// Constant folding: two's complement on 64 bits, true signed division, shifts modulo 64 as the BPF machine does them.
#include "sema/fold.h"

#include "sema/arithmetic.h"

namespace trapline::sema {

using ast::BinaryOp;
using ast::UnaryOp;

Folded Folded::literal(uint64_t value) { return integer(value, Type::integer(8, value <= INT64_MAX)).as_literal(); }

Folded Folded::text(std::string text) {
  Type type = Type::string(static_cast<uint32_t>(text.size()) + 1);
  return {std::move(type), Constant{std::move(text)}};
}

std::optional<Folded> fold_unary(UnaryOp op, const Folded& operand) {
  bool literal = operand.value.from_literals;
  if (op == UnaryOp::Not) return operand.value.is_integer() ? std::optional(Folded::boolean(!operand.truth()).as_literal(literal)) : std::nullopt;
  if (!operand.value.is_integer() || !operand.type.is_integral()) return std::nullopt;
  uint64_t value = operand.value.integer();
  // -9223372036854775808 is one number to its author.
  bool is_signed = operand.type.is_signed || (op == UnaryOp::Negate && literal && value == uint64_t{1} << 63);
  if (op == UnaryOp::Negate) return Folded::integer(0 - value, Type::integer(8, is_signed)).as_literal(literal);
  if (op == UnaryOp::Complement) return Folded::integer(~value, Type::integer(8, is_signed)).as_literal(literal);
  return std::nullopt;
}

namespace {

template <typename T> std::optional<bool> compare(BinaryOp op, const T& left, const T& right) {
  switch (op) {
  case BinaryOp::Equal: return left == right;
  case BinaryOp::NotEqual: return left != right;
  case BinaryOp::Less: return left < right;
  case BinaryOp::LessEqual: return left <= right;
  case BinaryOp::Greater: return left > right;
  case BinaryOp::GreaterEqual: return left >= right;
  default: return std::nullopt;
  }
}

// INT64_MIN / -1 wraps around, as every other overflow.
uint64_t divide(uint64_t left, uint64_t right, bool is_signed) {
  if (!is_signed) return left / right;
  if (right == UINT64_MAX) return 0 - left;
  return static_cast<uint64_t>(static_cast<int64_t>(left) / static_cast<int64_t>(right));
}

uint64_t remainder(uint64_t left, uint64_t right, bool is_signed) {
  if (!is_signed) return left % right;
  if (right == UINT64_MAX) return 0;
  return static_cast<uint64_t>(static_cast<int64_t>(left) % static_cast<int64_t>(right));
}

std::optional<Folded> fold_shift(BinaryOp op, const Folded& left, uint64_t by) {
  Type type = Type::integer(8, left.type.is_signed);
  uint64_t value = left.value.integer();
  if (op == BinaryOp::ShiftLeft) return Folded::integer(value << (by & 63), type);
  if (!left.type.is_signed) return Folded::integer(value >> (by & 63), type);
  return Folded::integer(static_cast<uint64_t>(static_cast<int64_t>(value) >> (by & 63)), type);
}

std::optional<Folded> fold_integers(BinaryOp op, const Folded& left, const Folded& right) {
  bool is_signed = compares_signed(left.type, left.flexible(), right.type, right.flexible());
  Type common = arithmetic_type(left.type, left.flexible(), right.type, right.flexible());
  uint64_t l = left.value.integer(), r = right.value.integer();
  std::optional<bool> compared = is_signed ? compare(op, static_cast<int64_t>(l), static_cast<int64_t>(r)) : compare(op, l, r);
  if (compared) return Folded::boolean(*compared);
  switch (op) {
  case BinaryOp::Add: return Folded::integer(l + r, common);
  case BinaryOp::Sub: return Folded::integer(l - r, Type::integer(8, true));
  case BinaryOp::Mul: return Folded::integer(l * r, common);
  case BinaryOp::Div: return r == 0 ? std::nullopt : std::optional(Folded::integer(divide(l, r, is_signed), common));
  case BinaryOp::Mod: return r == 0 ? std::nullopt : std::optional(Folded::integer(remainder(l, r, is_signed), common));
  case BinaryOp::BitAnd: return Folded::integer(l & r, common);
  case BinaryOp::BitOr: return Folded::integer(l | r, common);
  case BinaryOp::BitXor: return Folded::integer(l ^ r, common);
  case BinaryOp::ShiftLeft:
  case BinaryOp::ShiftRight: return fold_shift(op, left, r);
  case BinaryOp::And: return Folded::boolean(l != 0 && r != 0);
  case BinaryOp::Or: return Folded::boolean(l != 0 || r != 0);
  default: return std::nullopt;
  }
}

} // namespace

std::optional<Folded> fold_binary(BinaryOp op, const Folded& left, const Folded& right) {
  bool left_text = !left.value.is_integer(), right_text = !right.value.is_integer();
  if (!left_text && !right_text) {
    if (!left.type.is_integral() || !right.type.is_integral()) return std::nullopt;
    std::optional<Folded> result = fold_integers(op, left, right);
    return result ? std::optional(std::move(*result).as_literal(left.value.from_literals && right.value.from_literals)) : std::nullopt;
  }
  if (left_text && right_text) {
    if (op == BinaryOp::Add) return Folded::text(left.value.text() + right.value.text());
    std::optional<bool> compared = compare(op, left.value.text(), right.value.text());
    return compared ? std::optional(Folded::boolean(*compared)) : std::nullopt;
  }
  // "hello" + 2 is C's pointer into the literal.
  if (left_text && op == BinaryOp::Add && right.value.integer() <= left.value.text().size())
    return Folded::text(left.value.text().substr(right.value.integer()));
  return std::nullopt;
}

std::optional<Folded> fold_cast(const Folded& from, const Type& to) {
  if (!from.value.is_integer()) return std::nullopt;
  uint64_t value = from.value.integer();
  if (to.is(Kind::Bool)) return Folded::boolean(value != 0);
  if (to.is(Kind::Int) || to.is(Kind::Enum)) return Folded::integer(truncate(value, to.size, to.is_signed), to);
  if (to.is(Kind::Pointer)) return Folded::integer(value, to);
  return std::nullopt;
}

namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

std::optional<uint64_t> parse_digits(std::string_view digits, unsigned base) {
  if (digits.empty()) return std::nullopt;
  uint64_t value = 0;
  for (char c : digits) {
    auto digit = static_cast<unsigned>(digit_value(c));
    if (digit >= base || value > (UINT64_MAX - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

} // namespace

Folded fold_positional(std::string_view text) {
  std::string_view digits = text;
  bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  unsigned base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    digits.remove_prefix(2);
    base = 16;
  }
  while (!digits.empty() && (digits.back() == 'u' || digits.back() == 'U' || digits.back() == 'l' || digits.back() == 'L'))
    digits.remove_suffix(1);
  std::optional<uint64_t> value = parse_digits(digits, base);
  if (!value || (negative && *value > uint64_t{1} << 63)) return Folded::text(std::string(text));
  return negative ? Folded::integer(0 - *value, Type::integer(8, true)).as_literal() : Folded::literal(*value);
}

} // namespace trapline::sema
