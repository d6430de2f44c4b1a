// Uses of builtins, with and without parentheses.
#include "sema/inference.h"

#include <algorithm>

namespace trapline::sema {

using builtins::Builtin;
using builtins::Form;

namespace {

std::string plural(size_t count) { return fmt::format("{} argument{}", count, count == 1 ? "" : "s"); }

std::string accepted_counts(size_t least, size_t most, bool variadic) {
  if (variadic) return "at least " + plural(least);
  if (most == 0) return "no arguments";
  return least == most ? plural(most) : fmt::format("{} to {}", least, plural(most));
}

} // namespace

bool Inference::is_aggregation(const ast::ExprPtr& expr) const {
  if (!expr) return false;
  if (const auto* block = std::get_if<ast::BlockExpr>(&expr->node)) return is_aggregation(block->value);
  const Builtin* row = expr ? instance_->builtin_of[expr->id] : nullptr;
  return row && row->form == Form::Aggregation;
}

Type Inference::node(const ast::Expr& expr, const ast::Call& n) {
  if (report_deferred(expr)) return Type::error();
  if (auto own = instance_->function_of.find(expr.id); own != instance_->function_of.end()) return call_function(expr, n, own->second);
  return use_builtin(expr, n.name, n.name_span.end > 0 ? n.name_span : expr.span, n.arguments);
}

// A function of the script: its arguments go into its parameters, as by assignment.
Type Inference::call_function(const ast::Expr& expr, const ast::Call& call, uint32_t index) {
  const ast::FunctionDefinition& function = in_.script.functions[index];
  size_t at = instances_.size() - in_.script.functions.size() + index;
  for (const ast::ExprPtr& argument : call.arguments) value_of(argument);
  size_t parameters = function.parameters.size();
  if (call.arguments.size() != parameters) {
    report(DiagId::WrongArgumentCount, expr.span, function.name, accepted_counts(parameters, parameters, false), call.arguments.size())
        .note(function.name_span, "it is declared here");
    return Type::error();
  }
  for (uint32_t i = 0; i < parameters; ++i) {
    const ast::Expr& argument = *call.arguments[i];
    put_variable(at, i, cell_of(argument, type_at(argument)), &argument, argument.span);
  }
  return function.result ? variables_[at][parameters].read() : Type::void_();
}

// Whether the builtin may be used here with so many arguments.
bool Inference::check_use(const ast::Expr& expr, const Builtin& row, Span name_span, size_t arguments) {
  if (row.form == Form::Aggregation && assigned_aggregation_ != &expr) {
    report(DiagId::MisplacedAggregation, expr.span, row.name).hint(fmt::format("write `@x = {}(...)`", row.name));
    return false;
  }
  if (row.needs_unsafe && !in_.options.expand.unsafe) {
    report(DiagId::UnsafeNeeded, name_span, row.name).hint("run with --unsafe if that is what you want");
    return false;
  }
  size_t least = std::ranges::count_if(row.parameters, [](const auto& p) { return !p.optional; });
  if (arguments >= least && (row.variadic || arguments <= row.parameters.size())) return true;
  report(DiagId::WrongArgumentCount, expr.span, row.name, accepted_counts(least, row.parameters.size(), row.variadic), arguments);
  return false;
}

Type Inference::use_builtin(const ast::Expr& expr, std::string_view name, Span name_span, std::span<const ast::ExprPtr> arguments) {
  const Builtin* row = instance_->builtin_of[expr.id];
  bool usable = row && check_use(expr, *row, name_span, arguments.size());
  assigned_aggregation_ = nullptr;
  if (!usable) {
    for (const ast::ExprPtr& one : arguments) {
      bool is_bare_map = one && std::holds_alternative<ast::MapAccess>(one->node);
      bool is_word = one && std::holds_alternative<ast::Identifier>(one->node);
      if (one && !is_bare_map && !is_word) infer(*one);
    }
    return Type::error();
  }
  std::vector<Argument> checked_arguments;
  bool fit = true, known = true;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::optional<Argument> checked = arguments[i] ? argument(*row, i, *arguments[i]) : std::nullopt;
    if (!checked) {
      fit = false;
      continue;
    }
    known = known && (checked->by_reference || !checked->word.empty() || !is_unknown(checked->type));
    checked_arguments.push_back(std::move(*checked));
  }
  if (!fit) return Type::error();
  put_key_argument(*row, arguments);
  put_variable_arguments(*row, arguments);
  // What is wrong with an argument has been said already.
  Diagnostics ignored;
  builtins::Check check{.name = name,
                        .span = expr.span,
                        .name_span = name_span,
                        .arguments = std::move(checked_arguments),
                        .constant_of = [this](const ast::Expr& part) { return constant_of(part); },
                        .context = context(),
                        .system = in_.system,
                        .settings = in_.settings,
                        .targets = &instance_->group.targets,
                        .named = in_.options.named,
                        .unsafe = in_.options.expand.unsafe,
                        .final = final_ && known,
                        .diagnostics = known ? *diagnostics_ : ignored};
  Type type = row->check(check);
  if (row->form == Form::Statement || row->form == Form::Printable) return Type::void_();
  if (type.is(Kind::Probe)) type.count = probe_capacity_;
  std::optional<Constant> value = row->fold && known && !type.is_error() ? row->fold(check) : std::nullopt;
  if (!value) return type;
  return set_constant(expr, value->is_integer() ? Folded::integer(value->integer(), type) : Folded::text(value->text()));
}

} // namespace trapline::sema
