// Copies of trees, with new node numbers and parts replaced on the way.
#pragma once

#include "ast/ast.h"

#include <string>

namespace trapline {

class Cloner {
public:
  explicit Cloner(ast::NodeId& next) : next_(next) {}
  virtual ~Cloner() = default;

  ast::ExprPtr clone(const ast::Expr&);
  ast::ExprPtr clone(const ast::ExprPtr& expr) { return expr ? clone(*expr) : nullptr; }
  ast::Block clone(const ast::Block&);

protected:
  // What stands for `expr` in the copy; null: a plain copy of it.
  virtual ast::ExprPtr replace(const ast::Expr&) { return nullptr; }
  virtual Span span(Span original) { return original; }
  virtual std::string variable(const std::string& name) { return name; }
  virtual ast::TypeName type(const ast::TypeName&);
  virtual std::vector<std::string> path(const std::vector<std::string>& names) { return names; }

  template <typename Node> ast::ExprPtr make(Span where, Node node) {
    return std::make_unique<ast::Expr>(ast::Expr{next_++, where, std::move(node)});
  }

private:
  ast::StmtPtr clone(const ast::Stmt&);
  std::vector<ast::ExprPtr> clone(const std::vector<ast::ExprPtr>&);
  std::variant<ast::TypeName, ast::ExprPtr> clone(const std::variant<ast::TypeName, ast::ExprPtr>&);

  ast::NodeId& next_;
};

} // namespace trapline
