// What names mean: builtins, enumerators and scratch variables of one block.
//
// Variables have block scope. Scripts for bpftrace before 0.22 also read variables after the block that assigned them
// first; when that happens, all variables of that name in the blocks closed so far turn out to be one variable of the
// whole probe.
#include "sema/passes.h"
#include "sema/walk.h"

#include <algorithm>

namespace trapline::sema {

namespace {

using builtins::Accepts;
using builtins::Builtin;
using builtins::Form;

class Resolver {
public:
  Resolver(const TypeNames& types, const FunctionNames& functions, Diagnostics& diagnostics)
      : types_(types), functions_(functions), diagnostics_(diagnostics) {}

  Names run(const ast::Probe& probe) {
    scopes_.emplace_back();
    if (probe.predicate) visit(*probe.predicate);
    visit_statements(probe.body);
    unite();
    return std::move(names_);
  }

  // Parameters first, then the result, which no name reaches.
  Names run(const ast::FunctionDefinition& function) {
    scopes_.emplace_back();
    for (const ast::FunctionDefinition::Parameter& parameter : function.parameters) {
      report_if_declared(parameter.name, parameter.span);
      uint32_t index = declare(parameter.name, parameter.span, false);
      names_.variables[index].type = types_.resolve(parameter.type, diagnostics_);
    }
    if (function.result) {
      uint32_t index = declare("the result of " + function.name, function.name_span, false);
      names_.variables[index].type = types_.resolve(*function.result, diagnostics_);
    }
    return run(function.code);
  }

private:
  struct Declared {
    uint32_t index = 0;
    bool implicit = false; // by assignment: may be read after its block
  };
  using Scope = std::map<std::string, Declared, std::less<>>;

  // --- statements
  void visit_statements(const ast::Block& block) {
    for (const ast::StmtPtr& stmt : block.statements) {
      if (stmt) visit(*stmt);
    }
  }

  void visit_scope(const ast::Block& block) {
    scopes_.emplace_back();
    visit_statements(block);
    close_scope();
  }

  void close_scope() {
    for (const auto& [name, declared] : scopes_.back()) {
      if (declared.implicit) closed_[name].push_back(declared.index);
    }
    scopes_.pop_back();
  }

  void visit(const ast::Stmt& stmt) {
    if (const auto* assign = std::get_if<ast::Assign>(&stmt.node)) return visit_assign(*assign);
    if (const auto* let = std::get_if<ast::Let>(&stmt.node)) return visit_let(stmt, *let);
    if (const auto* range = std::get_if<ast::ForRange>(&stmt.node)) {
      if (range->first) visit(*range->first);
      if (range->last) visit(*range->last);
      return visit_loop(stmt, range->variable, range->variable_span, range->body);
    }
    if (const auto* each = std::get_if<ast::ForMap>(&stmt.node)) {
      if (each->map) visit(*each->map);
      return visit_loop(stmt, each->variable, each->variable_span, each->body);
    }
    if (const auto* branch = std::get_if<ast::If>(&stmt.node); branch && branch->condition &&
                                                               std::holds_alternative<ast::Comptime>(branch->condition->node)) {
      visit(*branch->condition);
      ++optional_;
      visit_scope(branch->then);
      if (branch->otherwise) visit_scope(*branch->otherwise);
      --optional_;
      return;
    }
    for_each_part(stmt, [&](const ast::Expr& expr) { visit(expr); }, [&](const ast::Block& block) { visit_scope(block); });
  }

  void visit_assign(const ast::Assign& assign) {
    if (assign.value) visit(*assign.value);
    if (!assign.target) return;
    const auto* variable = std::get_if<ast::Variable>(&assign.target->node);
    if (!variable || assign.op) {
      // `_ = e` says that the value is not wanted.
      const auto* word = std::get_if<ast::Identifier>(&assign.target->node);
      if (!word || word->name != "_") visit(*assign.target);
      return;
    }
    assign_variable(*assign.target, variable->name);
  }

