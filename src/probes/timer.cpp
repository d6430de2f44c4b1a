// profile and interval: the CPU clock. profile samples what every CPU is running; interval runs on one CPU, whatever is
// current there.
#include "probes/groups.h"
#include "probes/numbers.h"
#include "probes/perf_event.h"
#include "probes/registry.h"
#include "probes/report.h"

#include <algorithm>

namespace trapline::probes {
namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr uint64_t kShortest = 1000; // nanoseconds

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};
// In a duration literal, which may be longer than what a part of its own names.
constexpr Unit kUnits[] = {{"us", 1000},
                           {"ms", 1'000'000},
                           {"s", kNanosecondsPerSecond},
                           {"ns", 1},
                           {"m", 60 * kNanosecondsPerSecond},
                           {"h", 3600 * kNanosecondsPerSecond},
                           {"d", 86400 * kNanosecondsPerSecond}};
constexpr std::span kPartUnits(kUnits, 3);

struct Rate {
  uint64_t period = 0; // nanoseconds, or a frequency
  bool is_frequency = false;
  std::string name; // "hz:49"
};

class Timer final : public Provider {
public:
  explicit Timer(bool is_interval) : is_interval_(is_interval) {}

  std::string_view name() const override { return is_interval_ ? "interval" : "profile"; }
  std::vector<std::string_view> aliases() const override { return {is_interval_ ? "i" : "p"}; }
  std::string_view summary() const override {
    return is_interval_ ? "at regular times, on one CPU" : "samples of what runs, on every CPU";
  }
  std::string_view form() const override { return is_interval_ ? "interval:UNIT:COUNT" : "profile:UNIT:COUNT"; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions& options, const System& system,
                            Diagnostics& diags) const override {
    const std::optional<Rate> rate = rate_of(spec, diags);
    if (!rate) return {};
    Context context = perf_event_context(name(), system);
    context.filter_pid_in_program = !is_interval_ && (options.pid || options.has_child);
    Target target;
    target.name = fmt::format("{}:{}", name(), rate->name);
    target.period = rate->period;
    target.is_frequency = rate->is_frequency;
    Groups groups;
    groups.add(std::move(context), "perf_event", std::move(target));
    return groups.take();
  }

  void list(const std::vector<std::string>& pattern, bool, const ExpandOptions&, const System&, const ListSink& sink) const override {
    for (std::string_view unit : {"hz", "ms", "s", "us"})
      if (pattern.empty() || pattern[0].empty() || matches(pattern[0], unit)) sink(fmt::format("{}:{}:", name(), unit), {});
  }

  Result<Attached> attach(const AttachRequest& request) const override {
    return attach_per_cpu(request, is_interval_, [](const Target& target, perf_event_attr& attributes) {
      attributes.type = PERF_TYPE_SOFTWARE;
      attributes.config = PERF_COUNT_SW_CPU_CLOCK;
      // The clock's period counts nanoseconds; a frequency would be held against perf_event_max_sample_rate.
      attributes.sample_period = target.is_frequency ? std::max<uint64_t>(kNanosecondsPerSecond / target.period, 1) : target.period;
    });
  }

private:
  std::optional<Rate> rate_of(const Spec& spec, Diagnostics& diags) const {
    if (spec.parts.empty() || spec.parts.size() > 2) {
      report_malformed(*this, spec, spec.span, spec.parts.empty() ? "unit and count are missing" : "it has too many parts", diags);
      return std::nullopt;
    }
    std::string problem;
    const std::optional<Rate> rate = spec.parts.size() == 2 ? with_unit(spec.parts[0], spec.parts[1], problem)
                                                            : without_unit(spec.parts[0], problem);
    if (rate) return rate;
    const bool concerns_unit = spec.parts.size() == 2 && problem.starts_with("unknown unit");
    report_malformed(*this, spec, spec.part_span(concerns_unit ? 1 : spec.parts.size()), problem, diags);
    return std::nullopt;
  }

  // "hz", "49"
  static std::optional<Rate> with_unit(const std::string& unit, const std::string& count, std::string& problem) {
    const bool is_frequency = unit == "hz";
    const auto known = std::ranges::find(kPartUnits, std::string_view(unit), &Unit::name);
    if (!is_frequency && known == kPartUnits.end()) {
      problem = fmt::format("unknown unit `{}`, it must be hz, s, ms or us", unit);
      return std::nullopt;
    }
    const std::optional<uint64_t> number = parse_number(count);
    if (!number || *number == 0) {
      problem = count.empty() ? "the count is missing" : fmt::format("`{}` is not a positive number", count);
      return std::nullopt;
    }
    Rate rate{*number, is_frequency, fmt::format("{}:{}", unit, *number)};
    if (is_frequency) {
      if (*number <= kNanosecondsPerSecond / kShortest) return rate;
      problem = "the frequency is above 1000000";
      return std::nullopt;
    }
    if (__builtin_mul_overflow(*number, known->nanoseconds, &rate.period) || rate.period > uint64_t(INT64_MAX)) {
      problem = "the period is too long";
      return std::nullopt;
    }
    return rate;
  }

  // "10ms", or nanoseconds. The kernel's clock and the name both count microseconds.
  static std::optional<Rate> without_unit(const std::string& text, std::string& problem) {
    const size_t digits = std::min(text.find_first_not_of("0123456789_"), text.size());
    const std::string_view suffix = std::string_view(text).substr(digits);
    const std::optional<uint64_t> number = parse_number(std::string_view(text).substr(0, digits));
    const auto* unit = std::ranges::find(kUnits, suffix.empty() ? "ns" : suffix, &Unit::name);
    uint64_t period = 0;
    if (text == "hz" || std::ranges::find(kPartUnits, std::string_view(text), &Unit::name) != kPartUnits.end())
      problem = "the count is missing";
    else if (!number || unit == std::end(kUnits))
      problem = fmt::format("`{}` is neither nanoseconds nor a duration in ns, us, ms or s", text);
    else if (__builtin_mul_overflow(*number, unit->nanoseconds, &period) || period > uint64_t(INT64_MAX))
      problem = "the period is too long";
    else if (period < kShortest)
      problem = "the period is shorter than 1000 ns";
    else
      return Rate{period / 1000 * 1000, false, fmt::format("us:{}", period / 1000)};
    return std::nullopt;
  }

  bool is_interval_;
};

} // namespace

const Provider& profile_provider() {
  static const Timer provider(false);
  return provider;
}

const Provider& interval_provider() {
  static const Timer provider(true);
  return provider;
}

} // namespace trapline::probes
