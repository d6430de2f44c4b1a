// Network values.
#include "builtins/families.h"
#include "codegen/lowering.h"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace trapline::builtins {

namespace {

using codegen::Label;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kMacSize = 6;

// --- ntop

Type check_ntop(const Check& c) {
  const auto& address = c.arguments.back();
  const Type& type = address.type;
  bool fits = type.is_error() || type.is_integral() || type.is(Kind::Pointer) ||
              ((type.is(Kind::Array) || type.is(Kind::String) || type.is(Kind::Struct)) && (type.size == 4 || type.size == 16));
  if (c.final && !fits) {
    c.diagnostics.report(DiagId::WrongArgumentType, address.expr->span, "the address", c.name, "an integer, or 4 or 16 bytes", to_string(type));
  }
  if (c.final && type.is(Kind::Pointer) && c.arguments.size() < 2) {
    c.diagnostics.report(DiagId::WrongArgumentCount, c.span, c.name, "an address family before a pointer", "none").hint("write ntop(AF_INET, p) or ntop(AF_INET6, p), with 2 or 10 for the family");
  }
  return Type::simple(Kind::Inet);
}

Operand lower_ntop(const Lower& l) {
  auto& e = l.low.emit();
  const ast::Expr& source = *l.arguments.back();
  const Type& type = l.low.type_of(source);
  Value memory = l.low.result_memory(l.type);
  Value family = l.arguments.size() > 1 ? l.low.scalar(*l.arguments[0]) : e.number(type.size == 16 ? AF_INET6 : AF_INET);
  if (type.is_integral()) {
    Value address = l.low.scalar(source);
    e.zero(memory, l.type.size);
    e.store(memory, 8, 4, address);
  } else if (type.is(Kind::Pointer)) {
    AddressSpace space;
    Value from = l.low.pointer(source, space);
    e.zero(memory, l.type.size);
    Value length = e.select(e.operate(Op::Eq, family, e.number(AF_INET)), e.number(4), e.number(16));
    auto helper = space == AddressSpace::User ? codegen::Helper::ProbeReadUser : codegen::Helper::ProbeReadKernel;
    l.low.check_read(e.call(helper, {e.offset(memory, 8), length, from}), helper, l.use.span);
  } else {
    Value from = l.low.address(source);
    e.zero(memory, l.type.size);
    e.copy(e.offset(memory, 8), from, type.size == 16 ? 16 : 4);
  }
  e.store(memory, 0, 8, family);
  return Operand::address(memory);
}

// --- pton

// The address in network order, 4 or 16 bytes; empty if the text is none.
std::string parse_address(const std::string& text) {
  std::string bytes(16, '\0');
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) bytes.resize(4);
  else if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) bytes.clear();
  return bytes;
}

Type check_pton(const Check& c) {
  const std::string& text = c.arguments[0].constant->text();
  auto size = static_cast<uint32_t>(parse_address(text).size());
  if (size == 0) {
    if (c.final) c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[0].expr->span, "the argument", c.name, "an IPv4 or IPv6 address", text);
    return Type::error();
  }
  return Type::array(Type::integer(1, false), size);
}

Operand lower_pton(const Lower& l) {
  return Operand::address(l.low.emit().constant_bytes(parse_address(l.low.constant_of(*l.arguments[0])->text())));
}

// --- macaddr

Type check_macaddr(const Check& c) {
  const auto& bytes = c.arguments[0];
  bool is_short = (bytes.type.is(Kind::Array) || bytes.type.is(Kind::String)) && bytes.type.size > 0 && bytes.type.size < kMacSize;
  if (c.final && (is_short || bytes.constant)) {
    c.diagnostics.report(DiagId::WrongArgumentType, bytes.expr->span, "the argument", c.name, "a pointer or 6 bytes", to_string(bytes.type));
  }
  return Type::simple(Kind::Mac);
}

Operand lower_macaddr(const Lower& l) {
  AddressSpace space;
  Value from = l.low.pointer(*l.arguments[0], space);
  Value memory = l.low.result_memory(l.type);
  l.low.read(memory, kMacSize, from, space);
  return Operand::address(memory);
}

// --- bswap

Type check_bswap(const Check& c) {
  uint32_t size = c.arguments[0].type.size;
  bool natural = size == 1 || size == 2 || size == 4 || size == 8;
  return Type::integer(natural ? size : 8, false);
}

Operand lower_bswap(const Lower& l) {
  return Operand::scalar(l.low.emit().byte_swap(l.low.scalar(*l.arguments[0]), l.type.size));
}

// --- cgroupid

Type check_cgroupid(const Check& c) {
  const auto& path = c.arguments[0];
  if (path.constant && !path.constant->is_integer() && !c.system.cgroup_id(path.constant->text())) {
    c.diagnostics.report(DiagId::UnknownFile, path.expr->span, path.constant->text(), "it is no cgroup v2 directory");
  }
  return Type::integer(8, false);
}

Operand lower_cgroupid(const Lower& l) {
  return Operand::scalar(l.low.emit().number(l.low.system().cgroup_id(l.low.constant_of(*l.arguments[0])->text()).value_or(0)));
}

} // namespace

std::vector<Builtin> network_rows() {
  const std::vector<Parameter> ntop = {{"family or address", Accepts::Value}, {"address", Accepts::Value, true}};
  const std::vector<Parameter> text = {{"address", Accepts::StringConstant}};
  const std::vector<Parameter> bytes = {{"bytes", Accepts::Bytes}};
  const std::vector<Parameter> number = {{"n", Accepts::Integer}};
  const std::vector<Parameter> path = {{"path", Accepts::StringConstant}};
  const Form f = Form::Function;
  return {
      {"ntop", f, ntop, false, "inet", "an IPv4 or IPv6 address as text", false, check_ntop, lower_ntop},
      {"pton", f, text, false, "uint8[]", "the bytes of an IPv4 or IPv6 address", false, check_pton, lower_pton},
      {"macaddr", f, bytes, false, "macaddr_t", "six bytes as a MAC address", false, check_macaddr, lower_macaddr},
      {"bswap", f, number, false, "uint", "the bytes of a number in reverse order", false, check_bswap, lower_bswap},
      {"cgroupid", f, path, false, "uint64", "the id of a cgroup v2 directory", false, check_cgroupid, lower_cgroupid},
  };
}

} // namespace trapline::builtins
