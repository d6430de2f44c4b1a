// Facts about the event: who, when, where, and what the probe was given.
#include "builtins/families.h"
#include "codegen/lowering.h"
#include "program/object.h"

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

constexpr uint32_t kCommSize = 16; // TASK_COMM_LEN
constexpr uint32_t kCommOfSize = 64;
constexpr uint32_t kCommPaddedRelease = 0x060c00; // 6.1 was seen to leave bytes behind the NUL, 6.12 pads them
constexpr uint32_t kTaiRelease = 0x060100;     // bpf_ktime_get_tai_ns, 6.1
constexpr uint32_t kTaskBtfRelease = 0x050b00; // bpf_get_current_task_btf, 5.11

Type u32(const Check&) { return Type::integer(4, false); }
Type u64(const Check&) { return Type::integer(8, false); }

template <Helper helper> Operand call_helper(const Lower& l) { return Operand::scalar(l.low.emit().call(helper, {})); }

// The word an optional argument is.
std::string_view word_of(const Lower& l, std::string_view otherwise) {
  if (l.arguments.empty()) return otherwise;
  const auto* word = std::get_if<ast::Identifier>(&l.arguments[0]->node);
  return word ? std::string_view(word->name) : otherwise;
}

Type check_pid(const Check& c) {
  if (c.arguments.empty()) return Type::integer(4, false);
  const auto& argument = c.arguments[0];
  if (argument.word == "curr_ns" || argument.word == "init") return Type::integer(4, false);
  c.diagnostics.report(DiagId::NotAConstant, argument.expr->span, "the namespace", c.name, "curr_ns or init");
  return Type::error();
}

// As seen from our own PID namespace, or from the initial one.
Value ids(const Lower& l) {
  return word_of(l, "curr_ns") == "init" ? l.low.emit().call(Helper::GetCurrentPidTgid, {}) : l.low.pid_tgid();
}

Operand lower_pid(const Lower& l) {
  auto& e = l.low.emit();
  return Operand::scalar(e.operate(Op::LShr, ids(l), e.number(32)));
}

Operand lower_tid(const Lower& l) { return Operand::scalar(l.low.emit().truncate(ids(l), 4, false)); }

Operand lower_uid(const Lower& l) {
  auto& e = l.low.emit();
  return Operand::scalar(e.truncate(e.call(Helper::GetCurrentUidGid, {}), 4, false));
}

Operand lower_gid(const Lower& l) {
  auto& e = l.low.emit();
  return Operand::scalar(e.operate(Op::LShr, e.call(Helper::GetCurrentUidGid, {}), e.number(32)));
}

// --- names

Type check_comm(const Check& c) { return Type::string(c.arguments.empty() ? kCommSize : kCommOfSize); }

// The name of another task, through a kernel function that not all programs may call.
Operand lower_comm_of(const Lower& l) {
  auto& e = l.low.emit();
  Value memory = l.low.result_memory(l.type);
  auto put = [&](std::string text) {
    text.resize(l.type.size, '\0');
    e.copy(memory, e.constant_bytes(text), l.type.size);
  };
  auto task_struct = l.low.system().types().structure("task_struct", false);
  auto comm = task_struct ? find_field(*task_struct, "comm") : std::nullopt;
  if (!comm || !l.low.system().may_call_kernel_function("bpf_task_from_pid", kernel_program_type(l.low.context().program_type))) {
    put("[unknown]");
    return Operand::address(memory);
  }
  Value task = e.task_from_pid(l.low.scalar(*l.arguments[0]));
  Label none = e.block("no_task"), found = e.block("task"), done = e.block("named");
  e.branch(e.is_null(task), none, found, Likely::False);
  e.place(found);
  e.zero(memory, l.type.size);
  e.call(Helper::ProbeReadKernelStr, {memory, e.number(kCommSize), e.to_number(e.offset(task, comm->offset))});
  e.task_release(task);
  e.jump(done);
  e.place(none);
  put("N/A");
  l.low.count_site(SiteKind::HelperFailure, "bpf_task_from_pid", l.use.span);
  e.jump(done);
  e.place(done);
  return Operand::address(memory);
}

Operand lower_comm(const Lower& l) {
  if (!l.arguments.empty()) return lower_comm_of(l);
  auto& e = l.low.emit();
  Value memory = l.low.result_memory(l.type);
  if (l.low.system().features().release < kCommPaddedRelease) e.zero(memory, kCommSize);
  e.call(Helper::GetCurrentComm, {memory, e.number(kCommSize)});
  return Operand::address(memory);
}

// --- clocks

