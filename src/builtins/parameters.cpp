// Parameters that a script takes by name: `script.bt -- --name=value`. Their values are known when it is compiled.
#include "builtins/families.h"
#include "codegen/lowering.h"
#include "support/literals.h"

#include <algorithm>
#include <cctype>

namespace trapline::builtins {

namespace {

using codegen::Operand;

// What the parameter is given on the command line; the last one counts.
const NamedArgument* given(const Check& c) {
  const auto last = std::find_if(c.named.rbegin(), c.named.rend(), [&](const NamedArgument& argument) {
    return argument.name == c.arguments[0].constant->text();
  });
  return last == c.named.rend() ? nullptr : &*last;
}

std::optional<bool> parse_flag(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(), [](unsigned char letter) { return std::tolower(letter); });
  for (std::string_view yes : {"1", "true", "on", "yes"}) {
    if (word == yes) return true;
  }
  for (std::string_view no : {"0", "false", "off", "no"}) {
    if (word == no) return false;
  }
  return std::nullopt;
}

std::optional<uint64_t> parse_number(std::string_view text, bool is_signed) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || !std::isdigit(static_cast<unsigned char>(text.front()))) return std::nullopt;
  const ParsedInteger number = parse_integer(text);
  const uint64_t most = !is_signed ? UINT64_MAX : negative ? uint64_t{1} << 63 : INT64_MAX;
  if (!number.error.empty() || number.value > most || (negative && !is_signed)) return std::nullopt;
  return negative ? 0 - number.value : number.value;
}

// The type of the default says what the parameter takes; a bool where there is none.
Type parameter_type(const Check& c) {
  if (c.arguments.size() < 2 || c.arguments[1].type.is(Kind::Bool)) return Type::boolean();
  const Constant& standard = *c.arguments[1].constant;
  if (!standard.is_integer()) return Type::string(1);
  return Type::integer(8, static_cast<int64_t>(standard.integer()) < 0 && c.arguments[1].type.is_signed);
}

// nullopt: the value does not suit the type.
std::optional<Constant> value_of(const NamedArgument& argument, const Type& type) {
  if (!argument.value) return type.is(Kind::Bool) ? std::optional(Constant{uint64_t{1}}) : std::nullopt;
  if (type.is(Kind::String)) return Constant{*argument.value};
  if (type.is(Kind::Bool)) {
    const std::optional<bool> flag = parse_flag(*argument.value);
    return flag ? std::optional(Constant{uint64_t{*flag}}) : std::nullopt;
  }
  const std::optional<uint64_t> number = parse_number(*argument.value, type.is_signed);
  return number ? std::optional(Constant{*number}) : std::nullopt;
}

Constant standard_value(const Check& c) { return c.arguments.size() < 2 ? Constant{uint64_t{0}} : *c.arguments[1].constant; }

Type check_getopt(const Check& c) {
  if (c.arguments.size() > 1 && !c.arguments[1].constant) {
    c.diagnostics.report(DiagId::NotAConstant, c.arguments[1].expr->span, "the default", c.name, "known at compile time");
    return Type::error();
  }
  const Type type = parameter_type(c);
  const NamedArgument* argument = given(c);
  const std::optional<Constant> value = argument ? value_of(*argument, type) : standard_value(c);
  if (!value) {
    const std::string problem = !argument->value ? std::string("needs a value")
                                : type.is(Kind::Bool) ? fmt::format("invalid boolean (value: {})", *argument->value)
                                                      : fmt::format("invalid integer (value: {})", *argument->value);
    c.diagnostics.report(DiagId::InvalidParameter, c.span, argument->name, problem);
    return Type::error();
  }
  if (!type.is(Kind::String)) return type;
  if (value->text().size() >= c.settings.max_strlen) {
    c.diagnostics.report(DiagId::InvalidParameter, c.span, c.arguments[0].constant->text(),
                         fmt::format("is too long: {} bytes, at most {} (max_strlen)", value->text().size(), c.settings.max_strlen - 1));
    return Type::error();
  }
  return Type::string(static_cast<uint32_t>(value->text().size()) + 1);
}

std::optional<Constant> fold_getopt(const Check& c) {
  const NamedArgument* argument = given(c);
  return argument ? value_of(*argument, parameter_type(c)) : standard_value(c);
}

// Always folded.
Operand lower_getopt(const Lower&) { return Operand::none(); }

} // namespace

std::vector<Builtin> parameter_rows() {
  using F = Form;
  using A = Accepts;
  Builtin getopt{"getopt", F::Function,
                 {{"name", A::StringConstant}, {"default", A::Value, true}, {"description", A::StringConstant, true}},
                 false, "bool, uint64, int64 or string", "value of the script's parameter `-- --name=value`",
                 false, check_getopt, lower_getopt};
  getopt.fold = fold_getopt;
  getopt.takes_parameter = true;
  return {getopt};
}

} // namespace trapline::builtins
