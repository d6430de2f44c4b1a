// Random programs that are right by the language's rules: the same for the same seed, on every machine.
//
// An expression is made for a shape: a kind of type, where integers are of any width and sign and strings of any length.
// What widths the places of a program get shows only when it is whole (typing.h); `legalise` then mends the few things
// that depend on them.
#pragma once

#include "random/typing.h"

#include <array>
#include <optional>
#include <random>

namespace trapline::random_programs {

class Random {
public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t next() { return engine_(); }
  uint64_t below(uint64_t n) { return engine_() % n; }
  bool chance(uint64_t percent) { return below(100) < percent; }
  template <typename List> const auto& pick(const List& list) { return *(std::begin(list) + static_cast<ptrdiff_t>(below(std::size(list)))); }

private:
  std::mt19937_64 engine_;
};

Inputs make_inputs(uint64_t seed);
Program generate(uint64_t seed, uint64_t number, const Inputs&);

// Changes what the compiler must refuse: constant divisors of 0, constants that a declared type cannot hold, constant
// indices out of bounds. False: the program cannot be used, its types do not go together.
bool legalise(Program&, const Inputs&);
// Nothing of that is left, every variable is declared before it is used, and print() gets no bare map.
bool is_legal(const Program&, const Inputs&, const Types&);

class Generator {
public:
  Generator(uint64_t seed, const Inputs&);
  Program run(uint64_t number);

private:
  // --- generate.cpp: maps, variables
  void make_maps();
  Type make_shape(int depth);
  Type make_array();
  void seed_map(uint32_t map, std::vector<Stmt>& body);
  uint32_t new_variable(const Type& shape, bool assignable);
  std::vector<uint32_t> variables(const Type& shape, bool assignable) const;
  std::vector<uint32_t> maps(const Type& shape, bool aggregates) const;
  Expr map_access(uint32_t map, int depth);
  std::vector<Expr> keys(uint32_t map, int depth);
  Expr key(const Type& shape, int depth);

  // --- generate_statements.cpp
  std::vector<Stmt> body(size_t count, int depth);
  std::vector<Stmt> scope(size_t count, int depth);
  void statement(std::vector<Stmt>& body, int depth);
  void simple_statement(std::vector<Stmt>& body);
  void declare(std::vector<Stmt>& body);
  void assign(std::vector<Stmt>& body);
  void assign_map(std::vector<Stmt>& body);
  void combine(std::vector<Stmt>& body);
  void aggregate(uint32_t map, std::vector<Stmt>& body);
  void jump(std::vector<Stmt>& body);
  void while_loop(std::vector<Stmt>& body, int depth);
  void for_loop(std::vector<Stmt>& body, int depth);
  void print(std::vector<Stmt>& body);
  void printf(std::vector<Stmt>& body);
  void twins(std::vector<Stmt>& body);
  bool is_number_leaf(const Expr&) const;
  void replace_leaves(std::array<Expr*, 3> twins, std::vector<Stmt>& body);
  Expr assignable_number();
  std::string conversion(const Type& shape, std::vector<Expr>& arguments);

  // --- generate_expressions.cpp
  Expr expression(const Type& shape, int depth);
  Expr condition(int depth);
  Expr integer(int depth);
  Expr integer_leaf();
  Expr integer_part(int depth);
  Expr arithmetic(int depth);
  Expr literal();
  Expr small(int depth);
  Expr boolean(int depth);
  Expr comparison(int depth);
  Expr text(int depth);
  Expr tuple(const Type& shape, int depth);
  Expr array(const Type& type, int depth);
  Expr stored(const Type& shape, int depth); // a variable, map or member of this shape, or something made on the spot
  std::optional<Expr> input(const Type& type);
  Type integer_type();

  const Inputs& inputs_;
  Random random_;
  Program program_;
  std::vector<Type> variable_shapes_;
  std::vector<bool> assignable_;
  std::vector<std::vector<uint32_t>> scopes_; // variables that are visible
  std::vector<Type> key_shapes_, value_shapes_;
  int loops_ = 0;
  bool effects_ = true; // may ++, -- and delete() stand here
};

} // namespace trapline::random_programs
