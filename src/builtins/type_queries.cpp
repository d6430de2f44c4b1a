// Questions about types, answered while compiling: an `if` on them leaves only one of its branches.
#include "builtins/families.h"
#include "codegen/lowering.h"

namespace trapline::builtins {

namespace {

using Question = bool (*)(const Check&);

const Type& asked(const Check& c) { return c.arguments[0].type; }

bool is_text(const Check& c) { return asked(c).is(Kind::String) || asked(c).is(Kind::Probe); }
bool is_pointer(const Check& c) { return asked(c).is(Kind::Pointer); }
bool is_array(const Check& c) { return asked(c).is(Kind::Array); }
// As in C: enums and booleans are no integers here, but numbers kept by an aggregation read as one.
bool is_integer(const Check& c) { return asked(c).is(Kind::Int) || asked(c).is_castable_aggregate(); }
bool is_unsigned(const Check& c) { return is_integer(c) && !asked(c).is_signed; }
bool is_literal(const Check& c) { return c.arguments[0].constant.has_value(); }
bool is_scalar_map(const Check& c) { return c.arguments[0].key.is(Kind::Void); }

Type check_question(const Check&) { return Type::boolean(); }

template <Question question> std::optional<Constant> fold_question(const Check& c) { return Constant{uint64_t{question(c)}}; }

// Only where an argument's type is not known, which was reported.
codegen::Operand lower_nothing(const Lower& l) { return codegen::Operand::scalar(l.low.emit().number(0)); }

Type check_assert_str(const Check& c) {
  if (c.final && !is_text(c) && !asked(c).is_error()) {
    c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[0].expr->span, "the argument", c.name, "a string", to_string(asked(c)));
  }
  return Type::void_();
}

Type check_length(const Check&) { return Type::integer(8, false); }
std::optional<Constant> fold_length(const Check& c) { return Constant{uint64_t{c.settings.max_strlen}}; }

} // namespace

std::vector<Builtin> type_query_rows() {
  const std::vector<Parameter> value = {{"value", Accepts::MapOrValue}};
  const std::vector<Parameter> map = {{"map", Accepts::Map}};
  const Form f = Form::Function;
  return {
      {"is_str", f, value, false, "bool", "whether a value is a string", false, check_question, lower_nothing, nullptr, fold_question<is_text>},
      {"is_ptr", f, value, false, "bool", "whether a value is a pointer", false, check_question, lower_nothing, nullptr, fold_question<is_pointer>},
      {"is_array", f, value, false, "bool", "whether a value is an array", false, check_question, lower_nothing, nullptr, fold_question<is_array>},
      {"is_integer", f, value, false, "bool", "whether a value is an integer", false, check_question, lower_nothing, nullptr, fold_question<is_integer>},
      {"is_unsigned_integer", f, value, false, "bool", "whether a value is an unsigned integer", false, check_question, lower_nothing, nullptr, fold_question<is_unsigned>},
      {"is_literal", f, value, false, "bool", "whether a value is known before the program runs", false, check_question, lower_nothing, nullptr, fold_question<is_literal>},
      {"is_scalar", f, map, false, "bool", "whether a map has no keys", false, check_question, lower_nothing, nullptr, fold_question<is_scalar_map>},
      {"assert_str", Form::Statement, value, false, "void", "refuse the script unless a value is a string", false, check_assert_str,
       [](const Lower&) { return codegen::Operand::none(); }},
      {"default_str_length", Form::VariableOrFunction, {}, false, "uint64", "how long strings are by default: max_strlen", false, check_length, lower_nothing, nullptr, fold_length},
  };
}

} // namespace trapline::builtins
