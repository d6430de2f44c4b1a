// skboutput: packets to a file. They go through a buffer of their own, which the kernel copies them to.
#include "builtins/families.h"
#include "codegen/lowering.h"
#include "program/object.h"

#include <algorithm>
#include <cstddef>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint64_t kMostBytes = 0xffff;     // of a packet
constexpr uint64_t kCurrentCpu = 0xffffffff; // BPF_F_CURRENT_CPU; the length goes above it

Type check_skboutput(const Check& c) {
  if (c.context.program_type != ProgramType::RawTracepointBtf) return not_in_probe(c, ": the kernel gives no checked pointers there, use a rawtracepoint");
  const auto& packet = c.arguments[1];
  if (c.final && !packet.type.is_error() && !is_tracked_argument(c, packet, "struct sk_buff")) {
    c.diagnostics.report(DiagId::WrongArgumentType, packet.expr->span, "the second argument", c.name, "a `struct sk_buff *` from args", to_string(packet.type))
        .hint("name the argument itself: args.skb");
    return Type::error();
  }
  return Type::integer(4, false);
}

Operand lower_skboutput(const Lower& l) {
  auto& e = l.low.emit();
  PacketFile file{l.low.constant_of(*l.arguments[0])->text(), l.low.constant_of(*l.arguments[3])->integer()};
  std::vector<PacketFile>& files = l.low.program().packet_files;
  auto index = static_cast<size_t>(std::ranges::find(files, file) - files.begin());
  if (index == files.size()) files.push_back(std::move(file));

  Value wanted = l.low.scalar(*l.arguments[2]);
  Value length = e.select(e.operate(Op::ULt, wanted, e.number(kMostBytes)), wanted, e.number(kMostBytes));
  Value header = l.low.scratch(sizeof(object::PacketHeader));
  e.store(header, offsetof(object::PacketHeader, file), 4, e.number(index));
  e.store(header, offsetof(object::PacketHeader, length), 4, length);
  e.store(header, offsetof(object::PacketHeader, ns), 8, e.call(Helper::KtimeGetBootNs, {}));
  Value flags = e.operate(Op::Or, e.operate(Op::Shl, length, e.number(32)), e.number(kCurrentCpu));
  Value packet = l.low.scalar(*l.arguments[1]);
  Value result = e.call(Helper::SkbOutput, {packet, l.low.internal_map(object::kPackets), flags, header, e.number(sizeof(object::PacketHeader))});
  return Operand::scalar(e.truncate(result, 4, false));
}

} // namespace

std::vector<Builtin> packet_rows() {
  const std::vector<Parameter> packet = {{"path", Accepts::StringConstant}, {"packet", Accepts::Pointer}, {"length", Accepts::Integer}, {"offset", Accepts::IntegerConstant}};
  return {
      {"skboutput", Form::Function, packet, false, "uint32", "append a packet to a pcap file; 0 if that worked", false, check_skboutput, lower_skboutput, &probes::BlockUse::tracked_args},
  };
}

} // namespace trapline::builtins
