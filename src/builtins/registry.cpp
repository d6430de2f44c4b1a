// The registry of builtins, sorted by name.
#include "builtins/families.h"

#include <algorithm>
#include <cctype>

namespace trapline::builtins {

namespace {

std::vector<Builtin> gather() {
  std::vector<Builtin> all;
  for (auto family : {context_rows, output_rows, printing_rows, control_rows, aggregation_rows, series_rows, stack_rows, string_rows, network_rows}) {
    for (Builtin& row : family()) all.push_back(std::move(row));
  }
  std::sort(all.begin(), all.end(), [](const Builtin& a, const Builtin& b) { return a.name < b.name; });
  return all;
}

bool is_numbered_argument(std::string_view name) {
  return name.size() > 3 && name.size() < 7 && name.substr(0, 3) == "arg" &&
         std::all_of(name.begin() + 3, name.end(), [](unsigned char c) { return std::isdigit(c); });
}

} // namespace

std::span<const Builtin> registry() {
  static const std::vector<Builtin> rows = gather();
  return rows;
}

const Builtin* find(std::string_view name) {
  if (is_numbered_argument(name)) name = "argN";
  auto rows = registry();
  auto found = std::lower_bound(rows.begin(), rows.end(), name, [](const Builtin& row, std::string_view n) { return row.name < n; });
  return found != rows.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Builtin& row : registry()) all.push_back(row.name);
  return all;
}

Type not_in_probe(const Check& c, std::string_view why) {
  c.diagnostics.report(DiagId::NotInProbe, c.name_span, c.name, c.context.provider, why);
  return Type::error();
}

} // namespace trapline::builtins
