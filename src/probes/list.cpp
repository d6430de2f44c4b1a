// Listing asks every provider that the pattern may mean.
#include "probes/list.h"

#include "probes/list_types.h"
#include "probes/registry.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace trapline::probes {
namespace {

using Found = std::map<std::string, std::vector<std::string>>;

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> patterns(1);
  bool quoted = false;
  for (char c : text) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted)
      patterns.emplace_back();
    else if (c != ' ' || quoted || !patterns.back().empty())
      patterns.back() += c;
  }
  for (std::string& pattern : patterns)
    while (pattern.ends_with(' ')) pattern.pop_back();
  return patterns;
}

// Providers that a wildcard covers: events of the kernel always; files where the pattern names one, or with -p.
bool covers(const Provider& provider, const Spec& spec, const ExpandOptions& options) {
  if (!matches(spec.provider, provider.name())) return false;
  switch (provider.wildcard_family()) {
  case WildcardFamily::Kernel: return spec.parts.empty() || spec.parts[0].find('/') == std::string::npos;
  case WildcardFamily::Files: return options.pid || (!spec.parts.empty() && spec.parts[0].find('/') != std::string::npos);
  case WildcardFamily::None: break;
  }
  return false;
}

// A path alone stands for everything in the file.
void complete(Spec& spec) {
  if (spec.parts.size() == 1 && spec.parts[0].find('/') != std::string::npos) spec.parts.push_back("*");
}

// A provider's whole name alone lists all its probes; anything shorter may as well be part of an event's name.
bool is_provider_name(std::string_view word) {
  return std::ranges::find(providers(), word, &Provider::name) != providers().end();
}

// The machine may hide tracepoints; an empty list would not say so.
Result<void> list_provider(const Provider& provider, const Spec& spec, bool verbose, const ExpandOptions& options,
                           const System& system, Found& found) {
  if (&provider == &tracepoint_provider())
    if (const auto readable = system.tracepoint_systems(); !readable) return std::unexpected(readable.error());
  auto sink = [&](const std::string& name, const std::vector<std::string>& parameters) { found.try_emplace(name, parameters); };
  provider.list(spec.parts, verbose, options, system, sink);
  return {};
}

void list_type(const TypePattern& pattern, bool verbose, const System& system, Found& found) {
  for (ListedType& type : list_types(pattern, verbose, system)) found.try_emplace(std::move(type.name), std::move(type.lines));
}

// The name without its last part is what a mistyped one has neighbours under; nothing to go by in a wildcard.
std::string nearest_to(const std::string& pattern, const ExpandOptions& options, const System& system);

Result<void> list_one(const std::string& pattern, bool verbose, const ExpandOptions& options, const System& system, Found& found) {
  if (const std::optional<TypePattern> type = parse_type_pattern(pattern)) {
    list_type(*type, verbose, system, found);
    return {};
  }
  const bool has_provider = pattern.find(':') != std::string::npos || is_provider_name(pattern);
  Diagnostics diags;
  std::optional<Spec> spec = parse_spec(has_provider ? pattern : "*:" + (pattern.empty() ? "*" : pattern), {}, diags);
  if (!spec) {
    const Diagnostic& first = diags.all().front();
    return fail(first.message, first.hints.empty() ? std::string() : first.hints.front());
  }
  complete(*spec);
  if (!has_wildcard(spec->provider)) {
    const Provider& provider = *find_provider(spec->provider);
    const bool is_supported = is_provider_name(provider.name());
    if (!is_supported) return fail(fmt::format("`{}` probes cannot be used here: {}", provider.name(), *provider.unavailable(system)));
    return list_provider(provider, *spec, verbose, options, system, found);
  }
  for (const Provider* provider : providers()) {
    if (!covers(*provider, *spec, options)) continue;
    if (Result<void> result = list_provider(*provider, *spec, verbose, options, system, found); !result) return result;
  }
  return {};
}

std::string nearest_to(const std::string& pattern, const ExpandOptions& options, const System& system) {
  const size_t last = pattern.find_last_of(": ");
  if (last == std::string::npos || has_wildcard(pattern)) return {};
  Found neighbours;
  if (!list_one(pattern.substr(0, last + 1) + "*", false, options, system, neighbours)) return {};
  std::vector<std::string_view> names;
  for (const auto& [name, parameters] : neighbours) names.push_back(std::string_view(name).substr(name.find_last_of(": ") + 1));
  const std::string_view near = nearest(std::string_view(pattern).substr(last + 1), names);
  return near.empty() ? std::string() : pattern.substr(0, last + 1) + std::string(near);
}

} // namespace

Result<Listed> list_probes(std::string_view pattern, bool verbose, const ExpandOptions& options, const System& system) {
  Found found;
  Listed listed;
  for (const std::string& one : split_list(pattern)) {
    Found matched;
    if (Result<void> result = list_one(one, verbose, options, system, matched); !result) return std::unexpected(result.error());
    if (matched.empty()) listed.unmatched.emplace_back(one, nearest_to(one, options, system));
    found.merge(matched);
  }
  for (auto& [name, parameters] : found) listed.probes.emplace_back(name, std::move(parameters));
  return listed;
}

} // namespace trapline::probes
