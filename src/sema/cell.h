// What is known of the type of one place (a map's key or value, a variable) from everything that is put there. The result
// does not depend on the order in which values are added.
#pragma once

#include "types/type.h"

#include <cstdint>
#include <vector>

namespace trapline::sema {

class Cell {
public:
  Cell() = default;
  static Cell of(const Type&);
  // An integer constant: takes the sign of what it meets, and asks for the width it needs.
  static Cell literal(uint64_t value, bool is_signed);
  // The result of arithmetic on what is here already (`+=`, `++`): 64 bits of whatever sign that has.
  static Cell wide();
  // `names` are those of a record's members.
  static Cell tuple(std::vector<Cell> members, std::shared_ptr<const std::vector<std::string>> names = nullptr);

  // False: the other does not go together with what is here, and nothing is changed.
  bool merge(const Cell&);
  // Error (also inside a tuple) where nothing is known yet. Literals alone make int64, or uint64 if one needs it.
  Type type() const;
  bool empty() const { return fixed_.is_error() && !has_literal_ && !is_tuple_; }

private:
  bool is_null() const { return has_literal_ && !wide_ && highest_ == 0 && lowest_ == 0; }
  Type literal_type() const;
  Type with_literals() const;
  void expand_tuple();
  bool merge_members(const Cell&);

  Type fixed_; // promotion of all that came with a type of its own
  bool has_literal_ = false;
  bool wide_ = false;
  uint64_t highest_ = 0; // the largest non-negative literal
  int64_t lowest_ = 0;   // the smallest negative one, or 0
  bool is_tuple_ = false;
  std::vector<Cell> members_;
  std::shared_ptr<const std::vector<std::string>> names_;
};

} // namespace trapline::sema
