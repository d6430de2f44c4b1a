// The parameters that a script takes by name, gathered from all its uses of getopt().
#include "sema/passes.h"
#include "sema/walk.h"

#include <algorithm>

namespace trapline::sema {

namespace {

std::string describe(const ParameterInfo& parameter) {
  if (!parameter.standard.is_integer()) return fmt::format("the default \"{}\"", parameter.standard.text());
  if (parameter.type.is(Kind::Bool)) return fmt::format("the default {}", parameter.standard.integer() != 0);
  if (parameter.type.is_signed) return fmt::format("the default {}", static_cast<int64_t>(parameter.standard.integer()));
  return fmt::format("the default {}", parameter.standard.integer());
}

class Collector {
public:
  explicit Collector(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void visit(const Instance& instance, const ast::Expr& expr) {
    const auto* call = std::get_if<ast::Call>(&expr.node);
    const builtins::Builtin* row = call ? instance.builtin_of[expr.id] : nullptr;
    if (!row || !row->takes_parameter) return;
    const auto constant = [&](size_t index) -> const Constant* {
      if (index >= call->arguments.size() || !call->arguments[index]) return nullptr;
      const auto found = instance.constants.find(call->arguments[index]->id);
      return found == instance.constants.end() ? nullptr : &found->second;
    };
    const Constant *name = constant(0), *standard = constant(1), *description = constant(2);
    if (!name || name->is_integer() || (call->arguments.size() > 1 && !standard)) return; // reported
    ParameterInfo parameter;
    parameter.name = name->text();
    parameter.type = standard ? type_of_default(instance, *call, *standard) : Type::boolean();
    parameter.standard = standard ? *standard : Constant{uint64_t{0}};
    if (description && !description->is_integer()) parameter.description = description->text();
    parameter.span = expr.span;
    add(std::move(parameter));
  }

  std::vector<ParameterInfo> take() { return std::move(parameters_); }

private:
  static Type type_of_default(const Instance& instance, const ast::Call& call, const Constant& standard) {
    const Type& type = instance.types[call.arguments[1]->id];
    if (type.is(Kind::Bool) || !standard.is_integer()) return type;
    return Type::integer(8, type.is_signed && static_cast<int64_t>(standard.integer()) < 0);
  }

  void add(ParameterInfo parameter) {
    const auto known = std::ranges::find(parameters_, parameter.name, &ParameterInfo::name);
    if (known == parameters_.end()) {
      parameters_.push_back(std::move(parameter));
      return;
    }
    const auto report = [&](const std::string& here, const std::string& there) {
      diagnostics_.report(DiagId::ParameterMismatch, parameter.span, parameter.name, here, there).note(known->span, "it is first used here");
    };
    if (describe(*known) != describe(parameter)) report(describe(parameter), describe(*known));
    if (parameter.description.empty()) return;
    if (known->description.empty()) known->description = std::move(parameter.description);
    else if (known->description != parameter.description)
      report(fmt::format("the description \"{}\"", parameter.description), fmt::format("the description \"{}\"", known->description));
  }

  Diagnostics& diagnostics_;
  std::vector<ParameterInfo> parameters_;
};

std::string list_of(const std::vector<ParameterInfo>& parameters) {
  std::string text;
  for (const ParameterInfo& parameter : parameters) {
    text += fmt::format("{}--{}", text.empty() ? "" : ", ", parameter.name);
    if (!parameter.description.empty()) text += ": " + parameter.description;
  }
  return text;
}

} // namespace

std::vector<ParameterInfo> collect_parameters(const std::vector<Instance>& instances, const Options& options, Diagnostics& diagnostics) {
  Collector collector(diagnostics);
  for (const Instance& instance : instances) {
    for_each_expr(*instance.probe, [&](const ast::Expr& expr) { collector.visit(instance, expr); });
  }
  std::vector<ParameterInfo> parameters = collector.take();

  std::string unexpected;
  for (const NamedArgument& argument : options.named) {
    const bool known = std::ranges::find(parameters, argument.name, &ParameterInfo::name) != parameters.end();
    if (!known) unexpected += fmt::format("{}--{}", unexpected.empty() ? "" : ", ", argument.name);
  }
  if (unexpected.empty()) return parameters;
  Diagnostic& diagnostic = diagnostics.report(DiagId::UnexpectedParameter, Span::none(), unexpected);
  diagnostic.hint(parameters.empty() ? "the script takes no options" : "expected program options: " + list_of(parameters));
  return parameters;
}

} // namespace trapline::sema
