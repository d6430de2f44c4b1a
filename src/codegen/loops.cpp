// Loops with which builtins walk through memory; those of the script are in statements.cpp.
#include "codegen/block_lowering.h"

#include <algorithm>

namespace trapline::codegen {

namespace {

// So few turns are followed one by one at less cost than an iterator has.
constexpr uint32_t kPlainTurns = 8;
constexpr uint32_t kIteratorSize = 8;

} // namespace

// The verifier tracks an iterator in its place on the stack, which therefore serves iterators only.
Value BlockLowering::take_iterator() {
  auto idle = std::ranges::find(idle_iterators_, present_callback_, &std::pair<uint32_t, Value>::first);
  if (idle == idle_iterators_.end()) return e_.stack(kIteratorSize);
  Value memory = idle->second;
  idle_iterators_.erase(idle);
  return memory;
}

void BlockLowering::repeat(uint32_t times, const std::function<void(Value turn, Label next, Label done)>& body) {
  if (times <= kPlainTurns || !object_.system.features().open_coded_iterators) {
    repeat_plainly(times, body);
    return;
  }
  Label head = e_.block("repeat"), inside = e_.block("turn"), done = e_.block("repeated");
  Value state = take_iterator();
  e_.iterator_new(state, e_.number(0), e_.number(times));
  e_.jump(head);
  e_.place(head);
  Value turn = e_.iterator_next(state);
  e_.branch(e_.is_null(turn), done, inside, Likely::False);
  e_.place(inside);
  body(e_.load(turn, 0, 4, false), head, done);
  e_.jump(head);
  e_.place(done);
  e_.iterator_destroy(state);
  idle_iterators_.emplace_back(present_callback_, state);
}

void BlockLowering::repeat_plainly(uint32_t times, const std::function<void(Value turn, Label next, Label done)>& body) {
  Label head = e_.block("repeat"), inside = e_.block("turn"), next = e_.block("next"), done = e_.block("repeated");
  Value counter = e_.local("turn");
  e_.store(counter, 0, 8, e_.number(0));
  e_.jump(head);
  e_.place(head);
  Value turn = e_.load(counter, 0, 8, false);
  e_.branch(e_.operate(Op::ULt, turn, e_.number(times)), inside, done, Likely::True);
  e_.place(inside);
  body(turn, next, done);
  e_.jump(next);
  e_.place(next);
  e_.store(counter, 0, 8, e_.operate(Op::Add, turn, e_.number(1)));
  e_.jump(head);
  e_.place(done);
}

} // namespace trapline::codegen
