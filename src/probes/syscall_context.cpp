// Where the fields of a system call's record really come from: the registers the call was made with.
#include "probes/syscall_context.h"

#include "probes/record_fields.h"
#include "probes/registers.h"

#include <algorithm>

namespace trapline::probes {
namespace {

constexpr std::string_view kEnter = "sys_enter", kExit = "sys_exit";
constexpr int32_t kRegisters = 0, kSecond = 8; // in the context: the address of pt_regs; the number or the result

Fetch from_context(int64_t offset, uint32_t size, bool is_signed) {
  Fetch fetch;
  fetch.how = Fetch::How::Context;
  fetch.offset = offset;
  fetch.size = size;
  fetch.is_signed = is_signed;
  return fetch;
}

Fetch from_register(int64_t offset, uint32_t size, bool is_signed) {
  Fetch fetch = from_context(offset, size, is_signed);
  fetch.how = Fetch::How::ContextDeref;
  fetch.base = kRegisters;
  return fetch;
}

// As the kernel's own tracepoints see it: an int, from orig_ax on the way out.
Fetch number_of(SyscallSide side) {
  return side == SyscallSide::Enter ? from_context(kSecond, 4, true) : from_register(registers::kSyscallNumber, 4, true);
}

Context::Dispatch dispatch_on(const Fetch& number) {
  Context::Dispatch dispatch;
  dispatch.number = number;
  return dispatch;
}

Fetch all_arguments() {
  Fetch fetch;
  fetch.how = Fetch::How::ContextGather;
  fetch.base = kRegisters;
  std::ranges::copy(registers::kSyscallArguments, fetch.gather.begin());
  return fetch;
}

Context common() {
  Context context;
  context.program_type = ProgramType::RawTracepoint;
  context.provider = "tracepoint";
  context.default_space = AddressSpace::User; // what a system call is given points there
  context.has_args = true;
  return context;
}

} // namespace

std::string_view raw_event(SyscallSide side) { return side == SyscallSide::Enter ? kEnter : kExit; }

std::optional<SyscallEvent> parse_syscall_event(std::string_view event) {
  for (SyscallSide side : {SyscallSide::Enter, SyscallSide::Exit}) {
    const std::string_view prefix = raw_event(side);
    if (event.starts_with(prefix) && event.size() > prefix.size() + 1 && event[prefix.size()] == '_')
      return SyscallEvent{side, event.substr(prefix.size() + 1)};
  }
  return std::nullopt;
}

Context syscall_context(SyscallSide side, const TracepointFormat* format, const TypeSource& types) {
  Context context = common();
  context.user_args = true;
  context.dispatch = dispatch_on(number_of(side));
  size_t argument = 0;
  for (const TracepointField& field : format ? format->fields : std::vector<TracepointField>{}) {
    if (field.is_data_loc) continue; // copies of strings that newer kernels add to the record; the pointers are there too
    ArgsField member = record_field(field, AddressSpace::User, types);
    if (field.name == "__syscall_nr") {
      member.fetch = number_of(side);
    } else if (side == SyscallSide::Exit) {
      member.fetch = from_context(kSecond, 8, true);
    } else {
      if (argument == std::size(registers::kSyscallArguments)) break;
      member.fetch = from_register(registers::kSyscallArguments[argument++], member.type.size, member.type.is_signed);
    }
    context.args.push_back(std::move(member));
  }
  return context;
}

Context raw_syscall_context(SyscallSide side, const TracepointFormat* format, const TypeSource& types) {
  Context context = common();
  for (const TracepointField& field : format ? format->fields : std::vector<TracepointField>{}) {
    ArgsField member = record_field(field, AddressSpace::Kernel, types);
    if (field.name == "id") {
      member.fetch = side == SyscallSide::Enter ? from_context(kSecond, 8, true) : from_register(registers::kSyscallNumber, 4, true);
    } else if (field.name == "args") {
      member.fetch = all_arguments();
    } else {
      member.fetch = from_context(kSecond, 8, true);
    }
    context.args.push_back(std::move(member));
  }
  return context;
}

} // namespace trapline::probes
