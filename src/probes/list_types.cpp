#include "probes/list_types.h"

namespace trapline::probes {

std::optional<TypePattern> parse_type_pattern(std::string_view text) {
  for (const std::string_view tag : {"struct", "union", "enum"}) {
    if (!text.starts_with(tag) || text.size() <= tag.size() || text[tag.size()] != ' ') continue;
    std::string_view name = text.substr(tag.size());
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    return TypePattern{std::string(tag), std::string(name.empty() ? "*" : name)};
  }
  return std::nullopt;
}

std::vector<ListedType> list_types(const TypePattern& pattern, bool verbose, const System& system) {
  std::vector<ListedType> listed;
  for (const TypeSource::Listed& type : system.types().list(pattern.tag, pattern.name, verbose)) {
    if (!verbose) {
      listed.push_back({pattern.tag + " " + type.name, {}});
      continue;
    }
    std::string_view rest = type.definition;
    ListedType& one = listed.emplace_back();
    for (bool first = true; !rest.empty(); first = false) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (first) one.name = type.module + ": " + std::string(line);
      else one.lines.emplace_back(line);
    }
  }
  return listed;
}

} // namespace trapline::probes
