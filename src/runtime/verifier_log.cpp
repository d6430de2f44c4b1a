// What the kernel's refusal of a program means, in words.
#include "runtime/verifier_log.h"

#include "runtime/proc_text.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace trapline::runtime {
namespace {

struct Reason {
  std::string_view sign; // text of the verifier
  std::string_view words;
  std::string_view hint;
};

constexpr std::array kReasons = {
    Reason{"BPF program is too large", "it takes too many steps to check", "split the block, or make its loops and strings shorter"},
    Reason{"program is too complex", "it takes too many steps to check", "split the block, or make its loops and strings shorter"},
    Reason{"The sequence of", "it has too many branches", "split the block into several"},
    Reason{"infinite loop detected", "it has a loop whose end cannot be proved", "give the loop a constant bound"},
    Reason{"back-edge from insn", "it has a loop, which this kernel does not take", "use unroll"},
    Reason{"stack size", "it needs more than 512 bytes of stack", "keep large values in maps"},
    Reason{"stack depth", "it needs more than 512 bytes of stack", "keep large values in maps"},
    Reason{"Looks like the BPF stack limit", "it needs more than 512 bytes of stack", "keep large values in maps"},
    Reason{"_or_null", "a result that may be null is used without a check", "test it with if before using it"},
    Reason{"invalid mem access", "it reads memory that cannot be proved to be there", ""},
    Reason{"math between", "it computes with a pointer in a way that cannot be proved safe", ""},
    Reason{"unbounded memory access", "it reads a number of bytes that has no proved limit", ""},
    Reason{"attach_btf_id", "the kernel does not know this event", ""},
};

// The helper in "unknown func bpf_x#12", "program of this type cannot use helper bpf_x#12".
std::string_view refused_helper(std::string_view line) {
  for (const std::string_view sign : {"cannot use helper ", "unknown func ", "helper call is not allowed in probe: "}) {
    const size_t at = line.find(sign);
    if (at == std::string_view::npos) continue;
    std::string_view name = line.substr(at + sign.size());
    return name.substr(0, name.find_first_of("# \n"));
  }
  return {};
}

bool is_noise(std::string_view line) {
  static constexpr std::array<std::string_view, 10> kStarts = {"processed ", "verification time", "stack depth ", "max_states",
                                                               "libbpf: ", "-- ", "; ", "from ", "mark_precise", "arg#"};
  if (line.empty()) return true;
  for (const std::string_view start : kStarts) {
    if (line.starts_with(start)) return true;
  }
  // "12: (79) r1 = *(u64 *)(r1 +0)", "R1 type=ctx expected=fp" is not: a register state has "=" and a digit first.
  size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits]))) digits++;
  return digits > 0 && line.substr(digits).starts_with(":");
}

// Which program: libbpf names it before the log.
std::string refused_probe(std::string_view log, const Program& program) {
  constexpr std::string_view kSign = "prog '";
  const size_t at = log.find(kSign);
  if (at == std::string_view::npos) return {};
  std::string_view name = log.substr(at + kSign.size());
  name = name.substr(0, name.find('\''));
  for (const ProbeSpec& probe : program.probes) {
    if (probe.function_name == name) return probe.targets.empty() ? probe.provider : probe.targets.front().name;
  }
  return std::string(name);
}

// The script's line before the refused instruction, where line info was there: "; printf(...) @ x.bt:3".
std::string_view last_source_line(std::string_view log) {
  std::string_view last;
  while (!log.empty()) {
    const std::string_view line = next_line(log);
    if (line.starts_with("; ")) last = line.substr(2);
  }
  return last;
}

} // namespace

std::string_view last_meaningful_line(std::string_view log) {
  std::string_view last;
  while (!log.empty()) {
    const std::string_view line = next_line(log);
    if (!is_noise(line)) last = line;
  }
  return last;
}

Error explain_refusal(std::string_view log, int error, const Program& program) {
  const bool has_log = log.find("BEGIN PROG LOAD LOG") != std::string_view::npos;
  if (error == EPERM && !has_log) {
    return {"the kernel does not allow loading BPF programs: needs root (CAP_BPF and CAP_PERFMON)", "", error};
  }
  const std::string probe = refused_probe(log, program);
  const std::string what = probe.empty() ? "the kernel refused the program" : fmt::format("the kernel refused the program for {}", probe);
  const std::string_view line = has_log ? last_meaningful_line(log) : std::string_view();
  const std::string_view source = last_source_line(log);
  const std::string place = source.empty() ? std::string() : fmt::format(" (at `{}`)", source);

  if (const std::string_view helper = refused_helper(line); !helper.empty()) {
    return {fmt::format("{}: helper {} is not allowed in probe{}", what, helper, place), "", error};
  }
  for (const Reason& reason : kReasons) {
    if (line.find(reason.sign) == std::string_view::npos) continue;
    const std::string hint(reason.hint);
    return {fmt::format("{}: {}{}: {}", what, reason.words, place, line), hint, error};
  }
  if (!line.empty()) return {fmt::format("{}{}: {}", what, place, line), "-v shows the whole log", error};
  return {fmt::format("{}: {}", what, std::strerror(error)), "-d libbpf shows more", error};
}

} // namespace trapline::runtime
