// The providers and how an attach point's text is split among them.
#include "probes/registry.h"

#include "probes/provider.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace trapline::probes {
namespace {

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// The short name a word looks like was mistyped in case only (`T` for `t`) is as good a hint as an edit distance.
std::string_view nearest_provider(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Provider* provider : providers()) {
    for (std::string_view alias : provider->aliases())
      if (equal_ignoring_case(alias, word)) return provider->name();
    names.push_back(provider->name());
  }
  return nearest(word, names);
}

// One part of an attach point: its text without quotes and escapes, and where it stands.
struct Part {
  std::string text;
  size_t begin = 0, end = 0;
};

std::vector<Part> split(std::string_view text) {
  std::vector<Part> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    Part& part = parts.back();
    if (quoted && text[i] == '\\' && i + 1 < text.size()) {
      part.text += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ':' && !quoted) {
      part.end = i;
      parts.push_back({{}, i + 1, i + 1});
    } else {
      part.text += text[i];
    }
  }
  parts.back().end = text.size();
  return parts;
}

} // namespace

std::span<const Provider* const> providers() {
  static const std::array<const Provider*, 14> all = {
      &begin_provider(),   &end_provider(),  &self_provider(),  &test_provider(), &bench_provider(),  &tracepoint_provider(), &rawtracepoint_provider(),
      &uprobe_provider(),  &uretprobe_provider(), &usdt_provider(),  &profile_provider(),
      &interval_provider(), &software_provider(), &hardware_provider()};
  return all;
}

const Provider* find_provider(std::string_view name) {
  auto named = [&](const Provider* provider) {
    const std::vector<std::string_view> aliases = provider->aliases();
    return equal_ignoring_case(provider->name(), name) || std::ranges::find(aliases, name) != aliases.end();
  };
  for (std::span<const Provider* const> list : {providers(), unsupported_providers()}) {
    const auto found = std::ranges::find_if(list, named);
    if (found != list.end()) return *found;
  }
  return nullptr;
}

bool matches(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0; // the last `*`, and the text it has not swallowed yet
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::optional<Spec> parse_spec(std::string_view text, Span span, Diagnostics& diags) {
  Spec spec;
  spec.text = text;
  spec.span = span;
  // A substituted positional parameter is not in the source at its own length: then only the whole span is exact.
  const bool is_source = span.end - span.begin == text.size();
  for (Part& part : split(text)) {
    const auto begin = uint32_t(part.begin), end = uint32_t(part.end);
    spec.part_spans.push_back(is_source ? Span{span.begin + begin, span.begin + end} : span);
    if (spec.part_spans.size() == 1) {
      size_t equals = part.text.find('=');
      if (equals != std::string::npos) spec.label = part.text.substr(0, equals);
      spec.provider = equals == std::string::npos ? std::move(part.text) : part.text.substr(equals + 1);
    } else
      spec.parts.push_back(std::move(part.text));
  }
  if (has_wildcard(spec.provider) || find_provider(spec.provider) != nullptr) return spec;

  Diagnostic& diag = diags.report(DiagId::UnknownProvider, spec.part_span(0), spec.provider);
  if (const std::string_view near = nearest_provider(spec.provider); !near.empty())
    diag.hint(fmt::format("did you mean `{}`?", near));
  return std::nullopt;
}

Span Spec::part_span(size_t part) const {
  if (part >= part_spans.size() || part_spans[part].begin == part_spans[part].end) return span;
  return part_spans[part];
}

std::vector<Spec> expand_provider_wildcard(const Spec& spec) {
  if (!has_wildcard(spec.provider)) return {spec};
  const bool names_file = !spec.parts.empty() && spec.parts[0].find('/') != std::string::npos;
  std::vector<Spec> specs;
  for (const Provider* provider : providers()) {
    if (provider->wildcard_family() != (names_file ? WildcardFamily::Files : WildcardFamily::Kernel)) continue;
    if (!matches(spec.provider, provider->name())) continue;
    specs.push_back(spec);
    specs.back().provider = provider->name();
  }
  return specs;
}

} // namespace trapline::probes
