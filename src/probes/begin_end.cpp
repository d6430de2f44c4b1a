// begin and end: blocks that run once, in trapline's own context, before anything is attached and after everything is
// detached.
#include "probes/own_context.h"
#include "probes/registry.h"

namespace trapline::probes {

namespace {

class Lifetime final : public OwnContextProvider {
public:
  Lifetime(std::string_view name, std::string_view summary, ProbeRole role) : name_(name), summary_(summary), role_(role) {}

  std::string_view name() const override { return name_; }
  std::string_view summary() const override { return summary_; }
  std::string_view form() const override { return name_; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions&, const System&,
                            Diagnostics& diags) const override {
    if (spec.parts.size() > 1 || (spec.parts.size() == 1 && spec.parts[0] != "*")) {
      diags.report(DiagId::MalformedProbe, spec.span, spec.text, fmt::format("`{}` stands alone", name_));
      return {};
    }
    return own_context(name_, std::string(name_), role_, "special");
  }

private:
  std::string_view name_, summary_;
  ProbeRole role_;
};

} // namespace

const Provider& begin_provider() {
  static const Lifetime provider("begin", "once, before the other probes are attached", ProbeRole::Begin);
  return provider;
}

const Provider& end_provider() {
  static const Lifetime provider("end", "once, after the other probes are detached", ProbeRole::End);
  return provider;
}

} // namespace trapline::probes