  void assign_variable(const ast::Expr& target, const std::string& name) {
    const Declared* known = find_variable(name);
    names_.variable_of[target.id] = known ? known->index : declare(name, target.span, true);
  }

  void visit_let(const ast::Stmt& stmt, const ast::Let& let) {
    if (let.value) visit(*let.value);
    report_if_declared(let.name, let.name_span);
    uint32_t index = declare(let.name, let.name_span, false);
    if (let.type && let.type->of) visit_type(*let.type);
    else if (let.type) names_.variables[index].type = types_.resolve(*let.type, diagnostics_);
    names_.variable_of_statement[&stmt] = index;
  }

  void visit_loop(const ast::Stmt& stmt, const std::string& variable, Span span, const ast::Block& body) {
    report_if_declared(variable, span);
    scopes_.emplace_back();
    names_.variable_of_statement[&stmt] = declare(variable, span, false);
    visit_statements(body);
    close_scope();
  }

  void report_if_declared(const std::string& name, Span span) {
    if (const Declared* known = find_variable(name))
      diagnostics_.report(DiagId::Redeclared, span, "$" + name).note(names_.variables[known->index].span, "it is first used here");
  }

  // --- variables
  uint32_t declare(const std::string& name, Span span, bool implicit) {
    auto index = static_cast<uint32_t>(names_.variables.size());
    names_.variables.push_back({name, Type::error(), span});
    same_as_.push_back(index);
    scopes_.back()[name] = {index, implicit};
    return index;
  }

  const Declared* find_variable(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      auto found = scope->find(name);
      if (found != scope->end()) return &found->second;
    }
    return nullptr;
  }

  void read_variable(const ast::Expr& expr, const std::string& name) {
    if (const Declared* known = find_variable(name)) {
      names_.variable_of[expr.id] = known->index;
      return;
    }
    auto closed = closed_.find(name);
    if (closed == closed_.end()) {
      report_unknown_variable(expr, name);
      return;
    }
    uint32_t first = closed->second.front();
    for (uint32_t index : closed->second) same_as_[index] = first;
    closed_.erase(closed);
    scopes_.front()[name] = {first, false};
    names_.variable_of[expr.id] = first;
  }

  void report_unknown_variable(const ast::Expr& expr, const std::string& name) {
    std::vector<std::string_view> known;
    for (const Scope& scope : scopes_) {
      for (const auto& [key, declared] : scope) known.push_back(key);
    }
    Diagnostic& diagnostic = report_name(expr, DiagId::UnknownVariable, expr.span, name);
    std::string_view close = nearest(name, known);
    if (!close.empty()) diagnostic.hint(fmt::format("did you mean `${}`?", close));
  }

  // Leaves one variable of each set that turned out to be the same.
  void unite() {
    std::vector<uint32_t> place(same_as_.size());
    std::vector<VariableInfo> kept;
    for (uint32_t i = 0; i < same_as_.size(); ++i) {
      if (same_as_[i] != i) continue;
      place[i] = static_cast<uint32_t>(kept.size());
      kept.push_back(std::move(names_.variables[i]));
    }
    auto final_index = [&](uint32_t index) {
      while (same_as_[index] != index) index = same_as_[index];
      return place[index];
    };
    for (auto& [id, index] : names_.variable_of) index = final_index(index);
    for (auto& [stmt, index] : names_.variable_of_statement) index = final_index(index);
    names_.variables = std::move(kept);
  }

