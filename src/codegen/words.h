// Eight bytes of text at a time, as one little-endian word.
#pragma once

#include "codegen/emitter.h"

namespace trapline::codegen {

inline constexpr uint64_t kOnes = 0x0101010101010101;  // 1 in each byte
inline constexpr uint64_t kHighs = 0x8080808080808080; // the highest bit of each byte

// Not 0 if one of the eight bytes is 0; the lowest bit that is set is in the first of them.
inline Value has_zero_byte(Emitter& e, Value word) {
  Value borrowed = e.operate(Op::Sub, word, e.number(kOnes));
  return e.operate(Op::And, e.operate(Op::And, borrowed, e.complement(word)), e.number(kHighs));
}

// The value's lowest byte, in all eight.
inline Value in_each_byte(Emitter& e, Value byte) { return e.operate(Op::Mul, e.operate(Op::And, byte, e.number(0xff)), e.number(kOnes)); }

// The word with its ASCII letters in lower (or upper) case; other bytes stay.
inline Value change_case(Emitter& e, Value word, bool lower) {
  uint64_t first = lower ? 'A' : 'a', last = lower ? 'Z' : 'z';
  // Of each byte's low seven bits, the sums carry into the highest bit from `first` on, and from `last` + 1 on.
  Value low = e.operate(Op::And, word, e.number(~kHighs));
  Value from_first = e.operate(Op::Add, low, e.number(kOnes * (0x80 - first)));
  Value after_last = e.operate(Op::Add, low, e.number(kOnes * (0x7f - last)));
  Value ascii = e.operate(Op::And, e.complement(word), e.number(kHighs));
  Value letters = e.operate(Op::And, ascii, e.operate(Op::Xor, from_first, after_last));
  return e.operate(Op::Xor, word, e.operate(Op::LShr, letters, e.number(2))); // 0x80 >> 2 is the bit that tells the cases apart
}

// max(value, 0) of a signed number, without a branch.
inline Value not_negative(Emitter& e, Value value) {
  return e.operate(Op::And, value, e.complement(e.operate(Op::AShr, value, e.number(63))));
}

// A word of which only the first `used` bytes count: how far to shift it left so that the others are gone. From 8 on all
// count.
inline Value shift_of_unused(Emitter& e, Value used) {
  return e.operate(Op::Mul, not_negative(e, e.operate(Op::Sub, e.number(8), used)), e.number(8));
}

// The same value, unknown to the verifier: what follows is verified once, and not for each value that led there. A number
// compared with one that the verifier knows gets another range each time, so what loops compare should be hidden too.
inline Value hidden(Emitter& e, Value value) { return e.operate(Op::Add, value, e.unknown_zero()); }

// `value`, or `most` if it is larger. The verifier knows the result's range; hidden, or LLVM would compare fewer bits of
// another register where it knows that the rest is zero.
inline Value at_most(Emitter& e, Value value, uint64_t most) {
  Value known = hidden(e, value);
  return e.select(e.operate(Op::ULt, known, e.number(most)), known, e.number(most));
}

} // namespace trapline::codegen
