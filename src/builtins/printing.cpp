// print() of values and maps, and quantile().
#include "builtins/families.h"
#include "builtins/percentiles.h"
#include "codegen/lowering.h"

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
    c.diagnostics.report(DiagId::WrongArgumentType, first.expr->span, "the first argument", c.name, "a map when `top` is given", to_string(first.type));
  } else if (c.final && first.type.is_aggregate() && !first.type.is_castable_aggregate()) {
    c.diagnostics.report(DiagId::TypeMismatch, first.expr->span, std::string("a single histogram, stats or tseries element cannot be printed"))
        .hint("print the whole map");
  }
}

Type check_print(const Check& c) {
  if (c.arguments[0].prints_itself && c.arguments.size() == 1) return Type::void_();
  if (!c.arguments[0].by_reference) {
    check_print_value(c);
    return Type::void_();
  }
  auto number = [&](size_t argument) {
    return c.arguments.size() > argument && c.arguments[argument].constant && c.arguments[argument].constant->is_integer();
  };
  if (number(1) && static_cast<int64_t>(c.arguments[1].constant->integer()) < 0) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[1].expr->span, "the number of elements", c.name, "it cannot be negative");
  }
  if (number(2) && static_cast<int64_t>(c.arguments[2].constant->integer()) <= 0) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[2].expr->span, "the divisor", c.name, "it must be at least 1");
  }
  return Type::void_();
}

Operand lower_print(const Lower& l) {
  Action action;
  if (!is_whole_map(l)) {
    if (l.low.type_of(*l.arguments[0]).is(Kind::Void)) {
      l.low.perform(*l.arguments[0]);
      return Operand::none();
    }
    action.kind = ActionKind::PrintValue;
    l.low.send(std::move(action), l.arguments.first(1));
    return Operand::none();
  }
  action.kind = ActionKind::PrintMap;
  action.map = l.low.map_index_of(*l.arguments[0]);
  action.print.percentiles = l.low.settings().hist_percentiles;
  if (l.arguments.size() > 1) action.print.top = static_cast<int64_t>(l.low.constant_of(*l.arguments[1])->integer());
  if (l.arguments.size() > 2) action.print.divisor = static_cast<int64_t>(l.low.constant_of(*l.arguments[2])->integer());
  l.low.send(std::move(action), {});
  return Operand::none();
}

// --- quantile

std::optional<uint32_t> percentile_of(const Constant& constant) {
  if (!constant.is_integer()) return read_percentile(constant.text());
  return constant.integer() <= 100 ? std::optional(static_cast<uint32_t>(constant.integer()) * 1000) : std::nullopt;
}

Type check_quantile(const Check& c) {
  const Type& map = c.arguments[0].type;
  if (c.final && !map.is_error() && !map.is_histogram()) {
    c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[0].expr->span, "the first argument", c.name, "a map of hist() or lhist()", to_string(map));
  }
  for (size_t i = 1; i < c.arguments.size(); ++i) {
    const Check::Argument& argument = c.arguments[i];
    if (!argument.constant && argument.type.is_error()) continue;
    if (argument.constant && percentile_of(*argument.constant)) continue;
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
    action.print.percentiles.push_back(percentile_of(*l.low.constant_of(*argument)).value_or(0));
  }
  l.low.send(std::move(action), {});
  return Operand::none();
}

} // namespace

std::vector<Builtin> printing_rows() {
  const std::vector<Parameter> print = {{"value", Accepts::MapOrValue}, {"top", Accepts::IntegerConstant, true}, {"divisor", Accepts::IntegerConstant, true}};
  const std::vector<Parameter> quantile = {{"map", Accepts::Map}, {"percentage", Accepts::Value}};
  return {
      {"print", Form::Statement, print, false, "void", "print a value, or a map: the last `top` elements, divided by `divisor`", false, check_print, lower_print},
      {"quantile", Form::Printable, quantile, true, "void", "print percentiles of histograms: print(quantile(@h, 50, 99))", false, check_quantile, lower_quantile},
  };
}

} // namespace trapline::builtins
