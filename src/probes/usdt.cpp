// usdt: markers that programs and libraries were compiled with. A marker may stand at many places; each is a target, and
// places whose arguments lie elsewhere are separate groups. A semaphore, where there is one, is counted up by the kernel
// while the probe is attached.
#include "probes/groups.h"
#include "probes/registers.h"
#include "probes/registry.h"
#include "probes/report.h"
#include "probes/uprobe_links.h"
#include "probes/usdt_arguments.h"
#include "probes/user_files.h"

#include <algorithm>

namespace trapline::probes {
namespace {

constexpr uint32_t kLinux610 = 6 << 16 | 10 << 8;

struct Marker {
  std::string file;
  std::string provider = "*";
  std::string name;
  size_t file_part = 1, name_part = 1;
};

bool names(const Marker& marker, const UsdtSite& site) {
  return matches(marker.provider, site.provider) && matches(marker.name, site.name);
}

// Distances between a place in the code and the file's symbols, both in memory.
class SymbolMap {
public:
  SymbolMap(const System& system, const std::string& path) : system_(system), path_(path) {}

  std::optional<int64_t> distance(std::string_view symbol, uint64_t site_offset) {
    if (!symbols_) symbols_ = system_.elf_symbols(path_).value_or(std::vector<ElfSymbol>{});
    const ElfSymbol* target = nullptr;
    const ElfSymbol* before = nullptr; // the function the site is in, or the nearest ahead of it
    for (const ElfSymbol& candidate : *symbols_) {
      if (candidate.name == symbol) target = &candidate;
      const bool is_ahead = candidate.is_function && candidate.file_offset <= site_offset;
      if (is_ahead && (before == nullptr || candidate.file_offset > before->file_offset)) before = &candidate;
    }
    if (target == nullptr || before == nullptr) return std::nullopt;
    const uint64_t site_address = before->address + (site_offset - before->file_offset);
    return int64_t(target->address - site_address);
  }

private:
  const System& system_;
  const std::string& path_;
  std::optional<std::vector<ElfSymbol>> symbols_;
};

class Usdt final : public Provider {
public:
  std::string_view name() const override { return "usdt"; }
  std::vector<std::string_view> aliases() const override { return {"U"}; }
  std::string_view summary() const override { return "markers compiled into programs and libraries"; }
  std::string_view form() const override { return "usdt:FILE:[PROVIDER:]NAME"; }
  WildcardFamily wildcard_family() const override { return WildcardFamily::Files; }

  std::vector<Group> expand(const Spec& spec, const BlockUse& use, const ExpandOptions& options, const System& system,
                            Diagnostics& diags) const override {
    const std::optional<Marker> marker = marker_of(spec, diags);
    if (!marker) return {};
    const std::vector<std::string> files = files_named(*this, spec, marker->file_part, marker->file, options, system, diags);
    const bool is_one_file = files.size() == 1 && !marker->file.empty() && marker->file != "*";
    Groups groups;
    bool found = false;
    for (const std::string& path : files) {
      const Result<std::vector<UsdtSite>> sites = system.usdt_sites(path);
      if (!sites && is_one_file) {
        diags.report(DiagId::UnknownFile, spec.part_span(marker->file_part), path, sites.error().message);
        return {};
      }
      SymbolMap symbols(system, path);
      for (const UsdtSite& site : sites ? *sites : std::vector<UsdtSite>{}) {
        if (!names(*marker, site)) continue;
        found = true;
        groups.add(context_for(site, use, options, system, symbols), "kprobe", target_of(path, site));
      }
    }
    if (!found && !files.empty()) report_missing(spec, *marker, files, options, system, diags);
    return groups.take();
  }

  void list(const std::vector<std::string>& pattern, bool, const ExpandOptions& options, const System& system,
            const ListSink& sink) const override {
    Marker marker;
    marker.name = pattern.empty() || pattern.back().empty() ? "*" : pattern.back();
    if (pattern.size() > 1) marker.file = pattern[0];
    if (pattern.size() > 2 && !pattern[1].empty()) marker.provider = pattern[1];
    std::vector<std::string> files;
    if (!marker.file.empty() && marker.file != "*")
      files = system.resolve_binary(marker.file, options.pid);
    else if (options.pid)
      files = system.mapped_executables(*options.pid);
    for (const std::string& path : files)
      if (const auto sites = system.usdt_sites(path))
        for (const UsdtSite& site : *sites)
          if (names(marker, site)) sink(full_name(path, site), {});
  }

