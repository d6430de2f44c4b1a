// Attach points to instances: each provider says which groups of targets share a context; the groups of one block that
// also share theirs with each other become one instance, as long as the program can tell its targets apart.
#include "sema/passes.h"
#include "sema/walk.h"

#include <algorithm>
#include <map>

namespace trapline::sema {

namespace {

using probes::BlockUse;

void note_name(std::string_view name, BlockUse& use) {
  const builtins::Builtin* row = builtins::find(name);
  if (row && row->use) use.*row->use = true;
}

BlockUse scan(const ast::Probe& probe) {
  BlockUse use;
  use.args = use.probe = !probe.has_block;
  for_each_expr(probe, [&](const ast::Expr& expr) {
    if (const auto* identifier = std::get_if<ast::Identifier>(&expr.node)) note_name(identifier->name, use);
    if (const auto* call = std::get_if<ast::Call>(&expr.node)) note_name(call->name, use);
  });
  return use;
}

// Both dispatch on numbers, and none is claimed by both.
bool dispatches_agree(const probes::Context::Dispatch& a, const probes::Context::Dispatch& b) {
  size_t common = std::min(a.target_of.size(), b.target_of.size());
  for (size_t i = 0; i < common; ++i) {
    if (a.target_of[i] >= 0 && b.target_of[i] >= 0) return false;
  }
  return true;
}

// The attach point is well formed, but this machine has no such thing.
bool is_missing(DiagId id) {
  constexpr DiagId kIds[] = {DiagId::UnknownTracepoint, DiagId::UnknownFile,         DiagId::UnknownFunction,
                             DiagId::UnknownMarker,     DiagId::UnknownEvent,        DiagId::NoMatch,
                             DiagId::MachineRefused,    DiagId::ProviderUnavailable};
  return std::ranges::find(kIds, id) != std::end(kIds);
}

bool can_join(const Instance& instance, const std::string& signature, const probes::Provider& provider, const probes::Group& group) {
  const probes::Group& into = instance.group;
  if (instance.provider != &provider || into.section != group.section || into.role != group.role) return false;
  if (into.context.signature() != signature) return false;
  if (into.context.dispatch && group.context.dispatch) return dispatches_agree(*into.context.dispatch, *group.context.dispatch);
  return into.context.cookie && group.context.cookie;
}

void join_groups(probes::Group& into, probes::Group&& group) {
  if (into.context.dispatch) {
    std::vector<int32_t>& numbers = into.context.dispatch->target_of;
    const std::vector<int32_t>& added = group.context.dispatch->target_of;
    if (numbers.size() < added.size()) numbers.resize(added.size(), -1);
    for (size_t i = 0; i < added.size(); ++i) {
      if (added[i] >= 0) numbers[i] = added[i] + static_cast<int32_t>(into.targets.size());
    }
  }
  std::ranges::move(group.targets, std::back_inserter(into.targets));
}

class Expander {
public:
  Expander(const probes::ExpandOptions& options, const System& system, Diagnostics& diagnostics)
      : options_(options), system_(system), diagnostics_(diagnostics) {}

  // The instances of one block.
  std::vector<Instance> expand_block(const ast::Probe& probe) {
    instances_.clear();
    BlockUse use = scan(probe);
    for (const ast::AttachPoint& point : probe.attach_points) {
      std::optional<probes::Spec> spec = probes::parse_spec(point.text, point.span, diagnostics_);
      if (!spec) continue;
      if (probes::has_wildcard(spec->provider)) expand_any_provider(*spec, use);
      else if (options_.missing_is_warned || options_.missing_is_silent) expand_tolerantly(*spec, use);
      else expand_spec(*spec, use, options_, diagnostics_);
    }
    return std::move(instances_);
  }

private:
  // Of the providers that a wildcard stands for, those count that know something to attach to.
  void expand_any_provider(const probes::Spec& spec, const BlockUse& use) {
    size_t before = instances_.size();
    probes::ExpandOptions options = options_;
    options.missing_is_error = false;
    options.missing_is_silent = true;
    for (const probes::Spec& one : probes::expand_provider_wildcard(spec)) {
      Diagnostics ignored;
      expand_spec(one, use, options, ignored);
    }
    if (instances_.size() == before && !options_.missing_is_silent) diagnostics_.report(DiagId::NoMatch, spec.span, spec.text);
  }

