// tseries(): values over time, one for each of the last intervals. Each CPU has its own copy of all intervals; the layout is
// in types/type.h. An interval is found by its number since the TAI epoch, and a slot that still holds an interval of an
// earlier round starts anew.
#include "builtins/families.h"
#include "codegen/lowering.h"
#include "program/object.h"

#include <cstddef>
#include <fmt/format.h>

namespace trapline::builtins {

namespace {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint64_t kMaxIntervals = 1'000'000;
constexpr uint64_t kLargestElement = 32 << 10; // of a per-CPU map (PCPU_MIN_UNIT_SIZE)

std::optional<SeriesOf> series_of(std::string_view word) {
  if (word == "avg") return SeriesOf::Avg;
  if (word == "max") return SeriesOf::Max;
  if (word == "min") return SeriesOf::Min;
  if (word == "sum") return SeriesOf::Sum;
  return std::nullopt;
}

Type check_tseries(const Check& c) {
  const auto& interval = c.arguments[1];
  const auto& count = c.arguments[2];
  if (!interval.constant || !count.constant) return Type::error(); // sema reported it
  auto refuse = [&](const Check::Argument& argument, std::string_view name, std::string why) {
    c.diagnostics.report(DiagId::OutOfRange, argument.expr->span, name, c.name, why);
    return Type::error();
  };
  auto ns = static_cast<int64_t>(interval.constant->integer());
  uint64_t intervals = count.constant->integer();
  if (ns < 1) return refuse(interval, "the interval", "it must be at least 1 ns");
  if (intervals < 1 || intervals > kMaxIntervals) return refuse(count, "the number of intervals", fmt::format("1 to {} are possible", kMaxIntervals));
  if (intervals * kSeriesSlot > kLargestElement) {
    return refuse(count, "the number of intervals", fmt::format("the kernel has room for {}", kLargestElement / kSeriesSlot));
  }
  SeriesOf series = SeriesOf::Last;
  if (c.arguments.size() > 3) {
    const auto& word = c.arguments[3];
    auto known = word.constant && !word.constant->is_integer() ? series_of(word.constant->text()) : std::nullopt;
    if (!known) {
      c.diagnostics.report(DiagId::NotAConstant, word.expr->span, "the fourth argument", c.name, "\"avg\", \"max\", \"min\" or \"sum\"");
      return Type::error();
    }
    series = *known;
  }
  return Type::tseries(series, c.arguments[0].type.is_signed, ns, static_cast<uint32_t>(intervals));
}

// Puts `n` to what the slot holds of the same interval.
void combine(Emitter& e, const Type& type, Value slot, Value n, Value now) {
  Op closer = Op::SGt;
  switch (type.series) {
  case SeriesOf::Last:
    e.store(slot, 8, 8, n);
    e.store(slot, 16, 8, now);
    return;
  case SeriesOf::Avg: e.add_in_place(slot, 16, e.number(1)); [[fallthrough]];
  case SeriesOf::Sum: e.add_in_place(slot, 8, n); return;
  case SeriesOf::Max: closer = type.is_signed ? Op::SGt : Op::UGt; break;
  case SeriesOf::Min: closer = type.is_signed ? Op::SLt : Op::ULt; break;
  }
  Value old = e.load(slot, 8, 8, type.is_signed);
  e.store(slot, 8, 8, e.select(e.operate(closer, n, old), n, old));
}

Operand lower_tseries(const Lower& l) {
  auto& e = l.low.emit();
  const Type& type = l.type;
  Value n = l.low.scalar(*l.arguments[0]);
  Value boot = e.call(Helper::KtimeGetBootNs, {});
  Value now = e.operate(Op::Add, boot, l.low.global(offsetof(object::Globals, tai_offset_ns)));
  Value interval = e.operate(Op::UDiv, now, e.number(static_cast<uint64_t>(type.step)));
  // The compiler knows the range of a remainder and the verifier does not: keep the check below.
  Value index = e.operate(Op::Add, e.operate(Op::UMod, interval, e.number(type.count)), e.unknown_zero());
  l.low.update_element([&](Value element) {
    Label inside = e.block("inside"), anew = e.block("new_interval"), same = e.block("same_interval"), done = e.block("put");
    e.branch(e.operate(Op::ULt, index, e.number(type.count)), inside, done, Likely::True);
    e.place(inside);
    Value slot = e.offset(element, e.operate(Op::Mul, index, e.number(kSeriesSlot)));
    e.branch(e.operate(Op::Eq, e.load(slot, 0, 8, false), interval), same, anew);
    e.place(anew);
    e.store(slot, 0, 8, interval);
    e.store(slot, 8, 8, n);
    e.store(slot, 16, 8, type.series == SeriesOf::Last ? now : e.number(1));
    e.jump(done);
    e.place(same);
    combine(e, type, slot, n, now);
    e.jump(done);
    e.place(done);
  });
  return Operand::none();
}

} // namespace

std::vector<Builtin> series_rows() {
  const std::vector<Parameter> parameters = {{"n", Accepts::Integer},
                                             {"interval", Accepts::IntegerConstant},
                                             {"count", Accepts::IntegerConstant},
                                             {"function", Accepts::StringConstant, true}};
  return {{"tseries", Form::Aggregation, parameters, false, "tseries_t",
           "n over time: the last value, or the avg, max, min or sum, of each of the last intervals", false, check_tseries, lower_tseries}};
}

} // namespace trapline::builtins
