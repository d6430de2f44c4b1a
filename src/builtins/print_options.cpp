// The options of print().
#include "builtins/print_options.h"

#include "builtins/percentiles.h"

#include <algorithm>
#include <array>

namespace trapline::builtins {

namespace {

struct Value {
  const ast::Expr& expr;
  const ConstantOf& constant_of;

  std::string_view word() const {
    const auto* identifier = std::get_if<ast::Identifier>(&expr.node);
    return identifier ? std::string_view(identifier->name) : std::string_view();
  }
  // From 0 to INT64_MAX.
  std::optional<int64_t> number() const {
    if (!word().empty()) return std::nullopt;
    const Constant* constant = constant_of(expr);
    if (!constant || !constant->is_integer() || static_cast<int64_t>(constant->integer()) < 0) return std::nullopt;
    return static_cast<int64_t>(constant->integer());
  }
};

bool read_by(const Value& value, MapPrint& print) {
  if (value.word() == "key") print.by = MapPrint::By::Key;
  else if (value.word() == "value") print.by = MapPrint::By::Value;
  else return false;
  return true;
}

bool read_order(const Value& value, MapPrint& print) {
  print.descending = value.word() == "desc";
  return print.descending || value.word() == "asc";
}

bool read_top(const Value& value, MapPrint& print) {
  const auto number = value.number();
  print.top = number.value_or(0);
  return number.has_value();
}

bool read_div(const Value& value, MapPrint& print) {
  const auto number = value.number();
  print.divisor = number.value_or(1);
  return print.divisor >= 1 && number;
}

bool read_percentiles(const Value& value, MapPrint& print) {
  print.percentiles.clear();
  const auto add = [&](const ast::Expr& one) {
    const auto percentile = read_percentile(value.constant_of(one));
    if (percentile) print.percentiles.push_back(*percentile);
    return percentile.has_value();
  };
  const auto* list = std::get_if<ast::TupleLiteral>(&value.expr.node);
  if (!list) return add(value.expr);
  return std::ranges::all_of(list->elements, [&](const ast::ExprPtr& one) { return one && add(*one); });
}

struct Option {
  std::string_view name;
  std::string_view wanted;
  bool (*read)(const Value&, MapPrint&);
};
constexpr auto kOptions = std::to_array<Option>({
    {"by", "`key` or `value`", read_by},
    {"order", "`asc` or `desc`", read_order},
    {"top", "a number of elements", read_top},
    {"div", "an integer literal of at least 1", read_div},
    {"percentiles", "a literal from 0 to 100, one as \"99.9\", or several as `(50, 99)`", read_percentiles},
});

} // namespace

std::optional<uint32_t> read_percentile(const Constant* constant) {
  if (!constant) return std::nullopt;
  if (!constant->is_integer()) return read_percentile(constant->text());
  return constant->integer() <= 100 ? std::optional(static_cast<uint32_t>(constant->integer()) * 1000) : std::nullopt;
}

void read_print_options(const ast::RecordLiteral& options, const ConstantOf& constant_of, MapPrint& print, const RefuseOption& refuse) {
  for (const ast::RecordLiteral::Member& member : options.members) {
    if (!member.value) continue; // the parser reported it
    const auto option = std::ranges::find(kOptions, member.name, &Option::name);
    if (option == kOptions.end()) refuse(member.name_span, member.name, {});
    else if (!option->read({*member.value, constant_of}, print)) refuse(member.value->span, member.name, option->wanted);
  }
}

} // namespace trapline::builtins