  // config missing_probes: what this machine lacks is no error.
  void expand_tolerantly(const probes::Spec& spec, const BlockUse& use) {
    Diagnostics found;
    expand_spec(spec, use, options_, found);
    for (const Diagnostic& diagnostic : found.all()) {
      const bool lacks = is_missing(diagnostic.id);
      if (lacks && options_.missing_is_silent) continue;
      Diagnostic& copy = lacks ? diagnostics_.report(DiagId::ProbeLeftOut, diagnostic.span, diagnostic.message)
                               : diagnostics_.add(diagnostic.id, diagnostic.span, diagnostic.message);
      copy.hints = diagnostic.hints;
      copy.notes = diagnostic.notes;
    }
  }

  void expand_spec(const probes::Spec& spec, const BlockUse& use, const probes::ExpandOptions& options, Diagnostics& diagnostics) {
    const probes::Provider* provider = probes::find_provider(spec.provider);
    if (!provider) {
      diagnostics.report(DiagId::UnknownProvider, spec.part_span(0), spec.provider);
      return;
    }
    if (std::optional<std::string> why = provider->unavailable(system_)) {
      diagnostics.report(DiagId::ProviderUnavailable, spec.span, provider->name(), *why);
      return;
    }
    for (probes::Group& group : provider->expand(spec, use, options, system_, diagnostics)) {
      for (Target& target : group.targets) {
        if (!spec.label.empty()) target.name = spec.label;
      }
      add(*provider, std::move(group));
    }
  }

  void add(const probes::Provider& provider, probes::Group&& group) {
    if (group.targets.empty()) return;
    std::string signature = group.context.signature();
    for (Instance& instance : instances_) {
      if (!can_join(instance, signature, provider, group)) continue;
      join_groups(instance.group, std::move(group));
      return;
    }
    Instance& instance = instances_.emplace_back();
    instance.provider = &provider;
    instance.group = std::move(group);
  }

  const probes::ExpandOptions& options_;
  const System& system_;
  Diagnostics& diagnostics_;
  std::vector<Instance> instances_;
};

void take_names(Instance& instance, const Names& names, size_t node_count) {
  instance.types.assign(node_count, Type::error());
  instance.builtin_of.assign(node_count, nullptr);
  for (const auto& [id, row] : names.builtin_of) instance.builtin_of[id] = row;
  instance.variables = names.variables;
  instance.variable_of = names.variable_of;
  instance.variable_of_statement = names.variable_of_statement;
  instance.function_of = names.function_of;
}

// Where a block names a target that has no wildcard; the whole block if nowhere.
Span point_of(const ast::Probe& probe, const std::string& name) {
  const auto found = std::ranges::find(probe.attach_points, name, &ast::AttachPoint::text);
  return found == probe.attach_points.end() ? probe.span : found->span;
}

// Targets of one name are one probe to the script: the sites of a USDT marker, the versions of a symbol.
uint64_t cookie_of(const std::string& name, std::vector<std::string>& probe_names, std::map<std::string, uint64_t, std::less<>>& cookies) {
  auto [found, is_new] = cookies.emplace(name, probe_names.size());
  if (is_new) probe_names.push_back(name);
  return found->second;
}

// A test or benchmark is known by its name.
void report_duplicates(const std::vector<Instance>& instances, Diagnostics& diagnostics) {
  std::map<std::string, Span, std::less<>> seen;
  for (const Instance& instance : instances) {
    if (instance.group.role != ProbeRole::Test && instance.group.role != ProbeRole::Benchmark) continue;
    for (const Target& target : instance.group.targets) {
      const Span span = point_of(*instance.probe, target.name);
      const auto [first, is_new] = seen.emplace(target.name, span);
      if (!is_new) diagnostics.report(DiagId::Redeclared, span, target.name).note(first->second, "the first one is here");
    }
  }
}

} // namespace

Instance function_instance(const ast::Script& script, uint32_t function, const Names& names) {
  Instance instance;
  instance.function = &script.functions[function];
  instance.probe = &instance.function->code;
  instance.block = static_cast<uint32_t>(script.probes.size()) + function;
  instance.group.context.provider = "fn";
  take_names(instance, names, script.node_count);
  return instance;
}

Expansion expand(const ast::Script& script, const std::vector<Names>& names, const probes::ExpandOptions& options, const System& system,
                 Diagnostics& diagnostics) {
  Expansion expansion;
  Expander expander(options, system, diagnostics);
  std::map<std::string, uint64_t, std::less<>> cookies;
  for (uint32_t block = 0; block < script.probes.size(); ++block) {
    for (Instance& instance : expander.expand_block(script.probes[block])) {
      instance.probe = &script.probes[block];
      instance.block = block;
      take_names(instance, names[block], script.node_count);
      for (Target& target : instance.group.targets) target.cookie = cookie_of(target.name, expansion.probe_names, cookies);
      expansion.instances.push_back(std::move(instance));
    }
  }
  report_duplicates(expansion.instances, diagnostics);
  return expansion;
}

} // namespace trapline::sema
