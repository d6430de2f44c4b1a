// What integers become when they meet: C's usual conversions, on 64 bits, with literals that take the other side's sign.
#pragma once

#include "sema/sema.h"

#include <optional>

namespace trapline::sema {

// Made of literals or enumerators alone, and from 0 to INT64_MAX: it has no sign of its own.
bool is_flexible(const Instance&, const ast::Expr&);

// How two integers (or pointers, read as uint64) are compared and divided, as C does on 64 bits: unsigned if both sides
// are, or if the unsigned one has 64 bits. A flexible side adopts the sign of the other.
bool compares_signed(const Type& left, bool left_flexible, const Type& right, bool right_flexible);
// The type of what + * / % & | ^ make of them: int64 if either side is signed, else uint64. Flexible sides as above.
Type arithmetic_type(const Type& left, bool left_flexible, const Type& right, bool right_flexible);

// How a value reads in an expression: an aggregation that can be read as a number is one, all else is itself.
Type read_as(const Type&);
// How a value is kept in a map or a variable: as it reads, and a pointer that only the verifier tracks becomes a kernel
// pointer.
Type stored_as(const Type&);
// Pointers and structs of unknown address space get this one.
Type in_space(Type, AddressSpace);
// A field or an element as a value: an array of char is a string.
Type element_as_value(const Type&);

// The type that holds both; nullopt: they do not go together. Error goes with everything.
std::optional<Type> promote(const Type&, const Type&);

// Bytes (1, 2, 4 or 8) that a value needs.
uint32_t bytes_for(uint64_t value, bool is_signed);
uint32_t bytes_for_negative(int64_t value);

// `value` cut to `bytes` and extended back to 64 bits.
uint64_t truncate(uint64_t value, uint32_t bytes, bool is_signed);

// Can be tested by if, while, ?:, &&, || and !.
bool is_condition(const Type&);
// Has a value that arithmetic takes: integers, and aggregations read as numbers.
bool is_number(const Type&);
// Has an error in it, at any depth of a tuple.
bool is_unknown(const Type&);
// As to_string, with what else tells two types apart: the mode and frames of a stack, the buckets of a histogram.
std::string describe(const Type&);
// Text that builtins and `=~` read: a string, bytes in an array, a pointer to bytes.
bool is_readable_text(const Type&);
// Whether str() of this would make sense, for hints.
bool may_be_address(const Type&, bool is_constant);
// Equal, address spaces included: what the fixpoint compares.
bool same(const Type&, const Type&);

} // namespace trapline::sema
