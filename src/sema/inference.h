// The types of everything, found by going over all instances until no map and no variable changes any more.
//
// In each round every map and variable starts empty and collects what is put into it (cell.h); it is read with the type
// that it had at the end of the round before, or with what is known so far in the first. After some rounds cells are kept
// from round to round instead, so that types can only grow and the rounds come to an end. A last round reports mistakes.
//
// The class is split by subject: infer.cpp (rounds), infer_storage.cpp (maps and variables), infer_statements.cpp,
// infer_names.cpp (literals and names), infer_operators.cpp, infer_access.cpp (fields, elements, pointers),
// infer_casts.cpp, infer_calls.cpp, infer_arguments.cpp.
#pragma once

#include "sema/arithmetic.h"
#include "sema/cell.h"
#include "sema/fold.h"
#include "sema/passes.h"

#include <set>
#include <span>

namespace trapline::sema {

class Inference {
public:
  Inference(const InferInput& input, std::vector<Instance>& instances, MapUses& maps);
  void run(Diagnostics&);

private:
  // A place that collects types: a variable, or the keys or the values of a map.
  struct Place {
    Cell cell;
    Type type;    // at the end of the last round
    Type declared; // by `let $x : T`
    Span first;   // where this round's first type came from
    bool has_first = false;
    bool assumed = false; // nothing says what it holds: taken to be int64

    Type read() const { return is_unknown(type) ? cell.type() : type; }
  };
  struct MapPlace {
    MapUse* use = nullptr;
    Place key, value;
  };

  // --- infer.cpp
  void settle();
  bool run_round(bool from_scratch);
  void report_round(Diagnostics&);
  bool assume_next(size_t how_many);
  void publish();
  template <typename Visit> void for_each_place(Visit&& visit);
  void visit_instance(size_t index);
  template <typename... Args> Diagnostic& report(DiagId id, Span span, const Args&... args) { return diagnostics_->report(id, span, args...); }

  // --- infer_storage.cpp
  Cell cell_of(const ast::Expr&, const Type&) const;
  MapPlace* map_place(const std::string& name);
  Place* variable_place(const ast::Expr&);
  void put_key(MapPlace&, const Cell&, Span);
  void put_keys(MapPlace&, const ast::MapAccess&, Span);
  void put_value(MapPlace&, const Cell&, Span);
  void put_variable(uint32_t variable, const Cell&, const ast::Expr* value, Span);
  void put_variable(size_t instance, uint32_t variable, const Cell&, const ast::Expr* value, Span);
  void put_declared(Place&, const std::string& name, const Cell&, const ast::Expr* value, Span);
  void put_target(const ast::Expr& target, const Cell&, const ast::Expr* value);
  bool fill(Place&, const Cell&, Span);
  bool is_target(const ast::Expr&);
  bool can_be_key(const ast::Expr&, const Type&) const;

  // --- infer_statements.cpp
  void visit(const ast::Block&);
  void visit(const ast::Stmt&);
  void node(const ast::Stmt&, const ast::ExprStatement&);
  void node(const ast::Stmt&, const ast::Assign&);
  void node(const ast::Stmt&, const ast::Let&);
  void node(const ast::Stmt&, const ast::If&);
  void node(const ast::Stmt&, const ast::Unroll&);
  void node(const ast::Stmt&, const ast::While&);
  void node(const ast::Stmt&, const ast::ForRange&);
  void node(const ast::Stmt&, const ast::ForMap&);
  void node(const ast::Stmt&, const ast::Jump&);
  void node(const ast::Stmt&, const ast::BlockStatement&);
  void return_from_function(const ast::Stmt&, const ast::Jump&);
  void assign_combined(const ast::Assign&);
  void condition(const ast::Expr&);

  // --- expressions: each types the node, its parts, and folds constants
  Type infer(const ast::Expr&);
  // The same for an expression whose value is wanted; reports those that have none.
  Type value_of(const ast::Expr&);
  // Nothing may be null in a whole tree, but what the parser recovered may be: Error.
  Type value_of(const ast::ExprPtr&);

  // infer_names.cpp
  Type node(const ast::Expr&, const ast::IntLiteral&);
  Type node(const ast::Expr&, const ast::BoolLiteral&);
  Type node(const ast::Expr&, const ast::StringLiteral&);
  Type node(const ast::Expr&, const ast::Identifier&);
  Type node(const ast::Expr&, const ast::Positional&);
  Type node(const ast::Expr&, const ast::Variable&);
  Type node(const ast::Expr&, const ast::MapAccess&);
  Type node(const ast::Expr&, const ast::TupleLiteral&);
  Type node(const ast::Expr&, const ast::RecordLiteral&);
  Type node(const ast::Expr&, const ast::BlockExpr&);
  Type node(const ast::Expr&, const ast::Comptime&);
  bool is_known(const ast::Expr&) const;
  bool report_deferred(const ast::Expr&);
  Type tuple_of(std::vector<Type> members, Span where);
  std::optional<std::string> positional_text(const ast::Expr&) const;

