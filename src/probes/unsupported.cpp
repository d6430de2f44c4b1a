// Probe types that scripts in the wild use and this version cannot trace. They have names, so that a script is told what
// is missing, here and on this kernel, instead of that its probe type is unknown.
#include "probes/registry.h"

#include <array>

namespace trapline::probes {
namespace {

// What a probe type needs of the kernel.
enum class Need : uint8_t { Kprobes, Fentry, Nothing };

class Unsupported final : public Provider {
public:
  Unsupported(std::string_view name, std::vector<std::string_view> aliases, Need need)
      : name_(name), aliases_(std::move(aliases)), need_(need) {}

  std::string_view name() const override { return name_; }
  std::vector<std::string_view> aliases() const override { return aliases_; }
  std::string_view summary() const override { return "not supported by this version"; }
  std::string_view form() const override { return name_; }

  std::optional<std::string> unavailable(const System& system) const override {
    const KernelFeatures& features = system.features();
    if (need_ == Need::Kprobes && !features.kprobes)
      return "this kernel has no kprobes (it was built without CONFIG_KPROBES, or lockdown forbids them)";
    if (need_ == Need::Fentry && !features.fentry)
      return "this kernel cannot trace functions with BPF (it lacks CONFIG_FUNCTION_TRACER or CONFIG_DEBUG_INFO_BTF, or lockdown "
             "forbids it)";
    return "this version of trapline does not support them yet";
  }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions&, const System& system,
                            Diagnostics& diags) const override {
    diags.report(DiagId::ProviderUnavailable, spec.span, name_, *unavailable(system));
    return {};
  }

  void list(const std::vector<std::string>&, bool, const ExpandOptions&, const System&, const ListSink&) const override {}

  Result<Attached> attach(const AttachRequest&) const override {
    return fail(fmt::format("`{}` probes are not supported by this version", name_));
  }

private:
  std::string_view name_;
  std::vector<std::string_view> aliases_;
  Need need_;
};

} // namespace

std::span<const Provider* const> unsupported_providers() {
  static const Unsupported kprobe("kprobe", {"k"}, Need::Kprobes), kretprobe("kretprobe", {"kr"}, Need::Kprobes),
      fentry("fentry", {"f", "kfunc"}, Need::Fentry), fexit("fexit", {"fr", "kretfunc"}, Need::Fentry),
      watchpoint("watchpoint", {"w"}, Need::Nothing), asyncwatchpoint("asyncwatchpoint", {"aw"}, Need::Nothing),
      iter("iter", {"it"}, Need::Nothing);
  static const std::array<const Provider*, 7> all = {&kprobe, &kretprobe, &fentry, &fexit, &watchpoint, &asyncwatchpoint, &iter};
  return all;
}

} // namespace trapline::probes
