#include "random/shrink.h"

#include "random/generate.h"

#include <algorithm>
#include <chrono>

namespace trapline::random_programs {

namespace {

using Clock = std::chrono::steady_clock;

// The first line says what is wrong; places in the script change as it shrinks.
std::string kind_of(const Judgement& judgement) {
  if (judgement.verdict != Verdict::NotCompiled) return "";
  size_t at = judgement.message.find("ERROR: ");
  if (at == std::string::npos) return "";
  std::string line = judgement.message.substr(at, judgement.message.find('\n', at) - at);
  std::erase_if(line, [](char c) { return c >= '0' && c <= '9'; });
  return line.substr(0, 24);
}

class Shrinker {
public:
  Shrinker(const Program& program, Judge& judge, Judgement& judgement, int seconds)
      : best_(program), judge_(judge), judgement_(judgement), kind_(kind_of(judgement)),
        deadline_(Clock::now() + std::chrono::seconds(seconds)) {}

  Program run() {
    while (in_time() && (shrink_statements() | shrink_expressions())) {}
    return std::move(best_);
  }

private:
  bool in_time() const { return Clock::now() < deadline_; }

  // Keeps the candidate if it fails like the first program did.
  bool accept(Program candidate) {
    std::optional<Types> types = Typing::infer(candidate, judge_.inputs());
    if (!in_time() || !types || !is_legal(candidate, judge_.inputs(), *types)) return false;
    if (!evaluate(candidate, judge_.inputs(), *types)) return false;
    Judgement judgement = judge_.judge(candidate);
    if (judgement.verdict != judgement_.verdict || kind_of(judgement) != kind_) return false;
    best_ = std::move(candidate);
    judgement_ = std::move(judgement);
    return true;
  }

  // The n-th list of statements of a program, outermost first.
  static std::vector<Stmt>* list_at(std::vector<Stmt>& body, size_t& n) {
    if (n-- == 0) return &body;
    for (Stmt& stmt : body) {
      for (std::vector<Stmt>* inner : {&stmt.body, &stmt.otherwise}) {
        if (std::vector<Stmt>* found = inner->empty() ? nullptr : list_at(*inner, n)) return found;
      }
    }
    return nullptr;
  }

  // Halves, then quarters, down to single statements; then what is inside of a statement in its place.
  bool shrink_statements() {
    bool any = false;
    for (size_t list = 0;; ++list) {
      size_t n = list;
      std::vector<Stmt>* body = list_at(best_.body, n);
      if (!body) return any;
      for (size_t width = std::max<size_t>(body->size() / 2, 1); width > 0; width /= 2) any |= remove(list, width);
      any |= unwrap(list);
    }
  }

  bool remove(size_t list, size_t width) {
    bool any = false;
    for (size_t at = 0;;) {
      Program candidate = best_;
      size_t n = list;
      std::vector<Stmt>* body = list_at(candidate.body, n);
      if (!body || at + width > body->size()) return any;
      body->erase(body->begin() + static_cast<ptrdiff_t>(at), body->begin() + static_cast<ptrdiff_t>(at + width));
      if (accept(std::move(candidate))) any = true;
      else at += width;
    }
  }

  bool unwrap(size_t list) {
    bool any = false;
    for (size_t at = 0;; ++at) {
      for (bool otherwise : {false, true}) {
        Program candidate = best_;
        size_t n = list;
        std::vector<Stmt>* body = list_at(candidate.body, n);
        if (!body || at >= body->size()) return any;
        Stmt stmt = (*body)[at];
        std::vector<Stmt>& inner = otherwise ? stmt.otherwise : stmt.body;
        if (inner.empty()) continue;
        auto place = body->erase(body->begin() + static_cast<ptrdiff_t>(at));
        body->insert(place, inner.begin(), inner.end());
        any |= accept(std::move(candidate));
      }
    }
  }

  static std::vector<Expr*> all_exprs(Program& program) {
    std::vector<Expr*> all;
    for_each_stmt(program.body, [&](Stmt& stmt) {
      bool has_target = stmt.kind == StmtKind::Assign || stmt.kind == StmtKind::Combine || stmt.kind == StmtKind::Aggregate;
      for (size_t i = 0; i < stmt.exprs.size(); ++i) {
        // The target itself stays, its keys may go.
        if (i > 0 || !has_target) for_each_expr(stmt.exprs[i], [&](Expr& e) { all.push_back(&e); });
        else for (Expr& key : stmt.exprs[0].parts) for_each_expr(key, [&](Expr& e) { all.push_back(&e); });
      }
    });
    return all;
  }

  // Each expression by one of its parts, or by a literal.
  bool shrink_expressions() {
    bool any = false;
    for (size_t at = 0;; ++at) {
      for (size_t choice = 0; choice < 8; ++choice) {
        Program candidate = best_;
        std::vector<Expr*> all = all_exprs(candidate);
        if (at >= all.size()) return any;
        Expr& e = *all[at];
        std::optional<Expr> simpler = replacement(e, choice);
        if (!simpler) continue;
        e = Expr(*simpler);
        if (accept(std::move(candidate))) {
          any = true;
          choice = static_cast<size_t>(-1);
        }
      }
    }
  }

  std::optional<Expr> replacement(const Expr& e, size_t choice) const {
    std::optional<Types> types = Typing::infer(best_, judge_.inputs());
    Typing typing(best_, judge_.inputs());
    if (types) typing.set_types(*types);
    Kind kind = typing.typed(e).type.kind;
    bool is_leaf = e.kind <= ExprKind::Text;
    if (choice < 3) {
      bool fits = choice < e.parts.size() && e.kind != ExprKind::Map && e.kind != ExprKind::Step && typing.typed(e.parts[choice]).type.kind == kind;
      return fits ? std::optional(e.parts[choice]) : std::nullopt;
    }
    if (kind == Kind::Int && choice < 5 && (e.kind != ExprKind::Integer || e.number > choice - 3 + 1))
      return Expr{.kind = ExprKind::Integer, .number = choice - 3};
    if (kind == Kind::Bool && choice < 5 && !is_leaf) return Expr{.kind = ExprKind::Boolean, .number = choice - 3};
    if (kind == Kind::String && choice == 3 && !is_leaf) return Expr{.kind = ExprKind::Text, .text = "a"};
    return std::nullopt;
  }

  Program best_;
  Judge& judge_;
  Judgement& judgement_;
  std::string kind_;
  Clock::time_point deadline_;
};

} // namespace

Program shrink(const Program& program, Judge& judge, Judgement& judgement, int seconds) {
  return Shrinker(program, judge, judgement, seconds).run();
}

} // namespace trapline::random_programs
