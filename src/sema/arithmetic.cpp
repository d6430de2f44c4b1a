// Integer conversions and the promotion of what is stored in one place.
#include "sema/arithmetic.h"

#include <algorithm>
#include <array>

namespace trapline::sema {

bool is_flexible(const Instance& instance, const ast::Expr& expr) {
  auto found = instance.constants.find(expr.id);
  if (found == instance.constants.end() || !found->second.from_literals) return false;
  if (!instance.types[expr.id].is_integral()) return false;
  return static_cast<int64_t>(found->second.integer()) >= 0;
}

bool compares_signed(const Type& left, bool left_flexible, const Type& right, bool right_flexible) {
  Type l = read_as(left), r = read_as(right);
  if (left_flexible && !right_flexible) return r.is_signed;
  if (right_flexible && !left_flexible) return l.is_signed;
  if (l.is_signed == r.is_signed) return l.is_signed;
  return (l.is_signed ? r.size : l.size) < 8;
}

Type arithmetic_type(const Type& left, bool left_flexible, const Type& right, bool right_flexible) {
  bool left_signed = read_as(left).is_signed, right_signed = read_as(right).is_signed;
  if (left_flexible && !right_flexible) return Type::integer(8, right_signed);
  if (right_flexible && !left_flexible) return Type::integer(8, left_signed);
  return Type::integer(8, left_signed || right_signed);
}

Type read_as(const Type& type) {
  return type.is_castable_aggregate() ? Type::integer(8, type.is_signed) : type;
}

Type stored_as(const Type& type) {
  Type stored = read_as(type);
  if (stored.space == AddressSpace::Btf) stored.space = AddressSpace::Kernel;
  if (!stored.is(Kind::Tuple)) return stored;
  std::vector<Type> members;
  members.reserve(stored.members->size());
  for (const Type& member : *stored.members) members.push_back(stored_as(member));
  return stored.with_members(std::move(members));
}

Type in_space(Type type, AddressSpace space) {
  bool placed = type.is(Kind::Pointer) || type.is(Kind::Struct) || type.is(Kind::Array);
  if (placed && type.space == AddressSpace::None) type.space = space;
  return type;
}

Type element_as_value(const Type& type) {
  if (!type.is(Kind::Array) || type.count == 0 || !type.element) return type;
  bool is_char = type.element->is(Kind::Int) && type.element->size == 1 && type.element->is_signed;
  return is_char ? Type::string(type.count) : type;
}

uint32_t bytes_for(uint64_t value, bool is_signed) {
  for (uint32_t bytes : {1U, 2U, 4U}) {
    if (value >> (bytes * 8 - (is_signed ? 1 : 0)) == 0) return bytes;
  }
  return 8;
}

uint32_t bytes_for_negative(int64_t value) {
  for (uint32_t bytes : {1U, 2U, 4U}) {
    if (value >= -(int64_t{1} << (bytes * 8 - 1))) return bytes;
  }
  return 8;
}

uint64_t truncate(uint64_t value, uint32_t bytes, bool is_signed) {
  if (bytes >= 8 || bytes == 0) return value;
  uint32_t shift = 64 - bytes * 8;
  if (is_signed) return static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift);
  return value << shift >> shift;
}

namespace {

// The signed side wins if it is wider, else both fit the signed integer of twice the width; 64 bits stay 64.
Type promote_integers(const Type& a, const Type& b) {
  if (a.is_signed == b.is_signed) return Type::integer(std::max(a.size, b.size), a.is_signed);
  const Type& with_sign = a.is_signed ? a : b;
  const Type& without = a.is_signed ? b : a;
  return Type::integer(with_sign.size > without.size ? with_sign.size : std::min(8U, without.size * 2), true);
}

AddressSpace promote_spaces(const Type& a, const Type& b) { return a.space == AddressSpace::None ? b.space : a.space; }

std::optional<Type> promote_pointers(const Type& a, const Type& b) {
  Type result = a.element->is(Kind::Void) ? b : a;
  result.space = promote_spaces(a, b);
  if (*a.element == *b.element || a.element->is(Kind::Void) || b.element->is(Kind::Void)) return result;
  return std::nullopt;
}

// Records go together if they have the same names, in whatever order; the first one's order stays.
std::optional<Type> promote_tuples(const Type& a, const Type& b) {
  if (a.members->size() != b.members->size() || (a.names == nullptr) != (b.names == nullptr)) return std::nullopt;
  std::vector<Type> members;
  members.reserve(a.members->size());
  for (size_t i = 0; i < a.members->size(); ++i) {
    std::optional<uint32_t> other = a.names ? b.member_index((*a.names)[i]) : static_cast<uint32_t>(i);
    if (!other) return std::nullopt;
    std::optional<Type> member = promote((*a.members)[i], (*b.members)[*other]);
    if (!member) return std::nullopt;
    members.push_back(std::move(*member));
  }
  return a.with_members(std::move(members));
}

} // namespace

