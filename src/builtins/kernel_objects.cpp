// Control groups, sockets and files of the kernel by pointer or id, and what changes the traced system: override, write_user.
#include "builtins/families.h"
#include "codegen/lowering.h"

#include <algorithm>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Operand;
using codegen::Value;
using probes::BlockUse;

bool in_one_of(const Check& c, std::initializer_list<std::string_view> providers) { return std::ranges::find(providers, c.context.provider) != providers.end(); }

// --- cgroup_path

Type check_cgroup_path(const Check&) { return Type::simple(Kind::CgroupPath); }

Operand lower_cgroup_path(const Lower& l) {
  auto& e = l.low.emit();
  Value id = l.low.scalar(*l.arguments[0]);
  Value memory = l.low.result_memory(l.type);
  e.store(memory, 0, 8, id);
  e.store(memory, 8, 8, e.number(l.low.intern(l.arguments.size() > 1 ? l.low.constant_of(*l.arguments[1])->text() : "")));
  return Operand::address(memory);
}

// --- socket_cookie

// The verifier must know that it is a socket: only pointers straight from the arguments of a traced event will do.
Type check_socket_cookie(const Check& c) {
  if (c.context.program_type != ProgramType::RawTracepointBtf) return not_in_probe(c, ": the kernel gives no checked pointers there, use a rawtracepoint");
  const auto& socket = c.arguments[0];
  bool is_socket = is_tracked_argument(c, socket, "struct sock");
  if (c.final && !socket.type.is_error() && !is_socket) {
    c.diagnostics.report(DiagId::WrongArgumentType, socket.expr->span, "the argument", c.name, "a `struct sock *` from args", to_string(socket.type))
        .hint("name the argument itself: args.sk");
    return Type::error();
  }
  return Type::integer(8, false);
}

Operand lower_socket_cookie(const Lower& l) {
  return Operand::scalar(l.low.emit().call(Helper::GetSocketCookie, {l.low.scalar(*l.arguments[0])}));
}

// --- path

constexpr uint64_t kMostPath = 4096; // PATH_MAX

Type check_path(const Check& c) {
  if (!in_one_of(c, {"fentry", "fexit", "iter"})) return not_in_probe(c, ": the kernel allows it in fentry, fexit and iter probes only");
  uint64_t size = c.settings.max_strlen;
  if (c.arguments.size() > 1 && c.arguments[1].constant && c.arguments[1].constant->is_integer()) size = c.arguments[1].constant->integer();
  if (size >= 1 && size <= kMostPath) return Type::string(static_cast<uint32_t>(size));
  c.diagnostics.report(DiagId::OutOfRange, c.arguments.back().expr->span, "the size", c.name, "1 to 4096 are possible");
  return Type::error();
}

// A path that is too long loses its beginning.
Operand lower_path(const Lower& l) {
  auto& e = l.low.emit();
  Value from = l.low.scalar(*l.arguments[0]);
  Value memory = l.low.result_memory(l.type);
  e.zero(memory, l.type.size);
  e.call(Helper::DPath, {from, memory, e.number(l.type.size)});
  return Operand::address(memory);
}

// --- override

Type check_override(const Check& c) { return in_one_of(c, {"kprobe"}) ? Type::void_() : not_in_probe(c, ": only kprobes can return in place of a function"); }

Operand lower_override(const Lower& l) {
  auto& e = l.low.emit();
  e.call(Helper::OverrideReturn, {e.context(), l.low.scalar(*l.arguments[0])});
  return Operand::none();
}

// --- write_user

constexpr uint64_t kMostWritten = 4096;

Type check_write_user(const Check& c) {
  if (in_one_of(c, {"begin", "end", "interval"})) return not_in_probe(c, ": no traced process runs there");
  const auto& length = c.arguments[2].constant;
  const Type& source = c.arguments[1].type;
  if (!length || !length->is_integer()) return Type::boolean();
  uint64_t most = source.is(Kind::Pointer) ? kMostWritten : source.size;
  if (c.final && !source.is_error() && (length->integer() < 1 || length->integer() > most)) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[2].expr->span, "the length", c.name, fmt::format("1 to {} are possible", most));
  }
  return Type::boolean();
}

// What a pointer points to is copied here first: the helper takes our own memory only.
Operand lower_write_user(const Lower& l) {
  auto& e = l.low.emit();
  AddressSpace ignored, space;
  Value to = l.low.pointer(*l.arguments[0], ignored);
  auto length = static_cast<uint32_t>(l.low.constant_of(*l.arguments[2])->integer());
  Value from;
  if (l.low.type_of(*l.arguments[1]).is(Kind::Pointer)) {
    Value source = l.low.pointer(*l.arguments[1], space);
    from = l.low.scratch(length);
    l.low.read(from, length, source, space);
  } else {
    from = l.low.address(*l.arguments[1]);
  }
  return Operand::scalar(e.is_zero(e.call(Helper::ProbeWriteUser, {to, from, e.number(length)})));
}

// --- unwatch

Type check_unwatch(const Check& c) {
  if (!in_one_of(c, {"watchpoint", "asyncwatchpoint"})) return not_in_probe(c, ": it ends watchpoints");
  c.diagnostics.report(DiagId::NotSupported, c.span, std::string("`unwatch` ends nothing: watchpoints stay until tracing ends")).hint("leave it out");
  return Type::error();
}

Operand lower_nothing(const Lower&) { return Operand::none(); }

} // namespace

std::vector<Builtin> kernel_object_rows() {
  const std::vector<Parameter> cgroup_path = {{"id", Accepts::Integer}, {"hierarchies", Accepts::StringConstant, true}};
  const std::vector<Parameter> socket = {{"socket", Accepts::Pointer}};
  const std::vector<Parameter> path = {{"path", Accepts::Pointer}, {"size", Accepts::IntegerConstant, true}};
  const std::vector<Parameter> status = {{"result", Accepts::Integer}};
  const std::vector<Parameter> write = {{"to", Accepts::Pointer}, {"from", Accepts::Value}, {"length", Accepts::IntegerConstant}};
  const std::vector<Parameter> address = {{"address", Accepts::Pointer}};
  const Form s = Form::Statement, f = Form::Function;
  return {
      {"cgroup_path", f, cgroup_path, false, "cgroup_path_t", "where a control group is, by its id", false, check_cgroup_path, lower_cgroup_path},
      {"socket_cookie", f, socket, false, "uint64", "the number that identifies a socket", false, check_socket_cookie, lower_socket_cookie, &BlockUse::tracked_args},
      {"path", f, path, false, "string", "the text of a `struct path`", false, check_path, lower_path},
      {"override", s, status, false, "void", "return from the probed function at once, with a result", true, check_override, lower_override},
      {"write_user", f, write, false, "bool", "write to memory of the traced process; true if that worked", true, check_write_user, lower_write_user},
      {"unwatch", s, address, false, "void", "end a watchpoint, in old scripts", false, check_unwatch, lower_nothing},
  };
}

} // namespace trapline::builtins
