// Operators.
#include "builtins/glob.h"
#include "sema/inference.h"

#include <algorithm>

namespace trapline::sema {

using ast::BinaryOp;
using ast::UnaryOp;

namespace {

bool is_comparison(BinaryOp op) { return op >= BinaryOp::Equal; }
bool is_equality(BinaryOp op) { return op == BinaryOp::Equal || op == BinaryOp::NotEqual; }
bool is_text(const Type& type) { return type.is(Kind::String) || type.is(Kind::Probe); }
bool is_number_or_pointer(const Type& type) { return is_number(type) || type.is(Kind::Pointer); }

// A pointer that was computed is none that the verifier tracks.
Type computed(Type pointer) {
  if (pointer.space == AddressSpace::Btf) pointer.space = AddressSpace::Kernel;
  return pointer;
}

bool can_compare(BinaryOp op, const Type& left, const Type& right) {
  if (is_number_or_pointer(left) && is_number_or_pointer(right)) return true;
  if (!is_equality(op)) return false;
  if (is_text(left) && is_text(right)) return true;
  if (left.kind != right.kind) return false;
  switch (left.kind) {
  case Kind::Tuple: return promote(left, right).has_value();
  case Kind::Array:
  case Kind::Buffer: return left == right;
  case Kind::Inet:
  case Kind::Mac:
  case Kind::Username:
  case Kind::CgroupPath:
  case Kind::KSym:
  case Kind::USym: return true;
  default: return false;
  }
}

} // namespace

// --- unary

Type Inference::node(const ast::Expr& expr, const ast::Unary& n) {
  if (!n.operand) return Type::error();
  if (n.op >= UnaryOp::PreIncrement) return step(expr, n);
  if (n.op == UnaryOp::AddressOf) return address_of(expr, n);
  Type type = value_of(*n.operand);
  if (type.is_error()) return type;
  if (std::optional<Folded> operand = folded(*n.operand)) {
    if (std::optional<Folded> result = fold_unary(n.op, *operand)) return set_constant(expr, std::move(*result));
  }
  if (n.op == UnaryOp::Dereference) return dereference(expr, type);
  if (n.op == UnaryOp::Not && is_condition(type)) return Type::boolean();
  if (n.op != UnaryOp::Not && is_number(type)) return Type::integer(8, read_as(type).is_signed);
  report(DiagId::InvalidOperand, expr.span, n.op == UnaryOp::Not ? "!" : n.op == UnaryOp::Negate ? "-" : "~", to_string(type));
  return Type::error();
}

Type Inference::step(const ast::Expr& expr, const ast::Unary& n) {
  bool up = n.op == UnaryOp::PreIncrement || n.op == UnaryOp::PostIncrement;
  const char* spelling = up ? "++" : "--";
  if (!is_target(*n.operand)) {
    infer(*n.operand);
    report(DiagId::InvalidTarget, n.operand->span, fmt::format("`{}`", ast::to_source(*n.operand)))
        .hint(fmt::format("`{}` takes a map (@x) or a variable ($x)", spelling));
    return Type::error();
  }
  Type type = infer(*n.operand);
  if (type.is_error() || type.is_integral()) {
    put_target(*n.operand, Cell::wide(), nullptr);
    return infer(*n.operand);
  }
  if (type.is(Kind::Pointer)) return type;
  report(DiagId::InvalidOperand, expr.span, spelling, to_string(type));
  return Type::error();
}

Type Inference::dereference(const ast::Expr& expr, const Type& operand) {
  if (is_number(operand)) return Type::integer(8, false);
  bool readable = operand.is(Kind::Pointer) && !operand.element->is(Kind::Void);
  if (!readable) {
    report(DiagId::InvalidOperand, expr.span, "*", to_string(operand));
    return Type::error();
  }
  Type pointee = *operand.element;
  if (pointee.is(Kind::Struct)) pointee = Type::structure(pointee.record);
  return in_space(element_as_value(pointee), pointee.is(Kind::Struct) ? operand.space : computed(operand).space);
}

Type Inference::address_of(const ast::Expr& expr, const ast::Unary& n) {
  if (!is_target(*n.operand)) {
    Type type = infer(*n.operand);
    if (!type.is_error()) report(DiagId::InvalidOperand, expr.span, "&", to_string(type));
    return Type::error();
  }
  Type type = infer(*n.operand);
  return type.is_error() ? type : Type::pointer(std::move(type), AddressSpace::Kernel);
}

// --- binary

// A script that compares a positional parameter with 0 or "" knows that it may be missing: no warning.
void Inference::note_tested_positional(const ast::Binary& n) {
  if (!is_equality(n.op)) return;
  for (auto [side, other] : {std::pair(n.left.get(), n.right.get()), std::pair(n.right.get(), n.left.get())}) {
    const auto* positional = std::get_if<ast::Positional>(&side->node);
    const auto* number = std::get_if<ast::IntLiteral>(&other->node);
    const auto* text = std::get_if<ast::StringLiteral>(&other->node);
    bool empty = (number && number->value == 0) || (text && text->value.empty());
    if (positional && empty) tested_positionals_.insert(positional->index);
  }
}

// In a comparison with text a positional parameter is text, also if it looks like a number or was not given.
void Inference::operands(const ast::Binary& n) {
  note_tested_positional(n);
  bool compares = is_comparison(n.op);
  bool left_first = !compares || !std::holds_alternative<ast::Positional>(n.left->node);
  const ast::Expr& first = left_first ? *n.left : *n.right;
  const ast::Expr& second = left_first ? *n.right : *n.left;
  Type other = value_of(first);
  as_text_ = compares && is_text(other) && std::holds_alternative<ast::Positional>(second.node);
  value_of(second);
  as_text_ = false;
}

void Inference::check_division(const ast::Binary& n) {
  if (n.op != BinaryOp::Div && n.op != BinaryOp::Mod) return;
  const Constant* divisor = constant_of(*n.right);
  if (divisor && divisor->is_integer() && divisor->integer() == 0) report(DiagId::DivisionByZeroConstant, n.right->span);
}

// As in C a negative number is larger than any unsigned one of 64 bits.
void Inference::warn_of_signs(const ast::Binary& n, const Type& left, const Type& right) {
  bool orders = is_comparison(n.op) && !is_equality(n.op) && is_number(left) && is_number(right);
  if (!orders || is_flexible(*instance_, *n.left) || is_flexible(*instance_, *n.right)) return;
  if (left.is_signed == right.is_signed || compares_signed(left, false, right, false)) return;
  const Type& with_sign = left.is_signed ? left : right;
  std::string text = fmt::format("`{}` of `{}` and `{}` compares unsigned numbers: negative ones count as very large",
                                 ast::spelling(n.op), to_string(read_as(left)), to_string(read_as(right)));
  report(DiagId::SignedComparison, n.op_span.end > 0 ? n.op_span : n.left->span, text)
      .hint(fmt::format("cast the other side to `{}` if negative numbers matter", to_string(Type::integer(8, with_sign.is_signed))));
}

// `text =~ "pattern"`
Type Inference::match(const ast::Expr& expr, const ast::Binary& n) {
  auto operand = [&](const ast::Expr& side) {
    as_text_ = std::holds_alternative<ast::Positional>(side.node);
    Type type = value_of(side);
    as_text_ = false;
    return type;
  };
  Type left = operand(*n.left), right = operand(*n.right);
  if (left.is_error() || right.is_error()) return Type::boolean();
  if (!is_readable_text(left)) {
    Diagnostic& diagnostic = report(DiagId::InvalidOperands, n.op_span.end > 0 ? n.op_span : expr.span, ast::spelling(n.op), to_string(left), to_string(right));
    if (may_be_address(left, constant_of(*n.left))) diagnostic.hint(fmt::format("str({}) is the text at an address", ast::to_source(*n.left)));
    return Type::boolean();
  }
  std::optional<Folded> text = folded(*n.left), pattern = folded(*n.right);
  if (!pattern || pattern->value.is_integer()) {
    report(DiagId::NotAConstant, n.right->span, "the right side", ast::spelling(n.op), "a string literal");
    return Type::boolean();
  }
  if (!builtins::check_pattern(*n.right, pattern->value.text(), *diagnostics_) || !text || text->value.is_integer()) return Type::boolean();
  std::optional<Constant> matched = builtins::fold_match(text->value.text(), pattern->value.text());
  return matched ? set_constant(expr, Folded::boolean(matched->integer() != 0)) : Type::boolean();
}

Type Inference::node(const ast::Expr& expr, const ast::Binary& n) {
  if (!n.left || !n.right) return Type::error();
  if (n.op == BinaryOp::Match) return match(expr, n);
  operands(n);
  Type left = type_at(*n.left), right = type_at(*n.right);
  check_division(n);
  std::optional<Folded> l = folded(*n.left), r = folded(*n.right);
  if (l && r) {
    if (std::optional<Folded> result = fold_binary(n.op, *l, *r)) return set_constant(expr, std::move(*result));
  }
  bool decided = l && ((n.op == BinaryOp::And && !l->truth()) || (n.op == BinaryOp::Or && l->truth()));
  if (decided && l->value.is_integer() && is_condition(right)) return set_constant(expr, Folded::boolean(n.op == BinaryOp::Or));
  if (left.is_error() || right.is_error()) {
    bool is_bool = is_comparison(n.op) || n.op == BinaryOp::And || n.op == BinaryOp::Or;
    return is_bool ? Type::boolean() : Type::error();
  }
  Type type = binary_type(n.op, left, is_flexible(*instance_, *n.left), right, is_flexible(*instance_, *n.right));
  warn_of_signs(n, left, right);
  if (!type.is_error()) return type;
  Span where = n.op_span.end > 0 ? n.op_span : expr.span;
  report(DiagId::InvalidOperands, where, ast::spelling(n.op), to_string(left), to_string(right));
  return type;
}

// Error: the operator does not take these.
Type Inference::binary_type(BinaryOp op, const Type& left, bool left_flexible, const Type& right, bool right_flexible) {
  if (left.is_error() || right.is_error()) return Type::error();
  if (is_comparison(op)) return can_compare(op, left, right) ? Type::boolean() : Type::error();
  if (op == BinaryOp::And || op == BinaryOp::Or) return is_condition(left) && is_condition(right) ? Type::boolean() : Type::error();
  if (left.is(Kind::Pointer) && is_number(right) && (op == BinaryOp::Add || op == BinaryOp::Sub)) return computed(left);
  if (is_number(left) && right.is(Kind::Pointer) && op == BinaryOp::Add) return computed(right);
  if (left.is(Kind::Pointer) || right.is(Kind::Pointer)) {
    // Addresses may be masked and shifted, and are numbers then.
    bool is_bitwise = op >= BinaryOp::BitAnd && op <= BinaryOp::ShiftRight;
    return is_bitwise && is_number_or_pointer(left) && is_number_or_pointer(right) ? Type::integer(8, false) : Type::error();
  }
  if (!is_number(left) || !is_number(right)) return Type::error();
  if (op == BinaryOp::Sub) return Type::integer(8, true);
  if (op == BinaryOp::ShiftLeft || op == BinaryOp::ShiftRight) return Type::integer(8, read_as(left).is_signed);
  return arithmetic_type(left, left_flexible, right, right_flexible);
}

// --- c ? a : b

Type Inference::node(const ast::Expr& expr, const ast::Ternary& n) {
  if (!n.condition || !n.otherwise) return Type::error();
  condition(*n.condition);
  if (std::holds_alternative<ast::Comptime>(n.condition->node) && n.then) {
    std::optional<Folded> test = folded(*n.condition);
    if (!test) return Type::error();
    const ast::Expr& taken = test->truth() ? *n.then : *n.otherwise;
    Type type = infer(taken);
    std::optional<Folded> value = folded(taken);
    return value ? set_constant(expr, std::move(*value)) : type;
  }
  const ast::Expr& then = n.then ? *n.then : *n.condition;
  Type left = n.then ? infer(then) : type_at(then);
  Type right = infer(*n.otherwise);
  if (left.is_error() || right.is_error()) return left.is_error() ? right : left;
  if (left.is(Kind::Void) && right.is(Kind::Void)) return left;
  if (left.is(Kind::Void) || right.is(Kind::Void)) {
    report(DiagId::NoValue, left.is(Kind::Void) ? then.span : n.otherwise->span, ast::to_source(left.is(Kind::Void) ? then : *n.otherwise));
    return Type::error();
  }
  Cell cell = cell_of(then, left);
  if (!cell.merge(cell_of(*n.otherwise, right))) {
    report(DiagId::TypeMismatch, expr.span,
           fmt::format("both sides of `?:` must have one type, these are `{}` and `{}`", to_string(left), to_string(right)));
    return Type::error();
  }
  Type type = cell.type();
  std::optional<Folded> test = folded(*n.condition);
  std::optional<Folded> chosen = test ? folded(test->truth() ? then : *n.otherwise) : std::nullopt;
  if (!chosen) return type;
  const Constant *one = constant_of(then), *other = constant_of(*n.otherwise);
  bool literal = test->value.from_literals && one && one->from_literals && other && other->from_literals;
  return set_constant(expr, Folded{std::move(type), std::move(chosen->value)}.as_literal(literal));
}

} // namespace trapline::sema
