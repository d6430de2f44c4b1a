#include "codegen/tables.h"

#include "sema/walk.h"

namespace trapline::codegen {

namespace {

const builtins::Builtin* row_of(const ast::Expr& e, const sema::Instance& instance) {
  return e.id < instance.builtin_of.size() ? instance.builtin_of[e.id] : nullptr;
}

// The map taken whole as first argument of a call of this builtin.
const ast::MapAccess* whole_map(const ast::Expr& e, const sema::Instance& instance, std::string_view builtin) {
  const auto* call = std::get_if<ast::Call>(&e.node);
  if (!call || call->arguments.empty() || row_of(e, instance) != builtins::find(builtin)) return nullptr;
  const auto* access = std::get_if<ast::MapAccess>(&call->arguments[0]->node);
  return access && access->keys.empty() ? access : nullptr;
}

const ast::Expr* expression_of(const ast::Stmt& stmt) {
  const auto* statement = std::get_if<ast::ExprStatement>(&stmt.node);
  return statement ? statement->expr.get() : nullptr;
}

// Every block directly below a statement, also one with a value inside of its expressions.
template <typename Visit> void for_each_block(const ast::Stmt& stmt, Visit&& visit) {
  auto look = [&](const ast::Expr& e) {
    if (const auto* value = std::get_if<ast::BlockExpr>(&e.node)) visit(value->block);
  };
  sema::for_each_part(stmt, [&](const ast::Expr& e) { sema::for_each_expr(e, look); }, [&](const ast::Block& inner) { visit(inner); });
}

// Whether a statement leaves the map alone and is always followed by the next one.
bool passes_by(const ast::Stmt& stmt, const std::string& map, const sema::Instance& instance) {
  bool passes = true;
  auto look = [&](const ast::Expr& e) {
    const auto* access = std::get_if<ast::MapAccess>(&e.node);
    if (access && access->name == map) passes = false;
    if (!std::holds_alternative<ast::Call>(e.node)) return;
    const builtins::Builtin* row = row_of(e, instance);
    if (!row || row == builtins::find("exit")) passes = false; // a function of the script's own may do anything
  };
  auto visit = [&](const ast::Stmt& part) {
    if (std::holds_alternative<ast::Jump>(part.node)) passes = false;
    sema::for_each_part(part, [&](const ast::Expr& e) { sema::for_each_expr(e, look); }, [](const ast::Block&) {});
  };
  visit(stmt);
  for_each_block(stmt, [&](const ast::Block& inner) { sema::for_each_inner_stmt(inner, visit); });
  return passes;
}

void pair_up(const std::vector<ast::StmtPtr>& list, size_t at, const sema::Instance& instance, Tables& tables) {
  const ast::Expr* print = expression_of(*list[at]);
  const ast::MapAccess* printed = print ? whole_map(*print, instance, "print") : nullptr;
  if (!printed) return;
  for (size_t i = at + 1; i < list.size(); ++i) {
    const ast::Expr* next = expression_of(*list[i]);
    const ast::MapAccess* emptied = next ? emptied_map(*next, instance) : nullptr;
    if (emptied && emptied->name == printed->name) {
      bool clears = row_of(*next, instance) == builtins::find("clear");
      tables.then.emplace(print->id, clears ? Action::Then::Clear : Action::Then::Zero);
      tables.done.insert(next->id);
      return;
    }
    if (!passes_by(*list[i], printed->name, instance)) return;
  }
}

void search(const ast::Block& block, const sema::Instance& instance, Tables& tables) {
  for (size_t i = 0; i < block.statements.size(); ++i) {
    pair_up(block.statements, i, instance, tables);
    for_each_block(*block.statements[i], [&](const ast::Block& inner) { search(inner, instance, tables); });
  }
}

} // namespace

const ast::MapAccess* emptied_map(const ast::Expr& e, const sema::Instance& instance) {
  if (const ast::MapAccess* cleared = whole_map(e, instance, "clear")) return cleared;
  return whole_map(e, instance, "zero");
}

Tables find_tables(const ast::Block& block, const sema::Instance& instance) {
  Tables tables;
  search(block, instance, tables);
  return tables;
}

} // namespace trapline::codegen
