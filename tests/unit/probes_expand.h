// Expands one attach point against a made-up machine.
#pragma once

#include "probes/provider.h"
#include "system/fake.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::testing_support {

struct Expanded {
  std::vector<probes::Group> groups;
  Diagnostics diags;

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const probes::Group& group : groups)
      for (const Target& target : group.targets) all.push_back(target.name);
    return all;
  }
  const probes::Group& only() const { return groups.at(0); }
  const Target& target() const { return only().targets.at(0); }
  const Diagnostic& diag() const { return diags.all().at(0); }
  // The text a diagnostic points at.
  std::string at(std::string_view text) const { return std::string(text.substr(diag().span.begin, diag().span.end - diag().span.begin)); }
};

inline Expanded expand(std::string_view text, const System& system, const probes::BlockUse& use = {},
                       const probes::ExpandOptions& options = {}) {
  Expanded result;
  const auto spec = probes::parse_spec(text, {0, uint32_t(text.size())}, result.diags);
  if (!spec) return result;
  result.groups = probes::find_provider(spec->provider)->expand(*spec, use, options, system, result.diags);
  return result;
}

inline probes::BlockUse uses_args() {
  probes::BlockUse use;
  use.args = use.arg_n = true;
  return use;
}

inline probes::ExpandOptions with_pid(int pid) {
  probes::ExpandOptions options;
  options.pid = pid;
  return options;
}

inline const probes::ArgsField& field(const Expanded& expanded, std::string_view name) {
  for (const probes::ArgsField& one : expanded.only().context.args)
    if (one.name == name) return one;
  static const probes::ArgsField none;
  return none;
}

} // namespace trapline::testing_support
