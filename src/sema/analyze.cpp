// Semantic analysis: the table of contents.
#include "sema/sema.h"

#include "sema/passes.h"

#include <algorithm>

namespace trapline::sema {

std::optional<Script> analyze(const ast::Script& script, const Options& options, const System& system, Diagnostics& diagnostics) {
  Program::Settings settings = read_settings(script, options, diagnostics);
  TypeNames types(script, system, options.headers, diagnostics);
  FunctionNames functions = function_names(script, diagnostics);
  std::vector<Names> names;
  for (const ast::Probe& probe : script.probes) {
    names.push_back(resolve(probe, types, functions, diagnostics));
    check_flow(probe, diagnostics);
  }
  for (const ast::FunctionDefinition& function : script.functions) {
    names.push_back(resolve(function, types, functions, diagnostics));
    check_flow(function.code, diagnostics);
  }
  check_recursion(script, std::span(names).subspan(script.probes.size()), diagnostics);

  size_t errors_before_expansion = diagnostics.errors();
  probes::ExpandOptions expand_options = options.expand;
  expand_options.missing_is_error |= settings.missing_probes_error;
  expand_options.missing_is_warned |= settings.missing_probes_warn;
  expand_options.missing_is_silent |= settings.missing_probes_silent;
  Expansion expansion = expand(script, names, expand_options, system, diagnostics);
  bool all_blocks = diagnostics.errors() == errors_before_expansion;

  add_default_actions(script, expansion.instances);

  // Functions are typed with the probes that call them.
  size_t probes = expansion.instances.size();
  for (uint32_t i = 0; i < script.functions.size(); ++i)
    expansion.instances.push_back(function_instance(script, i, names[script.probes.size() + i]));
  MapUses maps = collect_maps(script, names, settings, diagnostics);
  infer({script, options, system, settings, types, names, all_blocks}, expansion.instances, maps, diagnostics);
  std::vector<MapInfo> map_infos = finish_maps(maps, diagnostics);
  std::vector<ParameterInfo> parameters = collect_parameters(expansion.instances, options, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;

  Script result;
  result.syntax = &script;
  result.maps = std::move(map_infos);
  std::move(expansion.instances.begin() + static_cast<ptrdiff_t>(probes), expansion.instances.end(), std::back_inserter(result.functions));
  expansion.instances.resize(probes);
  result.instances = std::move(expansion.instances);
  result.probe_names = std::move(expansion.probe_names);
  result.settings = std::move(settings);
  result.parameters = std::move(parameters);
  result.script_types = types.definitions();
  result.kernel_types = types.used_kernel_types();
  return result;
}

uint32_t Script::map_index(std::string_view name) const {
  auto found = std::ranges::lower_bound(maps, name, {}, &MapInfo::name);
  return static_cast<uint32_t>(found - maps.begin());
}

const MapInfo* Script::find_map(std::string_view name) const {
  uint32_t index = map_index(name);
  return index < maps.size() && maps[index].name == name ? &maps[index] : nullptr;
}

} // namespace trapline::sema
