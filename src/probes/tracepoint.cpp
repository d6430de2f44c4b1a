// tracepoint: the kernel's static events, with typed `args`. Three mechanisms, cheapest first:
//
//   system calls     one raw tracepoint for all of them (syscall_context.h)
//   raw tracepoint   when the block reads no field: attaching and detaching take 0.2 ms
//   perf event       when it reads fields, which are laid out in a record only there. Detaching takes 60 to 90 ms, as the
//                    kernel waits for every CPU
//
// A kernel stack taken in a raw tracepoint begins with frames of the tracing itself, so blocks that take one use perf
// events too, as long as there are few.
#include "probes/groups.h"
#include "probes/links.h"
#include "probes/record_fields.h"
#include "probes/registry.h"
#include "probes/report.h"
#include "probes/syscall_context.h"

#include <algorithm>
#include <cerrno>
#include <unordered_set>

namespace trapline::probes {
namespace {

constexpr std::string_view kSyscalls = "syscalls", kRawSyscalls = "raw_syscalls";
// Events of ftrace's own ring buffer, which no program can be attached to.
constexpr std::string_view kFtrace = "ftrace";
constexpr size_t kFewEvents = 4;

struct Event {
  std::string system, name;
  std::optional<TracepointFormat> format; // read when the event was named without wildcard, or `args` is used
};

// What a spec asks for: wildcards or names.
struct Pattern {
  std::string system, event;
  bool is_wildcard() const { return has_wildcard(system) || has_wildcard(event); }
};

std::string full_name(std::string_view system, std::string_view event) { return fmt::format("tracepoint:{}:{}", system, event); }

// The systems that a pattern stands for; reports what the machine refuses.
std::vector<std::string> systems_matching(const std::string& pattern, const System& system) {
  if (!has_wildcard(pattern)) return {pattern};
  std::vector<std::string> found;
  if (Result<std::vector<std::string>> all = system.tracepoint_systems())
    for (std::string& name : *all)
      if (name != kFtrace && matches(pattern, name)) found.push_back(std::move(name));
  return found;
}

std::vector<Event> events_matching(const Pattern& pattern, const System& system) {
  std::vector<Event> events;
  for (const std::string& name : systems_matching(pattern.system, system)) {
    Result<std::vector<std::string>> all = system.tracepoint_events(name);
    for (std::string& event : all ? *all : std::vector<std::string>{})
      if (matches(pattern.event, event)) events.push_back({name, std::move(event), std::nullopt});
  }
  return events;
}

void hint_event(Diagnostic& diag, const Pattern& pattern, const std::vector<std::string>& systems, const System& system) {
  auto views = [](const std::vector<std::string>& names) { return std::vector<std::string_view>(names.begin(), names.end()); };
  std::string home = pattern.system;
  if (std::ranges::find(systems, home) == systems.end()) home = nearest(pattern.system, views(systems));
  if (!home.empty()) {
    const auto events = system.tracepoint_events(home).value_or(std::vector<std::string>{});
    const bool exact = std::ranges::find(events, pattern.event) != events.end();
    const std::string near = exact ? pattern.event : std::string(nearest(pattern.event, views(events)));
    if (!near.empty()) diag.hint(fmt::format("did you mean `{}:{}`?", home, near));
    if (!near.empty() || home == pattern.system) return;
    diag.hint(fmt::format("there is no system `{}`; did you mean `{}`?", pattern.system, home));
    return;
  }
  for (const std::string& other : systems) { // the right event under the wrong system
    const auto events = system.tracepoint_events(other).value_or(std::vector<std::string>{});
    if (std::ranges::find(events, pattern.event) == events.end()) continue;
    diag.hint(fmt::format("did you mean `{}:{}`?", other, pattern.event));
    return;
  }
}

void report_unknown(const Spec& spec, const Pattern& pattern, const System& system, Diagnostics& diags) {
  const std::vector<std::string> systems = *system.tracepoint_systems();
  const bool system_exists = std::ranges::find(systems, pattern.system) != systems.end();
  const Span span = spec.part_span(system_exists && spec.parts.size() > 1 ? 2 : 1);
  Diagnostic& diag = diags.report(DiagId::UnknownTracepoint, span, fmt::format("{}:{}", pattern.system, pattern.event));
  hint_event(diag, pattern, systems, system);
}

// Chooses mechanisms and sorts events into groups.
class Planner {
public:
  Planner(const BlockUse& use, const ExpandOptions& options, const System& system, size_t events)
      : use_(use), options_(options), system_(system), features_(system.features()), events_(events),
        wants_kernel_stack_(use.kernel_stack && events <= kFewEvents) {}