  // --- expressions
  void visit(const ast::Expr& expr) {
    if (const auto* variable = std::get_if<ast::Variable>(&expr.node)) return read_variable(expr, variable->name);
    if (const auto* identifier = std::get_if<ast::Identifier>(&expr.node)) return visit_identifier(expr, identifier->name);
    if (const auto* call = std::get_if<ast::Call>(&expr.node)) return visit_call(expr, *call);
    if (const auto* size_of = std::get_if<ast::SizeOf>(&expr.node)) return visit_type_or_operand(size_of->operand);
    if (const auto* info = std::get_if<ast::TypeInfo>(&expr.node)) return visit_type_or_operand(info->operand);
    if (const auto* type = std::get_if<ast::TypeOperand>(&expr.node)) return visit_type(type->type);
    if (const auto* offset = std::get_if<ast::OffsetOf>(&expr.node)) return visit_type(offset->type);
    if (const auto* block = std::get_if<ast::BlockExpr>(&expr.node)) return visit_block_value(*block);
    if (const auto* choice = std::get_if<ast::Ternary>(&expr.node); choice && choice->then && choice->condition &&
                                                                    std::holds_alternative<ast::Comptime>(choice->condition->node)) {
      visit(*choice->condition);
      ++optional_;
      visit(*choice->then);
      if (choice->otherwise) visit(*choice->otherwise);
      --optional_;
      return;
    }
    if (const auto* cast = std::get_if<ast::Cast>(&expr.node)) {
      visit_type(cast->type);
      if (cast->operand) visit(*cast->operand);
      return;
    }
    for_each_child(expr, [&](const ast::Expr& child) { visit(child); });
  }

  void visit_block_value(const ast::BlockExpr& block) {
    scopes_.emplace_back();
    visit_statements(block.block);
    if (block.value) visit(*block.value);
    close_scope();
  }

  void visit_type(const ast::TypeName& name) {
    if (name.of && !is_type_name(*name.of)) visit(*name.of);
  }

  void visit_type_or_operand(const std::variant<ast::TypeName, ast::ExprPtr>& operand) {
    if (const auto* name = std::get_if<ast::TypeName>(&operand)) return visit_type(*name);
    const ast::ExprPtr& expr = std::get<ast::ExprPtr>(operand);
    if (expr && !is_type_name(*expr)) visit(*expr);
  }

  // `sizeof(size_t)`: the grammar cannot tell a typedef from a name.
  bool is_type_name(const ast::Expr& operand) const {
    const auto* identifier = std::get_if<ast::Identifier>(&operand.node);
    return identifier && !builtins::find(identifier->name) && !types_.named(identifier->name).is_error();
  }

  // An error, or in a branch that may be dropped a note of one.
  Diagnostic& report_name(const ast::Expr& expr, DiagId id, Span span, const std::string& name) {
    if (optional_ == 0) return diagnostics_.report(id, span, name);
    Diagnostics one;
    return names_.deferred.insert_or_assign(expr.id, one.report(id, span, name)).first->second;
  }

  void visit_identifier(const ast::Expr& expr, const std::string& name) {
    if (auto own = types_.script_enumerator(name)) {
      names_.enumerator_of[expr.id] = *own;
      return;
    }
    if (const Builtin* row = builtins::find(name)) {
      names_.builtin_of[expr.id] = row;
      return;
    }
    if (auto kernel = types_.enumerator(name)) {
      names_.enumerator_of[expr.id] = *kernel;
      return;
    }
    report_unknown_identifier(expr, name);
  }

  void report_unknown_identifier(const ast::Expr& expr, const std::string& name) {
    Diagnostic& diagnostic = report_name(expr, DiagId::UnknownIdentifier, expr.span, name);
    if (find_variable(name)) {
      diagnostic.hint(fmt::format("variables are written with a dollar: `${}`", name));
      return;
    }
    std::vector<std::string_view> known = types_.script_enumerators();
    for (const Builtin& row : builtins::registry()) known.push_back(row.name);
    std::string_view close = nearest(name, known);
    if (!close.empty()) diagnostic.hint(fmt::format("did you mean `{}`?", close));
  }

  void visit_call(const ast::Expr& expr, const ast::Call& call) {
    auto own = functions_.find(call.name);
    const Builtin* row = own == functions_.end() ? builtins::find(call.name) : nullptr;
    if (own != functions_.end()) names_.function_of[expr.id] = own->second;
    else if (row) names_.builtin_of[expr.id] = row;
    else report_unknown_function(expr, call);
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      if (!call.arguments[i]) continue;
      const ast::Expr& argument = *call.arguments[i];
      Accepts accepts = row && i < row->parameters.size() ? row->parameters[i].accepts : Accepts::Value;
      const auto* variable = std::get_if<ast::Variable>(&argument.node);
      bool is_word = (accepts == Accepts::Word || accepts == Accepts::Type) && std::holds_alternative<ast::Identifier>(argument.node);
      if (is_word || accepts == Accepts::Member) continue;
      if (accepts == Accepts::Variable && variable) assign_variable(argument, variable->name);
      else if (accepts == Accepts::IntegerOrOptions) visit_options(argument);
      else visit(argument);
    }
  }

