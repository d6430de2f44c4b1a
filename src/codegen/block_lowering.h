// One script block at one kind of attach point becomes one BPF program. The class is split by subject: probe_entry.cpp,
// expressions.cpp, arithmetic.cpp, places.cpp (memory of the traced system), strings.cpp, maps.cpp, statements.cpp, loops.cpp, records.cpp.
#pragma once

#include "codegen/lowering.h"
#include "codegen/object_builder.h"
#include "codegen/tables.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace trapline::codegen {

class BlockLowering final : public Lowering {
public:
  BlockLowering(ObjectBuilder& object, const sema::Instance& instance);

  // Emits the program under this name.
  void lower(const std::string& function_name);
  // The same for a function of the script.
  ObjectBuilder::Function lower_function(const std::string& function_name);

  // --- Lowering
  Emitter& emit() override { return e_; }
  const probes::Context& context() const override { return instance_.group.context; }
  const std::vector<Target>& targets() const override { return instance_.group.targets; }
  const System& system() const override { return object_.system; }
  const Program::Settings& settings() const override { return object_.program.settings; }
  Program& program() override { return object_.program; }
  const Type& type_of(const ast::Expr& e) const override { return instance_.types[e.id]; }
  const Constant* constant_of(const ast::Expr&) const override;
  Value scalar(const ast::Expr&) override;
  Value pointer(const ast::Expr&, AddressSpace& space) override;
  void into(const ast::Expr&, const Type& type, Value to) override;
  Value address(const ast::Expr&) override;
  void perform(const ast::Expr& e) override { evaluate(e); }
  Value result_memory(const Type&) override;
  bool wants_padding() const override { return !destination_ || !destination_->record; }
  Value starts_equal(Value left, uint32_t left_capacity, Value right, uint32_t right_capacity, uint32_t bytes) override;
  Value starts_with(Value address, uint32_t capacity, const std::string& text, uint32_t bytes) override;
  Value scratch(uint32_t size) override;
  Value buffer(uint32_t size) override;
  void temporarily(const std::function<void()>& body) override;
  void repeat(uint32_t times, const std::function<void(Value turn, Label next, Label done)>& body) override;
  Value read(Value to, uint32_t size, Value from, AddressSpace) override;
  Value read_text(Value to, uint32_t capacity, Value from, AddressSpace) override;
  Value fetch(const probes::Fetch&) override;
  const MapSpec& map_of(const ast::Expr& map) const override;
  uint32_t map_index_of(const ast::Expr& map) const override;
  Value bpf_map(uint32_t map_index) override;
  Value internal_map(const char* name) override { return object_.internal_map(name); }
  Value with_map(uint32_t map_index, Result, const std::function<Value(Value map)>& use) override;
  Value key_of(const ast::Expr& map_access) override;
  void update_element(const std::function<void(Value element)>& body) override;
  Value find_element(const ast::Expr& map, Value key, const std::function<void(Operand, const Type&)>& body) override;
  void assign(const ast::Expr& variable, Operand value, const Type& value_type) override;
  uint32_t add_action(Action) override;
  void send(Action, std::span<const ast::ExprPtr> arguments) override;
  void send_values(Action, std::span<const ast::Expr* const> values) override;
  void send_number(Action, Value) override;
  void send_map_action(Action, const ast::Expr& use) override;
  void send_with(Action, uint32_t bytes, const std::function<void(Value payload)>& fill) override;
  void count_site(SiteKind, std::string detail, Span, Value code = {}) override;
  void check_helper(Value result, const char* helper, Span) override;
  void check_read(Value result, Helper, Span) override;
  bool is_discarded(const ast::Expr& e) const override { return discarded_ == &e; }
  uint32_t intern(std::string_view text) override { return object_.intern(text); }
  Value probe_index() override;
  Value pid_tgid() override;
  Value global(uint32_t offset) override;
  void leave_program() override;
  void announce_process(Value tgid) override;

private:
  // Memory named by an lvalue-like expression: own memory (plain loads), or the traced system's.
  struct Place {
    Value base;
    int64_t offset = 0;
    AddressSpace space = AddressSpace::Kernel;
    bool own = false;      // BPF-accessible: stack, scratch, map value, read-only data
    Type type;
    uint8_t bit_offset = 0, bit_width = 0;
    Value valid;           // set: 0 means out of bounds, reads give 0
  };