  void add(Event& event) {
    if (use_.args && !event.format) event.format = system_.tracepoint_format(event.system, event.name);
    if (add_syscall(event) || add_raw(event)) return;
    add_perf(event);
  }
  std::vector<Group> take() { return groups_.take(); }

private:
  const TracepointFormat* format_for_args(const Event& event) const {
    return use_.args && event.format ? &*event.format : nullptr;
  }

  static Target target_of(const Event& event) {
    Target target;
    target.name = full_name(event.system, event.name);
    target.path = event.system;
    target.event = event.name;
    return target;
  }

  void finish(Context& context) const { context.filter_pid_in_program = options_.pid.has_value(); }

  bool add_syscall(const Event& event) {
    if (wants_kernel_stack_) return false;
    if (event.system == kRawSyscalls) {
      for (SyscallSide side : {SyscallSide::Enter, SyscallSide::Exit})
        if (event.name == raw_event(side)) return add_raw_syscall(side, event);
      return false;
    }
    if (event.system != kSyscalls) return false;
    const std::optional<SyscallEvent> parsed = parse_syscall_event(event.name);
    const std::optional<int> number = parsed ? system_.syscall_number(parsed->syscall) : std::nullopt;
    if (!number) return false;
    Context context = syscall_context(parsed->side, format_for_args(event), system_.types());
    finish(context);
    groups_.add(std::move(context), "raw_tp", target_of(event), number);
    return true;
  }

  bool add_raw_syscall(SyscallSide side, const Event& event) {
    Context context = raw_syscall_context(side, format_for_args(event), system_.types());
    context.cookie = features_.raw_tp_cookie;
    finish(context);
    groups_.add(std::move(context), "raw_tp", target_of(event));
    return true;
  }

  bool add_raw(const Event& event) {
    if (use_.args || wants_kernel_stack_ || !has_raw_tracepoint(event.name)) return false;
    // Without cookies each event would need a program of its own; with cookies for perf events one serves all.
    if (events_ > 1 && !features_.raw_tp_cookie && features_.attach_cookie) return false;
    Context context;
    context.program_type = ProgramType::RawTracepoint;
    context.provider = "tracepoint";
    context.has_args = true;
    context.cookie = features_.raw_tp_cookie;
    finish(context);
    groups_.add(std::move(context), "raw_tp", target_of(event));
    return true;
  }

  void add_perf(const Event& event) {
    const bool is_syscall = event.system == kSyscalls;
    Context context;
    context.program_type = ProgramType::Tracepoint;
    context.provider = "tracepoint";
    context.default_space = is_syscall ? AddressSpace::User : AddressSpace::Kernel;
    context.user_args = is_syscall;
    context.has_args = true;
    context.cookie = features_.attach_cookie;
    if (const TracepointFormat* format = format_for_args(event))
      for (const TracepointField& field : format->fields)
        context.args.push_back(record_field(field, context.default_space, system_.types()));
    finish(context);
    Target target = target_of(event);
    if (event.format) target.offset = event.format->id;
    groups_.add(std::move(context), "tracepoint", std::move(target));
  }

  bool has_raw_tracepoint(const std::string& name) {
    if (!raw_read_) {
      raw_read_ = true;
      for (std::string& raw : system_.raw_tracepoints()) raw_.insert(std::move(raw));
    }
    return raw_.contains(name);
  }

  const BlockUse& use_;
  const ExpandOptions& options_;
  const System& system_;
  const KernelFeatures& features_;
  size_t events_;
  bool wants_kernel_stack_;
  bool raw_read_ = false;
  std::unordered_set<std::string> raw_;
  Groups groups_;
};

class Tracepoint final : public Provider {
public:
  std::string_view name() const override { return "tracepoint"; }
  std::vector<std::string_view> aliases() const override { return {"t"}; }
  std::string_view summary() const override { return "static events of the kernel, with typed arguments"; }
  std::string_view form() const override { return "tracepoint:SYSTEM:EVENT"; }
  WildcardFamily wildcard_family() const override { return WildcardFamily::Kernel; }

  std::vector<Group> expand(const Spec& spec, const BlockUse& use, const ExpandOptions& options, const System& system,
                            Diagnostics& diags) const override {
    const std::optional<Pattern> pattern = pattern_of(spec, diags);
    if (!pattern) return {};
    std::vector<Event> events = find(spec, *pattern, options, system, diags);
    Planner planner(use, options, system, events.size());
    for (Event& event : events) planner.add(event);
    return planner.take();
  }

