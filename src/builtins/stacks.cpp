// Stacks, symbols and registers.
#include "builtins/families.h"
#include "codegen/lowering.h"

#include <array>
#include <asm/ptrace.h>
#include <cstddef>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;
using probes::BlockUse;

constexpr uint32_t kZeroFillRelease = 0x060c00;
constexpr uint32_t kDefaultFrames = 127; // kernel.perf_event_max_stack
constexpr uint64_t kMaxFrames = 1024;
constexpr uint64_t kUserStack = 1u << 8;    // BPF_F_USER_STACK
constexpr uint64_t kUserBuildId = 1u << 11; // BPF_F_USER_BUILD_ID

// --- kstack, ustack

std::optional<StackMode> stack_mode(std::string_view word) {
  if (word == "bpftrace") return StackMode::Bpftrace;
  if (word == "perf") return StackMode::Perf;
  if (word == "raw") return StackMode::Raw;
  if (word == "build_id") return StackMode::BuildId;
  return std::nullopt;
}

// kstack, kstack(3), kstack(perf), kstack(perf, 3)
Type check_stack(const Check& c, bool user) {
  StackMode mode = c.settings.stack_mode;
  bool has_mode = !c.arguments.empty() && !c.arguments[0].word.empty();
  if (mode == StackMode::BuildId && !user) {
    if (c.final && !has_mode) c.diagnostics.report(DiagId::NoKernelBuildId, c.span, c.name);
    mode = StackMode::Raw;
  }
  uint64_t frames = kDefaultFrames;
  for (const Check::Argument& argument : c.arguments) {
    if (!argument.word.empty()) {
      auto known = stack_mode(argument.word);
      if (!known || (*known == StackMode::BuildId && !user)) {
        c.diagnostics.report(DiagId::NotAConstant, argument.expr->span, "the mode", c.name, user ? "bpftrace, perf, raw or build_id" : "bpftrace, perf or raw");
        return Type::error();
      }
      mode = *known;
    } else if (argument.constant && argument.constant->is_integer()) {
      frames = argument.constant->integer();
      if (frames < 1 || frames > kMaxFrames) {
        c.diagnostics.report(DiagId::OutOfRange, argument.expr->span, "the number of frames", c.name, "1 to 1024 are possible");
        return Type::error();
      }
    } else {
      return Type::error();
    }
  }
  return user ? Type::ustack(mode, static_cast<uint32_t>(frames)) : Type::kstack(mode, static_cast<uint32_t>(frames));
}

Type check_kstack(const Check& c) { return check_stack(c, false); }
Type check_ustack(const Check& c) { return check_stack(c, true); }

// Walks the stack to `frames`, at most `count` of them; how many there were. The helper zero-fills what the stack does not
// fill; kernels that were seen not to get zeroed memory, or equal stacks would be different keys.
Value walk(const Lower& l, Value frames, uint32_t count, uint64_t flags) {
  auto& e = l.low.emit();
  uint32_t frame = frame_bytes(l.type.stack_mode);
  if (l.low.system().features().release < kZeroFillRelease) e.zero(frames, count * frame);
  Value bytes = e.call(Helper::GetStack, {e.context(), frames, e.number(count * frame), e.number(flags)});
  l.low.check_helper(bytes, "get_stack", l.use.span);
  Value failed = e.operate(Op::SLt, bytes, e.number(0));
  return e.select(failed, e.number(0), e.operate(Op::UDiv, bytes, e.number(frame)));
}

// At a function's first instruction frame pointers lead past its caller, which is at the top of the stack: it is put
// between the function and the rest of the walk, unless the kernel (6.11, for functions that begin with a push) did so.
Value walk_from_entry(const Lower& l, Value frames) {
  auto& e = l.low.emit();
  uint32_t count = l.type.count;
  Value found = e.local("frames"), caller_memory = l.low.scratch(8);
  Label plain = e.block("plain"), insert = e.block("insert_caller"), done = e.block("walked");
  Value sp = e.load(e.context(), l.low.context().registers + static_cast<int64_t>(offsetof(pt_regs, rsp)), 8, false);
  l.low.read(caller_memory, 8, sp, AddressSpace::User);
  Value caller = e.load(caller_memory, 0, 8, false);
  Value rest = walk(l, e.offset(frames, 8), count - 1, kUserStack);
  Value known = e.operate(Op::Or, e.is_zero(caller), e.operate(Op::Eq, e.load(frames, 16, 8, false), caller));
  e.branch(e.operate(Op::Or, known, e.is_zero(rest)), plain, insert, Likely::False);
  e.place(plain);
  e.store(found, 0, 8, walk(l, frames, count, kUserStack));
  e.jump(done);
  e.place(insert);
  e.store(frames, 0, 8, e.load(frames, 8, 8, false));
  e.store(frames, 8, 8, caller);
  e.store(found, 0, 8, e.operate(Op::Add, rest, e.number(1)));
  e.jump(done);
  e.place(done);
  return e.load(found, 0, 8, false);
}

