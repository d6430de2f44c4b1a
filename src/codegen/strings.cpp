// Reading text, and comparison: numbers, strings, tuples and other values in memory. Strings in memory are zero-padded to their capacity
// wherever they may be compared or used as keys, so whole words can be compared.
#include "codegen/block_lowering.h"
#include "codegen/words.h"
#include "sema/arithmetic.h"

#include <algorithm>
#include <cstring>

namespace trapline::codegen {

namespace {

constexpr uint32_t kInlineCompare = 64; // bytes compared without a loop

constexpr uint32_t kStrncmpRelease = 0x051100;     // bpf_strncmp, 5.17

// The largest load that `left` bytes still fill.
uint32_t word_of(uint32_t left) { return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1; }

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
      return result(starts_with(address(left), l.size, *literal, static_cast<uint32_t>(literal->size()) + 1));
    }
    if (const std::string* literal = text(left)) {
      return result(starts_with(address(right), r.size, *literal, static_cast<uint32_t>(literal->size()) + 1));
    }
    Value a = address(left);
    return result(starts_equal(a, l.size, address(right), r.size, UINT32_MAX));
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

// The helper puts a NUL at the end also of what it cut. Then the last byte is read as well, and a text may fill its memory.
Value BlockLowering::read_text(Value to, uint32_t capacity, Value from, AddressSpace space) {
  if (space == AddressSpace::None) space = context().default_space;
  Helper helper = space == AddressSpace::User ? Helper::ProbeReadUserStr : Helper::ProbeReadKernelStr;
  Value taken = e_.call(helper, {to, e_.number(capacity), from});
  check_read(taken, helper, expression_span_);
  Value length = e_.local("length");
  // With its NUL, so at least 1; negative if it cannot be read.
  e_.store(length, 0, 8, not_negative(e_, e_.operate(Op::Sub, taken, e_.number(1))));
  Label full = e_.block("full"), done = e_.block("read");
  e_.branch(e_.operate(Op::Eq, taken, e_.number(capacity)), full, done, Likely::False);
  e_.place(full);
  read(e_.offset(to, capacity - 1), 1, e_.operate(Op::Add, from, e_.number(capacity - 1)), space);
  Value last = e_.load(to, capacity - 1, 1, false);
  Value is_text = e_.operate(Op::LShr, e_.operate(Op::Add, last, e_.number(0xff)), e_.number(8));
  e_.store(length, 0, 8, e_.operate(Op::Add, is_text, e_.number(capacity - 1)));
  e_.jump(done);
  e_.place(done);
  return e_.load(length, 0, 8, false);
}

// The text may contain a NUL, which ends it; one that `bytes` reaches is compared too.
Value BlockLowering::starts_with(Value address, uint32_t capacity, const std::string& text, uint32_t bytes) {
  std::string wanted = text.substr(0, text.find('\0'));
  wanted.push_back('\0');
  bytes = std::min<uint32_t>(bytes, static_cast<uint32_t>(wanted.size()));
  if (bytes > capacity) {
    // A string that fills its memory has no NUL there; a longer text cannot be equal.
    if (bytes > capacity + 1) return e_.number(0);
    bytes = capacity;
  }
  if (bytes > 2 * kInlineCompare && object_.system.features().release >= kStrncmpRelease) {
    wanted.resize(bytes);
    Value order = e_.call(Helper::Strncmp, {address, e_.number(bytes), e_.constant_bytes(wanted + '\0')});
    return e_.is_zero(e_.truncate(order, 4, true));
  }
  Value difference = e_.number(0);
  for (uint32_t done = 0; done < bytes;) {
    uint32_t size = word_of(bytes - done);
    uint64_t word = 0;
    std::memcpy(&word, wanted.data() + done, size);
    Value unequal = e_.operate(Op::Xor, e_.load(address, done, size, false), e_.number(word));
    difference = done == 0 ? unequal : e_.operate(Op::Or, difference, unequal);
    done += size;
  }
  return e_.is_zero(difference);
}

Value BlockLowering::starts_equal(Value left, uint32_t left_capacity, Value right, uint32_t right_capacity, uint32_t bytes) {
  uint32_t common = std::min({bytes, left_capacity, right_capacity});
  Value equal = equal_bytes(left, right, common, true);
  if (bytes == common || left_capacity == right_capacity) return equal;
  // The shorter memory may be full: then the other string must end there too.
  Value after = e_.load(left_capacity > right_capacity ? left : right, common, 1, false);
  return e_.operate(Op::And, equal, e_.is_zero(after));
}

// Text ends at its NUL: no need to look at the zeros behind it.
Value BlockLowering::equal_bytes(Value left, Value right, uint32_t bytes, bool is_text) {
  if (bytes <= kInlineCompare) {
    Value difference = e_.number(0);
    for (uint32_t done = 0; done < bytes;) {
      uint32_t size = word_of(bytes - done);
      Value unequal = e_.operate(Op::Xor, e_.load(left, done, size, false), e_.load(right, done, size, false));
      difference = done == 0 ? unequal : e_.operate(Op::Or, difference, unequal);
      done += size;
    }
    return e_.is_zero(difference);
  }
  uint32_t words = bytes / 8, rest = bytes % 8;
  Value equal = e_.local("equal"), index = e_.local("word");
  e_.store(equal, 0, 8, e_.number(0));
  e_.store(index, 0, 8, e_.number(0));
  Label head = e_.block("compare"), body = e_.block("word"), next = e_.block("next"), tail = e_.block("tail"),
        same = e_.block("same"), done = e_.block("compared");
  e_.jump(head);
  e_.place(head);
  Value at = e_.load(index, 0, 8, false);
  e_.branch(e_.operate(Op::ULt, at, e_.number(words)), body, tail);
  e_.place(body);
  Value position = e_.operate(Op::Mul, at, e_.number(8));
  Value word = e_.load(e_.offset(left, position), 0, 8, false);
  e_.branch(e_.operate(Op::Eq, word, e_.load(e_.offset(right, position), 0, 8, false)), next, done);
  e_.place(next);
  e_.store(index, 0, 8, e_.operate(Op::Add, at, e_.number(1)));
  if (is_text) {
    e_.branch(has_zero_byte(e_, word), same, head);
  } else {
    e_.jump(head);
  }
  e_.place(tail);
  Value tails = rest == 0 ? e_.number(1) : equal_bytes(e_.offset(left, words * 8), e_.offset(right, words * 8), rest);
  e_.store(equal, 0, 8, tails);
  e_.jump(done);
  e_.place(same);
  e_.store(equal, 0, 8, e_.number(1));
  e_.jump(done);
  e_.place(done);
  return e_.load(equal, 0, 8, false);
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