  Result<Attached> attach(const AttachRequest& request) const override { return attach_uprobes(request); }

private:
  static std::string full_name(const std::string& path, const UsdtSite& site) {
    return fmt::format("usdt:{}:{}:{}", path, site.provider, site.name);
  }

  std::optional<Marker> marker_of(const Spec& spec, Diagnostics& diags) const {
    Marker marker;
    if (spec.parts.empty() || spec.parts.size() > 3) {
      report_malformed(*this, spec, spec.span, spec.parts.empty() ? "the marker is missing" : "it has too many parts", diags);
      return std::nullopt;
    }
    marker.name = spec.parts.back();
    marker.name_part = spec.parts.size();
    if (spec.parts.size() > 1) marker.file = spec.parts[0];
    if (spec.parts.size() > 2 && !spec.parts[1].empty()) marker.provider = spec.parts[1];
    if (!marker.name.empty()) return marker;
    report_malformed(*this, spec, spec.span, "the marker is missing", diags);
    return std::nullopt;
  }

  static Target target_of(const std::string& path, const UsdtSite& site) {
    Target target;
    target.name = full_name(path, site);
    target.function = site.name;
    target.path = path;
    target.event = site.name;
    target.offset = site.file_offset;
    target.ref_ctr_offset = site.semaphore_offset;
    return target;
  }

  static Context context_for(const UsdtSite& site, const BlockUse& use, const ExpandOptions& options, const System& system,
                             SymbolMap& symbols) {
    // Before Linux 6.10 a uprobe_multi link filters by thread, not by process.
    const KernelFeatures& features = system.features();
    const bool multi = features.uprobe_multi && (!(options.pid || options.has_child) || features.release >= kLinux610);
    Context context;
    context.program_type = multi ? ProgramType::UprobeMulti : ProgramType::Kprobe;
    context.provider = "usdt";
    context.default_space = AddressSpace::User;
    context.user_args = true;
    context.args_note = "a marker's arguments have no names; use arg0, arg1 and so on";
    // Sites that differ only in arguments that nobody reads share a program.
    if (use.arg_n)
      context.arg_n = parse_usdt_arguments(
          site.arguments, [&](std::string_view symbol) { return symbols.distance(symbol, site.file_offset); });
    context.registers = 0;
    context.has_context_pointer = true;
    context.instruction_pointer = registers::kInstructionPointer;
    context.user_function = true;
    context.cookie = multi || features.attach_cookie;
    return context;
  }

  static void report_missing(const Spec& spec, const Marker& marker, const std::vector<std::string>& files,
                             const ExpandOptions& options, const System& system, Diagnostics& diags) {
    if (has_wildcard(marker.name) || has_wildcard(marker.provider == "*" ? "" : marker.provider))
      return report_no_match(spec, spec.part_span(marker.name_part), options, diags);
    if (options.missing_is_silent) return;
    std::vector<UsdtSite> sites;
    for (const std::string& path : files)
      if (Result<std::vector<UsdtSite>> found = system.usdt_sites(path)) std::ranges::move(*found, std::back_inserter(sites));
    std::vector<std::string_view> candidates;
    for (const UsdtSite& site : sites) candidates.push_back(site.name);
    const std::string wanted = marker.provider == "*" ? marker.name : marker.provider + ":" + marker.name;
    const std::string where = files.size() == 1 ? files[0] : fmt::format("{} files", files.size());
    Diagnostic& diag = diags.report(DiagId::UnknownMarker, spec.part_span(marker.name_part), wanted, where);
    if (sites.empty())
      diag.hint("no markers were compiled into it");
    else if (const auto same = std::ranges::find(sites, marker.name, &UsdtSite::name); same != sites.end())
      diag.hint(fmt::format("did you mean `{}:{}`?", same->provider, same->name));
    else
      hint_nearest(diag, marker.name, candidates);
  }
};

} // namespace

const Provider& usdt_provider() {
  static const Usdt provider;
  return provider;
}

} // namespace trapline::probes