Operand lower_kstack(const Lower& l) {
  auto& e = l.low.emit();
  l.low.program().needs_kernel_symbols = true;
  Value memory = l.low.result_memory(l.type);
  e.store(memory, 0, 8, walk(l, e.offset(memory, 8), l.type.count, 0));
  return Operand::address(memory);
}

Operand lower_ustack(const Lower& l) {
  auto& e = l.low.emit();
  constexpr uint32_t kEntryFrames = 3; // fewer leave no room for the question whether the caller is there
  Value memory = l.low.result_memory(l.type);
  Value frames = e.offset(memory, 16);
  bool by_build_id = l.type.stack_mode == StackMode::BuildId;
  bool at_entry = l.low.context().function_entry && l.type.count >= kEntryFrames && !by_build_id;
  uint64_t flags = kUserStack | (by_build_id ? kUserBuildId : 0);
  e.store(memory, 0, 8, at_entry ? walk_from_entry(l, frames) : walk(l, frames, l.type.count, flags));
  Value tgid = e.operate(Op::LShr, l.low.pid_tgid(), e.number(32));
  e.store(memory, 8, 8, tgid);
  l.low.announce_process(tgid);
  return Operand::address(memory);
}

// --- symbols

Type check_ksym(const Check&) { return Type::simple(Kind::KSym); }

Operand lower_ksym(const Lower& l) {
  l.low.program().needs_kernel_symbols = true;
  AddressSpace space;
  return Operand::scalar(l.low.pointer(*l.arguments[0], space));
}

Type check_usym(const Check&) { return Type::simple(Kind::USym); }

Operand lower_usym(const Lower& l) {
  auto& e = l.low.emit();
  AddressSpace space;
  Value address = l.low.pointer(*l.arguments[0], space);
  Value memory = l.low.result_memory(l.type);
  Value tgid = e.operate(Op::LShr, l.low.pid_tgid(), e.number(32));
  e.store(memory, 0, 8, address);
  e.store(memory, 8, 8, tgid);
  l.low.announce_process(tgid);
  return Operand::address(memory);
}

Type check_kaddr(const Check& c) {
  const auto& symbol = c.arguments[0];
  if (symbol.constant && !symbol.constant->is_integer() && !c.system.kernel_symbol(symbol.constant->text())) {
    c.diagnostics.report(DiagId::UnknownFunction, symbol.expr->span, symbol.constant->text(), "the kernel")
        .hint("/proc/kallsyms lists the kernel's symbols");
  }
  return Type::pointer(Type::integer(8, false), AddressSpace::Kernel);
}

Operand lower_kaddr(const Lower& l) {
  return Operand::scalar(l.low.emit().number(l.low.system().kernel_symbol(l.low.constant_of(*l.arguments[0])->text()).value_or(0)));
}

// uaddr("sym"): where the traced program has the symbol, found from where it has the probed function.
struct UserSymbol {
  uint64_t address = 0, size = 8, probe_address = 0;
};

std::optional<UserSymbol> user_symbol(const System& system, const std::vector<Target>& targets, const std::string& name) {
  if (targets.empty()) return std::nullopt;
  auto symbols = system.elf_symbols(targets.front().path);
  if (!symbols) return std::nullopt;
  UserSymbol found;
  bool known = false, probed = false;
  for (const ElfSymbol& symbol : *symbols) {
    if (symbol.name == name && !known) {
      found.address = symbol.address;
      found.size = symbol.size;
      known = true;
    }
    if (symbol.is_function && targets.front().offset >= symbol.file_offset && targets.front().offset < symbol.file_offset + std::max<uint64_t>(symbol.size, 1)) {
      found.probe_address = symbol.address + (targets.front().offset - symbol.file_offset);
      probed = true;
    }
  }
  return known && probed ? std::optional(found) : std::nullopt;
}

Type check_uaddr(const Check& c) {
  if (c.context.instruction_pointer < 0 || !c.context.user_function) return not_in_probe(c);
  const auto& symbol = c.arguments[0];
  if (!symbol.constant || symbol.constant->is_integer() || !c.targets) return Type::pointer(Type::integer(8, false), AddressSpace::User);
  auto found = user_symbol(c.system, *c.targets, symbol.constant->text());
  if (!found) {
    c.diagnostics.report(DiagId::UnknownFunction, symbol.expr->span, symbol.constant->text(), c.targets->empty() ? "the program" : c.targets->front().path);
    return Type::error();
  }
  bool natural = found->size == 1 || found->size == 2 || found->size == 4;
  return Type::pointer(Type::integer(natural ? static_cast<uint32_t>(found->size) : 8, false), AddressSpace::User);
}

