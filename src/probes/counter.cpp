// software and hardware: every so many events that the kernel or the CPU counts.
#include "probes/groups.h"
#include "probes/numbers.h"
#include "probes/perf_event.h"
#include "probes/registry.h"
#include "probes/report.h"

#include <algorithm>
#include <cerrno>

namespace trapline::probes {
namespace {

constexpr std::string_view kNoCounters =
    "this machine has no hardware performance counters (no CPU PMU): use a software event or a machine with counters";

struct Event {
  std::string_view name, alias;
  uint64_t config;
  uint64_t default_count;
};

constexpr Event kSoftware[] = {
    {"alignment-faults", "", PERF_COUNT_SW_ALIGNMENT_FAULTS, 1},
    {"bpf-output", "", PERF_COUNT_SW_BPF_OUTPUT, 1},
    {"context-switches", "cs", PERF_COUNT_SW_CONTEXT_SWITCHES, 1000},
    {"cpu-clock", "cpu", PERF_COUNT_SW_CPU_CLOCK, 1'000'000},
    {"cpu-migrations", "", PERF_COUNT_SW_CPU_MIGRATIONS, 1},
    {"dummy", "", PERF_COUNT_SW_DUMMY, 1},
    {"emulation-faults", "", PERF_COUNT_SW_EMULATION_FAULTS, 1},
    {"major-faults", "", PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1},
    {"minor-faults", "", PERF_COUNT_SW_PAGE_FAULTS_MIN, 100},
    {"page-faults", "faults", PERF_COUNT_SW_PAGE_FAULTS, 100},
    {"task-clock", "", PERF_COUNT_SW_TASK_CLOCK, 1},
};

constexpr Event kHardware[] = {
    {"backend-stalls", "", PERF_COUNT_HW_STALLED_CYCLES_BACKEND, 1'000'000},
    {"branch-instructions", "branches", PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 100'000},
    {"branch-misses", "", PERF_COUNT_HW_BRANCH_MISSES, 100'000},
    {"bus-cycles", "", PERF_COUNT_HW_BUS_CYCLES, 100'000},
    {"cache-misses", "", PERF_COUNT_HW_CACHE_MISSES, 1'000'000},
    {"cache-references", "", PERF_COUNT_HW_CACHE_REFERENCES, 1'000'000},
    {"cpu-cycles", "cycles", PERF_COUNT_HW_CPU_CYCLES, 1'000'000},
    {"frontend-stalls", "", PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, 1'000'000},
    {"instructions", "", PERF_COUNT_HW_INSTRUCTIONS, 1'000'000},
    {"ref-cycles", "", PERF_COUNT_HW_REF_CPU_CYCLES, 1'000'000},
};

template <uint32_t type> void describe(const Target& target, perf_event_attr& attributes) {
  attributes.type = type;
  attributes.config = target.offset;
  attributes.sample_period = target.period;
}

class Counter final : public Provider {
public:
  explicit Counter(bool is_hardware) : is_hardware_(is_hardware) {}

  std::string_view name() const override { return is_hardware_ ? "hardware" : "software"; }
  std::vector<std::string_view> aliases() const override { return {is_hardware_ ? "h" : "s"}; }
  std::string_view summary() const override {
    return is_hardware_ ? "every so many events that the CPU counts" : "every so many events that the kernel counts";
  }
  std::string_view form() const override { return is_hardware_ ? "hardware:EVENT[:COUNT]" : "software:EVENT[:COUNT]"; }
  WildcardFamily wildcard_family() const override { return WildcardFamily::Kernel; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions& options, const System& system,
                            Diagnostics& diags) const override {
    if (spec.parts.empty() || spec.parts[0].empty() || spec.parts.size() > 2) {
      const bool missing = spec.parts.size() <= 2;
      report_malformed(*this, spec, spec.span, missing ? "the event is missing" : "it has too many parts", diags);
      return {};
    }
    const Event* event = find_event(spec.parts[0]);
    if (event == nullptr) {
      std::vector<std::string_view> names;
      for (const Event& known : events()) names.insert(names.end(), {known.name, known.alias});
      std::erase(names, "");
      Diagnostic& diag = diags.report(DiagId::UnknownEvent, spec.part_span(1), name(), spec.parts[0]);
      hint_nearest(diag, spec.parts[0], names);
      return {};
    }
    const bool has_count = spec.parts.size() == 2 && !spec.parts[1].empty();
    const std::optional<uint64_t> count = has_count ? parse_number(spec.parts[1]) : event->default_count;
    if (!count || *count == 0 || *count > uint64_t(INT64_MAX)) {
      report_malformed(*this, spec, spec.part_span(2), fmt::format("`{}` is not a positive number", spec.parts[1]), diags);
      return {};
    }
    Context context = perf_event_context(name(), system);
    context.filter_pid_in_program = options.pid || options.has_child;
    Target target;
    target.name = fmt::format("{}:{}", name(), spec.parts[0]);
    if (has_count) target.name += fmt::format(":{}", *count);
    target.event = event->name;
    target.offset = event->config;
    target.period = *count;
    Groups groups;
    groups.add(std::move(context), "perf_event", std::move(target));
    return groups.take();
  }

  void list(const std::vector<std::string>& pattern, bool, const ExpandOptions&, const System&, const ListSink& sink) const override {
    const std::string_view wanted = pattern.empty() || pattern[0].empty() ? std::string_view("*") : pattern[0];
    for (const Event& event : events())
      for (std::string_view word : {event.name, event.alias})
        if (!word.empty() && matches(wanted, word)) sink(fmt::format("{}:{}:", name(), word), {});
  }

  std::optional<std::string> unavailable(const System& system) const override {
    if (!is_hardware_ || system.features().hardware_counters) return std::nullopt;
    return std::string(kNoCounters);
  }

  Result<Attached> attach(const AttachRequest& request) const override {
    Attached attached = attach_per_cpu(request, false, is_hardware_ ? describe<PERF_TYPE_HARDWARE> : describe<PERF_TYPE_SOFTWARE>);
    for (Refused& refused : attached.refused) {
      const int code = refused.error.code;
      if (!is_hardware_ || (code != ENOENT && code != EOPNOTSUPP && code != ENODEV)) continue;
      refused.error.message = fmt::format("the CPU does not count this event, or {}", kNoCounters);
    }
    return attached;
  }

private:
  std::span<const Event> events() const { return is_hardware_ ? std::span<const Event>(kHardware) : std::span<const Event>(kSoftware); }

  const Event* find_event(std::string_view word) const {
    for (const Event& event : events())
      if (event.name == word || (!event.alias.empty() && event.alias == word)) return &event;
    return nullptr;
  }

  bool is_hardware_;
};

} // namespace

const Provider& software_provider() {
  static const Counter provider(false);
  return provider;
}

const Provider& hardware_provider() {
  static const Counter provider(true);
  return provider;
}

} // namespace trapline::probes
