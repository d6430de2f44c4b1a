// Loops whose body is a function that the kernel calls: `for` over a map (bpf_for_each_map_elem), and other loops on kernels
// without numeric iterators (bpf_loop). A callback works in its program's memory: the frame's address is handed through
// the kernel, and at its start stand what else it needs:
//   0  address of the scratch slot    8  context of the event    16  1: the body left the function, 2: the program    24  which target fired
//   32 what the program returns then
// Variables that a body and what is around it share are in memory, all others stay in registers.
#include "codegen/block_lowering.h"
#include "sema/walk.h"

#include <unordered_map>

namespace trapline::codegen {

namespace {

constexpr uint32_t kScratchAt = 0, kContextAt = 8, kLeftAt = 16, kCookieAt = 24, kResultAt = 32, kHeaderBytes = 40;
constexpr uint32_t kForEachRelease = 0x050d00; // bpf_for_each_map_elem, 5.13
constexpr uint64_t kLoopLimit = 1u << 23;      // turns of bpf_loop (BPF_MAX_LOOPS)

// Tells where each variable is named: in which callback body, if in one.
class Regions {
public:
  Regions(const sema::Instance& instance, const std::function<bool(const ast::Stmt&)>& is_callback, std::set<uint32_t>& shared)
      : instance_(instance), is_callback_(is_callback), shared_(shared) {}

  void visit(const ast::Block& block) {
    for (const ast::StmtPtr& stmt : block.statements) visit(*stmt);
  }
  bool any() const { return any_; }

private:
  void visit(const ast::Stmt& stmt) {
    const ast::Stmt* outer = region_;
    bool begins = is_callback_(stmt);
    bool is_while = std::holds_alternative<ast::While>(stmt.node);
    any_ |= begins;
    if (begins && is_while) region_ = &stmt; // its condition is part of the turn
    sema::for_each_part(stmt, [&](const ast::Expr& expr) { visit(expr); },
                        [&](const ast::Block& block) {
                          if (begins) region_ = &stmt;
                          visit(block);
                          region_ = outer;
                        });
    if (begins) region_ = &stmt;
    if (auto own = instance_.variable_of_statement.find(&stmt); own != instance_.variable_of_statement.end()) note(own->second);
    region_ = outer;
  }

  void visit(const ast::Expr& expr) {
    if (auto found = instance_.variable_of.find(expr.id); found != instance_.variable_of.end()) note(found->second);
    if (const auto* block = std::get_if<ast::BlockExpr>(&expr.node)) {
      visit(block->block);
      if (block->value) visit(*block->value);
      return;
    }
    sema::for_each_child(expr, [&](const ast::Expr& child) { visit(child); });
  }

  void note(uint32_t variable) {
    auto [place, is_new] = home_.try_emplace(variable, region_);
    if (!is_new && place->second != region_) shared_.insert(variable);
  }

