// Comparison: numbers, strings, tuples and other values in memory. Strings in memory are zero-padded to their capacity
// wherever they may be compared or used as keys, so whole words can be compared.
#include "codegen/block_lowering.h"
#include "sema/arithmetic.h"

#include <algorithm>
#include <cstring>

namespace trapline::codegen {

namespace {

constexpr uint32_t kInlineCompare = 64; // bytes compared without a loop

Op comparison(ast::BinaryOp op, bool is_signed) {
  using ast::BinaryOp;
  switch (op) {
  case BinaryOp::Equal: return Op::Eq;
  case BinaryOp::NotEqual: return Op::Ne;
  case BinaryOp::Less: return is_signed ? Op::SLt : Op::ULt;
  case BinaryOp::LessEqual: return is_signed ? Op::SLe : Op::ULe;
  case BinaryOp::Greater: return is_signed ? Op::SGt : Op::UGt;
  default: return is_signed ? Op::SGe : Op::UGe;
  }
}

} // namespace

Value BlockLowering::compare(ast::BinaryOp op, const ast::Expr& left, const ast::Expr& right) {
  const Type& l = type_of(left);
  const Type& r = type_of(right);
  bool negated = op == ast::BinaryOp::NotEqual;
  auto result = [&](Value equal) { return negated ? e_.is_zero(equal) : equal; };
  auto text = [&](const ast::Expr& e) -> const std::string* {
    const Constant* c = constant_of(e);
    return c && !c->is_integer() ? &c->text() : nullptr;
  };

  if (l.is(Kind::Probe) && text(right)) return result(probe_is(*text(right)));
  if (r.is(Kind::Probe) && text(left)) return result(probe_is(*text(left)));
  if (l.is(Kind::String) && r.is(Kind::String)) {
    if (const std::string* literal = text(right)) {
      return result(equal_to_text(address(left), l.size, *literal, static_cast<uint32_t>(literal->size()) + 1));
    }
    if (const std::string* literal = text(left)) {
      return result(equal_to_text(address(right), r.size, *literal, static_cast<uint32_t>(literal->size()) + 1));
    }
    return result(equal_bytes(address(left), address(right), std::min(l.size, r.size)));
  }
  if (!l.is_scalar() && !l.is_aggregate() && l == r) return result(equal_bytes(address(left), address(right), l.size));
  if (!l.is_scalar() && !l.is_aggregate() && l.is(Kind::Tuple) && r.is(Kind::Tuple)) {
    Type common = sema::promote(l, r).value_or(l); // one layout that holds both
    Value first = scratch(common.size), second = scratch(common.size);
    into(left, common, first);
    into(right, common, second);
    return result(equal_bytes(first, second, common.size));
  }
  bool is_signed = sema::compares_signed(l, sema::is_flexible(instance_, left), r, sema::is_flexible(instance_, right));
  Value a = scalar(left);
  return e_.operate(comparison(op, is_signed), a, scalar(right));
}

// Compares the first `bytes` bytes of the text, NUL included when they reach it, with a string in memory.
Value BlockLowering::equal_to_text(Value address, uint32_t capacity, const std::string& text, uint32_t bytes) {
  std::string wanted = text.substr(0, text.find('\0'));
  wanted.push_back('\0');
  bytes = std::min<uint32_t>(bytes, static_cast<uint32_t>(wanted.size()));
  if (bytes > capacity) {
    // A string that fills its memory has no NUL there; a longer text cannot be equal.
    if (bytes > capacity + 1) return e_.number(0);
    bytes = capacity;
  }
  if (bytes > 2 * kInlineCompare && object_.system.features().release >= 0x051100) {
    wanted.resize(bytes);
    Value order = e_.call(Helper::Strncmp, {address, e_.number(bytes), e_.constant_bytes(wanted + '\0')});
    return e_.is_zero(e_.truncate(order, 4, true));
  }
  Value difference = e_.number(0);
  for (uint32_t done = 0; done < bytes;) {
    uint32_t left = bytes - done;
    uint32_t size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    uint64_t word = 0;
    std::memcpy(&word, wanted.data() + done, size);
    Value unequal = e_.operate(Op::Xor, e_.load(address, done, size, false), e_.number(word));
    difference = done == 0 ? unequal : e_.operate(Op::Or, difference, unequal);
    done += size;
  }
  return e_.is_zero(difference);
}

Value BlockLowering::equal_bytes(Value left, Value right, uint32_t bytes) {
  if (bytes <= kInlineCompare) {
    Value difference = e_.number(0);
    for (uint32_t done = 0; done < bytes;) {
      uint32_t rest = bytes - done;
      uint32_t size = rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
      Value unequal = e_.operate(Op::Xor, e_.load(left, done, size, false), e_.load(right, done, size, false));
      difference = done == 0 ? unequal : e_.operate(Op::Or, difference, unequal);
      done += size;
    }
    return e_.is_zero(difference);
  }
  uint32_t words = bytes / 8;
  Value equal = e_.local("equal"), index = e_.local("word");
  e_.store(equal, 0, 8, e_.number(1));
  e_.store(index, 0, 8, e_.number(0));
  Label head = e_.block("compare"), body = e_.block("word"), differs = e_.block("differs"), next = e_.block("next"),
        done = e_.block("compared");
  e_.jump(head);
  e_.place(head);
  Value at = e_.load(index, 0, 8, false);
  e_.branch(e_.operate(Op::ULt, at, e_.number(words)), body, done);
  e_.place(body);
  Value position = e_.operate(Op::Mul, at, e_.number(8));
  Value same = e_.operate(Op::Eq, e_.load(e_.offset(left, position), 0, 8, false), e_.load(e_.offset(right, position), 0, 8, false));
  e_.branch(same, next, differs);
  e_.place(next);
  e_.store(index, 0, 8, e_.operate(Op::Add, at, e_.number(1)));
  e_.jump(head);
  e_.place(differs);
  e_.store(equal, 0, 8, e_.number(0));
  e_.jump(done);
  e_.place(done);
  Value result = e_.load(equal, 0, 8, false);
  uint32_t rest = bytes % 8;
  if (rest == 0) return result;
  return e_.operate(Op::And, result, equal_bytes(e_.offset(left, words * 8), e_.offset(right, words * 8), rest));
}

Value BlockLowering::differ(const ast::Expr& left, const ast::Expr& right, uint32_t bytes) {
  auto against = [&](const ast::Expr& memory, const Constant& text) {
    return e_.is_zero(equal_to_text(address(memory), type_of(memory).size, text.text(), bytes));
  };
  if (const Constant* text = constant_of(right)) return against(left, *text);
  if (const Constant* text = constant_of(left)) return against(right, *text);
  uint32_t common = std::min({bytes, type_of(left).size, type_of(right).size});
  return e_.is_zero(equal_bytes(address(left), address(right), common));
}

// `probe == "text"`: at most a few indices have that name.
Value BlockLowering::probe_is(const std::string& name) {
  Value index = probe_index();
  Value found = e_.number(0);
  for (const Target& target : instance_.group.targets) {
    if (target.name != name) continue;
    found = e_.operate(Op::Or, found, e_.operate(Op::Eq, index, e_.number(target.cookie)));
  }
  return found;
}

} // namespace trapline::codegen
