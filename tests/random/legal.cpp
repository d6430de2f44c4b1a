// What the compiler must refuse although the types go together.
#include "random/evaluate.h"
#include "random/generate.h"

#include <set>

namespace trapline::random_programs {

namespace {

constexpr int kRounds = 4;

class Mender {
public:
  Mender(Program& program, const Inputs& inputs, const Types& types) : program_(program), inputs_(inputs), types_(types), typing_(program, inputs) {
    typing_.set_types(types);
  }

  // How many things were changed.
  int run() {
    for_each_stmt(program_.body, [&](Stmt& stmt) {
      for (Expr& e : stmt.exprs) for_each_expr(e, [&](Expr& part) { mend(part); });
      mend(stmt);
    });
    return changes_;
  }

private:
  std::optional<Value> constant(const Expr& e) { return constant_value(e, program_, inputs_, types_); }

  void replace(Expr& e, uint64_t number) {
    e = {.kind = ExprKind::Integer, .number = number};
    ++changes_;
  }

  void mend(Expr& e) {
    if (e.kind == ExprKind::Binary && is_division(e.op)) mend_divisor(e.parts[1]);
    if (e.kind != ExprKind::Index) return;
    std::optional<Value> index = constant(e.parts[1]);
    Type object = typing_.typed(e.parts[0]).type;
    if (index && index->bits >= object.size) replace(e.parts[1], object.size - 1);
  }

  void mend_divisor(Expr& divisor) {
    std::optional<Value> value = constant(divisor);
    if (value && value->bits == 0) replace(divisor, 3);
  }

  void mend(Stmt& stmt) {
    if (stmt.kind == StmtKind::Combine && is_division(stmt.op)) mend_divisor(stmt.exprs[1]);
    bool is_let = stmt.kind == StmtKind::Let && !stmt.exprs.empty();
    bool is_assignment = stmt.kind == StmtKind::Assign && stmt.exprs[0].kind == ExprKind::Variable;
    if (!is_let && !is_assignment) return;
    const Type& declared = program_.variables[is_let ? stmt.place : stmt.exprs[0].place].declared;
    Expr& value = stmt.exprs.back();
    if (declared.kind != Kind::Int) return;
    std::optional<Value> number = constant(value);
    if (!number) return;
    bool sign_changes = static_cast<int64_t>(number->bits) < 0 && number->type.is_signed != declared.is_signed;
    if (cut(number->bits, declared) == number->bits && !sign_changes) return;
    Expr fitting{.kind = ExprKind::Cast, .type = declared};
    fitting.parts.push_back(std::move(value));
    value = std::move(fitting);
    ++changes_;
  }

  Program& program_;
  const Inputs& inputs_;
  const Types& types_;
  Typing typing_;
  int changes_ = 0;
};

// Walks the program as its scopes are.
class ScopeCheck {
public:
  explicit ScopeCheck(const Program& program) : program_(program) {}
  bool run(const std::vector<Stmt>& body, std::set<std::string> known = {}, std::set<uint32_t> places = {}) {
    for (const Stmt& stmt : body) {
      bool declares = stmt.kind == StmtKind::Let || (stmt.kind == StmtKind::Assign && stmt.exprs[0].kind == ExprKind::Variable);
      for (size_t i = declares && stmt.kind == StmtKind::Assign ? 1 : 0; i < stmt.exprs.size(); ++i) {
        if (!is_known(stmt.exprs[i], places)) return false;
      }
      if (declares) {
        uint32_t place = stmt.kind == StmtKind::Let ? stmt.place : stmt.exprs[0].place;
        bool is_new = places.insert(place).second;
        if (is_new && !known.insert(program_.variables[place].name).second) return false;
        if (!is_new && stmt.kind == StmtKind::Let) return false;
      }
      std::set<std::string> inside = known;
      std::set<uint32_t> inside_places = places;
      if (stmt.kind == StmtKind::For) {
        if (!inside.insert(program_.variables[stmt.place].name).second) return false;
        inside_places.insert(stmt.place);
      }
      if (!run(stmt.body, inside, inside_places) || !run(stmt.otherwise, inside, inside_places)) return false;
    }
    return true;
  }

private:
  static bool is_known(const Expr& e, const std::set<uint32_t>& places) {
    if (e.kind == ExprKind::Variable) return places.contains(e.place);
    for (const Expr& part : e.parts) {
      if (!is_known(part, places)) return false;
    }
    return true;
  }

  const Program& program_;
};

bool goes_together(const Expr& e, const Typing& typing) {
  Type left = typing.typed(e.parts[0]).type, right = typing.typed(e.parts[1]).type;
  return (left.is_number() && right.is_number()) || (left.kind == right.kind && is_comparison(e.op));
}

} // namespace

bool legalise(Program& program, const Inputs& inputs) {
  for (int round = 0; round < kRounds; ++round) {
    std::optional<Types> types = Typing::infer(program, inputs);
    if (!types) return false;
    if (Mender(program, inputs, *types).run() == 0) return is_legal(program, inputs, *types) && evaluate(program, inputs, *types).has_value();
  }
  return false;
}

bool is_legal(const Program& program, const Inputs& inputs, const Types& types) {
  Program copy = program;
  if (Mender(copy, inputs, types).run() > 0) return false;
  Typing typing(program, inputs);
  typing.set_types(types);
  bool legal = ScopeCheck(program).run(program.body);
  auto unknown = [](const Type& type) { return type.kind == Kind::Unknown; };
  std::vector<bool> filled(program.maps.size());
  for (size_t i = 0; i < filled.size(); ++i) filled[i] = program.maps[i].is_input;
  for_each_stmt(copy.body, [&](Stmt& stmt) {
    for (const Expr& e : stmt.exprs) legal &= stmt.kind != StmtKind::Print || e.kind != ExprKind::Map || !e.parts.empty();
    bool fills = stmt.kind == StmtKind::Assign || stmt.kind == StmtKind::Combine || stmt.kind == StmtKind::Aggregate;
    if (fills && stmt.exprs[0].kind == ExprKind::Map) filled[stmt.exprs[0].place] = true;
  });
  for_each_stmt(copy.body, [&](Stmt& stmt) {
    for (Expr& top : stmt.exprs) {
      for_each_expr(top, [&](Expr& e) {
        if (e.kind == ExprKind::Step && e.parts[0].kind == ExprKind::Map) filled[e.parts[0].place] = true;
      });
    }
  });
  for_each_stmt(copy.body, [&](Stmt& stmt) {
    for (Expr& top : stmt.exprs) {
      for_each_expr(top, [&](Expr& e) {
        bool reads = e.kind == ExprKind::Map || e.kind == ExprKind::Length || e.kind == ExprKind::HasKey || e.kind == ExprKind::Delete;
        legal &= !reads || (filled[e.place] && !unknown(types.values[e.place]) && (!program.maps[e.place].keyed || !unknown(types.keys[e.place])));
        legal &= e.kind != ExprKind::Binary || goes_together(e, typing);
        legal &= e.kind != ExprKind::Variable || !unknown(types.variables[e.place]);
      });
    }
  });
  return legal;
}

} // namespace trapline::random_programs
