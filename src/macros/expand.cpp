#include "macros/expand.h"

#include "ast/overloaded.h"
#include "macros/clone.h"
#include "macros/visit.h"

#include <algorithm>
#include <map>
#include <set>

namespace trapline {

using namespace ast;

namespace {

using Parameter = MacroDefinition::Parameter;
using ParameterKind = MacroDefinition::ParameterKind;

constexpr size_t kMostNodes = 1'000'000; // of a script after expansion
constexpr size_t kMostNested = 64;       // macros in macros

std::string signature(const MacroDefinition& macro) {
  std::string text = macro.name + "(";
  for (const Parameter& parameter : macro.parameters) {
    if (text.back() != '(') text += ", ";
    text += (parameter.kind == ParameterKind::Variable ? "$" : "") + parameter.name;
  }
  return text + ")";
}

bool is_bare_map(const Expr& expr) {
  const auto* map = std::get_if<MapAccess>(&expr.node);
  return map && map->keys.empty();
}

bool fits(const Parameter& parameter, const Expr& argument) {
  switch (parameter.kind) {
  case ParameterKind::Variable: return std::holds_alternative<Variable>(argument.node);
  case ParameterKind::Map: return is_bare_map(argument);
  case ParameterKind::Expression: return true;
  }
  return false;
}

// A copy of a macro's body with the arguments in place.
class Body final : public Cloner {
public:
  Body(const MacroDefinition& macro, const std::vector<ExprPtr>& arguments, uint32_t begin, size_t number, NodeId& next)
      : Cloner(next), macro_(macro), begin_(begin), suffix_("#" + std::to_string(number)), plain_(next) {
    for (size_t i = 0; i < arguments.size(); ++i) arguments_[macro.parameters[i].name + (is_variable(i) ? "$" : "")] = arguments[i].get();
  }

protected:
  Span span(Span original) override {
    if (original.begin < macro_.body->span.begin || original.end > macro_.body->span.end) return original;
    return {original.begin - macro_.body->span.begin + begin_, original.end - macro_.body->span.begin + begin_};
  }

  std::string variable(const std::string& name) override {
    const Expr* argument = find(name + "$");
    return argument ? std::get<Variable>(argument->node).name : name + suffix_;
  }

  ExprPtr replace(const Expr& expr) override {
    if (const auto* map = std::get_if<MapAccess>(&expr.node)) return replace_map(expr, *map);
    const auto* identifier = std::get_if<Identifier>(&expr.node);
    const Expr* argument = identifier ? find(identifier->name) : nullptr;
    if (!argument) return nullptr;
    ExprPtr copy = plain_.clone(*argument);
    bool could_be_assigned = std::holds_alternative<Variable>(copy->node) || std::holds_alternative<MapAccess>(copy->node);
    Span at = copy->span;
    return could_be_assigned ? make(at, BlockExpr{{}, std::move(copy)}) : std::move(copy);
  }

  TypeName type(const TypeName& original) override {
    const Expr* argument = original.tag == TypeName::Tag::None && !original.of ? find(original.name) : nullptr;
    if (!argument) return Cloner::type(original);
    TypeName copy;
    copy.span = span(original.span);
    if (const auto* given = std::get_if<TypeOperand>(&argument->node)) copy = given->type;
    else copy.of = plain_.clone(*argument);
    copy.suffixes.insert(copy.suffixes.end(), original.suffixes.begin(), original.suffixes.end());
    return copy;
  }

  std::vector<std::string> path(const std::vector<std::string>& names) override {
    std::vector<std::string> copy;
    for (const std::string& name : names) {
      const Expr* argument = find(name);
      if (!argument || !append_path(*argument, copy)) copy.push_back(name);
    }
    return copy;
  }

private:
  bool is_variable(size_t parameter) const { return macro_.parameters[parameter].kind == ParameterKind::Variable; }

  const Expr* find(const std::string& name) const {
    auto found = arguments_.find(name);
    return found == arguments_.end() ? nullptr : found->second;
  }

  ExprPtr replace_map(const Expr& expr, const MapAccess& map) {
    const Expr* argument = find(map.name);
    if (!argument) return nullptr;
    std::vector<ExprPtr> keys;
    for (const ExprPtr& key : map.keys) keys.push_back(clone(*key));
    return make(span(expr.span), MapAccess{std::get<MapAccess>(argument->node).name, std::move(keys)});
  }

  // A member named by an argument: `m`, `a.b`.
  static bool append_path(const Expr& argument, std::vector<std::string>& path) {
    if (const auto* name = std::get_if<Identifier>(&argument.node)) {
      path.push_back(name->name);
      return true;
    }
    const auto* field = std::get_if<FieldAccess>(&argument.node);
    if (!field || !append_path(*field->object, path)) return false;
    path.push_back(field->field);
    return true;
  }

  const MacroDefinition& macro_;
  uint32_t begin_;
  std::string suffix_;
  Cloner plain_; // for arguments, which stay as they were written
  std::map<std::string, const Expr*, std::less<>> arguments_; // of a variable's parameter by its name and a dollar sign
};

class Expander {
public:
  Expander(Script& script, SourceFile& source, Diagnostics& diags) : script_(script), source_(source), diags_(diags) {
    for (const MacroDefinition& macro : script.macros) define(macro);
  }

