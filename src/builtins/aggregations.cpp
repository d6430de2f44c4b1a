// Aggregations: @m[k] = f(...). Each updates this CPU's copy of the element in place; layouts are in types/type.h.
#include "builtins/families.h"
#include "codegen/lowering.h"

namespace trapline::builtins {

namespace {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint64_t kMaxHistBits = 5;
constexpr uint64_t kMaxSteps = 1000;

bool argument_is_signed(const Check& c) { return !c.arguments.empty() && c.arguments[0].type.is_signed; }

template <Kind kind> Type check_aggregate(const Check& c) { return Type::aggregate(kind, argument_is_signed(c)); }

Operand lower_count(const Lower& l) {
  auto& e = l.low.emit();
  l.low.update_element([&](Value element) { e.add_in_place(element, 0, e.number(1)); });
  return Operand::none();
}

// sum, avg, stats: a total and how often.
Operand lower_total(const Lower& l) {
  auto& e = l.low.emit();
  Value n = l.low.scalar(*l.arguments[0]);
  l.low.update_element([&](Value element) {
    e.add_in_place(element, 0, n);
    e.add_in_place(element, 8, e.number(1));
  });
  return Operand::none();
}

template <Op signed_order, Op unsigned_order> Operand lower_extreme(const Lower& l) {
  auto& e = l.low.emit();
  Value n = l.low.scalar(*l.arguments[0]);
  Op order = l.type.is_signed ? signed_order : unsigned_order;
  l.low.update_element([&](Value element) {
    Label replace = e.block("replace"), compare = e.block("compare"), done = e.block("kept");
    e.branch(e.load(element, 8, 8, false), compare, replace);
    e.place(compare);
    e.branch(e.operate(order, n, e.load(element, 0, 8, false)), replace, done);
    e.place(replace);
    e.store(element, 0, 8, n);
    e.store(element, 8, 8, e.number(1));
    e.jump(done);
    e.place(done);
  });
  return Operand::none();
}

// --- hist

Type check_hist(const Check& c) {
  uint64_t bits = 0;
  if (c.arguments.size() > 1 && c.arguments[1].constant && c.arguments[1].constant->is_integer()) bits = c.arguments[1].constant->integer();
  if (bits > kMaxHistBits) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[1].expr->span, "the second argument", c.name, "0 to 5 are possible");
    return Type::error();
  }
  return Type::hist(static_cast<uint32_t>(bits));
}

// floor(log2(v)) for v > 0 by binary search.
Value log2_of(Emitter& e, Value v) {
  Value result = e.number(0);
  for (uint32_t step : {32u, 16u, 8u, 4u, 2u, 1u}) {
    Value large = e.operate(Op::UGe, v, e.number(uint64_t{1} << step));
    Value shift = e.select(large, e.number(step), e.number(0));
    v = e.operate(Op::LShr, v, shift);
    result = e.operate(Op::Add, result, shift);
  }
  return result;
}

Value hist_slot_of(Emitter& e, Value v, uint32_t bits, bool is_signed) {
  Value slot = e.local("slot");
  Label small = e.block("small"), large = e.block("large"), done = e.block("slotted");
  e.store(slot, 0, 8, e.number(0));
  if (is_signed) {
    Label positive = e.block("positive");
    e.branch(e.operate(Op::SLt, v, e.number(0)), done, positive, Likely::False);
    e.place(positive);
  }
  e.branch(e.operate(Op::ULt, v, e.number(uint64_t{1} << bits)), small, large);
  e.place(small);
  e.store(slot, 0, 8, e.operate(Op::Add, v, e.number(1)));
  e.jump(done);
  e.place(large);
  Value exponent = e.operate(Op::Sub, log2_of(e, v), e.number(bits));
  Value row = e.operate(Op::Shl, exponent, e.number(bits));
  Value column = e.operate(Op::LShr, v, exponent);
  e.store(slot, 0, 8, e.operate(Op::Add, e.operate(Op::Add, row, column), e.number(1)));
  e.jump(done);
  e.place(done);
  return e.load(slot, 0, 8, false);
}

// The verifier wants to see that the slot is inside the element.
void count_slot(Emitter& e, Value element, Value slot, uint32_t slots) {
  Label inside = e.block("inside"), done = e.block("counted");
  e.branch(e.operate(Op::ULt, slot, e.number(slots)), inside, done, Likely::True);
  e.place(inside);
  e.add_in_place(e.offset(element, e.operate(Op::Mul, slot, e.number(8))), 0, e.number(1));
  e.jump(done);
  e.place(done);
}

