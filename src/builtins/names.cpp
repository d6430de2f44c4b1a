// strerror, errno_name, signal_name, syscall_name, socket_family: names in tables in read-only memory, so that they can be
// compared and be keys. open_flags: a number that is shown as names.
#include "builtins/names.h"

#include "builtins/families.h"
#include "builtins/header_names.h"
#include "codegen/lowering.h"
#include "system/syscalls.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace trapline::builtins {

namespace {

using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kNameSize = 64;
constexpr int kKernelRealTimeSignals = 32; // the C library keeps the first two for itself
constexpr int kMostSyscalls = 1024;
constexpr int kMostErrors = 512;

// The names of the numbers from 0 to `count` - 1, and what others are called.
struct Names {
  int count;
  std::string (*name)(int number); // empty: none
  std::string_view unknown;
  bool ignores_sign = false;
};

std::string error_text(int number) {
  if (!strerrorname_np(number)) return {};
  const char* text = strerrordesc_np(number);
  return text ? text : "";
}

std::string error_name(int number) {
  const char* name = number == 0 ? nullptr : strerrorname_np(number);
  return name ? name : "";
}

int count_errors() {
  int count = kMostErrors;
  while (count > 0 && !strerrorname_np(count - 1)) --count;
  return count;
}

int count_syscalls() {
  int count = kMostSyscalls;
  while (count > 0 && trapline::syscall_name(count - 1).empty()) --count;
  return count;
}

const Names& errors() {
  static const Names names{count_errors(), error_text, "Unknown error", true};
  return names;
}

const Names& error_names() {
  static const Names names{count_errors(), error_name, "unknown", true};
  return names;
}

const Names& signals() {
  static const Names names{static_cast<int>(kMaxSignal) + 1, signal_name, "unknown"};
  return names;
}

const Names& syscalls() {
  static const Names names{count_syscalls(), [](int n) { return std::string(trapline::syscall_name(n)); }, "unknown"};
  return names;
}

const Names& families() {
  static const Names names{socket_family_count(), [](int n) { return std::string(socket_family_name(n)); }, "unknown"};
  return names;
}

std::string name_of(const Names& names, int64_t number) {
  if (names.ignores_sign && number < 0) number = -number;
  std::string name = number >= 0 && number < names.count ? names.name(static_cast<int>(number)) : std::string();
  return name.empty() ? std::string(names.unknown) : name;
}

Type check_name(const Check&) { return Type::string(kNameSize); }

template <const Names& (*names)()> std::optional<Constant> fold_name(const Check& c) {
  const auto& number = c.arguments[0].constant;
  if (!number || !number->is_integer()) return std::nullopt;
  return Constant{name_of(names(), static_cast<int32_t>(number->integer()))};
}

// A row of kNameSize bytes for each number, and a last one for all others.
template <const Names& (*names)()> Operand lower_name(const Lower& l) {
  auto& e = l.low.emit();
  const Names& all = names();
  std::string table;
  for (int number = 0; number <= all.count; ++number) {
    std::string row = name_of(all, number);
    row.resize(kNameSize, '\0');
    table += row;
  }
  Value number = e.truncate(l.low.scalar(*l.arguments[0]), 4, true);
  if (all.ignores_sign) number = e.select(e.operate(Op::SLt, number, e.number(0)), e.negate(number), number);
  Value last = e.number(static_cast<uint64_t>(all.count));
  Value row = e.select(e.operate(Op::ULt, number, last), number, last);
  return Operand::address(e.offset(e.constant_bytes(table), e.operate(Op::Mul, row, e.number(kNameSize))));
}

// --- open_flags

Type check_open_flags(const Check&) { return Type::enumerated(open_flag_names(), 4, false); }

Operand lower_open_flags(const Lower& l) { return Operand::scalar(l.low.emit().truncate(l.low.scalar(*l.arguments[0]), 4, false)); }

std::optional<Constant> fold_open_flags(const Check& c) {
  const auto& number = c.arguments[0].constant;
  if (!number || !number->is_integer()) return std::nullopt;
  return Constant{number->integer() & UINT32_MAX};
}

} // namespace

std::string signal_name(int number) {
  if (const char* name = sigabbrev_np(number)) return std::string("SIG") + name;
  if (number < kKernelRealTimeSignals || number > static_cast<int>(kMaxSignal)) return {};
  if (number < SIGRTMIN) return "SIG" + std::to_string(number);
  if (number == SIGRTMAX) return "SIGRTMAX";
  return number == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+" + std::to_string(number - SIGRTMIN);
}

std::optional<uint64_t> signal_number(std::string_view name) {
  for (int number = 1; number <= static_cast<int>(kMaxSignal); ++number) {
    const std::string known = signal_name(number);
    if (name == known || (!name.empty() && name == std::string_view(known).substr(3))) return static_cast<uint64_t>(number);
  }
  return std::nullopt;
}

std::vector<Builtin> name_rows() {
  const std::vector<Parameter> number = {{"number", Accepts::Integer}};
  const std::vector<Parameter> flags = {{"flags", Accepts::Integer}};
  const Form f = Form::Function;
  return {
      {"strerror", f, number, false, "string[64]", "what an error number means", false, check_name, lower_name<errors>, nullptr, fold_name<errors>},
      {"errno_name", f, number, false, "string[64]", "the name of an error number", false, check_name, lower_name<error_names>, nullptr, fold_name<error_names>},
      {"signal_name", f, number, false, "string[64]", "the name of a signal", false, check_name, lower_name<signals>, nullptr, fold_name<signals>},
      {"syscall_name", f, number, false, "string[64]", "the name of a system call", false, check_name, lower_name<syscalls>, nullptr, fold_name<syscalls>},
      {"socket_family", f, number, false, "string[64]", "the name of an address family", false, check_name, lower_name<families>, nullptr, fold_name<families>},
      {"open_flags", f, flags, false, "enum open_flags", "the names of the flags of open(2)", false, check_open_flags, lower_open_flags, nullptr, fold_open_flags},
  };
}

} // namespace trapline::builtins