  void run() {
    for (Probe& probe : script_.probes) {
      if (probe.predicate) visit(probe.predicate);
      visit(probe.body);
    }
    for (FunctionDefinition& function : script_.functions) visit(function.code.body);
  }

private:
  void define(const MacroDefinition& macro) {
    std::vector<const MacroDefinition*>& overloads = macros_[macro.name];
    for (const MacroDefinition* other : overloads) {
      bool same = std::ranges::equal(other->parameters, macro.parameters, {}, &Parameter::kind, &Parameter::kind);
      if (same) diags_.report(DiagId::Redeclared, macro.name_span, signature(macro)).note(other->name_span, "it is declared here");
    }
    overloads.push_back(&macro);
    check(macro);
  }

  // What no use could make right.
  void check(const MacroDefinition& macro) {
    std::set<std::string> maps;
    for (const Parameter& parameter : macro.parameters) {
      if (parameter.kind == ParameterKind::Map) maps.insert(parameter.name);
    }
    const auto& block = std::get<BlockExpr>(macro.body->node);
    for (const StmtPtr& statement : block.block.statements) {
      if (const auto* jump = std::get_if<Jump>(&statement->node))
        diags_.report(DiagId::MacroJump, statement->span, jump->kind == Jump::Kind::Break ? "break" : jump->kind == Jump::Kind::Continue ? "continue" : "return")
            .hint("a macro ends with its value, an expression without a semicolon");
    }
    check_maps(macro, *macro.body, maps);
  }

  void check_maps(const MacroDefinition& macro, Expr& expr, const std::set<std::string>& maps) {
    const auto* map = std::get_if<MapAccess>(&expr.node);
    if (map && !maps.contains(map->name))
      diags_.report(DiagId::MacroMap, expr.span, map->name).hint("make it a parameter: macro " + macro.name + "(" + map->name + ", ...)");
    for_each_expr_slot(expr, [&](ExprPtr& part) { check_maps(macro, *part, maps); });
  }

  void visit(Block& block) {
    for_each_expr_slot(block, [this](ExprPtr& expr) { visit(expr); });
  }

  // Parts first: arguments are expanded where they are written.
  void visit(ExprPtr& expr) {
    for_each_expr_slot(*expr, [this](ExprPtr& part) { visit(part); });
    if (const auto* call = std::get_if<Call>(&expr->node)) use(expr, call->name, call->arguments);
    else if (const auto* name = std::get_if<Identifier>(&expr->node)) use(expr, name->name, {});
  }

  void use(ExprPtr& expr, const std::string& name, const std::vector<ExprPtr>& arguments) {
    auto found = macros_.find(name);
    if (found == macros_.end() || gave_up_) return;
    const MacroDefinition* macro = choose(found->second, arguments);
    if (!macro) {
      bool is_plain_name = std::holds_alternative<Identifier>(expr->node);
      if (!is_plain_name) report_no_fit(*expr, name, found->second);
      return;
    }
    if (std::ranges::find(open_, macro) != open_.end() || open_.size() == kMostNested) {
      diags_.report(DiagId::MacroRecursion, expr->span, signature(*macro));
      return;
    }
    uint32_t begin = source_.expand(macro->body->span, expr->span);
    ExprPtr body = Body(*macro, arguments, begin, ++uses_, script_.node_count).clone(*macro->body);
    if (script_.node_count > kMostNodes) {
      diags_.report(DiagId::ScriptTooLarge, expr->span, std::string_view("its macros expand to too much"));
      gave_up_ = true;
      return;
    }
    body->span = expr->span;
    expr = std::move(body);
    open_.push_back(macro);
    for_each_expr_slot(*expr, [this](ExprPtr& part) { visit(part); });
    open_.pop_back();
  }

  // The one that takes the most of its arguments by reference.
  static const MacroDefinition* choose(const std::vector<const MacroDefinition*>& overloads, const std::vector<ExprPtr>& arguments) {
    const MacroDefinition* best = nullptr;
    int best_score = -1;
    for (const MacroDefinition* macro : overloads) {
      if (macro->parameters.size() != arguments.size()) continue;
      int score = 0;
      bool fit = true;
      for (size_t i = 0; i < arguments.size(); ++i) {
        fit = fit && fits(macro->parameters[i], *arguments[i]);
        score += macro->parameters[i].kind != ParameterKind::Expression;
      }
      if (!fit || score <= best_score) continue;
      best = macro;
      best_score = score;
    }
    return best;
  }

  void report_no_fit(const Expr& expr, const std::string& name, const std::vector<const MacroDefinition*>& overloads) {
    Diagnostic& diagnostic = diags_.report(DiagId::MacroArguments, expr.span, name);
    for (const MacroDefinition* macro : overloads) diagnostic.note(macro->name_span, "it takes " + signature(*macro));
  }

  Script& script_;
  SourceFile& source_;
  Diagnostics& diags_;
  std::map<std::string, std::vector<const MacroDefinition*>, std::less<>> macros_;
  std::vector<const MacroDefinition*> open_;
  size_t uses_ = 0;
  bool gave_up_ = false;
};

} // namespace

void expand_macros(Script& script, SourceFile& source, Diagnostics& diags) {
  if (script.macros.empty()) return;
  Expander(script, source, diags).run();
}

} // namespace trapline