Operand lower_hist(const Lower& l) {
  auto& e = l.low.emit();
  bool is_signed = l.low.type_of(*l.arguments[0]).is_signed;
  Value v = l.low.scalar(*l.arguments[0]);
  Value slot = hist_slot_of(e, v, l.type.count, is_signed);
  l.low.update_element([&](Value element) { count_slot(e, element, slot, hist_slots(l.type.count)); });
  return Operand::none();
}

// --- lhist

Type check_lhist(const Check& c) {
  int64_t bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    const auto& argument = c.arguments[i + 1];
    if (!argument.constant || !argument.constant->is_integer()) return Type::error(); // sema reported it
    bounds[i] = static_cast<int64_t>(argument.constant->integer());
  }
  auto [min, max, step] = bounds;
  auto refuse = [&](size_t argument, std::string_view name, std::string why) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[argument].expr->span, name, c.name, why);
    return Type::error();
  };
  if (min < 0) return refuse(1, "min", "it cannot be negative");
  if (step < 1) return refuse(3, "step", "it must be at least 1");
  if (max <= min) return refuse(2, "max", "it must be above min");
  if (static_cast<uint64_t>(max - min) / static_cast<uint64_t>(step) > kMaxSteps) {
    return refuse(3, "step", fmt::format("this makes {} buckets, {} are possible", (max - min) / step, kMaxSteps));
  }
  if (step > max - min) return refuse(3, "step", "it is larger than the whole range");
  return Type::lhist(min, max, step);
}

Operand lower_lhist(const Lower& l) {
  auto& e = l.low.emit();
  const Type& type = l.type;
  bool is_signed = l.low.type_of(*l.arguments[0]).is_signed;
  uint32_t slots = lhist_slots(type);
  Value v = l.low.scalar(*l.arguments[0]);
  Value slot = e.local("slot");
  Label at_least = e.block("at_least_min"), inside = e.block("in_range"), done = e.block("slotted");
  e.store(slot, 0, 8, e.number(0));
  e.branch(e.operate(is_signed ? Op::SLt : Op::ULt, v, e.number(static_cast<uint64_t>(type.min))), done, at_least);
  e.place(at_least);
  e.store(slot, 0, 8, e.number(slots - 1));
  e.branch(e.operate(is_signed ? Op::SGe : Op::UGe, v, e.number(static_cast<uint64_t>(type.max))), done, inside);
  e.place(inside);
  Value distance = e.operate(Op::Sub, v, e.number(static_cast<uint64_t>(type.min)));
  Value index = e.operate(Op::UDiv, distance, e.number(static_cast<uint64_t>(type.step)));
  e.store(slot, 0, 8, e.operate(Op::Add, index, e.number(1)));
  e.jump(done);
  e.place(done);
  Value chosen = e.load(slot, 0, 8, false);
  l.low.update_element([&](Value element) { count_slot(e, element, chosen, slots); });
  return Operand::none();
}

} // namespace

std::vector<Builtin> aggregation_rows() {
  const std::vector<Parameter> number = {{"n", Accepts::Integer}};
  const std::vector<Parameter> hist = {{"n", Accepts::Integer}, {"bits", Accepts::IntegerConstant, true}};
  const std::vector<Parameter> lhist = {
      {"n", Accepts::Integer}, {"min", Accepts::IntegerConstant}, {"max", Accepts::IntegerConstant}, {"step", Accepts::IntegerConstant}};
  const Form f = Form::Aggregation;
  return {
      {"count", f, {}, false, "count_t", "how often it was assigned", false, check_aggregate<Kind::Count>, lower_count},
      {"sum", f, number, false, "sum_t", "sum of n", false, check_aggregate<Kind::Sum>, lower_total},
      {"avg", f, number, false, "avg_t", "average of n", false, check_aggregate<Kind::Avg>, lower_total},
      {"stats", f, number, false, "stats_t", "count, average and total of n", false, check_aggregate<Kind::Stats>, lower_total},
      {"min", f, number, false, "min_t", "smallest n", false, check_aggregate<Kind::Min>, lower_extreme<Op::SLt, Op::ULt>},
      {"max", f, number, false, "max_t", "largest n", false, check_aggregate<Kind::Max>, lower_extreme<Op::SGt, Op::UGt>},
      {"hist", f, hist, false, "hist_t", "power-of-two histogram of n, with 2^bits buckets per power", false, check_hist, lower_hist},
      {"lhist", f, lhist, false, "lhist_t", "linear histogram of n from min to max by step", false, check_lhist, lower_lhist},
  };
}

} // namespace trapline::builtins
