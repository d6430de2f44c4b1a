// self: blocks that run when trapline itself gets a signal.
#include "probes/own_context.h"
#include "probes/registry.h"
#include "probes/report.h"

namespace trapline::probes {
namespace {

constexpr std::string_view kSignal = "SIGUSR1";

class Self final : public OwnContextProvider {
public:
  std::string_view name() const override { return "self"; }
  std::string_view summary() const override { return "when trapline gets the signal SIGUSR1"; }
  std::string_view form() const override { return "self:signal:SIGUSR1"; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions&, const System&,
                            Diagnostics& diags) const override {
    if (spec.parts.size() != 2 || spec.parts[0] != "signal") {
      report_malformed(*this, spec, spec.span, "it needs `signal` and the name of a signal", diags);
      return {};
    }
    if (spec.parts[1] != kSignal) {
      report_malformed(*this, spec, spec.part_span(2), "only SIGUSR1 can be waited for", diags);
      return {};
    }
    return own_context(name(), std::string(form()), ProbeRole::Signal, "special");
  }

  void list(const std::vector<std::string>& pattern, bool, const ExpandOptions&, const System&, const ListSink& sink) const override {
    const auto fits = [&](size_t part, std::string_view text) { return pattern.size() <= part || matches(pattern[part], text); };
    if (fits(0, "signal") && fits(1, kSignal)) sink(std::string(form()), {});
  }
};

} // namespace

const Provider& self_provider() {
  static const Self provider;
  return provider;
}

} // namespace trapline::probes
