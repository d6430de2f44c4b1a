// Programs of the random-program test: a small tree of its own, which knows nothing of the product's parser and types.
// Everything is a value: the shrinker copies and changes programs freely.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace trapline::random_programs {

enum class Kind : uint8_t { Unknown, Int, Bool, String, Array, Tuple };

struct Type {
  Kind kind = Kind::Unknown;
  uint32_t size = 0; // Int, Bool: bytes; String: capacity with the NUL; Array: elements
  bool is_signed = false;
  std::vector<Type> members; // Tuple; Array: the element

  static Type integer(uint32_t bytes, bool is_signed) { return {Kind::Int, bytes, is_signed, {}}; }
  static Type boolean() { return {Kind::Bool, 1, false, {}}; }
  static Type string(uint32_t capacity) { return {Kind::String, capacity, false, {}}; }
  static Type array(const Type& element, uint32_t count) { return {Kind::Array, count, false, {element}}; }
  static Type tuple(std::vector<Type> members) { return {Kind::Tuple, 0, false, std::move(members)}; }

  bool is_number() const { return kind == Kind::Int || kind == Kind::Bool; }
  bool operator==(const Type&) const = default;
};

enum class Op : uint8_t {
  None,
  Negate, Complement, Not,
  PreIncrement, PreDecrement, PostIncrement, PostDecrement,
  Mul, Div, Mod, Add, Sub, Shl, Shr,
  Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual,
  BitAnd, BitXor, BitOr, And, Or,
};

inline bool is_comparison(Op op) { return op >= Op::Less && op <= Op::NotEqual; }
inline bool is_logical(Op op) { return op == Op::And || op == Op::Or; }
inline bool is_division(Op op) { return op == Op::Div || op == Op::Mod; }
inline bool is_shift(Op op) { return op == Op::Shl || op == Op::Shr; }

enum class ExprKind : uint8_t {
  Integer,        // number, as two's complement; negative: written with a minus
  Boolean,        // number
  Text,           // text
  Positional,     // number: from 1 on
  PositionalText, // str($number)
  Variable,       // place
  Map,            // place, parts: the keys
  Unary,          // op
  Step,           // op; parts[0] is a variable or a map
  Binary,         // op
  Ternary,        // three parts, or two: a ?: b
  Cast,           // type
  Tuple,
  Member,         // number: which
  Index,          // parts[1] in parts[0]
  SizeOf,         // of type, or of the part if there is one
  Length,         // len(map): place
  HasKey,         // place, parts: the keys
  Delete,         // place, parts: the keys
};

struct Expr {
  ExprKind kind = ExprKind::Integer;
  Op op = Op::None;
  bool negative = false;
  uint64_t number = 0;
  uint32_t place = 0;
  std::string text;
  Type type;
  std::vector<Expr> parts;
};

enum class StmtKind : uint8_t {
  Let,       // place, exprs[0] if it has a value; the type stands with the variable
  Assign,    // exprs[0] = exprs[1]
  Combine,   // exprs[0] op= exprs[1]
  Discard,   // _ = exprs[0]
  Evaluate,  // exprs[0] for its effect
  Aggregate, // exprs[0] = text(exprs[1])
  If,        // exprs[0], body, otherwise
  While,     // exprs[0], body
  For,       // place, exprs[0]..exprs[1], body
  Unroll,    // number, body
  Block,     // body
  Break,
  Continue,
  Return,
  Print,     // exprs[0]
  Printf,    // text, exprs
};

struct Stmt {
  StmtKind kind = StmtKind::Block;
  Op op = Op::None;
  uint64_t number = 0;
  uint32_t place = 0;
  std::string text;
  std::vector<Expr> exprs;
  std::vector<Stmt> body, otherwise;
};

struct Variable {
  std::string name;
  Type declared; // Unknown: inferred
};

struct Map {
  std::string name; // without @
  bool keyed = false;
  std::string aggregate; // count, sum...; empty: plain values
  bool is_input = false; // filled before all programs, and the same for all of them
  Type input;            // of an input's values
};

struct Program {
  uint64_t number = 0; // in its run
  std::vector<Variable> variables;
  std::vector<Map> maps;
  std::vector<Stmt> body;
};

// What the programs of a run get from outside: positional parameters, and maps that no compiler can look into.
struct Input {
  Type type;
  std::vector<uint64_t> numbers;   // as 64 bits, extended by the type's sign
  std::vector<std::string> texts;  // for strings
};

struct Inputs {
  std::vector<std::string> positional;
  std::vector<Input> maps; // the first maps of every program
};

// Everything in a program, outermost first. `visit` may change what it gets.
template <typename Visit> void for_each_expr(Expr& expr, const Visit& visit) {
  visit(expr);
  for (Expr& part : expr.parts) for_each_expr(part, visit);
}

template <typename Visit> void for_each_stmt(std::vector<Stmt>& body, const Visit& visit) {
  for (Stmt& stmt : body) {
    visit(stmt);
    for_each_stmt(stmt.body, visit);
    for_each_stmt(stmt.otherwise, visit);
  }
}

} // namespace trapline::random_programs