  const sema::Instance& instance_;
  const std::function<bool(const ast::Stmt&)>& is_callback_;
  std::set<uint32_t>& shared_;
  std::unordered_map<uint32_t, const ast::Stmt*> home_;
  const ast::Stmt* region_ = nullptr;
  bool any_ = false;
};

} // namespace

// What `&$x` points to must be in memory.
void BlockLowering::keep_addressed_variables() {
  sema::for_each_expr(*instance_.probe, [&](const ast::Expr& expr) {
    const auto* unary = std::get_if<ast::Unary>(&expr.node);
    if (!unary || unary->op != ast::UnaryOp::AddressOf) return;
    auto found = instance_.variable_of.find(unary->operand->id);
    if (found != instance_.variable_of.end()) kept_.insert(found->second);
  });
}

bool BlockLowering::is_callback(const ast::Stmt& stmt) const {
  if (std::holds_alternative<ast::ForMap>(stmt.node)) return true;
  bool is_loop = std::holds_alternative<ast::While>(stmt.node) || std::holds_alternative<ast::ForRange>(stmt.node);
  const KernelFeatures& kernel = object_.system.features();
  return is_loop && !kernel.open_coded_iterators && kernel.bpf_loop;
}

void BlockLowering::find_shared_variables() {
  std::function<bool(const ast::Stmt&)> test = [this](const ast::Stmt& stmt) { return is_callback(stmt); };
  Regions regions(instance_, test, shared_);
  regions.visit(instance_.body());
  has_callbacks_ = regions.any();
  if (!has_callbacks_) return;
  if (instance_.function && instance_.function->result) shared_.insert(static_cast<uint32_t>(instance_.function->parameters.size()));
  kept_.insert(shared_.begin(), shared_.end());
}

// Before anything else is put into the frame.
void BlockLowering::prepare_callbacks() {
  if (!has_callbacks_) return;
  header_ = {true, frame_.take(kHeaderBytes)};
  frame_.floor = frame_.used;
  for (uint32_t variable : shared_) slot_of(variable);
}

struct BlockLowering::Outer {
  Label leave;
  Value scratch_local, frame_base, cookie;
  std::vector<LoopLabels> loops;
  bool in_callback = false;
  uint32_t present_callback = 0;
};

// From here on instructions go to a callback, whose parameter number `frame_parameter` is the frame.
BlockLowering::Outer BlockLowering::begin_callback(std::string_view parameters, unsigned frame_parameter) {
  if (!in_callback_) {
    Value header = address_of(header_);
    e_.store(header, kScratchAt, 8, e_.load_pointer(scratch_local_, 0));
    if (e_.context()) e_.store(header, kContextAt, 8, e_.context());
    if (dispatch_cookie_) e_.store(header, kCookieAt, 8, dispatch_cookie_);
    e_.store(header, kLeftAt, 8, e_.number(0));
    e_.store(header, kResultAt, 8, e_.number(0));
  }
  Value zero = e_.unknown_zero();
  for (uint32_t i = 0; i < variables_.size(); ++i) hide(i, zero);
  Outer outer{leave_, scratch_local_, frame_base_, dispatch_cookie_, std::exchange(loops_, {}), in_callback_, present_callback_};
  bool has_context = bool(e_.context());
  present_callback_ = ++callback_count_;
  callback_ = e_.begin_function(fmt::format("f{}_callback{}", function_, present_callback_), parameters);
  e_.set_location(current_span_);
  in_callback_ = true;
  frame_base_ = e_.parameter(frame_parameter);
  Value header = address_of(header_);
  scratch_local_ = e_.local_pointer("scratch");
  if (has_context) e_.set_context(e_.load_pointer(header, kContextAt));
  if (outer.cookie) dispatch_cookie_ = e_.load(header, kCookieAt, 8, false);
  leave_ = e_.block("left");
  return outer;
}

void BlockLowering::end_callback(Outer outer) {
  e_.place(leave_);
  e_.ret(e_.number(1));
  // Before all that was put at the start of the callback meanwhile.
  e_.at_entry([&] { e_.store(scratch_local_, 0, 8, e_.load_pointer(address_of(header_), kScratchAt)); });
  e_.end_function();
  leave_ = outer.leave;
  scratch_local_ = outer.scratch_local;
  frame_base_ = outer.frame_base;
  dispatch_cookie_ = outer.cookie;
  loops_ = std::move(outer.loops);
  in_callback_ = outer.in_callback;
  present_callback_ = outer.present_callback;
}

void BlockLowering::return_from_callback(Value result) { e_.store(address_of(header_), kResultAt, 8, result); }

void BlockLowering::note_left(bool exits) { e_.store(address_of(header_), kLeftAt, 8, e_.number(exits ? 2 : 1)); }

// Behind the call: the body may have left the function.
void BlockLowering::after_callback() {
  Label left = e_.block("left"), stayed = e_.block("stayed");
  Value how = e_.load(address_of(header_), kLeftAt, 8, false);
  e_.branch(how, left, stayed, Likely::False);
  e_.place(left);
  leave_loops();
  if (!in_callback_ && result_) e_.store(result_, 0, 8, e_.load(address_of(header_), kResultAt, 8, false));
  if (!in_callback_ && exit_flag_) e_.store(exit_flag_, 0, 8, e_.operate(Op::Eq, how, e_.number(2)));
  e_.jump(leave_);
  e_.place(stayed);
}

// One turn a call: long callback(u64 index, void *frame).
void BlockLowering::loop_in_callback(const std::function<void(Label done)>& body) {
  Outer outer = begin_callback("np", 1);
  Value code = callback_;
  Label next = e_.block("next"), done = e_.block("done");
  loops_.push_back({next, done, {}});
  body(done);
  e_.jump(next);
  e_.place(next);
  e_.ret(e_.number(0));
  e_.place(done);
  e_.ret(e_.number(1));
  end_callback(std::move(outer));
  e_.call(Helper::Loop, {e_.number(kLoopLimit), code, frame_base_, e_.number(0)});
  after_callback();
}

// `$kv` of `for ($kv : @m)`: the pair of key and value. Aggregations are merged over all CPUs, from the bank that is walked.
void BlockLowering::element_into(uint32_t variable, uint32_t map, Value key, Value value) {
  const MapSpec& spec = object_.program.maps[map];
  const Type& type = instance_.variables[variable].type;
  VariableSlot& slot = slot_of(variable);
  if (slot.is_scalar || !type.is(Kind::Tuple) || type.members->size() != 2) return;
  Value to = address_of(slot.memory);
  auto read = [&](const Type& held, Value at) {
    return held.is_scalar() ? Operand::scalar(e_.load(at, 0, std::clamp(held.size, 1u, 8u), held.is_signed)) : Operand::address(at);
  };
  std::vector<uint32_t> offsets = tuple_offsets(type);
  convert(read(spec.key, key), spec.key, (*type.members)[0], e_.offset(to, offsets[0]));
  if (spec.value.is_castable_aggregate()) {
    Type number = Type::integer(8, spec.value.is_signed);
    convert(Operand::scalar(read_aggregate(spec, e_.parameter(0), key)), number, (*type.members)[1], e_.offset(to, offsets[1]));
  } else {
    convert(read(spec.value, value), spec.value, (*type.members)[1], e_.offset(to, offsets[1]));
  }
}

// long callback(struct bpf_map *map, const void *key, void *value, void *frame)
void BlockLowering::lower_node(const ast::Stmt& statement, const ast::ForMap& s) {
  auto found = instance_.variable_of_statement.find(&statement);
  if (found == instance_.variable_of_statement.end()) return;
  if (object_.system.features().release < kForEachRelease) {
    object_.diagnostics.report(DiagId::NotSupported, statement.span, "a `for` loop over a map needs Linux 5.13 or newer");
    return;
  }
  uint32_t map = map_index_of(*s.map);
  Outer outer = begin_callback("pppp", 3);
  Value code = callback_;
  element_into(found->second, map, e_.parameter(1), e_.parameter(2));
  Label next = e_.block("next"), done = e_.block("done");
  loops_.push_back({next, done, {}});
  lower_block(s.body);
  e_.jump(next);
  e_.place(next);
  e_.ret(e_.number(0));
  e_.place(done);
  e_.ret(e_.number(1));
  end_callback(std::move(outer));
  with_map(map, Result::Number, [&](Value in) { return e_.call(Helper::ForEachMapElem, {in, code, frame_base_, e_.number(0)}); });
  after_callback();
}

} // namespace trapline::codegen
