// The registry of builtins, sorted by name.
#include "builtins/families.h"

#include <algorithm>
#include <cctype>
#include <linux/bpf.h>

namespace trapline::builtins {

namespace {

std::vector<Builtin> gather() {
  std::vector<Builtin> all;
  for (auto family : {context_rows, output_rows, printing_rows, control_rows, aggregation_rows, series_rows, stack_rows, string_rows,
                      string_search_rows, string_compare_rows, string_part_rows, network_rows, name_rows, task_rows, symbol_rows,
                      type_query_rows, assertion_rows, signal_rows, kernel_object_rows, parameter_rows, setting_rows, packet_rows}) {
    for (Builtin& row : family()) all.push_back(std::move(row));
  }
  std::sort(all.begin(), all.end(), [](const Builtin& a, const Builtin& b) { return a.name < b.name; });
  return all;
}

// "arg12" with "arg".
bool is_numbered(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem)) return false;
  std::string_view number = name.substr(stem.size());
  return !number.empty() && number.size() < 4 && std::ranges::all_of(number, [](unsigned char c) { return std::isdigit(c); });
}

} // namespace

std::span<const Builtin> registry() {
  static const std::vector<Builtin> rows = gather();
  return rows;
}

const Builtin* find(std::string_view name) {
  if (is_numbered(name, "arg")) name = "argN";
  if (is_numbered(name, "sarg")) name = "sargN";
  auto rows = registry();
  auto found = std::lower_bound(rows.begin(), rows.end(), name, [](const Builtin& row, std::string_view n) { return row.name < n; });
  return found != rows.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Builtin& row : registry()) all.push_back(row.name);
  return all;
}

uint32_t kernel_program_type(ProgramType type) {
  switch (type) {
  case ProgramType::RawTracepoint: return BPF_PROG_TYPE_RAW_TRACEPOINT;
  case ProgramType::Tracepoint: return BPF_PROG_TYPE_TRACEPOINT;
  case ProgramType::PerfEvent: return BPF_PROG_TYPE_PERF_EVENT;
  case ProgramType::RawTracepointBtf: return BPF_PROG_TYPE_TRACING;
  case ProgramType::Kprobe:
  case ProgramType::UprobeMulti: return BPF_PROG_TYPE_KPROBE;
  }
  return BPF_PROG_TYPE_UNSPEC;
}

bool is_tracked_argument(const Check& c, const Check::Argument& argument, std::string_view structure) {
  const Type& type = argument.type;
  if (c.context.program_type != ProgramType::RawTracepointBtf || !type.is(Kind::Pointer) || type.space != AddressSpace::Btf) return false;
  if (!type.element->is(Kind::Struct) || type.element->record->name() != structure) return false;
  const auto* access = std::get_if<ast::FieldAccess>(&argument.expr->node);
  const auto* object = access ? std::get_if<ast::Identifier>(&access->object->node) : nullptr;
  return object && object->name == "args";
}

std::vector<std::string> member_path(const ast::Expr& expr) {
  if (const auto* name = std::get_if<ast::Identifier>(&expr.node)) return {name->name};
  const auto* access = std::get_if<ast::FieldAccess>(&expr.node);
  std::vector<std::string> path = access ? member_path(*access->object) : std::vector<std::string>();
  if (!path.empty()) path.push_back(access->field);
  return path;
}

Type not_in_probe(const Check& c, std::string_view why) {
  c.diagnostics.report(DiagId::NotInProbe, c.name_span, c.name, c.context.provider, why);
  return Type::error();
}

} // namespace trapline::builtins