Type check_nsecs(const Check& c) {
  Type type = Type::integer(8, false);
  if (c.arguments.empty() || c.arguments[0].word == "boot") return type;
  std::string_view clock = c.arguments[0].word;
  if (clock == "monotonic" || clock == "tai" || clock == "sw_tai") {
    type.clock = clock == "monotonic" ? Clock::Monotonic : Clock::Tai;
    return type;
  }
  c.diagnostics.report(DiagId::NotAConstant, c.arguments[0].expr->span, "the clock", c.name, "boot, monotonic, tai or sw_tai");
  return Type::error();
}

Operand lower_nsecs(const Lower& l) {
  auto& e = l.low.emit();
  std::string_view clock = word_of(l, "boot");
  if (clock == "monotonic") return Operand::scalar(e.call(Helper::KtimeGetNs, {}));
  if (clock == "tai" && l.low.system().features().release >= kTaiRelease) return Operand::scalar(e.call(Helper::KtimeGetTaiNs, {}));
  Value boot = e.call(Helper::KtimeGetBootNs, {});
  if (clock == "boot") return Operand::scalar(boot);
  return Operand::scalar(e.operate(Op::Add, boot, l.low.global(offsetof(object::Globals, tai_offset_ns))));
}

Operand lower_elapsed(const Lower& l) {
  auto& e = l.low.emit();
  Value start = l.low.global(offsetof(object::Globals, start_ns));
  return Operand::scalar(e.operate(Op::Sub, e.call(Helper::KtimeGetBootNs, {}), start));
}

// --- the command of -c

Operand lower_cpid(const Lower& l) {
  auto& e = l.low.emit();
  Value pid = l.low.global(offsetof(object::Globals, child_pid));
  Label none = e.block("no_child"), done = e.block("cpid");
  e.branch(pid, done, none, Likely::True);
  e.place(none);
  l.low.count_site(SiteKind::NoChild, {}, l.use.span);
  e.jump(done);
  e.place(done);
  return Operand::scalar(pid);
}

Type check_has_cpid(const Check&) { return Type::boolean(); }

Operand lower_has_cpid(const Lower& l) {
  auto& e = l.low.emit();
  return Operand::scalar(e.operate(Op::Ne, l.low.global(offsetof(object::Globals, child_pid)), e.number(0)));
}

Operand lower_ncpus(const Lower& l) { return Operand::scalar(l.low.emit().number(l.low.system().possible_cpus())); }

// --- the task

Type check_curtask(const Check& c) {
  auto task = c.system.types().structure("task_struct", false);
  bool tracked = task && c.system.features().release >= kTaskBtfRelease;
  Type pointee = task ? Type::structure(task) : Type::void_();
  return Type::pointer(pointee, tracked ? AddressSpace::Btf : AddressSpace::Kernel);
}

Operand lower_curtask(const Lower& l) {
  auto& e = l.low.emit();
  if (l.type.space == AddressSpace::Btf) return Operand::scalar(e.call_pointer(Helper::GetCurrentTaskBtf, {}));
  return Operand::scalar(e.call(Helper::GetCurrentTask, {}));
}

// --- the probe

Type check_probe(const Check&) { return Type::simple(Kind::Probe); }
Operand lower_probe(const Lower& l) { return Operand::scalar(l.low.probe_index()); }

std::string probe_type_text(const probes::Context& context) {
  return context.probetype.empty() ? context.provider : context.probetype;
}

Type check_probetype(const Check& c) { return Type::string(static_cast<uint32_t>(probe_type_text(c.context).size()) + 1); }

Operand lower_probetype(const Lower& l) {
  std::string text = probe_type_text(l.low.context());
  text.push_back('\0');
  return Operand::address(l.low.emit().constant_bytes(text));
}

Type check_func(const Check& c) {
  if (c.context.instruction_pointer < 0) return not_in_probe(c, ": there is no function there");
  return Type::simple(c.context.user_function ? Kind::USym : Kind::KSym);
}

Operand lower_func(const Lower& l) {
  auto& e = l.low.emit();
  const probes::Context& context = l.low.context();
  // In a return probe the instruction pointer is the caller's; uprobe_multi remembers the function entered.
  bool multi = context.program_type == ProgramType::UprobeMulti;
  Value address = multi ? e.call(Helper::GetFuncIp, {e.context()}) : e.load(e.context(), context.instruction_pointer, 8, false);
  if (!context.user_function) return Operand::scalar(address);
  Value memory = l.low.result_memory(l.type);
  Value tgid = e.operate(Op::LShr, l.low.pid_tgid(), e.number(32));
  e.store(memory, 0, 8, address);
  e.store(memory, 8, 8, tgid);
  l.low.announce_process(tgid);
  return Operand::address(memory);
}

