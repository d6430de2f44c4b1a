// Values, and how they print.
#pragma once

#include "random/tree.h"

#include <string>
#include <vector>

namespace trapline::random_programs {

struct Value {
  Type type;
  uint64_t bits = 0;          // of a number, extended to 64 bits by its sign
  std::string text;           // of a string
  std::vector<Value> members; // of an array or a tuple

  static Value number(uint64_t bits, const Type& type); // cut to the type
  static Value string(std::string text, uint32_t capacity) { return {Type::string(capacity), 0, std::move(text), {}}; }
  static Value zero(const Type&);

  bool same(const Value&) const; // of one type
};

// As the place of this type holds it: numbers are cut, tuples member by member.
Value convert(const Value&, const Type&);

// What print() and %s show.
std::string shown(const Value&);

// What printf() makes of a format and its arguments, with C's meaning. `*` takes an argument.
std::string formatted(const std::string& format, const std::vector<Value>& arguments);

} // namespace trapline::random_programs
