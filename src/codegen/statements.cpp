// Statements.
#include "codegen/block_lowering.h"
#include "sema/arithmetic.h"

#include <algorithm>

namespace trapline::codegen {

namespace {

// Turns a loop may take where the kernel's iterator bounds it; a probe that loops longer is stopped.
constexpr uint64_t kLoopLimit = 1u << 23;

} // namespace

void BlockLowering::lower_block(const ast::Block& block) {
  for (const ast::StmtPtr& statement : block.statements) lower_statement(*statement);
}

void BlockLowering::lower_statement(const ast::Stmt& statement) {
  Span outer = std::exchange(current_span_, statement.span);
  expression_span_ = statement.span;
  e_.set_location(statement.span);
  Mark before = mark();
  std::visit([&](const auto& node) { lower_node(statement, node); }, statement.node);
  release(before);
  current_span_ = outer;
}

void BlockLowering::lower_node(const ast::Stmt&, const ast::ExprStatement& s) {
  discarded_ = s.expr.get();
  evaluate(*s.expr);
}

void BlockLowering::lower_node(const ast::Stmt& statement, const ast::Assign& s) {
  const ast::Expr& target = *s.target;
  auto combined = [&](const Type& type) {
    return [this, &s, type, &statement](Value old) {
      bool is_signed = *s.op == ast::BinaryOp::ShiftRight
                           ? type.is_signed
                           : sema::compares_signed(type, false, type_of(*s.value), sema::is_flexible(instance_, *s.value));
      Value operand = scalar(*s.value);
      if (type.is(Kind::Pointer)) operand = scaled(operand, type);
      return arithmetic(*s.op, old, operand, is_signed, statement.span, constant_of(*s.value) != nullptr);
    };
  };
  if (std::holds_alternative<ast::Variable>(target.node)) {
    auto found = instance_.variable_of.find(target.id);
    if (found == instance_.variable_of.end()) return;
    if (s.op) {
      assign_variable(found->second, nullptr, combined(instance_.variables[found->second].type));
    } else {
      assign_variable(found->second, s.value.get(), {});
    }
    return;
  }
  const auto* access = std::get_if<ast::MapAccess>(&target.node);
  if (!access) { // `_ = e`: only the effects are wanted
    evaluate(*s.value);
    return;
  }
  if (s.op) {
    store_scalar_element(target, combined(map_of(target).value));
  } else {
    store_element(target, *access, *s.value);
  }
}

// The memory or register of a variable, made on first mention. It starts as zero: it may be assigned in one branch only.
BlockLowering::VariableSlot& BlockLowering::slot_of(uint32_t variable) {
  VariableSlot& slot = variables_[variable];
  if (slot.ready) return slot;
  slot.ready = true;
  slot.owner = present_callback_;
  const Type& type = instance_.variables[variable].type;
  slot.is_scalar = type.is_scalar() || type.size == 0;
  slot.is_kept = object_.frugal || kept_.contains(variable);
  if (slot.is_scalar && slot.is_kept) {
    slot.memory = take(8);
    Area& area = slot.memory.on_stack ? frame_ : slot_;
    area.floor = std::max(area.floor, area.used);
    e_.at_entry([&] { e_.zero(address_of(slot.memory), 8); });
    return slot;
  }
  if (slot.is_scalar) {
    slot.local = e_.local("var_" + instance_.variables[variable].name);
    e_.at_entry([&] { e_.store(slot.local, 0, 8, e_.number(0)); });
    return slot;
  }
  slot.memory = take(type.size);
  Area& area = slot.memory.on_stack ? frame_ : slot_;
  area.floor = std::max(area.floor, area.used); // stays until the program ends
  e_.at_entry([&] { e_.zero(address_of(slot.memory), type.size); });
  return slot;
}

Value BlockLowering::load_variable(uint32_t variable) {
  VariableSlot& slot = slot_of(variable);
  if (!slot.is_kept) return e_.load(slot.local, 0, 8, false);
  const Type& type = instance_.variables[variable].type;
  return e_.load(address_of(slot.memory), 0, std::clamp(type.size, 1u, 8u), type.is_signed);
}

void BlockLowering::store_variable(uint32_t variable, Value v) {
  VariableSlot& slot = slot_of(variable);
  const Type& type = instance_.variables[variable].type;
  uint32_t size = std::clamp(type.size, 1u, 8u);
  for (LoopLabels& loop : loops_) loop.assigned.insert(variable);
  if (slot.is_kept) {
    e_.store(address_of(slot.memory), 0, size, v);
  } else {
    e_.store(slot.local, 0, 8, type.is_integral() ? e_.truncate(v, size, type.is_signed) : v);
  }
}

// `&$x`, `&@x[k]`: an address in our own memory as a number; 0 for an element that is not there.
Value BlockLowering::address_of_target(const ast::Expr& target) {
  if (std::holds_alternative<ast::Variable>(target.node)) {
    auto found = instance_.variable_of.find(target.id);
    return found == instance_.variable_of.end() ? e_.number(0) : e_.to_number(address_of(slot_of(found->second).memory));
  }
  Value element = lookup(map_index_of(target), key_of(target));
  Value result = e_.local("element_address");
  Label found = e_.block("found"), done = e_.block("addressed");
  e_.store(result, 0, 8, e_.number(0));
  e_.branch(e_.is_null(element), done, found);
  e_.place(found);
  e_.store(result, 0, 8, e_.to_number(element));
  e_.jump(done);
  e_.place(done);
  return e_.load(result, 0, 8, false);
}

void BlockLowering::assign_variable(uint32_t variable, const ast::Expr* value, const std::function<Value(Value)>& next) {
  const Type& type = instance_.variables[variable].type;
  VariableSlot& slot = slot_of(variable);
  if (slot.is_scalar) {
    return store_variable(variable, value ? scalar(*value) : next(load_variable(variable)));
  }
  if (!value) return;
  // Through a temporary: the value may be made of the variable itself.
  bool simple = constant_of(*value) || std::holds_alternative<ast::MapAccess>(value->node) || std::holds_alternative<ast::Call>(value->node) ||
                std::holds_alternative<ast::Identifier>(value->node);
  if (simple) {
    into(*value, type, address_of(slot.memory));
    return;
  }
  Value temporary = scratch(type.size);
  into(*value, type, temporary);
  e_.copy(address_of(slot.memory), temporary, type.size);
}

void BlockLowering::assign(const ast::Expr& variable, Operand value, const Type& value_type) {
  auto found = instance_.variable_of.find(variable.id);
  if (found == instance_.variable_of.end() || !value.value) return;
  const Type& type = instance_.variables[found->second].type;
  VariableSlot& slot = slot_of(found->second);
  if (!slot.is_scalar) {
    convert(value, value_type, type, address_of(slot.memory));
    return;
  }
  Value number = value.is_address ? e_.load(value.value, 0, std::clamp(value_type.size, 1u, 8u), value_type.is_signed) : e_.to_number(value.value);
  store_variable(found->second, number);
}

void BlockLowering::lower_node(const ast::Stmt& statement, const ast::Let& s) {
  auto found = instance_.variable_of_statement.find(&statement);
  if (found == instance_.variable_of_statement.end()) return;
  if (s.value) {
    assign_variable(found->second, s.value.get(), {});
    return;
  }
  VariableSlot& slot = slot_of(found->second);
  if (slot.is_scalar) {
    store_variable(found->second, e_.number(0));
  } else {
    e_.zero(address_of(slot.memory), instance_.variables[found->second].type.size);
  }
}

void BlockLowering::lower_node(const ast::Stmt&, const ast::If& s) {
  // A condition known at compile time drops the other branch.
  if (const Constant* constant = constant_of(*s.condition); constant && constant->is_integer()) {
    if (constant->integer() != 0) {
      lower_block(s.then);
    } else if (s.otherwise) {
      lower_block(*s.otherwise);
    }
    return;
  }
  Label then = e_.block("if"), otherwise = e_.block("else"), done = e_.block("endif");
  Mark before = mark();
  branch_on(*s.condition, then, otherwise);
  release(before);
  e_.place(then);
  lower_block(s.then);
  e_.jump(done);
  e_.place(otherwise);
  if (s.otherwise) lower_block(*s.otherwise);
  e_.jump(done);
  e_.place(done);
}

void BlockLowering::lower_node(const ast::Stmt&, const ast::Unroll& s) {
  const Constant* count = constant_of(*s.count);
  if (!count || !count->is_integer()) return;
  Label done = e_.block("unrolled");
  for (uint64_t i = 0; i < count->integer(); ++i) {
    Label next = e_.block("turn");
    loops_.push_back({next, done, {}});
    lower_block(s.body);
    loops_.pop_back();
    e_.jump(next);
    e_.place(next);
  }
  e_.jump(done);
  e_.place(done);
}

// The verifier follows a loop turn by turn as long as it knows its counter's value; from a value it does not know it sees
// after one turn that nothing new comes. That must hold again after each turn, where it may know that a variable is some
// constant, or by how much it differs from another one. Variables of other callbacks are out of reach.
void BlockLowering::hide(uint32_t variable, Value unknown_zero) {
  const VariableSlot& slot = variables_[variable];
  bool is_here = slot.is_kept || slot.owner == present_callback_;
  if (slot.ready && slot.is_scalar && is_here) store_variable(variable, e_.operate(Op::Add, load_variable(variable), unknown_zero));
}

// A loop that the verifier accepts: driven by the kernel's numeric iterator where there is one, so that it is verified
// once and not turn by turn. `body` jumps to `done` to leave.
void BlockLowering::loop(const std::function<void(Label done)>& body) {
  const KernelFeatures& kernel = object_.system.features();
  if (!kernel.open_coded_iterators && kernel.bpf_loop) return loop_in_callback(body);
  Label head = e_.block("loop"), inside = e_.block("turn"), next = e_.block("next"), done = e_.block("endloop");
  Value state;
  if (kernel.open_coded_iterators) {
    state = e_.stack(8); // the verifier tracks the iterator there
    Value zero = e_.unknown_zero();
    for (uint32_t i = 0; i < variables_.size(); ++i) hide(i, zero);
    e_.iterator_new(state, e_.number(0), e_.number(kLoopLimit));
  }
  e_.jump(head);
  e_.place(head);
  if (state) {
    e_.branch(e_.is_null(e_.iterator_next(state)), done, inside);
  } else {
    e_.jump(inside);
  }
  e_.place(inside);
  loops_.push_back({next, done, state});
  body(done);
  std::set<uint32_t> assigned = std::move(loops_.back().assigned);
  loops_.pop_back();
  e_.jump(next);
  e_.place(next);
  if (state && !assigned.empty()) {
    Value zero = e_.unknown_zero();
    for (uint32_t variable : assigned) hide(variable, zero);
  }
  e_.jump(head);
  e_.place(done);
  if (state) e_.iterator_destroy(state);
}

void BlockLowering::lower_node(const ast::Stmt&, const ast::While& s) {
  loop(
      [&](Label done) {
        Label taken = e_.block("while");
        Mark before = mark();
        branch_on(*s.condition, taken, done);
        release(before);
        e_.place(taken);
        lower_block(s.body);
      });
}

void BlockLowering::lower_node(const ast::Stmt& statement, const ast::ForRange& s) {
  auto found = instance_.variable_of_statement.find(&statement);
  if (found == instance_.variable_of_statement.end()) return;
  Value first = scalar(*s.first), last = scalar(*s.last);
  slot_of(found->second);
  Value before = e_.operate(Op::Sub, first, e_.number(1));
  // The body may change its copy of the counter. In a callback both bounds are in the frame.
  bool in_frame = is_callback(statement);
  Memory kept = in_frame ? take(16) : Memory{};
  if (in_frame) (kept.on_stack ? frame_ : slot_).floor = (kept.on_stack ? frame_ : slot_).used;
  Value local = in_frame ? Value{} : e_.local("counter");
  auto counter = [&] { return in_frame ? address_of(kept) : local; };
  bool hidden = object_.system.features().open_coded_iterators;
  e_.store(counter(), 0, 8, hidden ? e_.operate(Op::Add, before, e_.unknown_zero()) : before);
  if (in_frame) e_.store(counter(), 8, 8, last);
  loop([&](Label done) {
    // Counted here rather than by the iterator, whose range is 32 bits.
    Value now = e_.operate(Op::Add, e_.load(counter(), 0, 8, false), e_.number(1));
    if (hidden) now = e_.operate(Op::Add, now, e_.unknown_zero());
    Label taken = e_.block("for");
    e_.store(counter(), 0, 8, now);
    e_.branch(e_.operate(Op::SLt, now, in_frame ? e_.load(counter(), 8, 8, false) : last), taken, done);
    e_.place(taken);
    store_variable(found->second, now);
    lower_block(s.body);
  });
}

void BlockLowering::lower_node(const ast::Stmt&, const ast::Jump& s) {
  if (s.kind == ast::Jump::Kind::Return) {
    if (s.value) set_result(*s.value);
    leave(false);
    return;
  }
  if (loops_.empty()) return;
  e_.jump(s.kind == ast::Jump::Kind::Break ? loops_.back().done : loops_.back().next);
  e_.place(e_.block("unreachable"));
}

void BlockLowering::lower_node(const ast::Stmt&, const ast::BlockStatement& s) { lower_block(s.block); }

} // namespace trapline::codegen