// What the kernel passes to programs at user functions and to those of perf events: members are read straight from it.
Type check_ctx(const Check& c) {
  if (!c.context.has_context_pointer) return not_in_probe(c);
  bool is_sample = c.context.program_type == ProgramType::PerfEvent;
  auto record = c.context.registers == 0 ? c.system.types().structure(is_sample ? "bpf_perf_event_data" : "pt_regs", false) : nullptr;
  return record ? Type::pointer(Type::structure(record), AddressSpace::Btf) : Type::pointer(Type::void_(), AddressSpace::Kernel);
}

Operand lower_ctx(const Lower& l) { return Operand::scalar(l.low.emit().context()); }

// --- usermode

constexpr uint64_t kPrivilegeMask = 3; // of the code segment: 3 in user mode, 0 in the kernel

Type check_usermode(const Check&) { return Type::integer(1, false); }

// begin and end run in trapline's own process; other events without registers are the kernel's.
std::optional<Constant> fold_usermode(const Check& c) {
  if (c.context.registers >= 0) return std::nullopt;
  return Constant{uint64_t{probe_type_text(c.context) == "special"}};
}

Operand lower_usermode(const Lower& l) {
  auto& e = l.low.emit();
  if (l.low.context().registers < 0) return Operand::scalar(e.number(0));
  Value segment = e.load(e.context(), l.low.context().registers + static_cast<int64_t>(offsetof(pt_regs, cs)), 8, false);
  return Operand::scalar(e.operate(Op::Ne, e.operate(Op::And, segment, e.number(kPrivilegeMask)), e.number(0)));
}

// --- arguments

size_t argument_number(std::string_view name) {
  size_t n = 0;
  for (char c : name.substr(3)) n = n * 10 + static_cast<size_t>(c - '0');
  return n;
}

Type check_sarg_n(const Check& c) {
  c.diagnostics.report(DiagId::UnknownIdentifier, c.name_span, c.name)
      .hint(fmt::format("arguments on the stack have no numbers any more, read them from there: *(uint64 *)(reg(\"sp\") + {})", 8 * (argument_number(c.name.substr(1)) + 1)));
  return Type::error();
}

Type check_arg_n(const Check& c) {
  const auto& fetches = c.context.arg_n;
  size_t n = argument_number(c.name);
  if (fetches.empty()) {
    return not_in_probe(c, c.context.has_args ? std::string_view(": its arguments have names, use `args.NAME`") : std::string_view());
  }
  if (n >= fetches.size()) return not_in_probe(c, fmt::format(": it has arguments up to `arg{}`", fetches.size() - 1));
  return Type::integer(8, fetches[n].is_signed);
}

Operand lower_arg_n(const Lower& l) {
  const auto* call = std::get_if<ast::Call>(&l.use.node);
  size_t n = argument_number(call ? call->name : std::get<ast::Identifier>(l.use.node).name);
  return Operand::scalar(l.low.fetch(l.low.context().arg_n.at(n)));
}

Type check_retval(const Check& c) {
  if (c.context.retval) return c.context.retval_type.is_error() ? Type::integer(8, false) : c.context.retval_type;
  bool has_ret = false;
  for (const probes::ArgsField& field : c.context.args) has_ret |= field.name == "ret";
  return not_in_probe(c, has_ret ? std::string_view(": use `args.ret`") : std::string_view(": it has no return value"));
}

Operand lower_retval(const Lower& l) { return Operand::scalar(l.low.fetch(*l.low.context().retval)); }

// `__data_loc char[]`: text of any length behind the fixed part of a tracepoint's record. Kernels turn `char[16]` fields into
// these, and scripts that print them as text go on doing so.
bool is_text_in_record(const probes::ArgsField& field) {
  return field.fetch.how == probes::Fetch::How::DataLocation && field.type.is(Kind::Pointer) && field.type.element->is(Kind::Int) &&
         field.type.element->size == 1 && field.type.element->is_signed;
}

// `args` as a whole: a struct laid out field by field. Single fields are fetched by codegen without it.
Type check_args(const Check& c) {
  if (!c.context.has_args) {
    return not_in_probe(c, c.context.args_note.empty() ? std::string() : ": " + c.context.args_note);
  }
  std::vector<Field> fields;
  uint32_t offset = 0;
  for (const probes::ArgsField& field : c.context.args) {
    Type type = is_text_in_record(field) ? Type::string(c.settings.max_strlen) : field.type;
    fields.push_back({field.name, std::make_shared<Type>(type), offset, 0, 0});
    offset += (std::max(type.size, 1u) + 7) / 8 * 8;
  }
  return Type::structure(std::make_shared<PlainStruct>("args", offset, 8, std::move(fields)));
}

