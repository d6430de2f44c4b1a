// Maps that are cleared or zeroed while probes run have two banks (object::Banks says how they work): which one a program
// uses, and how it turns to the other.
#include "codegen/block_lowering.h"
#include "program/object.h"

#include <cstddef>

namespace trapline::codegen {

namespace {

constexpr uint32_t kExchangeRelease = 0x050c00; // atomic exchange, 5.12

uint32_t round_up(uint32_t n) { return (n + 7) / 8 * 8; }

} // namespace

Value BlockLowering::bank_words(const MapSpec& spec) {
  std::vector<uint64_t> initial;
  for (uint32_t i = 0; i < object_.banked_maps; ++i) {
    const object::Banks banks;
    initial.insert(initial.end(), {banks.turn, banks.ready});
  }
  return e_.offset(e_.shared_words(object::kBanks, initial), static_cast<int64_t>(sizeof(object::Banks)) * spec.banks);
}

Value BlockLowering::current_turn(const MapSpec& spec) { return e_.load(bank_words(spec), offsetof(object::Banks, turn), 8, false); }

// The number of a bank in memory, as a key.
Value BlockLowering::bank_key(Value turn) {
  Value memory = scratch(8);
  e_.store(memory, 0, 8, e_.operate(Op::And, turn, e_.number(1)));
  return memory;
}

Value BlockLowering::bpf_map(uint32_t map_index) {
  Value map = e_.map(object_.script_maps[map_index]);
  auto second = object_.second_banks.find(map_index);
  if (second == object_.second_banks.end()) return map;
  Value odd = e_.operate(Op::And, current_turn(object_.program.maps[map_index]), e_.number(1));
  return e_.select(odd, e_.map(second->second), map);
}

// The code for each bank, since the kernel turns calls with one known map into direct ones.
Value BlockLowering::with_map(uint32_t map_index, Result kind, const std::function<Value(Value map)>& use) {
  Value map = e_.map(object_.script_maps[map_index]);
  auto found = object_.second_banks.find(map_index);
  if (found == object_.second_banks.end()) return use(map);
  Value result = kind == Result::Number ? e_.local("of_bank") : e_.local_pointer("of_bank");
  Label first = e_.block("first_bank"), second = e_.block("second_bank"), done = e_.block("banks");
  e_.branch(e_.operate(Op::And, current_turn(object_.program.maps[map_index]), e_.number(1)), second, first);
  e_.place(first);
  e_.store(result, 0, 8, use(map));
  e_.keep_apart(0);
  e_.jump(done);
  e_.place(second);
  e_.store(result, 0, 8, use(e_.map(found->second)));
  e_.keep_apart(1);
  e_.jump(done);
  e_.place(done);
  return kind == Result::Number ? e_.load(result, 0, 8, false) : e_.load_pointer(result, 0);
}

// Turns to the other bank if that is ready; the new turn, or 0.
Value BlockLowering::turn_over(uint32_t map_index, bool keeps_elements) {
  const MapSpec& spec = object_.program.maps[map_index];
  if (object_.system.features().release < kExchangeRelease) return e_.number(0);
  Value words = bank_words(spec);
  Value turned = e_.local("turned");
  e_.store(turned, 0, 8, e_.number(0));
  Label ready = e_.block("ready"), done = e_.block("turned");
  e_.branch(e_.exchange(words, offsetof(object::Banks, ready), e_.number(0)), ready, done, Likely::True);
  e_.place(ready);
  Value old = e_.load(words, offsetof(object::Banks, turn), 8, false);
  Value next = e_.operate(Op::Add, old, e_.number(1));
  e_.store(words, offsetof(object::Banks, turn), 8, next);
  e_.store(turned, 0, 8, next);
  if (keeps_elements && spec.kind == MapKind::Array) keep_assigned(map_index, old, next);
  e_.jump(done);
  e_.place(done);
  return e_.load(turned, 0, 8, false);
}

// A scalar that was assigned is so in its new bank too.
void BlockLowering::keep_assigned(uint32_t map_index, Value old_turn, Value new_turn) {
  uint32_t word = round_up(object_.program.maps[map_index].value.size);
  Value map = e_.map(object_.script_maps[map_index]);
  Label look = e_.block("old_bank"), assigned = e_.block("assigned"), set = e_.block("new_bank"), done = e_.block("kept");
  Value from = e_.call_pointer(Helper::MapLookupElem, {map, bank_key(old_turn)});
  e_.branch(e_.is_null(from), done, look, Likely::False);
  e_.place(look);
  e_.branch(e_.load(from, word, 8, false), assigned, done);
  e_.place(assigned);
  Value to = e_.call_pointer(Helper::MapLookupElem, {map, bank_key(new_turn)});
  e_.branch(e_.is_null(to), done, set, Likely::False);
  e_.place(set);
  e_.store(to, word, 8, e_.number(1));
  e_.jump(done);
  e_.place(done);
}

void BlockLowering::send_map_action(Action action, const ast::Expr& use) {
  if (auto found = tables_.then.find(use.id); found != tables_.then.end()) action.then = found->second;
  if (tables_.done.contains(use.id)) return;
  const MapSpec& spec = object_.program.maps[action.map];
  if (spec.banks < 0) {
    send(std::move(action), {});
    return;
  }
  bool only_prints = action.kind == ActionKind::PrintMap && action.then == Action::Then::Nothing;
  bool zeroes = action.kind == ActionKind::Zero || action.then == Action::Then::Zero;
  Value turn = only_prints ? current_turn(spec) : turn_over(action.map, zeroes);
  send_number(std::move(action), turn);
}

} // namespace trapline::codegen
