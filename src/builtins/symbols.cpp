// Kernel symbols and functions by name; pointers: those that are errors, and from a member to its struct.
#include "builtins/families.h"
#include "codegen/lowering.h"

#include <span>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

const std::string* name_of(const Check& c) {
  const auto& name = c.arguments[0];
  return name.constant && !name.constant->is_integer() ? &name.constant->text() : nullptr;
}

// --- percpu_kaddr

constexpr std::string_view kOffsets = "__per_cpu_offset"; // unsigned long[], by CPU: what to add to a variable's address

Type check_percpu_kaddr(const Check& c) {
  Type type = Type::pointer(Type::integer(8, false), AddressSpace::Kernel);
  const std::string* name = name_of(c);
  if (!name) return type;
  if (!c.system.kernel_symbol(*name)) {
    c.diagnostics.report(DiagId::UnknownFunction, c.arguments[0].expr->span, *name, "the kernel").hint("/proc/kallsyms lists the kernel's symbols");
  } else if (!c.system.kernel_symbol(kOffsets)) {
    c.diagnostics.report(DiagId::NotSupported, c.span, fmt::format("`{}` needs the kernel's symbol {}, and /proc/kallsyms does not have it", c.name, kOffsets));
  }
  return type;
}

// 0 for a CPU that there cannot be.
Operand lower_percpu_kaddr(const Lower& l) {
  auto& e = l.low.emit();
  const System& system = l.low.system();
  Value variable = e.number(system.kernel_symbol(l.low.constant_of(*l.arguments[0])->text()).value_or(0));
  Value cpu = l.arguments.size() > 1 ? l.low.scalar(*l.arguments[1]) : e.call(Helper::GetSmpProcessorId, {});
  Value result = e.local("percpu");
  e.store(result, 0, 8, e.number(0));
  Label known = e.block("cpu"), done = e.block("percpu");
  e.branch(e.operate(Op::ULt, cpu, e.number(system.possible_cpus())), known, done, Likely::True);
  e.place(known);
  Value memory = l.low.scratch(8);
  Value place = e.operate(Op::Add, e.number(system.kernel_symbol(kOffsets).value_or(0)), e.operate(Op::Mul, cpu, e.number(8)));
  l.low.read(memory, 8, place, AddressSpace::Kernel);
  e.store(result, 0, 8, e.operate(Op::Add, variable, e.load(memory, 0, 8, false)));
  e.jump(done);
  e.place(done);
  return Operand::scalar(e.load(result, 0, 8, false));
}

// --- kernel functions

Type check_question(const Check&) { return Type::boolean(); }
Operand lower_question(const Lower& l) { return Operand::scalar(l.low.emit().number(0)); } // folded, always

std::optional<Constant> fold_exists(const Check& c) {
  const std::string* name = name_of(c);
  return Constant{uint64_t{name && c.system.has_kernel_function(*name)}};
}

std::optional<Constant> fold_allowed(const Check& c) {
  const std::string* name = name_of(c);
  return Constant{uint64_t{name && c.system.may_call_kernel_function(*name, kernel_program_type(c.context.program_type))}};
}

// --- is_err

constexpr int64_t kMaxErrno = 4095; // include/linux/err.h

Type check_is_err(const Check&) { return Type::boolean(); }

Operand lower_is_err(const Lower& l) {
  auto& e = l.low.emit();
  AddressSpace ignored;
  Value pointer = l.low.pointer(*l.arguments[0], ignored);
  return Operand::scalar(e.operate(Op::UGe, pointer, e.number(static_cast<uint64_t>(-kMaxErrno))));
}

// --- container_of

// Bytes from the start of the struct; Error was reported, then nullopt.
std::optional<uint64_t> member_offset(Type type, std::span<const std::string> path, const Check* c) {
  uint64_t offset = 0;
  for (const std::string& name : path) {
    auto field = type.record ? find_field(*type.record, name) : std::nullopt;
    if (!field) {
      if (c) c->diagnostics.report(DiagId::UnknownField, c->arguments[2].expr->span, to_string(type), name);
      return std::nullopt;
    }
    offset += field->offset;
    type = *field->type;
  }
  return offset;
}

Type check_container_of(const Check& c) {
  const Type& type = c.arguments[1].type;
  if (type.is_error()) return type;
  if (!type.is(Kind::Struct)) {
    c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[1].expr->span, "the second argument", c.name, "a struct", to_string(type));
    return Type::error();
  }
  if (!member_offset(type, c.arguments[2].path, &c)) return Type::error();
  const Type& pointer = c.arguments[0].type;
  AddressSpace space = pointer.is(Kind::Pointer) ? pointer.space : AddressSpace::None;
  return Type::pointer(type, space == AddressSpace::Btf ? AddressSpace::Kernel : space);
}

Operand lower_container_of(const Lower& l) {
  auto& e = l.low.emit();
  AddressSpace ignored;
  Value member = l.low.pointer(*l.arguments[0], ignored);
  uint64_t offset = member_offset(*l.type.element, member_path(*l.arguments[2]), nullptr).value_or(0);
  return Operand::scalar(e.operate(Op::Sub, member, e.number(offset)));
}

} // namespace

std::vector<Builtin> symbol_rows() {
  const std::vector<Parameter> name = {{"name", Accepts::StringConstant}};
  const std::vector<Parameter> percpu = {{"name", Accepts::StringConstant}, {"cpu", Accepts::Integer, true}};
  const std::vector<Parameter> pointer = {{"pointer", Accepts::Pointer}};
  const std::vector<Parameter> container = {{"pointer", Accepts::Pointer}, {"type", Accepts::Type}, {"member", Accepts::Member}};
  const Form f = Form::Function;
  return {
      {"container_of", f, container, false, "pointer", "the struct that a member is inside of", false, check_container_of, lower_container_of},
      {"percpu_kaddr", f, percpu, false, "uint64 *", "the address of a kernel variable that each CPU has one of", false, check_percpu_kaddr, lower_percpu_kaddr},
      {"kfunc_exist", f, name, false, "bool", "whether the kernel has a function", false, check_question, lower_question, nullptr, fold_exists},
      {"kfunc_allowed", f, name, false, "bool", "whether programs of this probe's type may call a kernel function", false, check_question, lower_question, nullptr, fold_allowed},
      {"is_err", f, pointer, false, "bool", "whether a kernel pointer holds an error number", false, check_is_err, lower_is_err},
  };
}

} // namespace trapline::builtins
