// What a script says of itself: assert, static_assert and fail. And debugf, which writes to the kernel's trace.
#include "builtins/families.h"
#include "builtins/format.h"
#include "codegen/lowering.h"

#include <array>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Operand;
using codegen::Value;

const std::string* text_of(const Check::Argument& argument) {
  return argument.constant && !argument.constant->is_integer() ? &argument.constant->text() : nullptr;
}

Operand lower_nothing(const Lower&) { return Operand::none(); }

// --- fail

// The text that printf would print. Only integers and text are constants.
std::string formatted(const std::vector<FormatPiece>& pieces, std::span<const Check::Argument> arguments) {
  std::string text;
  size_t next = 0;
  for (const FormatPiece& piece : pieces) {
    text += piece.literal;
    if (!piece.has_conversion || next >= arguments.size()) continue;
    const Check::Argument& argument = arguments[next++];
    if (!argument.constant->is_integer()) {
      text += argument.constant->text();
    } else if (piece.conversion == "x" || piece.conversion == "p") {
      text += fmt::format("{}{:x}", piece.conversion == "p" ? "0x" : "", argument.constant->integer());
    } else if (argument.type.is_signed && piece.conversion != "u") {
      text += fmt::format("{}", static_cast<int64_t>(argument.constant->integer()));
    } else {
      text += fmt::format("{}", argument.constant->integer());
    }
  }
  return text;
}

Type check_fail(const Check& c) {
  const std::string* format = text_of(c.arguments[0]);
  if (!c.final || !format) return Type::void_();
  for (size_t i = 1; i < c.arguments.size(); ++i) {
    if (c.arguments[i].constant) continue;
    c.diagnostics.report(DiagId::NotAConstant, c.arguments[i].expr->span, fmt::format("argument {}", i + 1), c.name, "a literal");
    return Type::void_();
  }
  size_t errors = c.diagnostics.errors();
  auto pieces = parse_format(*format, c.arguments[0].expr->span, c.diagnostics);
  if (c.diagnostics.errors() == errors) check_format(pieces, c, 1);
  if (c.diagnostics.errors() == errors) c.diagnostics.report(DiagId::ScriptFails, c.span, formatted(pieces, std::span(c.arguments).subspan(1)));
  return Type::void_();
}

// --- static_assert, assert

Type check_static_assert(const Check& c) {
  if (!c.final) return Type::void_();
  const auto& condition = c.arguments[0];
  if (!condition.constant) {
    c.diagnostics.report(DiagId::NotAConstant, condition.expr->span, "the condition", c.name, "known before the program runs")
        .hint("`assert` tests a condition while it runs");
  } else if (const std::string* message = text_of(c.arguments[1]); message && condition.constant->is_integer() && condition.constant->integer() == 0) {
    c.diagnostics.report(DiagId::ScriptFails, c.span, *message);
  }
  return Type::void_();
}

Type check_assert(const Check&) { return Type::void_(); }

// `if (!condition) { errorf(message); exit(1); }`
Operand lower_assert(const Lower& l) {
  auto& e = l.low.emit();
  Label holds = e.block("holds"), fails = e.block("fails");
  e.branch(l.low.scalar(*l.arguments[0]), holds, fails, Likely::True);
  e.place(fails);
  Action error;
  error.kind = ActionKind::Errorf;
  FormatPiece message;
  message.literal = l.low.constant_of(*l.arguments[1])->text();
  error.format.push_back(std::move(message));
  l.low.send(std::move(error), {});
  Action end;
  end.kind = ActionKind::Exit;
  l.low.send_number(std::move(end), e.number(1));
  l.low.leave_program();
  e.place(holds);
  return Operand::none();
}

// --- debugf

constexpr size_t kMostValues = 3; // bpf_trace_printk

