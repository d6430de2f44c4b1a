// Numbers as the language defines them: C's operators on 64 bits that wrap around, and what sign and width results have.
#pragma once

#include "random/tree.h"

#include <optional>

namespace trapline::random_programs {

// A number's type, and whether it is a literal that takes the other side's sign.
struct Operand {
  Type type;
  bool flexible = false;
};

// `bits` cut to the type and extended back to 64 bits. Bool: 0 or 1.
uint64_t cut(uint64_t bits, const Type&);

// What an operator gives for two numbers. Comparisons and logic: bool. Shifts: 64 bits of the left side's sign. Minus:
// int64. Else int64 if either side is signed, where a flexible one counts as the other.
Type result_type(Op, const Operand& left, const Operand& right);
// Whether the operator reads its operands as signed: as C would, after both were widened to 64 bits.
bool works_signed(Op, const Operand& left, const Operand& right);

// Division by 0 gives 1, INT64_MIN / -1 wraps around, shifts count modulo 64.
uint64_t apply(Op, uint64_t left, uint64_t right, bool is_signed);
uint64_t apply_unary(Op, uint64_t operand);

// The type of a place from all that is put there, in whatever order.
class Joined {
public:
  void add(const Type&);
  void add_literal(uint64_t value, bool is_signed); // an integer that may still get any width
  void add_wide();                                  // the result of ++ and --: 64 bits of whatever sign
  void add_tuple(const std::vector<Joined>&);
  void join(const Joined&);
  // Unknown while nothing was added; nullopt: things that do not go together.
  std::optional<Type> type() const;

private:
  std::optional<Type> number() const;

  Type other_;               // strings and arrays
  uint32_t signed_bytes_ = 0, unsigned_bytes_ = 0;
  bool bool_ = false, integer_ = false, fixed_ = false, literal_ = false, wide_ = false, clash_ = false;
  bool negative_ = false, large_ = false;     // literals below 0, and from 2^63 on
  uint32_t literal_bytes_[2] = {0, 0};        // that literals need, as unsigned and as signed numbers
  std::vector<Joined> members_;
  bool is_tuple_ = false;
};

} // namespace trapline::random_programs