Operand lower_args(const Lower& l) {
  auto& e = l.low.emit();
  Value memory = l.low.result_memory(l.type);
  e.zero(memory, l.type.size);
  const auto& sources = l.low.context().args;
  const auto& fields = l.type.record->fields();
  for (size_t i = 0; i < sources.size() && i < fields.size(); ++i) {
    const Type& type = *fields[i].type;
    Value value = l.low.fetch(sources[i].fetch);
    if (type.is_scalar()) {
      e.store(memory, fields[i].offset, std::max(type.size, 1u), e.to_number(value));
    } else if (type.is(Kind::String)) {
      e.call(Helper::ProbeReadKernelStr, {e.offset(memory, fields[i].offset), e.number(type.size), e.to_number(value)});
    } else if (sources[i].fetch.how == probes::Fetch::How::ContextAddress) {
      l.low.read(e.offset(memory, fields[i].offset), type.size, e.to_number(value), AddressSpace::Kernel);
    }
  }
  return Operand::address(memory);
}

Type check_username(const Check&) { return Type::simple(Kind::Username); }

} // namespace

std::vector<Builtin> context_rows() {
  const std::vector<Parameter> clock = {{"clock", Accepts::Word, true}};
  const std::vector<Parameter> name_space = {{"namespace", Accepts::Word, true}};
  const std::vector<Parameter> task = {{"id", Accepts::Integer, true}};
  using F = Form;
  return {
      {"pid", F::VariableOrFunction, name_space, false, "uint32", "process id (thread group) of the current task", false, check_pid, lower_pid},
      {"tid", F::VariableOrFunction, name_space, false, "uint32", "thread id of the current task", false, check_pid, lower_tid},
      {"uid", F::Variable, {}, false, "uint64", "user id of the current task", false, u64, lower_uid},
      {"gid", F::Variable, {}, false, "uint64", "group id of the current task", false, u64, lower_gid},
      {"username", F::Variable, {}, false, "username_t", "user name of the current task", false, check_username, lower_uid},
      {"comm", F::VariableOrFunction, task, false, "string[16]", "name of the current task, or of another by its id", false, check_comm, lower_comm},
      {"nsecs", F::VariableOrFunction, clock, false, "uint64", "nanoseconds since boot, or by another clock", false, check_nsecs, lower_nsecs},
      {"elapsed", F::Variable, {}, false, "uint64", "nanoseconds since tracing began", false, u64, lower_elapsed},
      {"cpu", F::Variable, {}, false, "uint64", "number of the current CPU", false, u64, call_helper<Helper::GetSmpProcessorId>},
      {"ncpus", F::Variable, {}, false, "uint64", "how many CPUs the machine can have", false, u64, lower_ncpus},
      {"numaid", F::Variable, {}, false, "uint64", "NUMA node of the current CPU", false, u64, call_helper<Helper::GetNumaNodeId>},
      {"jiffies", F::Variable, {}, false, "uint64", "the kernel's tick counter", false, u64, call_helper<Helper::Jiffies64>},
      {"rand", F::Variable, {}, false, "uint32", "a random number", false, u32, call_helper<Helper::GetPrandomU32>},
      {"cgroup", F::Variable, {}, false, "uint64", "cgroup v2 id of the current task", false, u64, call_helper<Helper::GetCurrentCgroupId>},
      {"curtask", F::Variable, {}, false, "struct task_struct *", "the current task", false, check_curtask, lower_curtask},
      {"usermode", F::Variable, {}, false, "uint8", "1 if the event interrupted user code, else 0", false, check_usermode, lower_usermode, &BlockUse::context, fold_usermode},
      {"has_cpid", F::Variable, {}, false, "bool", "whether a command was started with -c", false, check_has_cpid, lower_has_cpid},
      {"cpid", F::Variable, {}, false, "uint64", "pid of the command started with -c", false, u64, lower_cpid},
      {"probe", F::Variable, {}, false, "string", "full name of the probe that fired", false, check_probe, lower_probe, &BlockUse::probe},
      {"probetype", F::Variable, {}, false, "string", "type of the probe that fired", false, check_probetype, lower_probetype},
      {"func", F::Variable, {}, false, "ksym_t or usym_t", "the traced function", false, check_func, lower_func, &BlockUse::probe},
      {"ctx", F::Variable, {}, false, "pointer", "the program's raw context", false, check_ctx, lower_ctx, &BlockUse::context},
      {"argN", F::Variable, {}, false, "uint64", "argument N of the traced function, from 0", false, check_arg_n, lower_arg_n, &BlockUse::arg_n},
      {"sargN", F::Variable, {}, false, "none", "argument N on the stack, in old scripts", false, check_sarg_n, [](const Lower&) { return Operand::none(); }},
      {"args", F::Variable, {}, false, "struct", "the probe's arguments by name", false, check_args, lower_args, &BlockUse::args},
      {"retval", F::Variable, {}, false, "uint64", "what the traced function returned", false, check_retval, lower_retval, &BlockUse::retval},
  };
}

} // namespace trapline::builtins
