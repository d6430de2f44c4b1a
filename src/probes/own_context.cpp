#include "probes/own_context.h"

namespace trapline::probes {

std::vector<Group> own_context(std::string_view provider, std::string name, ProbeRole role, std::string_view probetype) {
  Context context;
  context.program_type = ProgramType::RawTracepoint;
  context.provider = provider;
  context.probetype = probetype;
  context.args_note = "it has no arguments";
  Target target;
  target.name = std::move(name);
  return {{std::move(context), "raw_tp", role, {std::move(target)}}};
}

} // namespace trapline::probes
