// What a program sends to the runtime: records in the ring buffer, run-time error counts, and control actions that
// survive a full ring.
#include "codegen/block_lowering.h"
#include "program/object.h"
#include "sema/walk.h"

#include <algorithm>
#include <cstddef>
#include <linux/bpf.h>

namespace trapline::codegen {

namespace {

constexpr size_t kNumbersInRegisters = 12; // or in what the compiler spills of them

uint32_t round_up(uint32_t n) { return (n + 7) / 8 * 8; }

bool is_control(ActionKind kind) {
  return kind == ActionKind::PrintMap || kind == ActionKind::Clear || kind == ActionKind::Zero || kind == ActionKind::Exit;
}

} // namespace

uint32_t BlockLowering::add_action(Action action) {
  action.span = current_span_;
  object_.program.actions.push_back(std::move(action));
  return static_cast<uint32_t>(object_.program.actions.size() - 1);
}

// Reserves a record, writes its header, lets `fill` write the rest, and submits it. When the ring is full the record is
// counted as lost; a control action leaves a note instead (with `pending`, if it carries a number).
void BlockLowering::send_record(Action action, Value pending, const std::function<void(Value record)>& fill) {
  bool control = is_control(action.kind);
  uint32_t size = action.record_size;
  uint32_t index = add_action(std::move(action));
  Label reserved = e_.block("reserved"), lost = e_.block("lost"), done = e_.block("sent");
  Value record = e_.call_pointer(Helper::RingbufReserve, {object_.internal_map(object::kRing), e_.number(size), e_.number(0)});
  e_.branch(e_.is_null(record), lost, reserved, Likely::False);
  e_.place(reserved);
  e_.store(record, 0, 4, e_.number(index));
  e_.store(record, 4, 4, probe_index());
  fill(record);
  e_.call(Helper::RingbufSubmit, {record, e_.number(0)});
  e_.jump(done);
  e_.place(lost);
  if (control) {
    mark_pending(index, pending);
  } else {
    count_loss();
  }
  e_.jump(done);
  e_.place(done);
}

// Statements, functions of the script, ++ and --, and builtins that are given a map.
bool BlockLowering::has_effects(const ast::Expr& expr) const {
  bool found = false;
  sema::for_each_expr(expr, [&](const ast::Expr& e) {
    const auto* block = std::get_if<ast::BlockExpr>(&e.node);
    found |= (block && !block->block.statements.empty()) || instance_.function_of.contains(e.id);
    const auto* unary = std::get_if<ast::Unary>(&e.node);
    found |= unary && unary->op >= ast::UnaryOp::PreIncrement;
    const builtins::Builtin* row = std::holds_alternative<ast::Call>(e.node) ? instance_.builtin_of[e.id] : nullptr;
    found |= row && std::ranges::any_of(row->parameters, [](const builtins::Parameter& parameter) {
      return parameter.accepts == builtins::Accepts::Map || parameter.accepts == builtins::Accepts::MapElement;
    });
  });
  return found;
}

void BlockLowering::send(Action action, std::span<const ast::ExprPtr> arguments) {
  std::vector<const ast::Expr*> expressions;
  for (const ast::ExprPtr& argument : arguments) expressions.push_back(argument.get());
  send_values(std::move(action), expressions);
}

void BlockLowering::send_values(Action action, std::span<const ast::Expr* const> arguments) {
  uint32_t offset = sizeof(RecordHeader);
  for (const ast::Expr* argument : arguments) {
    Type type = type_of(*argument);
    if (type.is_castable_aggregate()) type = Type::integer(8, type.is_signed);
    if (type.is(Kind::Pointer)) type.space = AddressSpace::None;
    action.arguments.push_back({type, offset});
    offset += round_up(std::max(type.size, 1u));
  }
  action.record_size = offset;
  std::vector<Action::Argument> layout = action.arguments;

  // Numbers first: between reserve and submit a record is held, and evaluation may need a lot of registers and helpers.
  // So may what has effects of its own: its records come before this one, and the other arguments take their turns. More
  // numbers than the BPF stack could hold wait in memory.
  bool in_order = std::ranges::any_of(arguments, [&](const ast::Expr* argument) { return has_effects(*argument); });
  bool many = arguments.size() > kNumbersInRegisters;
  Value waiting = many ? scratch(static_cast<uint32_t>(arguments.size()) * 8) : Value{};
  std::vector<Value> numbers(arguments.size()), memories(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (layout[i].type.is_scalar() && object_.frugal) {
      memories[i] = scratch(8);
      e_.store(memories[i], 0, 8, scalar(*arguments[i]));
    } else if (layout[i].type.is_scalar()) {
      Mark before = mark();
      numbers[i] = scalar(*arguments[i]);
      if (many) e_.store(waiting, static_cast<int64_t>(i) * 8, 8, numbers[i]);
      if (many) release(before);
    } else if (in_order && layout[i].type.size > 0) {
      memories[i] = scratch(layout[i].type.size);
      into(*arguments[i], layout[i].type, memories[i]);
    }
  }
  send_record(std::move(action), {}, [&](Value record) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      Value to = e_.offset(record, layout[i].offset);
      if (numbers[i]) {
        Value number = many ? e_.load(waiting, static_cast<int64_t>(i) * 8, 8, false) : numbers[i];
        e_.store(to, 0, std::max(layout[i].type.size, 1u), number);
        continue;
      }
      if (memories[i]) {
        e_.copy(to, memories[i], std::max(layout[i].type.size, 1u));
        continue;
      }
      writing_record_ = true;
      into(*arguments[i], layout[i].type, to);
      writing_record_ = false;
    }
  });
}