  // In the frame or in the scratch slot.
  struct Memory {
    bool on_stack = false;
    uint32_t offset = 0;
  };
  struct VariableSlot {
    bool ready = false;
    bool is_scalar = false;
    uint32_t owner = 0;   // of a local: the callback that it is in, 0: none
    bool is_kept = false; // a scalar in memory: something points to it, or a callback shares it
    Value local;   // scalar: the address of the promoted local
    Memory memory; // otherwise
  };

  // probe_entry.cpp
  void leave(bool exits);
  void leave_loops();
  void begin_memory(uint32_t frame_limit);
  void end_memory();
  void enter();
  bool returns_value() const;
  Value status_of(Value value);
  void filter_dispatch(const probes::Context::Dispatch&);
  void reject_compat_calls();
  void filter_pid();
  void test_predicate();
  void acquire_scratch();

  // callbacks.cpp
  void keep_addressed_variables();
  void find_shared_variables();
  bool is_callback(const ast::Stmt&) const;
  void prepare_callbacks();
  struct Outer;
  Outer begin_callback(std::string_view parameters, unsigned frame_parameter);
  void end_callback(Outer);
  void return_from_callback(Value result);
  void note_left(bool exits);
  void after_callback();
  void loop_in_callback(const std::function<void(Label done)>& body);
  void element_into(uint32_t variable, uint32_t map, Value key, Value value);

  // functions.cpp
  Operand call_function(const ast::Expr&, const ast::Call&, uint32_t index);
  void set_result(const ast::Expr&);
  bool may_exit() const;

  // expressions.cpp
  Operand evaluate(const ast::Expr&);
  Operand constant_operand(const ast::Expr&, const Constant&);
  Operand lower_node(const ast::Expr&, const ast::Variable&);
  Operand lower_node(const ast::Expr&, const ast::MapAccess&);
  Operand lower_node(const ast::Expr&, const ast::Unary&);
  Operand lower_node(const ast::Expr&, const ast::Binary&);
  Operand lower_node(const ast::Expr&, const ast::Ternary&);
  Operand lower_node(const ast::Expr&, const ast::Cast&);
  Operand lower_node(const ast::Expr&, const ast::TupleLiteral&);
  Operand lower_node(const ast::Expr&, const ast::RecordLiteral&);
  Operand lower_node(const ast::Expr&, const ast::BlockExpr&);
  Operand lower_node(const ast::Expr&, const ast::Comptime&);
  Operand lower_node(const ast::Expr&, const ast::TypeInfo&);
  Operand in_memory(const ast::Expr& literal);
  Operand call_builtin(const ast::Expr&, std::span<const ast::ExprPtr> arguments);
  void convert(Operand from, const Type& from_type, const Type& to_type, Value to);
  void tuple_into(std::span<const ast::Expr* const> elements, const Type& type, Value to);
  static std::vector<const ast::Expr*> members_in_order(const ast::RecordLiteral&, const Type&);
  Value truth(const ast::Expr&);
  void branch_on(const ast::Expr& condition, Label yes, Label no);
  Operand not_supported(const ast::Expr&, std::string_view what);
  void probe_name_into(Value index, const Type& type, Value to);

  // arithmetic.cpp
  Value binary(ast::BinaryOp, const ast::Expr& left, const ast::Expr& right, const Type& result, Span);
  Value arithmetic(ast::BinaryOp, Value left, Value right, bool is_signed, Span, bool constant_divisor);
  Value divide(bool modulo, Value left, Value right, bool is_signed, Span, bool constant_divisor);
  Value signed_divide(bool modulo, Value left, Value right, bool constant_divisor);
  Value logical(const ast::Expr&);
  Operand step(const ast::Expr&, const ast::Unary&);
  Value scaled(Value count, const Type& pointer);

  // strings.cpp
  Value compare(ast::BinaryOp, const ast::Expr& left, const ast::Expr& right);
  Value equal_bytes(Value left, Value right, uint32_t bytes, bool is_text = false);
  Value probe_is(const std::string& name);

  // places.cpp
  std::optional<Place> place_of(const ast::Expr&);
  std::optional<Place> place_of_field(const ast::FieldAccess&, const ast::Expr&);
  std::optional<Place> place_of_index(const ast::Index&, const ast::Expr&);
  Place pointee(const ast::Expr& pointer_expr, const Type& pointee_type);
  Operand load_place(const Place&);
  Value load_scalar(const Place&);
  const probes::ArgsField* args_field(const ast::Expr&) const;

