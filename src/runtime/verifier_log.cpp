#include "runtime/verifier_log.h"

#include "runtime/proc_text.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace trapline::runtime {
namespace {

struct Reason {
  std::string_view sign; // text of the verifier, kernel/bpf/verifier.c
  std::string_view words;
  std::string_view hint;
};

constexpr std::string_view kSplit = "split the block into several, or make its loops and strings shorter (config max_strlen)";
constexpr std::string_view kStack = "keep large values in maps, or use fewer large variables at a time";
constexpr std::string_view kTest = "test it before use: `if ($p) { ... }`";
constexpr std::string_view kBound = "compare the number with a constant first: `if ($n < 64) { ... }`";
constexpr std::string_view kOurs = "please report this script: trapline should have generated other code";

// The first that fits is taken.
constexpr auto kReasons = std::to_array<Reason>({
    {"BPF program is too large", "it takes more than a million steps to check", kSplit},
    {"program is too complex", "it takes too many steps to check", kSplit},
    {"total number of maps", "it uses too many maps", "use fewer in one block, or split it into several"},
    {"The sequence of", "it has too many branches", kSplit},
    {"infinite loop detected", "it has a loop whose end cannot be proved", "give the loop a constant bound"},
    {"back-edge from insn", "it has a loop, which this kernel does not take", "use `unroll`"},
    {"loop detected", "it has a loop, which this kernel does not take", "use `unroll`"},
    {"unreachable insn", "a part of it can never run", "remove what stands after an endless loop or a `return`"},
    {"combined stack size", "it needs more than 512 bytes of stack", kStack},
    {"stack depth", "it needs more than 512 bytes of stack", kStack},
    {"stack limit", "it needs more than 512 bytes of stack", kStack},
    {"invalid write to stack", "it writes outside of its stack", kStack},
    {"invalid read from stack", "it reads stack memory that nothing was written to", kOurs},
    {"invalid indirect", "it passes stack memory that nothing was written to", kOurs},
    {"misaligned", "it reads or writes at an address that is not a multiple of the size", kOurs},
    {"null-check it first", "it computes with a pointer that may be null", kTest},
    {"_or_null'", "it uses a pointer that may be null", kTest},
    {"_or_null expected", "it uses a pointer that may be null", kTest},
    {"trusted_ptr_", "it uses a pointer that may be null", kTest},
    {"invalid access to map value", "it reads or writes beyond a value", kBound},
    {"invalid access to memory", "it reads or writes beyond an object", kBound},
    {"outside of the allowed memory range", "it reads or writes beyond an object", kBound},
    {"invalid bpf_context access", "it reads a part of the event that this probe does not have", "look at the fields that `-lv` lists for the probe"},
    {"invalid mem access", "it reads memory that cannot be proved to be there", "read it with a cast to a pointer type, so that it is read safely"},
    {"unbounded memory access", "it reads a number of bytes without a proved limit", kBound},
    {"min value is negative", "it takes a number that may be negative for a size", kBound},
    {"math between", "it moves a pointer by a number without a proved limit", kBound},
    {"pointer arithmetic", "it computes with a pointer in a way that cannot be proved safe", "cast the pointer to a number first: `(uint64)$p`"},
    {"Unreleased reference", "it does not give back what it took from the kernel", kOurs},
    {"reference leak", "it does not give back what it took from the kernel", kOurs},
    {"!read_ok", "it uses a value that was never set", kOurs},
    {"not allowed in lockdown", "kernel lockdown does not allow it", "boot without lockdown, or read less of the kernel's memory"},
    {"is not allowed", "this probe may not do that", ""},
    {"not found in kernel or module BTFs", "this kernel lacks a function that it needs", "`trapline --info` shows what the kernel has"},
    {"is not a function", "this kernel lacks a function that it needs", "`trapline --info` shows what the kernel has"},
    {"attach_btf_id", "the kernel does not know this event", ""},
    {"failed to find kernel BTF type", "the kernel does not know this event", ""},
    {"last insn is not an exit", "it has no end", kOurs},
    {"jump out of range", "it is too large for one program", kSplit},
});

// The helper in "unknown func bpf_x#12", "program of this type cannot use helper bpf_x#12".
std::string_view refused_helper(std::string_view line) {
  for (const std::string_view sign : {"cannot use helper ", "unknown func ", "helper call is not allowed in probe: ", "invalid func "}) {
    const size_t at = line.find(sign);
    if (at == std::string_view::npos) continue;
    std::string_view name = line.substr(at + sign.size());
    return name.substr(0, name.find_first_of("# \n"));
  }
  return {};
}

bool is_noise(std::string_view line) {
  static constexpr std::array<std::string_view, 12> kStarts = {"processed ", "verification time", "max_states", "libbpf: ", "-- ", "; ",
                                                               "from ", "mark_precise", "arg#", "cur state:", "old state:", "BPF_EXIT instruction"};
  if (line.empty()) return true;
  for (const std::string_view start : kStarts) {
    if (line.starts_with(start)) return true;
  }
  // At the end it is a statistic, in the middle the refusal.
  if (line.starts_with("stack depth ") && line.find("Too large") == std::string_view::npos) return true;
  if (line.find("outside of the allowed memory range") != std::string_view::npos) return true; // the line before says more
  // "12: (79) r1 = *(u64 *)(r1 +0)".
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

// Line info of ours is the place in the script, which the verifier prints before the instructions made from it:
// "; bytes 12 to 34: @m[1] = 2". The last one is that of the refused instruction.
std::optional<Span> last_place(std::string_view log) {
  constexpr std::string_view kSign = "; bytes ";
  std::optional<Span> last;
  while (!log.empty()) {
    const std::string_view line = next_line(log);
    if (!line.starts_with(kSign)) continue;
    Span span;
    const char* end = line.data() + line.size();
    const auto begin_read = std::from_chars(line.data() + kSign.size(), end, span.begin);
    const std::string_view rest(begin_read.ptr, static_cast<size_t>(end - begin_read.ptr));
    if (begin_read.ec != std::errc() || !rest.starts_with(" to ")) continue;
    if (std::from_chars(begin_read.ptr + 4, end, span.end).ec == std::errc() && span.end > span.begin) last = span;
  }
  return last;
}

// libbpf's own complaint, where the program did not get as far as the verifier.
std::string_view libbpf_complaint(std::string_view log) {
  constexpr std::string_view kStart = "libbpf: ";
  while (!log.empty()) {
    std::string_view line = next_line(log);
    if (!line.starts_with(kStart)) continue;
    line.remove_prefix(kStart.size());
    for (const Reason& reason : kReasons) {
      if (line.find(reason.sign) != std::string_view::npos) return line;
    }
  }
  return {};
}

void set_reason(Refusal& refusal, std::string_view what, std::string_view line) {
  for (const Reason& reason : kReasons) {
    if (line.find(reason.sign) == std::string_view::npos) continue;
    refusal.message = fmt::format("{}: {} ({})", what, reason.words, line);
    refusal.hint = reason.hint;
    return;
  }
  refusal.message = fmt::format("{}: {}", what, line);
  refusal.hint = "-v shows the whole log";
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

Refusal explain_refusal(std::string_view log, int error, const Program& program) {
  Refusal refusal;
  refusal.from_verifier = log.find("BEGIN PROG LOAD LOG") != std::string_view::npos;
  if (error == EPERM && !refusal.from_verifier) {
    refusal.message = "the kernel does not allow loading BPF programs: needs root (CAP_BPF and CAP_PERFMON)";
    return refusal;
  }
  const std::string probe = refused_probe(log, program);
  const std::string what = probe.empty() ? "the kernel refused the program" : fmt::format("the kernel refused the program for {}", probe);
  const std::string_view line = refusal.from_verifier ? last_meaningful_line(log) : libbpf_complaint(log);
  if (refusal.from_verifier) refusal.span = last_place(log);

  if (const std::string_view helper = refused_helper(line); !helper.empty()) {
    refusal.message = fmt::format("helper {} not allowed in probe{}", helper, probe.empty() ? "" : fmt::format(" {}", probe));
    refusal.hint = "`trapline --info` shows what the kernel has";
  } else if (!line.empty()) {
    set_reason(refusal, what, line);
  } else if (error == E2BIG) {
    refusal.message = fmt::format("{}: it is too large", what);
    refusal.hint = kSplit;
  } else {
    refusal.message = fmt::format("{}: {}", what, std::strerror(error));
    refusal.hint = "-d libbpf shows more";
  }
  return refusal;
}

Error to_error(const Refusal& refusal) { return {refusal.message, refusal.hint, 0}; }

std::optional<Diagnostic> to_diagnostic(const Refusal& refusal) {
  if (!refusal.span) return std::nullopt;
  const DiagnosticRow& row = diagnostic_row(DiagId::KernelRefused);
  Diagnostic diagnostic{DiagId::KernelRefused, row.severity, *refusal.span, fmt::vformat(row.text, fmt::make_format_args(refusal.message)), {}, {}};
  if (!refusal.hint.empty()) diagnostic.hint(refusal.hint);
  return diagnostic;
}

} // namespace trapline::runtime