// The conversion as the kernel takes it (kernel/trace/bpf_trace.c), for 64 bits; empty if it does not.
std::string_view kernel_conversion(const FormatPiece& piece) {
  bool plain = piece.width < 0 && piece.precision < 0 && !piece.width_argument && !piece.precision_argument && !piece.left &&
               !piece.zero && !piece.alternate && !piece.plus && !piece.space;
  if (!plain) return {};
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kKnown = {
      {{"d", "%lld"}, {"i", "%lld"}, {"u", "%llu"}, {"x", "%llx"}, {"p", "%llx"}, {"s", "%s"}}};
  for (const auto& [conversion, kernel] : kKnown) {
    if (piece.conversion == conversion) return kernel;
  }
  return {};
}

Type check_debugf(const Check& c) {
  const std::string* format = text_of(c.arguments[0]);
  if (!c.final || !format) return Type::void_();
  size_t errors = c.diagnostics.errors();
  Span where = c.arguments[0].expr->span;
  auto pieces = parse_format(*format, where, c.diagnostics);
  if (c.diagnostics.errors() == errors) check_format(pieces, c, 1);
  for (const FormatPiece& piece : pieces) {
    if (!piece.has_conversion || !kernel_conversion(piece).empty()) continue;
    c.diagnostics.report(DiagId::FormatInvalid, where, "%" + piece.length + piece.conversion)
        .hint("the kernel's trace takes %d %u %x %p and %s, without flags and widths");
  }
  for (size_t i = 1; i < c.arguments.size(); ++i) {
    const Type& type = c.arguments[i].type;
    if (type.is_error() || type.is_scalar() || type.is_castable_aggregate() || type.is(Kind::String)) continue;
    c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[i].expr->span, fmt::format("argument {}", i + 1), c.name, "a number or a string", to_string(type));
  }
  if (c.arguments.size() > kMostValues + 1) c.diagnostics.report(DiagId::WrongArgumentCount, c.span, c.name, "a format and at most 3 values", c.arguments.size());
  if (c.diagnostics.errors() == errors) c.diagnostics.report(DiagId::TracePipe, c.span);
  return Type::void_();
}

Operand lower_debugf(const Lower& l) {
  auto& e = l.low.emit();
  Diagnostics ignored;
  std::string format;
  for (const FormatPiece& piece : parse_format(l.low.constant_of(*l.arguments[0])->text(), {}, ignored)) {
    for (char c : piece.literal) format += c == '%' ? std::string("%%") : std::string(1, c);
    if (!piece.has_conversion) continue;
    if (piece.conversion == "p") format += "0x";
    format += kernel_conversion(piece);
  }
  format.push_back('\0');
  std::array<Value, kMostValues> values = {e.number(0), e.number(0), e.number(0)};
  for (size_t i = 1; i < l.arguments.size() && i <= kMostValues; ++i) {
    const Type& type = l.low.type_of(*l.arguments[i]);
    values[i - 1] = type.is(Kind::String) ? l.low.address(*l.arguments[i]) : l.low.scalar(*l.arguments[i]);
  }
  e.call(Helper::TracePrintk, {e.constant_bytes(format), e.number(format.size()), values[0], values[1], values[2]});
  return Operand::none();
}

} // namespace

std::vector<Builtin> assertion_rows() {
  const std::vector<Parameter> format = {{"format", Accepts::StringConstant}};
  const std::vector<Parameter> assertion = {{"condition", Accepts::Value}, {"message", Accepts::StringConstant}};
  const Form s = Form::Statement;
  return {
      {"fail", s, format, true, "void", "refuse the script with a message", false, check_fail, lower_nothing},
      {"static_assert", s, assertion, false, "void", "refuse the script unless a condition holds", false, check_static_assert, lower_nothing},
      {"assert", s, assertion, false, "void", "print an error and end tracing with status 1 unless a condition holds", false, check_assert, lower_assert, nullptr, nullptr,
       Ends::Sometimes},
      {"debugf", s, format, true, "void", "write to the kernel's trace_pipe", false, check_debugf, lower_debugf},
  };
}

} // namespace trapline::builtins
