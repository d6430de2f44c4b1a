// The script's functions: BPF subprograms. A function gets the number of the target that fired, where to note that it ended
// the whole program (if it can), where to write a result that lives in memory, and its arguments: numbers by value, everything else by address. What does not fit into the five
// registers of a call stands in a block of words whose address is the last argument.
#include "codegen/block_lowering.h"

#include <algorithm>

namespace trapline::codegen {

namespace {

constexpr uint32_t kFunctionFrame = 80; // the kernel adds up the stacks of a chain of calls
constexpr size_t kRegisters = 5;

bool in_register(const Type& type) { return type.is_scalar() || type.size == 0; }

struct Convention {
  std::string kinds;   // of the registers, as Emitter::begin_function takes them
  size_t in_words = 0; // arguments that stand in the block
};

Convention convention(const sema::Instance& function, bool may_exit) {
  const auto& parameters = function.function->parameters;
  Convention all{may_exit ? "np" : "n", 0};
  bool has_result = function.function->result.has_value();
  if (has_result && !in_register(function.variables[parameters.size()].type)) all.kinds += 'p';
  for (size_t i = 0; i < parameters.size(); ++i) all.kinds += in_register(function.variables[i].type) ? 'n' : 'p';
  if (all.kinds.size() <= kRegisters) return all;
  all.in_words = all.kinds.size() - (kRegisters - 1);
  all.kinds.resize(kRegisters - 1);
  all.kinds += 'p';
  return all;
}

} // namespace

bool BlockLowering::may_exit() const {
  for (const builtins::Builtin* row : instance_.builtin_of) {
    if (row && row->ends_program != builtins::Ends::Never) return true;
  }
  return std::ranges::any_of(instance_.function_of, [this](const auto& call) { return object_.functions[call.second].may_exit; });
}

ObjectBuilder::Function BlockLowering::lower_function(const std::string& function_name) {
  bool exits = may_exit();
  Convention call = convention(instance_, exits);
  size_t parameters = instance_.function->parameters.size();
  bool has_result = instance_.function->result.has_value();
  bool in_memory = has_result && !in_register(instance_.variables[parameters].type);
  Value code = e_.begin_function(function_name, call.kinds);
  e_.set_location(instance_.probe->span);
  leave_ = e_.block("leave");
  dispatch_cookie_ = e_.parameter(0);
  if (exits) exit_flag_ = e_.parameter(1);
  begin_memory(kFunctionFrame);
  unsigned at = 1 + (exits ? 1 : 0) + (in_memory ? 1 : 0);
  Value result = in_memory ? e_.parameter(at - 1) : Value{};
  auto in_registers = static_cast<unsigned>(call.kinds.size() - (call.in_words > 0 ? 1 : 0));
  for (uint32_t i = 0; i < parameters; ++i, ++at) {
    const Type& type = instance_.variables[i].type;
    int64_t word = at < in_registers ? 0 : 8 * (static_cast<int64_t>(at) - in_registers);
    VariableSlot& slot = slot_of(i);
    if (slot.is_scalar) {
      store_variable(i, at < in_registers ? e_.parameter(at) : e_.load(e_.parameter(in_registers), word, 8, false));
    } else {
      Value from = at < in_registers ? e_.parameter(at) : e_.load_pointer(e_.parameter(in_registers), word);
      e_.copy(address_of(slot.memory), from, type.size);
    }
  }
  if (has_result) slot_of(static_cast<uint32_t>(parameters));
  lower_block(instance_.body());
  e_.jump(leave_);
  e_.place(leave_);
  leave_ = e_.block("give_back");
  Value number = e_.number(0);
  if (in_memory) {
    const VariableSlot& slot = slot_of(static_cast<uint32_t>(parameters));
    e_.copy(result, address_of(slot.memory), instance_.variables[parameters].type.size);
  } else if (has_result) {
    number = load_variable(static_cast<uint32_t>(parameters));
  }
  end_memory();
  e_.ret(number);
  e_.end_function();
  return {code, in_memory, exits};
}

// What `return e` gives: a function's result is its last variable.
void BlockLowering::set_result(const ast::Expr& value) {
  if (instance_.function) {
    if (instance_.function->result) assign_variable(static_cast<uint32_t>(instance_.function->parameters.size()), &value, {});
    else evaluate(value);
    return;
  }
  Value number = scalar(value);
  if (in_callback_) return_from_callback(number);
  else e_.store(result_, 0, 8, number);
}

Operand BlockLowering::call_function(const ast::Expr& e, const ast::Call& call, uint32_t index) {
  const sema::Instance& function = object_.script.functions[index];
  const auto [code, in_memory, exits] = object_.functions[index];
  Convention how = convention(function, exits);
  const Type& type = type_of(e);
  std::vector<Value> values = {probe_index()};
  Value exited = exits ? e_.stack(8) : Value{};
  if (exits) {
    e_.store(exited, 0, 8, e_.number(0));
    values.push_back(exited);
  }
  Value result = in_memory ? result_memory(type) : Value{};
  if (in_memory) values.push_back(result);
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const Type& wanted = function.variables[i].type;
    if (in_register(wanted)) {
      values.push_back(scalar(*call.arguments[i]));
      continue;
    }
    Value memory = scratch(wanted.size);
    into(*call.arguments[i], wanted, memory);
    values.push_back(memory);
  }
  if (how.in_words > 0) {
    Value words = e_.stack(static_cast<uint32_t>(8 * how.in_words));
    size_t first = values.size() - how.in_words;
    for (size_t i = 0; i < how.in_words; ++i) e_.store(words, static_cast<int64_t>(8 * i), 8, values[first + i]);
    values.resize(first);
    values.push_back(words);
  }
  Value number = e_.call_function(code, values);
  if (exits) {
    Label leave = e_.block("exited"), stay = e_.block("returned");
    e_.branch(e_.load(exited, 0, 8, false), leave, stay, Likely::False);
    e_.place(leave);
    leave_program();
    e_.jump(stay);
    e_.place(stay);
  }
  return in_memory ? Operand::address(result) : Operand::scalar(number);
}

} // namespace trapline::codegen