void BlockLowering::send_number(Action action, Value v) {
  action.arguments = {{Type::integer(8, false), sizeof(RecordHeader)}};
  action.record_size = sizeof(RecordHeader) + 8;
  send_record(std::move(action), v, [&](Value record) { e_.store(record, sizeof(RecordHeader), 8, v); });
}

void BlockLowering::send_with(Action action, uint32_t bytes, const std::function<void(Value payload)>& fill) {
  action.record_size = sizeof(RecordHeader) + bytes;
  send_record(std::move(action), {}, [&](Value record) { fill(e_.offset(record, sizeof(RecordHeader))); });
}

// The ring is full: leave a note that the runtime finds by polling.
void BlockLowering::mark_pending(uint32_t action, Value value) {
  Value key = scratch(8);
  e_.store(key, 0, 4, e_.number(action));
  auto note = [&](const char* map, bool add, Value v) {
    Value word = e_.call_pointer(Helper::MapLookupElem, {object_.internal_map(map), key});
    Label there = e_.block("there"), done = e_.block("noted");
    e_.branch(e_.is_null(word), done, there, Likely::False);
    e_.place(there);
    if (add) {
      e_.add_in_place(word, 0, v, true);
    } else {
      e_.store(word, 0, 8, v);
    }
    e_.jump(done);
    e_.place(done);
  };
  if (value) note(object::kPendingValue, false, value);
  note(object::kPending, true, e_.number(1));
}

void BlockLowering::count_site(SiteKind kind, std::string detail, Span span, Value code) {
  uint32_t index = object_.add_site(kind, std::move(detail), instance_.block, span);
  std::string bytes(reinterpret_cast<const char*>(&index), sizeof(index));
  bytes.resize(8, '\0');
  Value counter = e_.call_pointer(Helper::MapLookupElem, {object_.internal_map(object::kSites), e_.constant_bytes(bytes)});
  Label there = e_.block("there"), done = e_.block("counted");
  e_.branch(e_.is_null(counter), done, there, Likely::False);
  e_.place(there);
  if (code) e_.store(counter, offsetof(object::SiteCounter, code), 8, code);
  e_.add_in_place(counter, offsetof(object::SiteCounter, count), e_.number(1), true);
  e_.jump(done);
  e_.place(done);
}

// One more record of this probe that found no room. Atomic: another program may interrupt this one.
void BlockLowering::count_loss() {
  Value key = scratch(8);
  e_.store(key, 0, 8, probe_index());
  Value counter = e_.call_pointer(Helper::MapLookupElem, {object_.internal_map(object::kLosses), key});
  Label there = e_.block("there"), done = e_.block("counted");
  e_.branch(e_.is_null(counter), done, there, Likely::False);
  e_.place(there);
  e_.add_in_place(counter, 0, e_.number(1), true);
  e_.jump(done);
  e_.place(done);
}

void BlockLowering::check_helper(Value result, const char* helper, Span span) {
  Label failed = e_.block("failed"), done = e_.block("fine");
  e_.branch(e_.operate(Op::SLt, result, e_.number(0)), failed, done, Likely::False);
  e_.place(failed);
  count_site(SiteKind::HelperFailure, helper, span, result);
  e_.jump(done);
  e_.place(done);
}

void BlockLowering::check_read(Value result, Helper helper, Span span) {
  if (!object_.options.warn_reads) return;
  auto name = [&] {
    switch (helper) {
    case Helper::ProbeReadUser: return "probe_read_user";
    case Helper::ProbeReadUserStr: return "probe_read_user_str";
    case Helper::ProbeReadKernelStr: return "probe_read_kernel_str";
    default: return "probe_read_kernel";
    }
  };
  check_helper(result, name(), span);
}

void BlockLowering::announce_process(Value tgid) {
  object_.program.needs_user_symbols = true;
  Value key = scratch(8);
  e_.store(key, 0, 8, tgid);
  Value seen = e_.call_pointer(Helper::MapLookupElem, {object_.internal_map(object::kSeenPids), key});
  Label fresh = e_.block("new_process"), done = e_.block("announced");
  e_.branch(e_.is_null(seen), fresh, done, Likely::False);
  e_.place(fresh);
  e_.call(Helper::MapUpdateElem, {object_.internal_map(object::kSeenPids), key, key, e_.number(BPF_ANY)});
  Action action;
  action.kind = ActionKind::PidSeen;
  send_number(std::move(action), tgid);
  e_.jump(done);
  e_.place(done);
}

} // namespace trapline::codegen
