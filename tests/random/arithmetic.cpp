#include "random/arithmetic.h"

#include <algorithm>

namespace trapline::random_programs {

uint64_t cut(uint64_t bits, const Type& type) {
  if (type.kind == Kind::Bool) return bits != 0 ? 1 : 0;
  switch (type.size) {
  case 1: return type.is_signed ? static_cast<uint64_t>(static_cast<int8_t>(bits)) : static_cast<uint8_t>(bits);
  case 2: return type.is_signed ? static_cast<uint64_t>(static_cast<int16_t>(bits)) : static_cast<uint16_t>(bits);
  case 4: return type.is_signed ? static_cast<uint64_t>(static_cast<int32_t>(bits)) : static_cast<uint32_t>(bits);
  default: return bits;
  }
}

Type result_type(Op op, const Operand& left, const Operand& right) {
  if (is_comparison(op) || is_logical(op)) return Type::boolean();
  if (op == Op::Sub) return Type::integer(8, true);
  if (is_shift(op)) return Type::integer(8, left.type.is_signed);
  bool left_signed = left.flexible && !right.flexible ? right.type.is_signed : left.type.is_signed;
  bool right_signed = right.flexible && !left.flexible ? left.type.is_signed : right.type.is_signed;
  return Type::integer(8, left_signed || right_signed);
}

bool works_signed(Op op, const Operand& left, const Operand& right) {
  if (op == Op::Shr) return left.type.is_signed;
  if (left.flexible && !right.flexible) return right.type.is_signed;
  if (right.flexible && !left.flexible) return left.type.is_signed;
  if (left.type.is_signed == right.type.is_signed) return left.type.is_signed;
  // Widened to 64 bits, a smaller unsigned number is a positive signed one; a 64-bit one makes both sides unsigned.
  return (left.type.is_signed ? right : left).type.size < 8;
}

namespace {

uint64_t divide(Op op, uint64_t left, uint64_t right, bool is_signed) {
  if (right == 0) return 1;
  if (!is_signed) return op == Op::Div ? left / right : left % right;
  auto a = static_cast<int64_t>(left), b = static_cast<int64_t>(right);
  if (b == -1) return op == Op::Div ? 0 - left : 0;
  return static_cast<uint64_t>(op == Op::Div ? a / b : a % b);
}

bool compare(Op op, uint64_t left, uint64_t right, bool is_signed) {
  auto a = static_cast<int64_t>(left), b = static_cast<int64_t>(right);
  bool less = is_signed ? a < b : left < right;
  switch (op) {
  case Op::Less: return less;
  case Op::LessEqual: return less || left == right;
  case Op::Greater: return !less && left != right;
  case Op::GreaterEqual: return !less;
  case Op::Equal: return left == right;
  default: return left != right;
  }
}

} // namespace

uint64_t apply(Op op, uint64_t left, uint64_t right, bool is_signed) {
  if (is_comparison(op)) return compare(op, left, right, is_signed) ? 1 : 0;
  switch (op) {
  case Op::Mul: return left * right;
  case Op::Div:
  case Op::Mod: return divide(op, left, right, is_signed);
  case Op::Add: return left + right;
  case Op::Sub: return left - right;
  case Op::Shl: return left << (right % 64);
  case Op::Shr:
    return is_signed ? static_cast<uint64_t>(static_cast<int64_t>(left) >> (right % 64)) : left >> (right % 64);
  case Op::BitAnd: return left & right;
  case Op::BitXor: return left ^ right;
  case Op::BitOr: return left | right;
  case Op::And: return left != 0 && right != 0 ? 1 : 0;
  case Op::Or: return left != 0 || right != 0 ? 1 : 0;
  default: return 0;
  }
}

uint64_t apply_unary(Op op, uint64_t operand) {
  if (op == Op::Not) return operand == 0 ? 1 : 0;
  return op == Op::Negate ? 0 - operand : ~operand;
}

// --- Joined

namespace {

uint32_t unsigned_bytes(uint64_t value) {
  return value <= UINT8_MAX ? 1 : value <= UINT16_MAX ? 2 : value <= UINT32_MAX ? 4 : 8;
}

uint32_t signed_bytes(uint64_t bits, bool is_signed) {
  if (!is_signed && bits > INT64_MAX) return 8;
  auto value = static_cast<int64_t>(bits);
  if (value >= INT8_MIN && value <= INT8_MAX) return 1;
  if (value >= INT16_MIN && value <= INT16_MAX) return 2;
  return value >= INT32_MIN && value <= INT32_MAX ? 4 : 8;
}

} // namespace

void Joined::add(const Type& type) {
  switch (type.kind) {
  case Kind::Unknown: return;
  case Kind::Bool: bool_ = true; return;
  case Kind::Int:
    integer_ = fixed_ = true;
    if (type.is_signed) signed_bytes_ = std::max(signed_bytes_, type.size);
    else unsigned_bytes_ = std::max(unsigned_bytes_, type.size);
    return;
  case Kind::String:
    if (other_.kind == Kind::Array) clash_ = true;
    else other_ = Type::string(std::max(other_.size, type.size));
    return;
  case Kind::Array:
    clash_ |= other_.kind != Kind::Unknown && other_ != type;
    other_ = type;
    return;
  case Kind::Tuple: {
    std::vector<Joined> members(type.members.size());
    for (size_t i = 0; i < members.size(); ++i) members[i].add(type.members[i]);
    add_tuple(members);
    return;
  }
  }
}

void Joined::add_literal(uint64_t value, bool is_signed) {
  integer_ = literal_ = true;
  bool negative = is_signed && static_cast<int64_t>(value) < 0;
  negative_ |= negative;
  large_ |= !negative && value > INT64_MAX;
  if (!negative) literal_bytes_[0] = std::max(literal_bytes_[0], unsigned_bytes(value));
  literal_bytes_[1] = std::max(literal_bytes_[1], signed_bytes(value, is_signed));
}

void Joined::add_wide() {
  add_literal(0, true);
  wide_ = true;
}

void Joined::add_tuple(const std::vector<Joined>& members) {
  if (is_tuple_ && members_.size() != members.size()) clash_ = true;
  if (!is_tuple_) members_.resize(members.size());
  is_tuple_ = true;
  for (size_t i = 0; i < std::min(members_.size(), members.size()); ++i) members_[i].join(members[i]);
}

void Joined::join(const Joined& other) {
  add(other.other_);
  signed_bytes_ = std::max(signed_bytes_, other.signed_bytes_);
  unsigned_bytes_ = std::max(unsigned_bytes_, other.unsigned_bytes_);
  bool_ |= other.bool_;
  integer_ |= other.integer_;
  fixed_ |= other.fixed_;
  literal_ |= other.literal_;
  wide_ |= other.wide_;
  clash_ |= other.clash_;
  negative_ |= other.negative_;
  large_ |= other.large_;
  for (size_t i : {0, 1}) literal_bytes_[i] = std::max(literal_bytes_[i], other.literal_bytes_[i]);
  if (other.is_tuple_) add_tuple(other.members_);
}

std::optional<Type> Joined::number() const {
  if (bool_) return integer_ ? std::nullopt : std::optional(Type::boolean());
  if (!fixed_) return Type::integer(8, negative_ || !large_);
  bool is_signed = signed_bytes_ > 0 || negative_;
  uint32_t bytes = 0;
  if (!is_signed) {
    bytes = std::max(unsigned_bytes_, literal_bytes_[0]);
  } else {
    bytes = std::max(signed_bytes_, literal_bytes_[1]);
    if (unsigned_bytes_ >= bytes) bytes = std::min(8U, unsigned_bytes_ * 2);
  }
  return Type::integer(wide_ ? 8 : bytes, is_signed);
}

std::optional<Type> Joined::type() const {
  bool is_number = bool_ || integer_, is_other = other_.kind != Kind::Unknown;
  if (clash_ || is_number + is_other + is_tuple_ > 1) return std::nullopt;
  if (is_number) return number();
  if (!is_tuple_) return other_;
  std::vector<Type> members;
  for (const Joined& member : members_) {
    std::optional<Type> type = member.type();
    if (!type) return std::nullopt;
    if (type->kind == Kind::Unknown) return Type();
    members.push_back(std::move(*type));
  }
  return Type::tuple(std::move(members));
}

} // namespace trapline::random_programs