std::optional<Type> promote(const Type& a, const Type& b) {
  if (a.is_error()) return b;
  if (b.is_error()) return a;
  if (a.is_integral() && b.is_integral()) return a == b ? a : promote_integers(a, b);
  if (a.kind != b.kind) return std::nullopt;
  switch (a.kind) {
  case Kind::String:
  case Kind::Buffer: return a.size >= b.size ? a : b;
  case Kind::Pointer: return promote_pointers(a, b);
  case Kind::Tuple: return promote_tuples(a, b);
  case Kind::Count:
  case Kind::Sum:
  case Kind::Min:
  case Kind::Max:
  case Kind::Avg:
  case Kind::Stats: return a.is_signed ? a : b;
  case Kind::TSeries: {
    Type other_sign = b;
    other_sign.is_signed = a.is_signed;
    return a == other_sign ? std::optional(a.is_signed ? a : b) : std::nullopt;
  }
  default: break;
  }
  if (!(a == b)) return std::nullopt;
  Type result = a;
  result.space = promote_spaces(a, b);
  return result;
}

bool is_number(const Type& type) { return type.is_integral() || type.is_castable_aggregate(); }

bool is_readable_text(const Type& type) {
  auto is_byte = [](const Type& t) { return t.is(Kind::Int) && t.size == 1; };
  auto is_bytes = [&](const Type& t) { return t.is(Kind::String) || (t.is(Kind::Array) && t.element && is_byte(*t.element)); };
  if (type.is(Kind::Pointer)) return is_byte(*type.element) || is_bytes(*type.element);
  return is_bytes(type) || type.is(Kind::Probe);
}

bool may_be_address(const Type& type, bool is_constant) { return type.is(Kind::Pointer) || (type.is_integral() && type.size == 8 && !is_constant); }

bool is_condition(const Type& type) { return type.is_error() || is_number(type) || type.is(Kind::Pointer); }

bool is_unknown(const Type& type) {
  if (type.is_error()) return true;
  return type.is(Kind::Tuple) && std::any_of(type.members->begin(), type.members->end(), is_unknown);
}

std::string describe(const Type& type) {
  std::string text = to_string(type);
  if (type.is_stack()) {
    constexpr std::array<std::string_view, 4> kModes = {"", "perf, ", "raw, ", "build_id, "};
    std::string_view mode = kModes[static_cast<size_t>(type.stack_mode)];
    return fmt::format("{}({}{})", text, mode, type.count);
  }
  if (type.is(Kind::Hist) && type.count > 0) return fmt::format("{}({})", text, type.count);
  if (type.is(Kind::LHist)) return fmt::format("{}({}, {}, {})", text, type.min, type.max, type.step);
  if (type.is(Kind::TSeries)) {
    constexpr std::array<std::string_view, 5> kSeries = {"", ", avg", ", max", ", min", ", sum"};
    return fmt::format("{}({}ns, {}{})", text, type.step, type.count, kSeries[static_cast<size_t>(type.series)]);
  }
  if (!type.is(Kind::Tuple)) return text;
  text = "(";
  for (size_t i = 0; i < type.members->size(); ++i)
    text += (i > 0 ? "," : "") + (type.names ? (*type.names)[i] + "=" : std::string()) + describe((*type.members)[i]);
  return text + ")";
}

bool same(const Type& a, const Type& b) {
  if (!(a == b) || a.space != b.space) return false;
  if (!a.is(Kind::Tuple)) return true;
  return std::equal(a.members->begin(), a.members->end(), b.members->begin(), b.members->end(), same);
}

} // namespace trapline::sema