  // maps.cpp
  Value lookup(uint32_t map, Value key);
  Operand read_map(const ast::Expr&, const ast::MapAccess&);
  Value read_aggregate(const MapSpec&, Value map, Value key);
  Operand element_operand(const MapSpec&, Value element, Span);
  void count_missing(const MapSpec&, Value element, Span);
  void store_element(const ast::Expr& target, const ast::MapAccess&, const ast::Expr& value);
  void store_scalar_element(const ast::Expr& target, const std::function<Value(Value old)>& next);

  // banks.cpp
  Value bank_words(const MapSpec&);
  Value current_turn(const MapSpec&);
  Value bank_key(Value turn);
  Value turn_over(uint32_t map, bool keeps_elements);
  void keep_assigned(uint32_t map, Value old_turn, Value new_turn);

  // statements.cpp
  void lower_block(const ast::Block&);
  void lower_statement(const ast::Stmt&);
  void lower_node(const ast::Stmt&, const ast::ExprStatement&);
  void lower_node(const ast::Stmt&, const ast::Assign&);
  void lower_node(const ast::Stmt&, const ast::Let&);
  void lower_node(const ast::Stmt&, const ast::If&);
  void lower_node(const ast::Stmt&, const ast::Unroll&);
  void lower_node(const ast::Stmt&, const ast::While&);
  void lower_node(const ast::Stmt&, const ast::ForRange&);
  void lower_node(const ast::Stmt&, const ast::ForMap&);
  void lower_node(const ast::Stmt&, const ast::Jump&);
  void lower_node(const ast::Stmt&, const ast::BlockStatement&);
  void assign_variable(uint32_t variable, const ast::Expr* value, const std::function<Value(Value)>& next);
  Value load_variable(uint32_t variable);
  void store_variable(uint32_t variable, Value);
  Value address_of_target(const ast::Expr& target);
  void hide(uint32_t variable, Value unknown_zero);
  void loop(const std::function<void(Label done)>& body);
  VariableSlot& slot_of(uint32_t variable);

  // loops.cpp
  void repeat_plainly(uint32_t times, const std::function<void(Value turn, Label next, Label done)>& body);
  Value take_iterator();

  // records.cpp
  bool has_effects(const ast::Expr&) const;
  void count_loss();
  void send_record(Action, Value pending, const std::function<void(Value record)>& fill);
  void mark_pending(uint32_t action, Value value);

  // Memory of one run: a frame on the BPF stack for small things, the scratch slot for large ones. Both grow while a
  // statement is lowered and shrink when it ends; variables raise the floor and stay.
  struct Area {
    uint32_t used = 0, floor = 0, peak = 0;
    uint32_t take(uint32_t size);
  };
  struct Mark {
    uint32_t frame, scratch;
  };
  Mark mark() const { return {frame_.used, slot_.used}; }
  void release(Mark);
  Memory take(uint32_t size);
  Value address_of(Memory);

  struct Destination {
    Type type;
    Value address;
    bool record = false; // only printed: no padding needed
  };
  struct LoopLabels {
    Label next, done;
    Value iterator; // to be given back when the program is left from inside
    std::set<uint32_t> assigned = {}; // variables that a turn changes
  };

  ObjectBuilder& object_;
  Emitter& e_;
  const sema::Instance& instance_;
  Tables tables_;
  Label leave_;
  Value scratch_local_;  // local holding the address of this run's scratch slot
  Value frame_base_;
  Area frame_;
  Area slot_{8, 8, 8};   // the slot starts with its busy word
  std::vector<VariableSlot> variables_;
  std::set<uint32_t> kept_; // variables that must be in memory though they are scalars
  std::vector<LoopLabels> loops_;
  std::vector<std::pair<uint32_t, Value>> idle_iterators_; // with the callback whose stack they are on
  bool writing_record_ = false;
  std::optional<Destination> destination_; // where the value being evaluated should go, if it lives in memory
  const ast::Expr* assignment_target_ = nullptr; // of the aggregation being assigned
  const ast::Expr* discarded_ = nullptr;         // the expression that is a statement of its own
  Value dispatch_cookie_;
  Value result_;             // local: what the program returns
  Value exit_flag_;          // of a function: where to note that the whole program ends
  uint32_t frame_limit_ = 0; // bytes of BPF stack for frame_
  uint32_t function_ = 0;    // number of this function in the object
  uint32_t callback_count_ = 0, present_callback_ = 0; // numbered from 1
  bool has_callbacks_ = false, in_callback_ = false;
  Value callback_;           // the last one begun
  Memory header_;            // of the frame, where there are callbacks: see callbacks.cpp
  std::set<uint32_t> shared_; // variables that callbacks and what is around them share
  Span current_span_;
  Span expression_span_;
};

} // namespace trapline::codegen
