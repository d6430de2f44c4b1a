// test: blocks that --test runs. One that returns 0 passes.
#include "probes/own_context.h"
#include "probes/registry.h"
#include "probes/report.h"

namespace trapline::probes {
namespace {

class Test final : public OwnContextProvider {
public:
  std::string_view name() const override { return "test"; }
  std::string_view summary() const override { return "a test of the script, run by --test"; }
  std::string_view form() const override { return "test:NAME"; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions&, const System&,
                            Diagnostics& diags) const override {
    if (spec.parts.size() != 1 || spec.parts[0].empty() || has_wildcard(spec.parts[0])) {
      report_malformed(*this, spec, spec.span, "it needs one name", diags);
      return {};
    }
    return own_context(name(), "test:" + spec.parts[0], ProbeRole::Test, "test");
  }
};

} // namespace

const Provider& test_provider() {
  static const Test provider;
  return provider;
}

} // namespace trapline::probes