  // Words among the options are the builtin's own.
  void visit_options(const ast::Expr& expr) {
    const auto* options = std::get_if<ast::RecordLiteral>(&expr.node);
    if (!options) return visit(expr);
    for (const ast::RecordLiteral::Member& member : options->members) {
      if (member.value && !std::holds_alternative<ast::Identifier>(member.value->node)) visit(*member.value);
    }
  }

  void report_unknown_function(const ast::Expr& expr, const ast::Call& call) {
    std::vector<std::string_view> known;
    for (const Builtin& row : builtins::registry()) {
      if (row.form != Form::Variable) known.push_back(row.name);
    }
    for (const auto& [name, index] : functions_) known.push_back(name);
    Diagnostic& diagnostic = report_name(expr, DiagId::UnknownFunctionCall, call.name_span, call.name);
    std::string_view close = nearest(call.name, known);
    if (!close.empty()) diagnostic.hint(fmt::format("did you mean `{}`?", close));
  }

  const TypeNames& types_;
  const FunctionNames& functions_;
  Diagnostics& diagnostics_;
  Names names_;
  std::vector<Scope> scopes_;
  uint32_t optional_ = 0; // branches of `if comptime` around
  std::map<std::string, std::vector<uint32_t>, std::less<>> closed_;
  std::vector<uint32_t> same_as_; // by variable: itself, or the one that it is
};

} // namespace

FunctionNames function_names(const ast::Script& script, Diagnostics& diagnostics) {
  FunctionNames names;
  for (uint32_t i = 0; i < script.functions.size(); ++i) {
    const ast::FunctionDefinition& function = script.functions[i];
    auto [place, is_new] = names.try_emplace(function.name, i);
    if (!is_new) diagnostics.report(DiagId::Redeclared, function.name_span, function.name).note(script.functions[place->second].name_span, "it is declared here");
  }
  return names;
}

Names resolve(const ast::Probe& probe, const TypeNames& types, const FunctionNames& functions, Diagnostics& diagnostics) {
  return Resolver(types, functions, diagnostics).run(probe);
}

Names resolve(const ast::FunctionDefinition& function, const TypeNames& types, const FunctionNames& functions, Diagnostics& diagnostics) {
  return Resolver(types, functions, diagnostics).run(function);
}

namespace {

// Depth first; a function that is reached again while it is still open calls itself.
class Recursion {
public:
  Recursion(const ast::Script& script, std::span<const Names> names, Diagnostics& diagnostics)
      : script_(script), names_(names), diagnostics_(diagnostics), state_(names.size(), State::New) {}

  void run() {
    for (uint32_t i = 0; i < names_.size(); ++i) visit(i);
  }

private:
  enum class State : uint8_t { New, Open, Done };

  void visit(uint32_t function) {
    if (state_[function] != State::New) return;
    state_[function] = State::Open;
    for_each_expr(script_.functions[function].code, [&](const ast::Expr& expr) {
      auto call = names_[function].function_of.find(expr.id);
      if (call == names_[function].function_of.end()) return;
      if (state_[call->second] == State::Open) diagnostics_.report(DiagId::Recursion, expr.span, script_.functions[call->second].name);
      else visit(call->second);
    });
    state_[function] = State::Done;
  }

  const ast::Script& script_;
  std::span<const Names> names_;
  Diagnostics& diagnostics_;
  std::vector<State> state_;
};

} // namespace

void check_recursion(const ast::Script& script, std::span<const Names> names, Diagnostics& diagnostics) {
  Recursion(script, names, diagnostics).run();
}

} // namespace trapline::sema
