// What a probe without a block does: it tells who was there, where, and with which arguments, as if its block were
//   { printf("%-16s %-7d %s a=%s b=%s\n", comm, pid, probe, args.a, str(args.b)); }
#include "sema/passes.h"

namespace trapline::sema {

namespace {

class Writer {
public:
  Writer(Instance& instance, ast::NodeId& next) : instance_(instance), next_(next) {}

  ast::Block body() {
    std::string format = "%-16s %-7d %s";
    std::vector<ast::ExprPtr> values;
    for (std::string_view name : {"comm", "pid", "probe"}) values.push_back(builtin(name));
    for (const probes::ArgsField& field : instance_.group.context.args) {
      if (field.type.is(Kind::Error) || field.type.is(Kind::Void)) continue;
      format += " " + field.name + "=%s";
      values.push_back(argument(field));
    }
    values.insert(values.begin(), make(ast::StringLiteral{format + "\n"}));
    ast::Block block;
    block.span = instance_.probe->span;
    ast::ExprPtr call = make_call("printf", std::move(values));
    block.statements.push_back(std::make_unique<ast::Stmt>(ast::Stmt{block.span, ast::ExprStatement{std::move(call)}}));
    return block;
  }

private:
  template <typename Node> ast::ExprPtr make(Node node) {
    return std::make_unique<ast::Expr>(ast::Expr{next_++, instance_.probe->span, std::move(node)});
  }

  void note(const ast::Expr& expr, std::string_view name) {
    instance_.types.resize(next_, Type::error());
    instance_.builtin_of.resize(next_, nullptr);
    instance_.builtin_of[expr.id] = builtins::find(name);
  }

  ast::ExprPtr builtin(std::string_view name) {
    ast::ExprPtr expr = make(ast::Identifier{std::string(name)});
    note(*expr, name);
    return expr;
  }

  ast::ExprPtr make_call(std::string_view name, std::vector<ast::ExprPtr> arguments) {
    ast::ExprPtr expr = make(ast::Call{std::string(name), instance_.probe->span, std::move(arguments)});
    note(*expr, name);
    return expr;
  }

  // A pointer to text is shown as the text.
  ast::ExprPtr argument(const probes::ArgsField& field) {
    ast::ExprPtr value = make(ast::FieldAccess{builtin("args"), field.name, instance_.probe->span, false});
    note(*value, {});
    const Type& type = field.type;
    bool is_text = type.is(Kind::Pointer) && type.element->is(Kind::Int) && type.element->size == 1;
    if (!is_text) return value;
    std::vector<ast::ExprPtr> arguments;
    arguments.push_back(std::move(value));
    return make_call("str", std::move(arguments));
  }

  Instance& instance_;
  ast::NodeId& next_;
};

} // namespace

void add_default_actions(const ast::Script& script, std::vector<Instance>& instances) {
  ast::NodeId next = script.node_count;
  for (Instance& instance : instances) {
    if (!instance.probe->has_block) instance.made_body = std::make_shared<const ast::Block>(Writer(instance, next).body());
  }
}

} // namespace trapline::sema
