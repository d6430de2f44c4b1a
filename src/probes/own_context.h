// Blocks that run in trapline's own context, by a test run of their program: begin, end, self, test, bench.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

// One target of that name, in a program of its own.
std::vector<Group> own_context(std::string_view provider, std::string name, ProbeRole role, std::string_view probetype);

class OwnContextProvider : public Provider {
public:
  std::vector<std::string_view> aliases() const override { return {}; }
  void list(const std::vector<std::string>&, bool, const ExpandOptions&, const System&, const ListSink&) const override {}
  // Nothing is attached: the runtime starts these.
  Result<Attached> attach(const AttachRequest&) const override {
    Attached attached;
    attached.count = 1;
    return attached;
  }
};

} // namespace trapline::probes
