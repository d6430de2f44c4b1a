// What a builtin's parameters accept.
#include "sema/inference.h"

#include <algorithm>
#include <array>

namespace trapline::sema {

using builtins::Accepts;
using builtins::Builtin;

namespace {

std::string ordinal(size_t index) {
  constexpr auto kWords = std::to_array<std::string_view>({"first", "second", "third", "fourth", "fifth", "sixth"});
  if (index < kWords.size()) return fmt::format("the {} argument", kWords[index]);
  return fmt::format("argument {}", index + 1);
}

Accepts accepted(const Builtin& row, size_t index) {
  return index < row.parameters.size() ? row.parameters[index].accepts : Accepts::Value;
}

bool is_word(const Type& type) { return type.is(Kind::Pointer) || is_number(type); }

bool is_in_memory(const Type& type) { return type.is(Kind::Array) || type.is(Kind::String); }

// What a parameter that takes values of some types wants, and whether a type is one.
struct Wanted {
  Accepts accepts;
  std::string_view what;
  bool (*fits)(const Type&);
};
constexpr auto kWanted = std::to_array<Wanted>({
    {Accepts::Integer, "an integer", is_number},
    {Accepts::String, "a string", [](const Type& t) { return t.is(Kind::String) || t.is(Kind::Probe); }},
    {Accepts::Text, "a string", is_readable_text},
    {Accepts::TextOrAddress, "a string or a pointer", [](const Type& t) { return is_word(t) || is_in_memory(t) || t.is(Kind::Probe); }},
    {Accepts::Pointer, "a pointer", [](const Type& t) { return is_word(t) || is_in_memory(t); }},
    {Accepts::Bytes, "a pointer, array, string or buffer",
     [](const Type& t) { return is_word(t) || is_in_memory(t) || t.is(Kind::Buffer) || t.is(Kind::Struct) || t.is(Kind::Inet) || t.is(Kind::Mac); }},
});

} // namespace

std::optional<Inference::Argument> Inference::argument(const Builtin& row, size_t index, const ast::Expr& expr) {
  Accepts accepts = accepted(row, index);
  bool is_map = std::holds_alternative<ast::MapAccess>(expr.node);
  if (accepts == Accepts::Map || accepts == Accepts::MapElement || (accepts == Accepts::MapOrValue && is_map)) return map_argument(row, index, expr);
  if (accepts == Accepts::Word) return word_argument(row, index, expr);
  if (accepts == Accepts::IntegerOrOptions && std::holds_alternative<ast::RecordLiteral>(expr.node)) return options_argument(expr);
  if (accepts == Accepts::Variable) return variable_argument(row, index, expr);
  if (accepts == Accepts::Type) return type_argument(row, index, expr);
  if (accepts == Accepts::Member) {
    Argument member{.expr = &expr, .by_reference = true, .path = builtins::member_path(expr)};
    if (!member.path.empty()) return member;
    report(DiagId::NotAConstant, expr.span, ordinal(index), row.name, "a member's name");
    return std::nullopt;
  }
  // Text is wanted: "12" is text too, and a missing parameter is "".
  bool wants_text = accepts == Accepts::Text || accepts == Accepts::TextOrAddress || accepts == Accepts::StringConstant || accepts == Accepts::String;
  as_text_ = wants_text && std::holds_alternative<ast::Positional>(expr.node);
  Argument result;
  result.expr = &expr;
  // What is printed may also be an aggregation that has no value.
  bool is_printed = row.variadic && index >= row.parameters.size();
  if (accepts == Accepts::MapOrValue) {
    const Builtin* printed = instance_->builtin_of[expr.id];
    result.prints_itself = printed && printed->form == builtins::Form::Printable;
  }
  result.type = is_printed || result.prints_itself ? infer(expr) : value_of(expr);
  as_text_ = false;
  if (const Constant* constant = constant_of(expr)) result.constant = *constant;
  if (result.type.is(Kind::Void) && !result.prints_itself) {
    report(DiagId::NoValue, expr.span, ast::to_source(expr));
    result.type = Type::error();
  }
  return fits(row, index, expr, result) ? std::optional(std::move(result)) : std::nullopt;
}

bool Inference::fits(const Builtin& row, size_t index, const ast::Expr& expr, Argument& argument) {
  Accepts accepts = accepted(row, index);
  // What is wrong has been said; a check that wants a constant must not be asked without one.
  if (argument.type.is_error()) return accepts != Accepts::IntegerConstant && accepts != Accepts::StringConstant;
  if (accepts == Accepts::IntegerConstant || accepts == Accepts::StringConstant || accepts == Accepts::IntegerOrOptions) {
    bool wants_integer = accepts != Accepts::StringConstant;
    if (argument.constant && argument.constant->is_integer() == wants_integer) return true;
    report(DiagId::NotAConstant, expr.span, ordinal(index), row.name, wants_integer ? "an integer literal" : "a string literal");
    return false;
  }
  const auto* wanted = std::ranges::find(kWanted, accepts, &Wanted::accepts);
  if (wanted == kWanted.end() || wanted->fits(argument.type)) return true;
  Diagnostic& diagnostic = report(DiagId::WrongArgumentType, expr.span, ordinal(index), row.name, wanted->what, to_string(argument.type));
  if (accepts == Accepts::Text && may_be_address(argument.type, argument.constant.has_value())) diagnostic.hint(fmt::format("str({}) is the text at an address", ast::to_source(expr)));
  return false;
}

// A map by reference, or one of its elements.
std::optional<Inference::Argument> Inference::map_argument(const Builtin& row, size_t index, const ast::Expr& expr) {
  Accepts accepts = accepted(row, index);
  const auto* access = std::get_if<ast::MapAccess>(&expr.node);
  if (!access || (accepts == Accepts::Map && !access->keys.empty())) {
    Type type = infer(expr);
    if (!type.is_error()) report(DiagId::WrongArgumentType, expr.span, ordinal(index), row.name, "a map", to_string(type));
    return std::nullopt;
  }
  Argument result;
  result.expr = &expr;
  MapPlace* map = map_place(access->name);
  result.by_reference = access->keys.empty();
  result.type = result.by_reference ? (map ? map->value.read() : Type::error()) : infer(expr);
  instance_->types[expr.id] = result.type;
  if (map) result.key = map->use->info.keyed ? map->key.read() : Type::void_();
  return result;
}

std::optional<Inference::Argument> Inference::word_argument(const Builtin& row, size_t index, const ast::Expr& expr) {
  Argument result;
  result.expr = &expr;
  if (const auto* word = std::get_if<ast::Identifier>(&expr.node)) {
    result.word = word->name;
    return result;
  }
  result.type = value_of(expr);
  if (const Constant* constant = constant_of(expr)) result.constant = *constant;
  if (result.type.is_error() || (result.constant && result.constant->is_integer())) return result;
  report(DiagId::NotAConstant, expr.span, ordinal(index), row.name, "a word or an integer literal");
  return std::nullopt;
}

// Words among the options are not looked up; the builtin's `check` says what they mean.
std::optional<Inference::Argument> Inference::options_argument(const ast::Expr& expr) {
  for (const ast::RecordLiteral::Member& member : std::get<ast::RecordLiteral>(expr.node).members) {
    if (member.value && !std::holds_alternative<ast::Identifier>(member.value->node)) value_of(*member.value);
  }
  Argument result;
  result.expr = &expr;
  result.type = Type::void_();
  return result;
}

std::optional<Inference::Argument> Inference::type_argument(const Builtin& row, size_t index, const ast::Expr& expr) {
  Argument result;
  result.expr = &expr;
  if (const auto* name = std::get_if<ast::Identifier>(&expr.node)) result.type = in_.types.named(name->name);
  else if (std::holds_alternative<ast::TypeOperand>(expr.node)) result.type = infer(expr);
  instance_->types[expr.id] = result.type;
  if (!result.type.is_error()) return result;
  if (!std::holds_alternative<ast::TypeOperand>(expr.node)) report(DiagId::NotAConstant, expr.span, ordinal(index), row.name, "a type");
  return std::nullopt;
}

// A variable that the builtin assigns: it gets the type of what the map holds that is the first argument.
std::optional<Inference::Argument> Inference::variable_argument(const Builtin& row, size_t index, const ast::Expr& expr) {
  if (!std::holds_alternative<ast::Variable>(expr.node)) {
    Type type = infer(expr);
    if (!type.is_error()) report(DiagId::WrongArgumentType, expr.span, ordinal(index), row.name, "a variable", to_string(type));
    return std::nullopt;
  }
  Argument result;
  result.expr = &expr;
  result.by_reference = true;
  return result;
}

void Inference::put_variable_arguments(const Builtin& row, std::span<const ast::ExprPtr> arguments) {
  for (size_t i = 1; i < arguments.size() && i < row.parameters.size(); ++i) {
    if (row.parameters[i].accepts != Accepts::Variable || !arguments[i] || !arguments[0]) continue;
    if (!std::holds_alternative<ast::Variable>(arguments[i]->node)) continue;
    const auto* access = std::get_if<ast::MapAccess>(&arguments[0]->node);
    MapPlace* map = access && access->keys.empty() ? map_place(access->name) : nullptr;
    Type value = map ? read_as(map->value.read()) : Type::error();
    if (!is_unknown(value)) put_target(*arguments[i], Cell::of(stored_as(value)), arguments[i].get());
    infer(*arguments[i]);
  }
}

// `delete(@x, k)`: a parameter called "key" is a key of the map before it.
void Inference::put_key_argument(const Builtin& row, std::span<const ast::ExprPtr> arguments) {
  for (size_t i = 1; i < arguments.size() && i < row.parameters.size(); ++i) {
    if (row.parameters[i].name != "key" || !arguments[i] || !arguments[i - 1]) continue;
    const auto* access = std::get_if<ast::MapAccess>(&arguments[i - 1]->node);
    MapPlace* map = access && access->keys.empty() ? map_place(access->name) : nullptr;
    if (map && map->use->info.keyed) put_key(*map, cell_of(*arguments[i], type_at(*arguments[i])), arguments[i]->span);
  }
}

} // namespace trapline::sema
