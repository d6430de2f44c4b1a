// The plain evaluator: what a program prints, found by walking its tree.
#pragma once

#include "random/typing.h"
#include "random/value.h"

#include <map>
#include <optional>
#include <unordered_map>

namespace trapline::random_programs {

struct Outcome {
  std::vector<std::string> lines; // printed while it ran
  std::vector<std::string> maps;  // what is left in its maps, a line an element, sorted
  bool operator==(const Outcome&) const = default;
};

// nullopt: it does not end in reasonable time, or does what no generated program may do.
std::optional<Outcome> evaluate(const Program&, const Inputs&, const Types&);

// The value of an expression that reads no variable and no map; nullopt if it does.
std::optional<Value> constant_value(const Expr&, const Program&, const Inputs&, const Types&);

class Evaluator {
public:
  Evaluator(const Program&, const Inputs&, const Types&);
  std::optional<Outcome> run();
  std::optional<Value> constant(const Expr&);

private:
  enum class Flow : uint8_t { Next, Break, Continue, Return };
  struct Element {
    Value key, value;             // plain maps
    uint64_t total = 0, count = 0; // aggregations: the sum or the extreme, and how many
  };
  using Elements = std::map<std::string, Element>; // by the key's text

  Flow execute(const std::vector<Stmt>&);
  Flow execute(const Stmt&);
  Flow execute_while(const Stmt&);
  Flow execute_for(const Stmt&);
  void assign(const Expr& target, const Value&);
  void aggregate(const Stmt&);

  Value evaluate(const Expr&);
  Value unary(const Expr&);
  Value step(const Expr&);
  Value binary(const Expr&);
  Value combine(Op, const Value& left, const Operand&, const Value& right, const Operand&);
  Value ternary(const Expr&);
  Value cast(const Expr&);
  Value tuple(const Expr&);
  Value index(const Expr&);
  Value map_access(const Expr&);

  std::string key_of(const Expr& map, Value* key = nullptr);
  Value read(const Map&, const Element&, const Type&) const;
  const Typed& typed(const Expr&);
  bool touch(); // false, and the evaluation is void, where state may not be read

  const Program& program_;
  Types types_;
  const Inputs& inputs_;
  Typing typing_;
  std::unordered_map<const Expr*, Typed> typed_;
  std::vector<Value> variables_;
  std::vector<Elements> maps_;
  Outcome outcome_;
  uint64_t steps_ = 0;
  bool failed_ = false, constant_only_ = false;
};

} // namespace trapline::random_programs