Operand lower_uaddr(const Lower& l) {
  auto& e = l.low.emit();
  const auto& targets = l.low.targets();
  bool multi = l.low.context().program_type == ProgramType::UprobeMulti;
  Value here = multi ? e.call(Helper::GetFuncIp, {e.context()}) : e.load(e.context(), l.low.context().instruction_pointer, 8, false);
  const std::string& name = l.low.constant_of(*l.arguments[0])->text();
  Value result = e.number(0);
  for (const Target& target : targets) {
    auto found = user_symbol(l.low.system(), {target}, name);
    if (!found) continue;
    Value address = e.operate(Op::Add, here, e.number(found->address - found->probe_address));
    result = targets.size() == 1 ? address : e.select(e.operate(Op::Eq, l.low.probe_index(), e.number(target.cookie)), address, result);
  }
  return Operand::scalar(result);
}

// --- registers

#define REGISTER(name, field) std::pair<std::string_view, size_t>{name, offsetof(pt_regs, field)}
constexpr std::array kRegisters = {
    REGISTER("r15", r15), REGISTER("r14", r14), REGISTER("r13", r13), REGISTER("r12", r12), REGISTER("bp", rbp), REGISTER("bx", rbx),
    REGISTER("r11", r11), REGISTER("r10", r10), REGISTER("r9", r9), REGISTER("r8", r8), REGISTER("ax", rax), REGISTER("cx", rcx),
    REGISTER("dx", rdx), REGISTER("si", rsi), REGISTER("di", rdi), REGISTER("orig_rax", orig_rax), REGISTER("ip", rip), REGISTER("pc", rip),
    REGISTER("cs", cs), REGISTER("flags", eflags), REGISTER("sp", rsp), REGISTER("ss", ss),
};
#undef REGISTER

Type check_reg(const Check& c) {
  if (c.context.registers < 0) return not_in_probe(c, ": it has no registers");
  const auto& name = c.arguments[0];
  if (!name.constant || name.constant->is_integer()) return Type::integer(8, false);
  std::vector<std::string_view> known;
  for (const auto& [spelling, offset] : kRegisters) {
    if (spelling == name.constant->text()) return Type::integer(8, false);
    known.push_back(spelling);
  }
  auto& report = c.diagnostics.report(DiagId::OutOfRange, name.expr->span, "the register", c.name, fmt::format("there is no `{}`", name.constant->text()));
  report.hint("registers are r8 to r15, ax, bx, cx, dx, si, di, bp, sp, ip (or pc), flags, cs, ss and orig_rax");
  return Type::error();
}

Operand lower_reg(const Lower& l) {
  auto& e = l.low.emit();
  const std::string& name = l.low.constant_of(*l.arguments[0])->text();
  for (const auto& [spelling, offset] : kRegisters) {
    if (spelling == name) return Operand::scalar(e.load(e.context(), l.low.context().registers + static_cast<int64_t>(offset), 8, false));
  }
  return Operand::scalar(e.number(0));
}

} // namespace

std::vector<Builtin> stack_rows() {
  const std::vector<Parameter> stack = {{"mode or frames", Accepts::Word, true}, {"frames", Accepts::IntegerConstant, true}};
  const std::vector<Parameter> address = {{"address", Accepts::Pointer}};
  const std::vector<Parameter> name = {{"name", Accepts::StringConstant}};
  const Form v = Form::VariableOrFunction, f = Form::Function;
  return {
      {"kstack", v, stack, false, "kstack", "the kernel stack", false, check_kstack, lower_kstack, &BlockUse::kernel_stack},
      {"stack", v, stack, false, "kstack", "the kernel stack, by its old name", false, check_kstack, lower_kstack, &BlockUse::kernel_stack},
      {"ustack", v, stack, false, "ustack", "the user stack", false, check_ustack, lower_ustack, &BlockUse::user_stack},
      {"ksym", f, address, false, "ksym_t", "the kernel function at an address", false, check_ksym, lower_ksym},
      {"usym", f, address, false, "usym_t", "the function of the current process at an address", false, check_usym, lower_usym},
      {"kaddr", f, name, false, "uint64 *", "the address of a kernel symbol", false, check_kaddr, lower_kaddr},
      {"uaddr", f, name, false, "uint64 *", "the address of a symbol of the traced program", false, check_uaddr, lower_uaddr},
      {"reg", f, name, false, "uint64", "a register of the traced code", false, check_reg, lower_reg, &BlockUse::context},
  };
}

} // namespace trapline::builtins
