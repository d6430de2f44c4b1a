// A Program as text: what --dump=program prints and golden tests hold.
#include "program/program.h"

#include <cctype>
#include <fmt/format.h>

namespace trapline {
namespace {

std::string_view name_of(MapKind kind) {
  switch (kind) {
    case MapKind::Hash: return "hash";
    case MapKind::PerCpuHash: return "percpu_hash";
    case MapKind::Array: return "array";
    case MapKind::PerCpuArray: return "percpu_array";
    case MapKind::LruHash: return "lru_hash";
    case MapKind::LruPerCpuHash: return "lru_percpu_hash";
    case MapKind::RingBuffer: return "ring_buffer";
  }
  return "";
}

std::string_view name_of(ProgramType type) {
  switch (type) {
    case ProgramType::RawTracepoint: return "raw_tracepoint";
    case ProgramType::Tracepoint: return "tracepoint";
    case ProgramType::Kprobe: return "kprobe";
    case ProgramType::PerfEvent: return "perf_event";
    case ProgramType::RawTracepointBtf: return "raw_tracepoint_btf";
    case ProgramType::UprobeMulti: return "uprobe_multi";
  }
  return "";
}

std::string_view name_of(ActionKind kind) {
  switch (kind) {
    case ActionKind::Printf: return "printf";
    case ActionKind::Errorf: return "errorf";
    case ActionKind::Warnf: return "warnf";
    case ActionKind::PrintValue: return "print_value";
    case ActionKind::PrintMap: return "print_map";
    case ActionKind::Clear: return "clear";
    case ActionKind::Zero: return "zero";
    case ActionKind::Time: return "time";
    case ActionKind::Join: return "join";
    case ActionKind::Cat: return "cat";
    case ActionKind::System: return "system";
    case ActionKind::Exit: return "exit";
    case ActionKind::PidSeen: return "pid_seen";
  }
  return "";
}

std::string_view name_of(SiteKind kind) {
  switch (kind) {
    case SiteKind::MapFull: return "map_full";
    case SiteKind::DivisionByZero: return "division_by_zero";
    case SiteKind::OutOfBounds: return "out_of_bounds";
    case SiteKind::HelperFailure: return "helper_failure";
    case SiteKind::ScratchExhausted: return "scratch_exhausted";
    case SiteKind::DeleteFailed: return "delete_failed";
    case SiteKind::NoChild: return "no_child";
    case SiteKind::MissingKey: return "missing_key";
  }
  return "";
}

// In double quotes, on one line.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (c == '"' || c == '\\') out += {'\\', c};
    else if (std::iscntrl(byte)) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  return out + '"';
}

// One conversion as it would be written.
std::string conversion_text(const FormatPiece& piece) {
  if (!piece.has_conversion) return {};
  std::string out = "%";
  if (piece.left) out += '-';
  if (piece.plus) out += '+';
  if (piece.space) out += ' ';
  if (piece.alternate) out += '#';
  if (piece.zero) out += '0';
  if (piece.width_argument) out += '*';
  else if (piece.width >= 0) out += fmt::format("{}", piece.width);
  if (piece.precision_argument) out += ".*";
  else if (piece.precision >= 0) out += fmt::format(".{}", piece.precision);
  return out + piece.length + piece.conversion;
}

std::string format_text(const std::vector<FormatPiece>& format) {
  std::string text;
  for (const FormatPiece& piece : format) {
    for (const char c : piece.literal) text += c == '%' ? std::string("%%") : std::string(1, c);
    text += conversion_text(piece);
  }
  return text;
}

// What a %f conversion computes, as it would be written: #0 is its first argument.
std::string formula_text(const std::vector<FormulaStep>& formula) {
  std::vector<std::string> stack;
  size_t next = 0;
  const auto pop = [&] {
    std::string top = stack.empty() ? std::string("?") : std::move(stack.back());
    if (!stack.empty()) stack.pop_back();
    return top;
  };
  for (const FormulaStep& step : formula) {
    using enum FormulaStep::Kind;
    const auto binary = [&](char op) {
      const std::string right = pop(), left = pop();
      stack.push_back(fmt::format("({} {} {})", left, op, right));
    };
    switch (step.kind) {
      case Argument: stack.push_back(fmt::format("#{}", next++)); break;
      case Number: stack.push_back(step.is_signed ? fmt::format("{}", static_cast<int64_t>(step.bits)) : fmt::format("{}", step.bits)); break;
      case Negate: stack.push_back("-" + pop()); break;
      case Add: binary('+'); break;
      case Subtract: binary('-'); break;
      case Multiply: binary('*'); break;
      case Divide: binary('/'); break;
      case Choose: {
        const std::string otherwise = pop(), then = pop(), condition = pop();
        stack.push_back(fmt::format("({} ? {} : {})", condition, then, otherwise));
        break;
      }
    }
  }
  return pop();
}

void dump_map(std::string& out, const MapSpec& map) {
  const std::string key = map.keyed ? fmt::format("[{}]", to_string(map.key)) : std::string();
  fmt::format_to(std::back_inserter(out), "  {}{} -> {}  {} {}, key {} bytes, value {} bytes, {} entries", map.name, key,
                 to_string(map.value), name_of(map.kind), map.bpf_name, map.key_size, map.value_size, map.max_entries);
  if (map.flags != 0) fmt::format_to(std::back_inserter(out), ", flags {:#x}", map.flags);
  if (map.banks >= 0) out += ", two banks";
  out += map.internal ? ", internal\n" : "\n";
}

void dump_target(std::string& out, const Target& target) {
  auto sink = std::back_inserter(out);
  fmt::format_to(sink, "    {}: {}", target.cookie, target.name);
  if (!target.path.empty()) fmt::format_to(sink, "  path {}", target.path);
  if (!target.event.empty()) fmt::format_to(sink, "  event {}", target.event);
  if (target.offset != 0) fmt::format_to(sink, "  offset {:#x}", target.offset);
  if (target.ref_ctr_offset != 0) fmt::format_to(sink, "  semaphore {:#x}", target.ref_ctr_offset);
  if (target.period != 0) fmt::format_to(sink, "  {} {}", target.is_frequency ? "frequency" : "period", target.period);
  if (target.is_return) out += "  return";
  out += '\n';
}

std::string_view role_text(ProbeRole role) {
  switch (role) {
  case ProbeRole::Normal: break;
  case ProbeRole::Begin: return ", at the beginning";
  case ProbeRole::End: return ", at the end";
  case ProbeRole::Signal: return ", on a signal";
  case ProbeRole::Test: return ", a test";
  case ProbeRole::Benchmark: return ", a benchmark";
  }
  return "";
}

void dump_probe(std::string& out, const ProbeSpec& probe) {
  const std::string_view role = role_text(probe.role);
  fmt::format_to(std::back_inserter(out), "  {} {}  {} in {}, block {}{}\n", probe.provider, probe.function_name, name_of(probe.type),
                 quoted(probe.section), probe.block, role);
  for (const Target& target : probe.targets) dump_target(out, target);
}

void dump_map_print(std::string& out, const MapPrint& print) {
  auto sink = std::back_inserter(out);
  if (print.top != 0) fmt::format_to(sink, ", top {}", print.top);
  if (print.divisor != 1) fmt::format_to(sink, ", divided by {}", print.divisor);
  if (print.by != MapPrint::By::Usual) out += print.by == MapPrint::By::Key ? ", by key" : ", by value";
  if (print.descending) out += ", descending";
  if (print.percentiles.empty()) return;
  out += print.only_percentiles ? ", only percentiles" : ", percentiles";
  for (const uint32_t percentile : print.percentiles) fmt::format_to(sink, " {}", percentile / 1000.0);
}

void dump_action(std::string& out, size_t index, const Action& action, const Program& program) {
  auto sink = std::back_inserter(out);
  fmt::format_to(sink, "  {}: {}", index, name_of(action.kind));
  const bool on_map = action.kind == ActionKind::PrintMap || action.kind == ActionKind::Clear || action.kind == ActionKind::Zero;
  if (on_map && action.map < program.maps.size()) fmt::format_to(sink, " {}", program.maps[action.map].name);
  if (action.then != Action::Then::Nothing) out += action.then == Action::Then::Clear ? " and clear it" : " and zero it";
  dump_map_print(out, action.print);
  if (!action.format.empty()) fmt::format_to(sink, " {}", quoted(format_text(action.format)));
  if (!action.separator.empty()) fmt::format_to(sink, ", separator {}", quoted(action.separator));
  fmt::format_to(sink, ", {} bytes\n", action.record_size);
  for (const FormatPiece& piece : action.format) {
    if (!piece.formula.empty()) fmt::format_to(sink, "    {} of {}\n", conversion_text(piece), formula_text(piece.formula));
  }
  for (const Action::Argument& argument : action.arguments) {
    fmt::format_to(sink, "    at {}: {}\n", argument.offset, to_string(argument.type));
  }
}

void dump_needs(std::string& out, const Program& program) {
  std::string needs;
  const auto need = [&](bool wanted, std::string_view what) {
    if (wanted) needs += fmt::format("{}{}", needs.empty() ? " " : ", ", what);
  };
  need(program.uses_ring_buffer, fmt::format("ring buffer of {} bytes", program.ring_buffer_bytes));
  need(program.uses_elapsed, "globals");
  need(program.needs_user_symbols, "user symbols");
  need(program.needs_kernel_symbols, "kernel symbols");
  if (!needs.empty()) out += fmt::format("needs{}\n", needs);
}

} // namespace

std::string dump(const Program& program) {
  std::string out;
  if (!program.maps.empty()) out += "maps\n";
  for (const MapSpec& map : program.maps) dump_map(out, map);
  out += "probes\n";
  for (const ProbeSpec& probe : program.probes) dump_probe(out, probe);
  if (!program.actions.empty()) out += "actions\n";
  for (size_t i = 0; i < program.actions.size(); i++) dump_action(out, i, program.actions[i], program);
  if (!program.strings.empty()) out += "strings\n";
  for (size_t i = 0; i < program.strings.size(); i++) out += fmt::format("  {}: {}\n", i, quoted(program.strings[i]));
  for (const PacketFile& file : program.packet_files) out += fmt::format("packet file {} from byte {}\n", quoted(file.path), file.offset);
  if (!program.sites.empty()) out += "sites\n";
  for (size_t i = 0; i < program.sites.size(); i++) {
    const Site& site = program.sites[i];
    const std::string detail = site.detail.empty() ? std::string() : " " + site.detail;
    out += fmt::format("  {}: {}{}, block {}, bytes {} to {}\n", i, name_of(site.kind), detail, site.probe_block, site.span.begin, site.span.end);
  }
  dump_needs(out, program);
  return out;
}

} // namespace trapline
