// Arithmetic at compile time, by the same rules as at run time.
#pragma once

#include "ast/ast.h"
#include "builtins/builtin.h"
#include "types/type.h"

#include <optional>
#include <string_view>

namespace trapline::sema {

struct Folded {
  Type type;
  Constant value;

  static Folded integer(uint64_t value, Type type) { return {std::move(type), Constant{value}}; }
  // int64, or uint64 if the value needs it; takes the sign of what it meets.
  static Folded literal(uint64_t value);
  static Folded text(std::string);
  static Folded boolean(bool value) { return integer(value ? 1 : 0, Type::boolean()); }
  // Not zero; any text is true.
  bool truth() const { return !value.is_integer() || value.integer() != 0; }
  bool flexible() const { return value.from_literals && static_cast<int64_t>(value.integer()) >= 0; }
  Folded&& as_literal(bool literal = true) && {
    value.from_literals = literal && value.is_integer();
    return std::move(*this);
  }
};

// nullopt: not an operation on constants (++x), or not on these.
std::optional<Folded> fold_unary(ast::UnaryOp, const Folded& operand);
// nullopt: not on these; division by zero.
std::optional<Folded> fold_binary(ast::BinaryOp, const Folded& left, const Folded& right);
// An integer as another integer, boolean, enum or pointer type.
std::optional<Folded> fold_cast(const Folded&, const Type& to);
// A positional parameter: an integer if all of it is one (decimal, hexadecimal, a leading minus), else text.
Folded fold_positional(std::string_view text);

// The value of an expression of literals and operators alone; `name` looks up identifiers.
template <typename Lookup> std::optional<Folded> fold_expr(const ast::Expr& expr, const Lookup& name) {
  if (const auto* literal = std::get_if<ast::IntLiteral>(&expr.node)) return Folded::literal(literal->value);
  if (const auto* identifier = std::get_if<ast::Identifier>(&expr.node)) return name(identifier->name);
  if (const auto* unary = std::get_if<ast::Unary>(&expr.node)) {
    std::optional<Folded> operand = fold_expr(*unary->operand, name);
    return operand ? fold_unary(unary->op, *operand) : std::nullopt;
  }
  if (const auto* binary = std::get_if<ast::Binary>(&expr.node)) {
    std::optional<Folded> left = fold_expr(*binary->left, name);
    std::optional<Folded> right = fold_expr(*binary->right, name);
    return left && right ? fold_binary(binary->op, *left, *right) : std::nullopt;
  }
  return std::nullopt;
}

} // namespace trapline::sema
