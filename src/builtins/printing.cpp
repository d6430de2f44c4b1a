// print() of values and maps, and quantile().
#include "builtins/families.h"
#include "builtins/print_options.h"
#include "codegen/lowering.h"

#include <fmt/format.h>

namespace trapline::builtins {

namespace {

using codegen::Operand;

bool is_whole_map(const Lower& l) {
  const auto* access = std::get_if<ast::MapAccess>(&l.arguments[0]->node);
  return access && access->keys.empty();
}

// --- print

void check_print_value(const Check& c) {
  const auto& first = c.arguments[0];
  if (c.arguments.size() > 1) {
    c.diagnostics.report(DiagId::WrongArgumentType, first.expr->span, "the first argument", c.name, "a map when `top` or options are given", to_string(first.type));
  } else if (c.final && first.type.is_aggregate() && !first.type.is_castable_aggregate()) {
    c.diagnostics.report(DiagId::TypeMismatch, first.expr->span, std::string("a single histogram, stats or tseries element cannot be printed"))
        .hint("print the whole map");
  }
}

bool is_divided(const Type& map) { return map.is(Kind::Int) || map.is(Kind::Hist) || map.is_castable_aggregate(); }

// The options, and whether they fit the map.
void check_options(const Check& c, const ast::RecordLiteral& options) {
  MapPrint print;
  bool fine = true;
  read_print_options(options, c.constant_of, print, [&](Span span, std::string_view option, std::string_view wanted) {
    fine = false;
    if (wanted.empty()) c.diagnostics.report(DiagId::UnknownOption, span, c.name, option).hint("options are by, order, top, div and percentiles");
    else c.diagnostics.report(DiagId::NotAConstant, span, fmt::format("`.{}`", option), c.name, wanted);
  });
  const Type& map = c.arguments[0].type;
  if (!fine || !c.final || map.is_error()) return;
  if (!print.percentiles.empty() && !map.is_histogram()) {
    c.diagnostics.report(DiagId::TypeMismatch, c.arguments[1].expr->span, fmt::format("a map of `{}` has no percentiles", to_string(map)))
        .hint("those of hist() and lhist() have");
  }
  if (print.divisor != 1 && !is_divided(map)) c.diagnostics.report(DiagId::DivisorIgnored, c.arguments[1].expr->span, to_string(map));
}

void check_numbers(const Check& c) {
  auto number = [&](size_t argument) -> std::optional<int64_t> {
    if (c.arguments.size() <= argument || !c.arguments[argument].constant || !c.arguments[argument].constant->is_integer()) return std::nullopt;
    return static_cast<int64_t>(c.arguments[argument].constant->integer());
  };
  if (number(1).value_or(0) < 0) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[1].expr->span, "the number of elements", c.name, "it cannot be negative");
  }
  if (number(2).value_or(1) < 1) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[2].expr->span, "the divisor", c.name, "it must be at least 1");
  } else if (const Type& map = c.arguments[0].type; number(2).value_or(1) != 1 && c.final && !map.is_error() && !is_divided(map)) {
    c.diagnostics.report(DiagId::DivisorIgnored, c.arguments[2].expr->span, to_string(map));
  }
}

Type check_print(const Check& c) {
  if (c.arguments[0].prints_itself && c.arguments.size() == 1) return Type::void_();
  if (!c.arguments[0].by_reference) {
    check_print_value(c);
    return Type::void_();
  }
  const auto* options = c.arguments.size() > 1 ? std::get_if<ast::RecordLiteral>(&c.arguments[1].expr->node) : nullptr;
  if (!options) {
    check_numbers(c);
    return Type::void_();
  }
  check_options(c, *options);
  if (c.arguments.size() > 2) c.diagnostics.report(DiagId::WrongArgumentCount, c.span, c.name, "a map and options", c.arguments.size());
  return Type::void_();
}

void lower_print_map(const Lower& l) {
  Action action;
  action.kind = ActionKind::PrintMap;
  action.map = l.low.map_index_of(*l.arguments[0]);
  if (l.low.map_of(*l.arguments[0]).value.is_histogram()) action.print.percentiles = l.low.settings().hist_percentiles;
  const auto* options = l.arguments.size() > 1 ? std::get_if<ast::RecordLiteral>(&l.arguments[1]->node) : nullptr;
  if (options) {
    read_print_options(*options, [&](const ast::Expr& part) { return l.low.constant_of(part); }, action.print, [](auto&&...) {});
  } else {
    if (l.arguments.size() > 1) action.print.top = static_cast<int64_t>(l.low.constant_of(*l.arguments[1])->integer());
    if (l.arguments.size() > 2) action.print.divisor = static_cast<int64_t>(l.low.constant_of(*l.arguments[2])->integer());
  }
  l.low.send_map_action(std::move(action), l.use);
}

Operand lower_print(const Lower& l) {
  if (is_whole_map(l)) {
    lower_print_map(l);
  } else if (l.low.type_of(*l.arguments[0]).is(Kind::Void)) {
    l.low.perform(*l.arguments[0]);
  } else {
    Action action;
    action.kind = ActionKind::PrintValue;
    l.low.send(std::move(action), l.arguments.first(1));
  }
  return Operand::none();
}

// --- quantile

Type check_quantile(const Check& c) {
  const Type& map = c.arguments[0].type;
  if (c.final && !map.is_error() && !map.is_histogram()) {
    c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[0].expr->span, "the first argument", c.name, "a map of hist() or lhist()", to_string(map));
  }
  for (size_t i = 1; i < c.arguments.size(); ++i) {
    const Check::Argument& argument = c.arguments[i];
    if (!argument.constant && argument.type.is_error()) continue;
    if (argument.constant && read_percentile(&*argument.constant)) continue;
    c.diagnostics.report(DiagId::NotAConstant, argument.expr->span, "a percentage", c.name, "a literal from 0 to 100, or one as \"99.9\"");
  }
  return Type::void_();
}

Operand lower_quantile(const Lower& l) {
  Action action;
  action.kind = ActionKind::PrintMap;
  action.map = l.low.map_index_of(*l.arguments[0]);
  action.print.only_percentiles = true;
  for (const ast::ExprPtr& argument : l.arguments.subspan(1)) {
    action.print.percentiles.push_back(read_percentile(l.low.constant_of(*argument)).value_or(0));
  }
  l.low.send_map_action(std::move(action), l.use);
  return Operand::none();
}

} // namespace

std::vector<Builtin> printing_rows() {
  const std::vector<Parameter> print = {{"value", Accepts::MapOrValue}, {"top or options", Accepts::IntegerOrOptions, true}, {"divisor", Accepts::IntegerConstant, true}};
  const std::vector<Parameter> quantile = {{"map", Accepts::Map}, {"percentage", Accepts::Value}};
  return {
      {"print", Form::Statement, print, false, "void", "print a value, or a map: the `top` largest elements, divided by `divisor`, or as options say", false, check_print, lower_print},
      {"quantile", Form::Printable, quantile, true, "void", "print percentiles of histograms: print(quantile(@h, 50, 99))", false, check_quantile, lower_quantile},
  };
}

} // namespace trapline::builtins
