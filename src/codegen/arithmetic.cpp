// Numbers: C's arithmetic on 64 bits, with division that cannot trap and is right for negative operands on every kernel.
#include "codegen/block_lowering.h"
#include "sema/arithmetic.h"

namespace trapline::codegen {

namespace {

constexpr int kCpuWithSignedDivision = 4;

} // namespace

Value BlockLowering::binary(ast::BinaryOp op, const ast::Expr& left, const ast::Expr& right, const Type& result, Span span) {
  const Type& left_type = type_of(left);
  const Type& right_type = type_of(right);
  bool is_signed = result.is_signed;
  if (op == ast::BinaryOp::Div || op == ast::BinaryOp::Mod) {
    is_signed = sema::compares_signed(left_type, sema::is_flexible(instance_, left), right_type, sema::is_flexible(instance_, right));
  } else if (op == ast::BinaryOp::ShiftRight) {
    is_signed = left_type.is_signed;
  }
  Value l = scalar(left);
  Value r = scalar(right);
  if (result.is(Kind::Pointer)) {
    if (left_type.is(Kind::Pointer)) r = scaled(r, left_type);
    if (right_type.is(Kind::Pointer)) l = scaled(l, right_type);
  }
  return arithmetic(op, l, r, is_signed, span, constant_of(right) != nullptr);
}

// `count` elements of what the pointer points to, in bytes.
Value BlockLowering::scaled(Value count, const Type& pointer) {
  uint32_t size = pointer.element ? pointer.element->size : 1;
  return size <= 1 ? count : e_.operate(Op::Mul, count, e_.number(size));
}

Value BlockLowering::arithmetic(ast::BinaryOp op, Value left, Value right, bool is_signed, Span span, bool constant_divisor) {
  using ast::BinaryOp;
  switch (op) {
  case BinaryOp::Add: return e_.operate(Op::Add, left, right);
  case BinaryOp::Sub: return e_.operate(Op::Sub, left, right);
  case BinaryOp::Mul: return e_.operate(Op::Mul, left, right);
  case BinaryOp::BitAnd: return e_.operate(Op::And, left, right);
  case BinaryOp::BitOr: return e_.operate(Op::Or, left, right);
  case BinaryOp::BitXor: return e_.operate(Op::Xor, left, right);
  case BinaryOp::ShiftLeft: return e_.operate(Op::Shl, left, right);
  case BinaryOp::ShiftRight: return e_.operate(is_signed ? Op::AShr : Op::LShr, left, right);
  case BinaryOp::Div:
  case BinaryOp::Mod: return divide(op == BinaryOp::Mod, left, right, is_signed, span, constant_divisor);
  default: return e_.number(0);
  }
}

// A divisor of 0 gives 1, as it does for bpftrace, and is counted so that the user hears of it.
Value BlockLowering::divide(bool modulo, Value left, Value right, bool is_signed, Span span, bool constant_divisor) {
  auto quotient = [&] {
    if (is_signed) return signed_divide(modulo, left, right, constant_divisor);
    return e_.operate(modulo ? Op::UMod : Op::UDiv, left, right);
  };
  if (constant_divisor) return quotient(); // sema refuses a constant 0
  Value result = e_.local("quotient");
  Label zero = e_.block("zero_divisor"), fine = e_.block("divide"), done = e_.block("divided");
  e_.branch(e_.is_zero(right), zero, fine, Likely::False);
  e_.place(zero);
  count_site(SiteKind::DivisionByZero, {}, span);
  e_.store(result, 0, 8, e_.number(1));
  e_.jump(done);
  e_.place(fine);
  e_.store(result, 0, 8, quotient());
  e_.jump(done);
  e_.place(done);
  return e_.load(result, 0, 8, false);
}

Value BlockLowering::signed_divide(bool modulo, Value left, Value right, bool constant_divisor) {
  if (object_.system.features().cpu_version >= kCpuWithSignedDivision) {
    Op op = modulo ? Op::SMod : Op::SDiv;
    if (constant_divisor) return e_.operate(op, left, right);
    // INT64_MIN / -1 overflows and faults on x86; kernels before 6.12 do not guard against it.
    Value minus_one = e_.operate(Op::Eq, right, e_.number(UINT64_MAX));
    Value safe = e_.select(minus_one, e_.number(1), right);
    Value result = e_.operate(op, left, safe);
    return modulo ? result : e_.select(minus_one, e_.negate(left), result);
  }
  auto is_negative = [&](Value v) { return e_.operate(Op::SLt, v, e_.number(0)); };
  auto magnitude = [&](Value v) { return e_.select(is_negative(v), e_.negate(v), v); };
  Value unsigned_result = e_.operate(modulo ? Op::UMod : Op::UDiv, magnitude(left), magnitude(right));
  Value negative = modulo ? is_negative(left) : e_.operate(Op::Xor, is_negative(left), is_negative(right));
  return e_.select(negative, e_.negate(unsigned_result), unsigned_result);
}

// && and || of a condition become jumps; only where their value is wanted is it made.
void BlockLowering::branch_on(const ast::Expr& condition, Label yes, Label no) {
  const auto* both = std::get_if<ast::Binary>(&condition.node);
  if (both && !constant_of(condition) && (both->op == ast::BinaryOp::And || both->op == ast::BinaryOp::Or)) {
    Label more = e_.block("right");
    if (both->op == ast::BinaryOp::And) {
      branch_on(*both->left, more, no);
    } else {
      branch_on(*both->left, yes, more);
    }
    e_.place(more);
    branch_on(*both->right, yes, no);
    return;
  }
  e_.branch(truth(condition), yes, no);
}

Value BlockLowering::logical(const ast::Expr& e) {
  Value result = e_.local("logical");
  Label yes = e_.block("yes"), no = e_.block("no"), done = e_.block("decided");
  branch_on(e, yes, no);
  e_.place(yes);
  e_.store(result, 0, 8, e_.number(1));
  e_.jump(done);
  e_.place(no);
  e_.store(result, 0, 8, e_.number(0));
  e_.jump(done);
  e_.place(done);
  return e_.load(result, 0, 8, false);
}

// ++ and -- on variables and map elements; a pointer moves by what it points to.
Operand BlockLowering::step(const ast::Expr& e, const ast::Unary& unary) {
  using ast::UnaryOp;
  bool up = unary.op == UnaryOp::PreIncrement || unary.op == UnaryOp::PostIncrement;
  bool before = unary.op == UnaryOp::PreIncrement || unary.op == UnaryOp::PreDecrement;
  const ast::Expr& target = *unary.operand;
  const Type& type = type_of(target);
  Value amount = type.is(Kind::Pointer) ? scaled(e_.number(1), type) : e_.number(1);
  Value result = e_.local("stepped");
  e_.store(result, 0, 8, e_.number(0));
  auto next = [&](Value old) {
    Value changed = e_.operate(up ? Op::Add : Op::Sub, old, amount);
    e_.store(result, 0, 8, before ? changed : old);
    return changed;
  };
  if (std::holds_alternative<ast::Variable>(target.node)) {
    auto found = instance_.variable_of.find(target.id);
    if (found != instance_.variable_of.end()) assign_variable(found->second, nullptr, next);
  } else if (std::holds_alternative<ast::MapAccess>(target.node)) {
    store_scalar_element(target, next);
  } else {
    return not_supported(e, "`++` and `--` on this");
  }
  return Operand::scalar(e_.load(result, 0, 8, false));
}

} // namespace trapline::codegen
