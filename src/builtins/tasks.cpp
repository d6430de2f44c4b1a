// The relatives of a task: its parent and its thread group's leader. Without an argument, of the current task.
#include "builtins/families.h"
#include "codegen/lowering.h"

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kCommSize = 16; // TASK_COMM_LEN

std::shared_ptr<const StructType> task_struct(const System& system) { return system.types().structure("task_struct", false); }

// Whether the optional argument is a task, and the kernel's types are known.
bool has_task(const Check& c) {
  if (!c.final) return true;
  if (!task_struct(c.system)) {
    c.diagnostics.report(DiagId::NotSupported, c.span, fmt::format("`{}` needs the kernel's type information (BTF)", c.name));
    return false;
  }
  if (c.arguments.empty()) return true;
  const Type& type = c.arguments[0].type;
  bool is_task = type.is(Kind::Pointer) && (type.element->is(Kind::Void) || (type.element->is(Kind::Struct) && type.element->record->name() == "struct task_struct"));
  if (is_task || type.is(Kind::Int) || type.is_error()) return true;
  c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[0].expr->span, "the first argument", c.name, "a `struct task_struct *`", to_string(type));
  return false;
}

Type check_id(const Check& c) { return has_task(c) ? Type::integer(4, false) : Type::error(); }
Type check_comm(const Check& c) { return has_task(c) ? Type::string(kCommSize) : Type::error(); }

// The address of what the task's member `relative` points to.
Value relative_of(const Lower& l, std::string_view relative) {
  auto& e = l.low.emit();
  AddressSpace ignored;
  Value task = l.arguments.empty() ? e.call(Helper::GetCurrentTask, {}) : l.low.pointer(*l.arguments[0], ignored);
  Value memory = l.low.scratch(8);
  l.low.read(memory, 8, e.operate(codegen::Op::Add, task, e.number(find_field(*task_struct(l.low.system()), relative)->offset)), AddressSpace::Kernel);
  return e.load(memory, 0, 8, false);
}

Value member_of(const Lower& l, Value task, std::string_view member) {
  auto& e = l.low.emit();
  return e.operate(codegen::Op::Add, task, e.number(find_field(*task_struct(l.low.system()), member)->offset));
}

Operand read_id(const Lower& l, std::string_view relative, std::string_view member) {
  auto& e = l.low.emit();
  Value from = member_of(l, relative_of(l, relative), member);
  Value memory = l.low.scratch(8);
  l.low.read(memory, 4, from, AddressSpace::Kernel);
  return Operand::scalar(e.load(memory, 0, 4, false));
}

Operand read_comm(const Lower& l, std::string_view relative) {
  auto& e = l.low.emit();
  Value from = member_of(l, relative_of(l, relative), "comm");
  Value memory = l.low.result_memory(l.type);
  e.zero(memory, kCommSize);
  e.call(Helper::ProbeReadKernelStr, {memory, e.number(kCommSize), from});
  return Operand::address(memory);
}

// A process's parent is the thread that started it: the process is that thread's group.
Operand lower_ppid(const Lower& l) { return read_id(l, "real_parent", "tgid"); }
Operand lower_leader_tid(const Lower& l) { return read_id(l, "group_leader", "pid"); }
Operand lower_pcomm(const Lower& l) { return read_comm(l, "real_parent"); }
Operand lower_leader_comm(const Lower& l) { return read_comm(l, "group_leader"); }

} // namespace

std::vector<Builtin> task_rows() {
  const std::vector<Parameter> task = {{"task", Accepts::Pointer, true}};
  const Form v = Form::VariableOrFunction;
  return {
      {"ppid", v, task, false, "uint32", "process id of a task's parent", false, check_id, lower_ppid},
      {"pcomm", v, task, false, "string[16]", "name of a task's parent", false, check_comm, lower_pcomm},
      {"leader_tid", v, task, false, "uint32", "thread id of the leader of a task's thread group", false, check_id, lower_leader_tid},
      {"leader_comm", v, task, false, "string[16]", "name of the leader of a task's thread group", false, check_comm, lower_leader_comm},
  };
}

} // namespace trapline::builtins
