// What a script prints but print() itself (printing.cpp): records that the runtime formats.
#include "builtins/families.h"
#include "builtins/format.h"
#include "builtins/formula.h"
#include "builtins/gfp_flags.h"
#include "codegen/lowering.h"
#include "program/object.h"

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

// --- printf and its kin

Type check_printf(const Check& c) {
  if (!c.arguments[0].constant || c.arguments[0].constant->is_integer()) return Type::void_(); // sema reported it
  auto pieces = parse_format(c.arguments[0].constant->text(), c.arguments[0].expr->span, c.diagnostics);
  if (c.final && !c.diagnostics.has(DiagId::FormatInvalid)) check_format(pieces, c, 1);
  return Type::void_();
}

template <ActionKind kind> Operand lower_printf(const Lower& l) {
  Diagnostics ignored; // check_printf reported what is wrong
  Action action;
  action.kind = kind;
  action.format = parse_format(l.low.constant_of(*l.arguments[0])->text(), l.arguments[0]->span, ignored);
  std::vector<const ast::Expr*> values;
  size_t next = 1;
  for (FormatPiece& piece : action.format) {
    if (piece.width_argument) values.push_back(l.arguments[next++].get());
    if (piece.precision_argument) values.push_back(l.arguments[next++].get());
    if (!piece.has_conversion) continue;
    const ast::Expr& argument = *l.arguments[next++];
    if (is_real(piece)) make_formula(l.low, argument, piece, values);
    else values.push_back(&argument);
    if (piece.conversion == "gr") piece.flag_names = gfp_flag_names(l.low.system());
  }
  l.low.send_values(std::move(action), values);
  return Operand::none();
}

// --- time

Type check_time(const Check&) { return Type::void_(); }

Operand lower_time(const Lower& l) {
  Action action;
  action.kind = ActionKind::Time;
  FormatPiece format;
  format.literal = l.arguments.empty() ? "%H:%M:%S\n" : l.low.constant_of(*l.arguments[0])->text();
  action.format.push_back(std::move(format));
  l.low.send(std::move(action), {});
  return Operand::none();
}

Type check_strftime(const Check& c) {
  const auto& time = c.arguments[1];
  if (time.type.clock == Clock::Monotonic) {
    c.diagnostics.report(DiagId::WrongArgumentType, time.expr->span, "the second argument", c.name, "a time of the boot or tai clock", "nsecs(monotonic)")
        .hint("the monotonic clock stands still while the machine sleeps: use nsecs");
  } else if (time.constant && time.constant->is_integer() && time.type.is_signed && static_cast<int64_t>(time.constant->integer()) < 0) {
    c.diagnostics.report(DiagId::OutOfRange, time.expr->span, "the time", c.name, "it cannot be negative");
  }
  return Type::simple(Kind::Timestamp);
}

Operand lower_strftime(const Lower& l) {
  auto& e = l.low.emit();
  Value ns = l.low.scalar(*l.arguments[1]);
  Value memory = l.low.result_memory(l.type);
  e.store(memory, 0, 8, ns);
  auto clock = static_cast<uint64_t>(l.low.type_of(*l.arguments[1]).clock);
  e.store(memory, 8, 8, e.number(clock << 32 | l.low.intern(l.low.constant_of(*l.arguments[0])->text())));
  return Operand::address(memory);
}

// --- join

Type check_join(const Check&) { return Type::void_(); }

// A record with room for kJoinMax strings; each is read straight into it.
Operand lower_join(const Lower& l) {
  auto& e = l.low.emit();
  AddressSpace space;
  Value array = l.low.pointer(*l.arguments[0], space);
  constexpr uint32_t length = object::kJoinLength;
  Action action;
  action.kind = ActionKind::Join;
  action.separator = l.arguments.size() > 1 ? l.low.constant_of(*l.arguments[1])->text() : " ";
  Value pointer_memory = l.low.scratch(8);
  l.low.send_with(std::move(action), 8 + object::kJoinMax * length, [&](Value payload) {
    Label done = e.block("joined");
    Value count = e.local("joined");
    e.store(count, 0, 8, e.number(0));
    Helper read_string = space == AddressSpace::User ? Helper::ProbeReadUserStr : Helper::ProbeReadKernelStr;
    for (uint32_t i = 0; i < object::kJoinMax; ++i) {
      l.low.read(pointer_memory, 8, e.operate(Op::Add, array, e.number(8 * i)), space);
      Value text = e.load(pointer_memory, 0, 8, false);
      Label more = e.block("string");
      e.branch(text, more, done);
      e.place(more);
      Value taken = e.call(read_string, {e.offset(payload, 8 + static_cast<int64_t>(i) * length), e.number(length), text});
      l.low.check_read(taken, read_string, l.use.span);
      e.store(count, 0, 8, e.number(i + 1));
    }
    e.jump(done);
    e.place(done);
    e.store(payload, 0, 8, e.load(count, 0, 8, false));
  });
  return Operand::none();
}

} // namespace

std::vector<Builtin> output_rows() {
  const std::vector<Parameter> format = {{"format", Accepts::StringConstant}};
  const std::vector<Parameter> time = {{"format", Accepts::StringConstant, true}};
  const std::vector<Parameter> strftime = {{"format", Accepts::StringConstant}, {"ns", Accepts::Integer}};
  const std::vector<Parameter> join = {{"array", Accepts::Pointer}, {"separator", Accepts::StringConstant, true}};
  const Form s = Form::Statement;
  return {
      {"printf", s, format, true, "void", "print values by a format, as printf(3)", false, check_printf, lower_printf<ActionKind::Printf>},
      {"errorf", s, format, true, "void", "print an error with its place in the script on standard error", false, check_printf, lower_printf<ActionKind::Errorf>},
      {"warnf", s, format, true, "void", "print a warning with its place in the script on standard error", false, check_printf, lower_printf<ActionKind::Warnf>},
      {"cat", s, format, true, "void", "print a file, whose name is formatted as by printf", false, check_printf, lower_printf<ActionKind::Cat>},
      {"system", s, format, true, "void", "run a shell command, formatted as by printf", true, check_printf, lower_printf<ActionKind::System>},
      {"time", s, time, false, "void", "print the time of day, formatted as by strftime(3)", false, check_time, lower_time},
      {"strftime", Form::Function, strftime, false, "timestamp", "a time since boot as a date, formatted as by strftime(3)", false, check_strftime, lower_strftime},
      {"join", s, join, false, "void", "print an array of strings on one line", false, check_join, lower_join},
  };
}

} // namespace trapline::builtins