  // infer_operators.cpp
  Type node(const ast::Expr&, const ast::Unary&);
  Type node(const ast::Expr&, const ast::Binary&);
  Type node(const ast::Expr&, const ast::Ternary&);
  Type step(const ast::Expr&, const ast::Unary&);
  Type dereference(const ast::Expr&, const Type& operand);
  Type address_of(const ast::Expr&, const ast::Unary&);
  Type binary_type(ast::BinaryOp, const Type& left, bool left_flexible, const Type& right, bool right_flexible);
  void note_tested_positional(const ast::Binary& n);
  void operands(const ast::Binary&);
  void check_division(const ast::Binary&);
  Type match(const ast::Expr&, const ast::Binary&);
  void warn_of_signs(const ast::Binary&, const Type& left, const Type& right);

  // infer_access.cpp
  Type node(const ast::Expr&, const ast::FieldAccess&);
  Type node(const ast::Expr&, const ast::TupleAccess&);
  Type node(const ast::Expr&, const ast::Index&);
  Type field_of(const Type& object, const std::string& name, Span where, Span field_span);
  Type constant_index(const ast::Expr&, const ast::Index&, const Type& object);
  Type tuple_member(const Type& tuple, uint64_t index, Span where);
  Type indexed(const ast::Index&, const Type& object, Span where);

  // infer_casts.cpp
  Type node(const ast::Expr&, const ast::Cast&);
  Type node(const ast::Expr&, const ast::SizeOf&);
  Type node(const ast::Expr&, const ast::OffsetOf&);
  Type node(const ast::Expr&, const ast::TypeInfo&);
  Type node(const ast::Expr&, const ast::TypeOperand&);
  Type type_of_operand(const ast::Expr&);
  Type type_named(const ast::TypeName&);
  Type type_or_operand(const std::variant<ast::TypeName, ast::ExprPtr>&);
  Type typeinfo_member(const ast::Expr&, const ast::Expr& info, const std::string& name);
  Type cast_type(const ast::Cast&, const Type& from, Type to) const;
  bool can_cast(const Type& from, Type& to) const;

  // infer_calls.cpp
  Type node(const ast::Expr&, const ast::Call&);
  Type call_function(const ast::Expr&, const ast::Call&, uint32_t index);
  Type use_builtin(const ast::Expr&, std::string_view name, Span name_span, std::span<const ast::ExprPtr> arguments);
  bool check_use(const ast::Expr&, const builtins::Builtin&, Span name_span, size_t arguments);
  bool is_aggregation(const ast::ExprPtr&) const;

  // infer_arguments.cpp
  using Argument = builtins::Check::Argument;
  // nullopt: does not fit; reported.
  std::optional<Argument> argument(const builtins::Builtin&, size_t index, const ast::Expr&);
  std::optional<Argument> map_argument(const builtins::Builtin&, size_t index, const ast::Expr&);
  std::optional<Argument> word_argument(const builtins::Builtin&, size_t index, const ast::Expr&);
  std::optional<Argument> options_argument(const ast::Expr& expr);
  std::optional<Argument> type_argument(const builtins::Builtin&, size_t index, const ast::Expr&);
  std::optional<Argument> variable_argument(const builtins::Builtin&, size_t index, const ast::Expr&);
  bool fits(const builtins::Builtin&, size_t index, const ast::Expr&, Argument&);
  void put_variable_arguments(const builtins::Builtin&, std::span<const ast::ExprPtr> arguments);
  void put_key_argument(const builtins::Builtin&, std::span<const ast::ExprPtr> arguments);

  // --- constants
  const Constant* constant_of(const ast::Expr&) const;
  std::optional<Folded> folded(const ast::Expr&) const;
  Type set_constant(const ast::Expr&, Folded);

  const Type& type_at(const ast::Expr& expr) const { return instance_->types[expr.id]; }
  const probes::Context& context() const { return instance_->group.context; }

  const InferInput& in_;
  std::vector<Instance>& instances_;
  std::map<std::string, MapPlace, std::less<>> maps_;
  std::vector<std::vector<Place>> variables_; // by instance
  uint32_t probe_capacity_ = 1;               // of a string that holds any name of `probe`

  // Of the round and instance under way.
  Instance* instance_ = nullptr;
  size_t instance_index_ = 0;
  Diagnostics* diagnostics_ = nullptr;
  bool final_ = false;
  const ast::Expr* assigned_aggregation_ = nullptr; // may stand here: it is the value of a map assignment
  std::set<uint32_t> tested_positionals_;           // compared with 0 or "" somewhere
  bool as_text_ = false;                            // positional parameters are text here, missing ones ""
};

} // namespace trapline::sema
