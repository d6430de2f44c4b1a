// bench: blocks that --bench runs again and again, to tell how long one run takes.
#include "probes/own_context.h"
#include "probes/registry.h"
#include "probes/report.h"

namespace trapline::probes {
namespace {

class Bench final : public OwnContextProvider {
public:
  std::string_view name() const override { return "bench"; }
  std::string_view summary() const override { return "a benchmark of the script, run by --bench"; }
  std::string_view form() const override { return "bench:NAME"; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions&, const System&,
                            Diagnostics& diags) const override {
    if (spec.parts.size() != 1 || spec.parts[0].empty() || has_wildcard(spec.parts[0])) {
      report_malformed(*this, spec, spec.span, "it needs one name", diags);
      return {};
    }
    return own_context(name(), "bench:" + spec.parts[0], ProbeRole::Benchmark, "benchmark");
  }
};

} // namespace

const Provider& bench_provider() {
  static const Bench provider;
  return provider;
}

} // namespace trapline::probes
