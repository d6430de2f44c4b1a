// The types of a program's variables, maps and expressions, by the rules of the language's reference.
#pragma once

#include "random/arithmetic.h"

#include <optional>

namespace trapline::random_programs {

struct Typed {
  Type type;                       // Unknown while a type that it needs is
  std::optional<uint64_t> literal; // its value, if it is a number made of literals only

  Operand operand() const { return {type, type.kind == Kind::Int && literal && static_cast<int64_t>(*literal) >= 0}; }
};

struct Types {
  std::vector<Type> variables, keys, values; // by place; the value of an aggregation: the number that is read
  bool operator==(const Types&) const = default;
};

// A positional parameter as a number; 0 if there is none.
Typed positional_number(const Inputs&, uint64_t index);
std::string positional_text(const Inputs&, uint64_t index);
uint32_t size_of(const Type&);

class Typing {
public:
  Typing(const Program& program, const Inputs& inputs) : program_(program), inputs_(inputs) {}

  // nullopt: types do not go together, or depend on where one begins to look; such a program is not used.
  static std::optional<Types> infer(const Program&, const Inputs&);

  Typed typed(const Expr&) const;
  void set_types(Types types) { types_ = std::move(types); }

private:
  std::optional<Types> settle(bool eager);
  std::optional<Types> collect();
  void visit(const std::vector<Stmt>&);
  void visit(const Stmt&);
  void visit(const Expr&);
  void put(const Expr& target, const Expr& value);
  void put_keys(const Expr& map);
  Joined contribution(const Expr&) const;
  Typed typed_unary(const Expr&) const;
  Typed typed_binary(const Expr&) const;
  Typed typed_ternary(const Expr&) const;
  Type place_type(const Type& settled, const Joined* collected) const;

  const Program& program_;
  const Inputs& inputs_;
  Types types_; // of the round before
  std::vector<Joined> variables_, keys_, values_;
  bool eager_ = false; // read what this round has found so far where nothing is known from the round before
};

} // namespace trapline::random_programs
