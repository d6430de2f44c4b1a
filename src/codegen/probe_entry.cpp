// The frame around a block: which event is ours, whose process, the predicate; memory; the way out.
#include "codegen/block_lowering.h"

#include "program/object.h"

#include <algorithm>
#include <cstddef>

namespace trapline::codegen {

namespace {

constexpr uint32_t kFrameLimit = 288;  // of BPF's 512 bytes; the rest is for registers that LLVM spills
constexpr uint32_t kFrugalFrame = 96;
constexpr uint32_t kStackObject = 128; // larger things go to the scratch slot
constexpr uint32_t kTaskBtfRelease = 0x050b00;  // bpf_get_current_task_btf, 5.11
constexpr uint32_t kExchangeRelease = 0x050c00; // atomic exchange, 5.12
constexpr uint64_t kThreadCompat = 0x2; // TS_COMPAT, arch/x86/include/asm/thread_info.h

uint32_t round_up(uint32_t n) { return (n + 7) / 8 * 8; }

} // namespace

BlockLowering::BlockLowering(ObjectBuilder& object, const sema::Instance& instance)
    : object_(object), e_(object.emitter), instance_(instance), tables_(find_tables(instance.probe->body, instance)),
      variables_(instance.variables.size()), current_span_(instance.probe->span), expression_span_(instance.probe->span) {
  keep_addressed_variables();
  find_shared_variables();
}

void BlockLowering::lower(const std::string& function_name) {
  e_.begin_program(function_name, instance_.group.section);
  e_.set_location(instance_.probe->span);
  leave_ = e_.block("leave");
  begin_memory(kFrameLimit);
  result_ = e_.local("result");
  e_.at_entry([&] { e_.store(result_, 0, 8, e_.number(0)); });
  enter();
  lower_block(instance_.body());
  end_memory();
  e_.ret(returns_value() ? status_of(e_.load(result_, 0, 8, false)) : e_.number(0));
  e_.end_program();
}

void BlockLowering::begin_memory(uint32_t frame_limit) {
  if (object_.frugal) frame_limit = std::min(frame_limit, kFrugalFrame);
  frame_limit_ = frame_limit;
  function_ = object_.function_count++;
  frame_base_ = e_.stack(frame_limit);
  scratch_local_ = e_.local_pointer("scratch");
  prepare_callbacks();
}

// The way out, for all paths: gives the scratch slot back. Afterwards the sizes of everything are known.
void BlockLowering::end_memory() {
  e_.jump(leave_);
  e_.place(leave_);
  if (slot_.peak > 8) e_.store(e_.load_pointer(scratch_local_, 0), 0, 8, e_.number(0));
  if (slot_.peak > 8) acquire_scratch();
  e_.resize_stack(frame_base_, frame_.peak);
}

// The kernel hands 32 bits back: what is not 0 must stay so.
Value BlockLowering::status_of(Value value) {
  const Value low = e_.operate(Op::And, value, e_.number(UINT32_MAX));
  return e_.select(e_.is_zero(low), e_.operate(Op::Ne, value, e_.number(0)), low);
}

// Of tests and benchmarks the runtime reads it. To the kernel anything but 0 may mean something, or be forbidden: Linux
// before 6.13 takes a 1 from a uprobe_multi program as the wish to remove the probe.
bool BlockLowering::returns_value() const {
  return instance_.group.role == ProbeRole::Test || instance_.group.role == ProbeRole::Benchmark;
}

void BlockLowering::enter() {
  const probes::Context& ctx = context();
  if (ctx.dispatch) filter_dispatch(*ctx.dispatch);
  if (ctx.filter_pid_in_program) filter_pid();
  if (instance_.probe->predicate) test_predicate();
}

// Leaves unless the system call is one of ours; remembers which.
void BlockLowering::filter_dispatch(const probes::Context::Dispatch& dispatch) {
  const std::vector<Target>& targets = instance_.group.targets;
  Value number = fetch(dispatch.number);
  std::vector<int16_t> cookies(dispatch.target_of.size(), -1);
  std::vector<uint64_t> ours;
  for (size_t i = 0; i < cookies.size(); ++i) {
    if (dispatch.target_of[i] < 0) continue;
    cookies[i] = static_cast<int16_t>(targets[static_cast<size_t>(dispatch.target_of[i])].cookie);
    ours.push_back(i);
  }
  Label mine = e_.block("mine");
  if (ours.size() == 1) {
    e_.branch(e_.operate(Op::Eq, number, e_.number(ours[0])), mine, leave_);
    e_.place(mine);
    dispatch_cookie_ = e_.number(targets[static_cast<size_t>(dispatch.target_of[ours[0]])].cookie);
  } else {
    Label known = e_.block("known");
    e_.branch(e_.operate(Op::ULt, number, e_.number(cookies.size())), known, leave_, Likely::True);
    e_.place(known);
    dispatch_cookie_ = e_.table_entry(cookies, number);
    e_.branch(e_.operate(Op::SGe, dispatch_cookie_, e_.number(0)), mine, leave_);
    e_.place(mine);
  }
  if (dispatch.reject_compat) reject_compat_calls();
}

// 32-bit system calls come through the same tracepoint with numbers of their own.
void BlockLowering::reject_compat_calls() {
  auto task = object_.system.types().structure("task_struct", false);
  if (!task) return;
  auto info = find_field(*task, "thread_info");
  if (!info || !info->type || !info->type->record) return;
  auto status = find_field(*info->type->record, "status");
  if (!status) return;
  Place place{.offset = info->offset + status->offset, .type = Type::integer(4, false)};
  bool tracked = object_.system.features().release >= kTaskBtfRelease;
  place.space = tracked ? AddressSpace::Btf : AddressSpace::Kernel;
  place.base = tracked ? e_.call_pointer(Helper::GetCurrentTaskBtf, {}) : e_.call(Helper::GetCurrentTask, {});
  Value flags = load_scalar(place);
  Label native = e_.block("native");
  e_.branch(e_.operate(Op::And, flags, e_.number(kThreadCompat)), leave_, native, Likely::False);
  e_.place(native);
}

// -p is known here; the child of -c only when it has been started.
void BlockLowering::filter_pid() {
  Label ours = e_.block("our_pid");
  Value wanted = object_.options.pid ? e_.number(static_cast<uint64_t>(*object_.options.pid)) : global(offsetof(object::Globals, child_pid));
  Value tgid = e_.operate(Op::LShr, pid_tgid(), e_.number(32));
  e_.branch(e_.operate(Op::Eq, tgid, wanted), ours, leave_);
  e_.place(ours);
}

void BlockLowering::test_predicate() {
  const ast::Expr& predicate = *instance_.probe->predicate;
  current_span_ = predicate.span;
  e_.set_location(predicate.span);
  Mark before = mark();
  Label taken = e_.block("taken");
  branch_on(predicate, taken, leave_);
  e_.place(taken);
  release(before);
}

// Takes a free slot of this CPU's scratch memory. A program that interrupts or preempts this one on the same CPU finds
// the busy word set and takes another, so no two ever share.
void BlockLowering::acquire_scratch() {
  object_.scratch_bytes = std::max(object_.scratch_bytes, slot_.peak);
  e_.at_entry([&] {
    Value key = e_.stack(8);
    Value counter = e_.local("slot");
    e_.store(counter, 0, 8, e_.number(0));
    Label next = e_.block("next_slot"), look = e_.block("look"), test = e_.block("test"), mine = e_.block("got_slot");
    Label none = e_.block("no_slot");
    e_.jump(next);
    e_.place(next);
    Value index = e_.load(counter, 0, 8, false);
    e_.branch(e_.operate(Op::ULt, index, e_.number(object::kScratchSlots)), look, none, Likely::True);
    e_.place(look);
    e_.store(key, 0, 4, index);
    Value slot = e_.call_pointer(Helper::MapLookupElem, {object_.internal_map(object::kScratch), key});
    e_.branch(e_.is_null(slot), none, test, Likely::False);
    e_.place(test);
    e_.store(counter, 0, 8, e_.operate(Op::Add, index, e_.number(1)));
    e_.store(scratch_local_, 0, 8, slot);
    // Kernels without the instruction run BPF without preemption: whoever interrupts has left before we go on.
    bool atomic = object_.system.features().release >= kExchangeRelease;
    Value busy = atomic ? e_.exchange(slot, 0, e_.number(1)) : e_.load(slot, 0, 8, false);
    if (!atomic) e_.store(slot, 0, 8, e_.number(1));
    e_.branch(busy, next, mine, Likely::False);
    e_.place(none);
    count_site(SiteKind::ScratchExhausted, {}, instance_.probe->span);
    e_.ret(e_.number(0));
    e_.place(mine);
  });
}

void BlockLowering::leave_program() { leave(true); }

// Leaves the function, and if it `exits` the program that called it.
void BlockLowering::leave(bool exits) {
  leave_loops();
  if (in_callback_) note_left(exits);
  else if (exits && exit_flag_) e_.store(exit_flag_, 0, 8, e_.number(1));
  e_.jump(leave_);
  e_.place(e_.block("unreachable"));
}

void BlockLowering::leave_loops() {
  for (auto loop = loops_.rbegin(); loop != loops_.rend(); ++loop) {
    if (loop->iterator) e_.iterator_destroy(loop->iterator);
  }
}

// --- memory

uint32_t BlockLowering::Area::take(uint32_t size) {
  uint32_t offset = used;
  used += round_up(size);
  peak = std::max(peak, used);
  return offset;
}

BlockLowering::Memory BlockLowering::take(uint32_t size) {
  const uint32_t limit = settings().on_stack_limit == 0 ? kStackObject : settings().on_stack_limit;
  bool on_stack = size <= std::min(limit, frame_limit_ / 2) && frame_.used + round_up(size) <= frame_limit_;
  return {on_stack, (on_stack ? frame_ : slot_).take(std::max(size, 1u))};
}

Value BlockLowering::address_of(Memory memory) {
  return e_.offset(memory.on_stack ? frame_base_ : e_.load_pointer(scratch_local_, 0), memory.offset);
}

void BlockLowering::release(Mark before) {
  frame_.used = std::max(before.frame, frame_.floor);
  slot_.used = std::max(before.scratch, slot_.floor);
}

Value BlockLowering::scratch(uint32_t size) { return address_of(take(size)); }

Value BlockLowering::buffer(uint32_t size) { return address_of({false, slot_.take(std::max(size, 1u))}); }

void BlockLowering::temporarily(const std::function<void()>& body) {
  Mark before = mark();
  body();
  release(before);
}

Value BlockLowering::result_memory(const Type& type) {
  if (destination_ && destination_->type == type) return destination_->address;
  return scratch(type.size);
}

// --- facts about the event

Value BlockLowering::probe_index() {
  if (dispatch_cookie_) return dispatch_cookie_; // a function gets it from its caller
  if (context().cookie) return e_.call(Helper::GetAttachCookie, {e_.context()});
  return e_.number(instance_.group.targets.empty() ? 0 : instance_.group.targets.front().cookie);
}

Value BlockLowering::pid_tgid() {
  auto space = object_.system.pid_namespace();
  if (!space) return e_.call(Helper::GetCurrentPidTgid, {});
  // struct bpf_pidns_info { u32 pid; u32 tgid; }
  Value info = scratch(8);
  e_.store(info, 0, 8, e_.number(0));
  e_.call(Helper::GetNsCurrentPidTgid, {e_.number(space->first), e_.number(space->second), info, e_.number(8)});
  return e_.load(info, 0, 8, false);
}

Value BlockLowering::global(uint32_t offset) {
  Value key = e_.constant_bytes(std::string_view("\0\0\0\0\0\0\0\0", 8));
  Value area = e_.call_pointer(Helper::MapLookupElem, {object_.internal_map(object::kGlobals), key});
  Value result = e_.local("global");
  Label there = e_.block("there"), done = e_.block("done");
  e_.store(result, 0, 8, e_.number(0));
  e_.branch(e_.is_null(area), done, there, Likely::False);
  e_.place(there);
  e_.store(result, 0, 8, e_.load(area, offset, 8, false));
  e_.jump(done);
  e_.place(done);
  return e_.load(result, 0, 8, false);
}

Value BlockLowering::fetch(const probes::Fetch& f) {
  using How = probes::Fetch::How;
  Value ctx = e_.context();
  switch (f.how) {
  case How::None:
  case How::ContextGather: return e_.number(0); // an array: places.cpp reads it
  case How::Constant: return e_.number(static_cast<uint64_t>(f.offset));
  case How::Context: return e_.load(ctx, f.offset, f.size, f.is_signed);
  case How::ContextAddress: return e_.offset(ctx, f.offset);
  case How::DataLocation: {
    Value location = e_.load(ctx, f.offset, 4, false);
    return e_.offset(ctx, e_.operate(Op::And, location, e_.number(0xffff)));
  }
  case How::ContextDeref:
  case How::UserMemory: {
    Value base = e_.operate(Op::Add, e_.load(ctx, f.base, 8, false), e_.number(static_cast<uint64_t>(f.offset)));
    if (f.index_base >= 0) {
      Value index = e_.load(ctx, f.index_base, 8, false);
      base = e_.operate(Op::Add, base, e_.operate(Op::Mul, index, e_.number(f.scale)));
    }
    Value to = scratch(8);
    read(to, f.size, base, f.how == How::UserMemory ? AddressSpace::User : AddressSpace::Kernel);
    return e_.load(to, 0, f.size, f.is_signed);
  }
  }
  return e_.number(0);
}

// The kernel zero-fills the destination of a failed read, so the program goes on with 0 and "".
Value BlockLowering::read(Value to, uint32_t size, Value from, AddressSpace space) {
  if (space == AddressSpace::None) space = context().default_space;
  Helper helper = space == AddressSpace::User ? Helper::ProbeReadUser : Helper::ProbeReadKernel;
  Value failed = e_.call(helper, {to, e_.number(size), from});
  check_read(failed, helper, expression_span_);
  return failed;
}

} // namespace trapline::codegen
