// signal, signal_thread: to the current process or thread.
#include "builtins/families.h"
#include "builtins/names.h"
#include "codegen/lowering.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

// Where the current task is what the event is about. A timer or a counter interrupts whatever runs, but profile probes
// are asked for their task as often as not.
constexpr auto kProviders = std::to_array<std::string_view>({"kprobe", "kretprobe", "uprobe", "uretprobe", "usdt", "tracepoint",
                                                             "rawtracepoint", "fentry", "fexit", "profile"});

std::optional<uint64_t> known_signal(const Constant& signal) {
  if (!signal.is_integer()) return signal_number(signal.text());
  return signal.integer() >= 1 && signal.integer() <= kMaxSignal ? std::optional(signal.integer()) : std::nullopt;
}

Type check_signal(const Check& c) {
  if (std::ranges::find(kProviders, c.context.provider) == kProviders.end()) return not_in_probe(c, ": no process is the subject of its events");
  const auto& argument = c.arguments[0];
  bool is_wrong = argument.constant ? !known_signal(*argument.constant)
                                    : c.final && !argument.type.is_error() && !argument.type.is_integral() && !argument.type.is_castable_aggregate();
  if (is_wrong) {
    c.diagnostics.report(DiagId::OutOfRange, argument.expr->span, "the signal", c.name, "a name such as \"SIGTERM\" or a number from 1 to 64 is wanted");
  }
  return Type::void_();
}

// The kernel refuses numbers that are no signals, but 0: that one asks whether a signal could be sent.
template <Helper helper> Operand lower_signal(const Lower& l) {
  auto& e = l.low.emit();
  const Constant* constant = l.low.constant_of(*l.arguments[0]);
  Value number = constant ? e.number(known_signal(*constant).value_or(0)) : l.low.scalar(*l.arguments[0]);
  Label send = e.block("send"), refused = e.block("refused"), count = e.block("count"), done = e.block("signalled");
  if (constant) {
    e.jump(send);
  } else {
    e.branch(e.operate(Op::ULt, e.operate(Op::Sub, number, e.number(1)), e.number(kMaxSignal)), send, refused, Likely::True);
  }
  e.place(send);
  Value code = e.local("signal_code");
  Value failed = e.call(helper, {number});
  e.store(code, 0, 8, failed);
  e.branch(failed, count, done, Likely::False);
  e.place(refused);
  e.store(code, 0, 8, e.number(static_cast<uint64_t>(-EINVAL)));
  e.jump(count);
  e.place(count);
  l.low.count_site(SiteKind::HelperFailure, helper == Helper::SendSignal ? "send_signal" : "send_signal_thread", l.use.span, e.load(code, 0, 8, true));
  e.jump(done);
  e.place(done);
  return Operand::none();
}

} // namespace

std::vector<Builtin> signal_rows() {
  const std::vector<Parameter> signal = {{"signal", Accepts::Value}};
  const Form s = Form::Statement;
  return {
      {"signal", s, signal, false, "void", "send a signal to the current process", true, check_signal, lower_signal<Helper::SendSignal>},
      {"signal_thread", s, signal, false, "void", "send a signal to the current thread", true, check_signal, lower_signal<Helper::SendSignalThread>},
  };
}

} // namespace trapline::builtins
