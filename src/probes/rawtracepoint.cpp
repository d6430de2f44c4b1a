// rawtracepoint: the arguments a tracepoint was called with, before a record is made of them.
#include "probes/groups.h"
#include "probes/links.h"
#include "probes/registry.h"
#include "probes/report.h"

#include <algorithm>

namespace trapline::probes {
namespace {

constexpr size_t kMaxArguments = 12; // of a raw tracepoint, each in 8 bytes of the context

std::string full_name(std::string_view event) { return fmt::format("rawtracepoint:{}", event); }

class RawTracepoint final : public Provider {
public:
  std::string_view name() const override { return "rawtracepoint"; }
  std::vector<std::string_view> aliases() const override { return {"rt"}; }
  std::string_view summary() const override { return "static events of the kernel, with the arguments they were called with"; }
  std::string_view form() const override { return "rawtracepoint:[MODULE:]EVENT"; }
  WildcardFamily wildcard_family() const override { return WildcardFamily::Kernel; }

  std::vector<Group> expand(const Spec& spec, const BlockUse& use, const ExpandOptions& options, const System& system,
                            Diagnostics& diags) const override {
    if (spec.parts.empty() || spec.parts.size() > 2 || spec.parts.back().empty()) {
      const bool too_many = spec.parts.size() > 2;
      report_malformed(*this, spec, spec.span, too_many ? "it has too many parts" : "the event is missing", diags);
      return {};
    }
    const std::string& pattern = spec.parts.back();
    Groups groups;
    bool found = false;
    for (const std::string& event : events(system)) {
      if (!matches(pattern, event)) continue;
      found = true;
      Target target;
      target.name = full_name(event);
      target.event = event;
      // Programs of type TRACING belong to one event, by its BTF.
      groups.add(context_for(event, use, options, system), use.tracked_args ? "tp_btf/" + event : "raw_tp", std::move(target));
    }
    if (!found) report_missing(spec, options, system, diags);
    return groups.take();
  }

  void list(const std::vector<std::string>& pattern, bool verbose, const ExpandOptions&, const System& system,
            const ListSink& sink) const override {
    const std::string wanted = pattern.empty() || pattern.back().empty() ? "*" : pattern.back();
    for (const std::string& event : events(system)) {
      if (!matches(wanted, event)) continue;
      std::vector<std::string> lines;
      if (const auto parameters = verbose ? system.types().raw_tracepoint(event) : std::nullopt)
        for (const TypeSource::Parameter& one : *parameters) lines.push_back(fmt::format("    {} {}", to_string(one.type), one.name));
      sink(full_name(event), lines);
    }
  }

  Result<Attached> attach(const AttachRequest& request) const override {
    Attached attached;
    for (size_t i = 0; i < request.probe->targets.size(); ++i) {
      const Target& target = request.probe->targets[i];
      Result<UniqueFd> link = request.probe->type == ProgramType::RawTracepointBtf ? attach_tracing_program(request.program_fd)
                                                                                       : attach_raw_tracepoint(request.program_fd, target.event, target.cookie);
      if (link) {
        attached.links.push_back(std::move(*link));
        ++attached.count;
      } else {
        attached.refused.push_back({i, std::move(link.error())});
      }
    }
    return attached;
  }

private:
  static std::vector<std::string> events(const System& system) {
    std::vector<std::string> names = system.raw_tracepoints();
    std::ranges::sort(names);
    return names;
  }

  static Fetch argument(size_t index, const Type& type) {
    Fetch fetch;
    fetch.how = Fetch::How::Context;
    fetch.offset = int64_t(8 * index);
    if (type.is_integral()) {
      fetch.size = type.size;
      fetch.is_signed = type.is_signed;
    }
    return fetch;
  }

  static Context context_for(const std::string& event, const BlockUse& use, const ExpandOptions& options, const System& system) {
    Context context;
    context.program_type = ProgramType::RawTracepoint;
    context.provider = "rawtracepoint";
    context.has_context_pointer = true;
    context.cookie = system.features().raw_tp_cookie && !use.tracked_args;
    if (use.tracked_args) context.program_type = ProgramType::RawTracepointBtf;
    context.filter_pid_in_program = options.pid.has_value();
    context.has_args = true;
    if (!use.args && !use.arg_n) return context;
    const auto parameters = system.types().raw_tracepoint(event);
    context.has_args = parameters.has_value();
    if (!parameters) context.args_note = "the kernel's types do not say what they are; use arg0, arg1 and so on";
    for (size_t i = 0; parameters && use.args && i < parameters->size(); ++i) {
      Type type = (*parameters)[i].type;
      if (type.is(Kind::Pointer)) type.space = use.tracked_args ? AddressSpace::Btf : AddressSpace::Kernel;
      const Fetch fetch = argument(i, type);
      context.args.push_back({(*parameters)[i].name, std::move(type), fetch});
    }
    if (use.arg_n)
      for (size_t i = 0; i < (parameters ? parameters->size() : kMaxArguments); ++i)
        context.arg_n.push_back(argument(i, Type::integer(8, false)));
    return context;
  }

  static void report_missing(const Spec& spec, const ExpandOptions& options, const System& system, Diagnostics& diags) {
    if (options.missing_is_silent) return;
    const Span span = spec.part_span(spec.parts.size());
    if (has_wildcard(spec.parts.back())) return report_no_match(spec, span, options, diags);
    const std::vector<std::string> names = events(system);
    Diagnostic& diag = diags.report(DiagId::UnknownTracepoint, span, spec.parts.back());
    if (names.empty()) diag.hint("this kernel has no BTF, which names them");
    hint_nearest(diag, spec.parts.back(), {names.begin(), names.end()});
  }
};

} // namespace

const Provider& rawtracepoint_provider() {
  static const RawTracepoint provider;
  return provider;
}

} // namespace trapline::probes