  void list(const std::vector<std::string>& pattern, bool verbose, const ExpandOptions&, const System& system,
            const ListSink& sink) const override {
    const bool one_part = pattern.size() < 2;
    const std::string first = pattern.empty() || pattern[0].empty() ? "*" : pattern[0];
    for (const Event& event : events_matching({one_part ? "*" : first, one_part ? "*" : pattern[1]}, system)) {
      // One part names events, or systems and events together.
      if (one_part && !matches(first, event.name) && !matches(first, event.system + ":" + event.name)) continue;
      sink(full_name(event.system, event.name), verbose ? describe_fields(event, system) : std::vector<std::string>{});
    }
  }

  Result<Attached> attach(const AttachRequest& request) const override {
    if (request.probe->type == ProgramType::RawTracepoint) return attach_raw(request);
    return attach_perf(request);
  }

private:
  std::optional<Pattern> pattern_of(const Spec& spec, Diagnostics& diags) const {
    if (spec.parts.size() == 1 && has_wildcard(spec.parts[0])) return Pattern{"*", spec.parts[0]};
    if (spec.parts.size() == 2 && !spec.parts[0].empty() && !spec.parts[1].empty()) return Pattern{spec.parts[0], spec.parts[1]};
    const std::string_view problem = spec.parts.size() > 2 ? "it has too many parts" : "the system or the event is missing";
    report_malformed(*this, spec, spec.span, problem, diags);
    return std::nullopt;
  }

  static std::vector<Event> find(const Spec& spec, const Pattern& pattern, const ExpandOptions& options, const System& system,
                                 Diagnostics& diags) {
    if (!pattern.is_wildcard()) {
      std::optional<TracepointFormat> format = system.tracepoint_format(pattern.system, pattern.event);
      if (format) return {{pattern.system, pattern.event, std::move(format)}};
    }
    std::vector<Event> events;
    if (pattern.is_wildcard()) events = events_matching(pattern, system);
    if (!events.empty()) return events;
    if (Result<std::vector<std::string>> readable = system.tracepoint_systems(); !readable)
      report_refused(readable.error(), spec.span, diags);
    else if (pattern.is_wildcard())
      report_no_match(spec, spec.span, options, diags);
    else if (!options.missing_is_silent)
      report_unknown(spec, pattern, system, diags);
    return {};
  }

  static std::vector<std::string> describe_fields(const Event& event, const System& system) {
    std::vector<std::string> lines;
    if (const auto format = system.tracepoint_format(event.system, event.name))
      for (const TracepointField& field : format->fields) lines.push_back(describe(field));
    return lines;
  }

  // Targets of `syscalls` share one attachment; every other target has its own.
  static Result<Attached> attach_raw(const AttachRequest& request) {
    const std::vector<Target>& targets = request.probe->targets;
    Attached attached;
    if (!targets.empty() && targets[0].path == kSyscalls) {
      const std::optional<SyscallEvent> event = parse_syscall_event(targets[0].event);
      const std::string name(event ? raw_event(event->side) : std::string_view(targets[0].event));
      Result<UniqueFd> link = attach_raw_tracepoint(request.program_fd, name, 0);
      if (!link) return std::unexpected(link.error());
      attached.links.push_back(std::move(*link));
      attached.count = targets.size();
      return attached;
    }
    for (size_t i = 0; i < targets.size(); ++i)
      take(attach_raw_tracepoint(request.program_fd, targets[i].event, targets[i].cookie), i, attached);
    return attached;
  }

  static Result<Attached> attach_perf(const AttachRequest& request) {
    Attached attached;
    for (size_t i = 0; i < request.probe->targets.size(); ++i)
      take(attach_event(request.program_fd, request.probe->targets[i]), i, attached);
    return attached;
  }

  static Result<UniqueFd> attach_event(int program_fd, const Target& target) {
    const Result<uint64_t> id = target.offset != 0 ? target.offset : tracepoint_id(target.path, target.event);
    if (!id) return std::unexpected(id.error());
    perf_event_attr attributes{};
    attributes.size = sizeof attributes;
    attributes.type = PERF_TYPE_TRACEPOINT;
    attributes.config = *id;
    attributes.sample_period = 1;
    // A program on a tracepoint runs on every CPU, wherever its perf event was opened.
    Result<UniqueFd> event = open_perf_event_somewhere(attributes);
    if (!event) return std::unexpected(event.error());
    return attach_perf_event(program_fd, std::move(*event), target.cookie);
  }

  static void take(Result<UniqueFd> link, size_t target, Attached& attached) {
    if (!link) {
      attached.refused.push_back({target, std::move(link.error())});
      return;
    }
    attached.links.push_back(std::move(*link));
    ++attached.count;
  }
};

} // namespace

const Provider& tracepoint_provider() {
  static const Tracepoint provider;
  return provider;
}

} // namespace trapline::probes
