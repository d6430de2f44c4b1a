// The config block and the BPFTRACE_* and TRAPLINE_* environment variables of the same names.
#include "builtins/percentiles.h"
#include "sema/fold.h"
#include "sema/passes.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace trapline::sema {

namespace {

using Settings = Program::Settings;

// Applies a value; an empty view, or what the value should have been.
using Apply = std::string_view (*)(Settings&, std::string_view value);

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return equal_ignoring_case(value, word); });
}

template <bool Settings::*member> std::string_view set_flag(Settings& settings, std::string_view value) {
  if (is_one_of(value, {"1", "true", "on", "yes"})) settings.*member = true;
  else if (is_one_of(value, {"0", "false", "off", "no"})) settings.*member = false;
  else return "it must be true or false";
  return {};
}

template <uint32_t Settings::*member, uint32_t lowest, uint32_t highest> std::string_view set_number(Settings& settings, std::string_view value) {
  Folded number = fold_positional(value);
  if (!number.value.is_integer() || value.starts_with('-')) return "it must be a positive number";
  if (number.value.integer() < lowest) return "it is too small";
  if (number.value.integer() > highest) return "it is too large";
  settings.*member = static_cast<uint32_t>(number.value.integer());
  return {};
}

// The old name says the opposite of the new one.
std::string_view set_no_demangle(Settings& settings, std::string_view value) {
  const std::string_view wrong = set_flag<&Settings::cpp_demangle>(settings, value);
  if (wrong.empty()) settings.cpp_demangle = !settings.cpp_demangle;
  return wrong;
}

std::string_view set_trailer(Settings& settings, std::string_view value) {
  settings.str_trunc_trailer = value;
  return {};
}

std::string_view set_missing_probes(Settings& settings, std::string_view value) {
  if (!is_one_of(value, {"error", "warn", "ignore"})) return "it must be error, warn or ignore";
  settings.missing_probes_error = equal_ignoring_case(value, "error");
  settings.missing_probes_warn = equal_ignoring_case(value, "warn");
  settings.missing_probes_silent = equal_ignoring_case(value, "ignore");
  return {};
}

std::string_view set_stack_mode(Settings& settings, std::string_view value) {
  if (equal_ignoring_case(value, "bpftrace")) settings.stack_mode = StackMode::Bpftrace;
  else if (equal_ignoring_case(value, "perf")) settings.stack_mode = StackMode::Perf;
  else if (equal_ignoring_case(value, "raw")) settings.stack_mode = StackMode::Raw;
  else if (equal_ignoring_case(value, "build_id")) settings.stack_mode = StackMode::BuildId;
  else return "it must be bpftrace, perf, raw or build_id";
  return {};
}

std::string_view set_percentiles(Settings& settings, std::string_view value) {
  auto percentiles = builtins::read_percentiles(value);
  if (!percentiles) return "it must be percentages with commas between, as in \"50, 99, 99.9\"";
  settings.hist_percentiles = std::move(*percentiles);
  return {};
}

// What bpftrace needs and we do not: checked, and without effect.
std::string_view check_flag(Settings&, std::string_view value) {
  return is_one_of(value, {"1", "true", "on", "yes", "0", "false", "off", "no"}) ? "" : "it must be true or false";
}

// What the kernel takes as compatible with its own license, letter by letter.
std::string_view set_license(Settings& settings, std::string_view value) {
  for (const std::string_view known : {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}) {
    if (value != known) continue;
    settings.license = value;
    return {};
  }
  return "it must be GPL, GPL v2, GPL and additional rights, Dual BSD/GPL, Dual MIT/GPL or Dual MPL/GPL; the kernel offers its "
         "tracing functions to no others";
}

std::string_view check_symbol_cache(Settings&, std::string_view value) {
  return is_one_of(value, {"PER_PID", "PER_PROGRAM", "NONE", "0", "1"}) ? "" : "it must be PER_PID, PER_PROGRAM or NONE";
}

std::string_view check_unstable(Settings&, std::string_view value) {
  bool known = is_one_of(value, {"enable", "warn", "error", "1", "true", "on", "yes", "0", "false", "off", "no"});
  return known ? "" : "it must be enable, warn or error";
}

std::string_view ignore(Settings&, std::string_view) { return {}; }

enum class Place : uint8_t { Current, Renamed, Retired, EnvironmentOnly };

struct Option {
  std::string_view key;
  Apply apply;
  Place place = Place::Current;
  std::string_view new_name = {};
};

constexpr uint32_t kLargestCount = 1U << 30;
constexpr uint32_t kSmallestLog = 128; // the kernel refuses shorter ones

constexpr auto kOptions = std::to_array<Option>({
    {"cache_user_symbols", check_symbol_cache},
    {"cpp_demangle", set_flag<&Settings::cpp_demangle>},
    {"hist_percentiles", set_percentiles},
    {"lazy_symbolication", check_flag},
    {"license", set_license},
    {"log_size", set_number<&Settings::log_size, kSmallestLog, kLargestCount>},
    {"max_bpf_progs", set_number<&Settings::max_bpf_progs, 1, kLargestCount>},
    {"max_cat_bytes", set_number<&Settings::max_cat_bytes, 1, kLargestCount>},
    {"max_map_keys", set_number<&Settings::max_map_keys, 1, kLargestCount>},
    {"max_probes", set_number<&Settings::max_probes, 1, kLargestCount>},
    {"max_strlen", set_number<&Settings::max_strlen, 1, 65536>},
    {"missing_probes", set_missing_probes},
    {"on_stack_limit", set_number<&Settings::on_stack_limit, 0, kLargestCount>},
    {"perf_rb_pages", set_number<&Settings::perf_rb_pages, 1, 1U << 20>},
    {"print_maps_on_exit", set_flag<&Settings::print_maps_on_exit>},
    {"show_debug_info", check_flag},
    {"stack_mode", set_stack_mode},
    {"str_trunc_trailer", set_trailer},
    {"unstable_dw_ustack", check_unstable},
    {"unstable_import_statement", check_unstable},
    {"unstable_tseries", check_unstable},
    {"unstable_typeinfo", check_unstable},
    {"use_blazesym", check_flag},
    {"cat_bytes_max", set_number<&Settings::max_cat_bytes, 1, kLargestCount>, Place::Renamed, "max_cat_bytes"},
    {"map_keys_max", set_number<&Settings::max_map_keys, 1, kLargestCount>, Place::Renamed, "max_map_keys"},
    {"no_cpp_demangle", set_no_demangle, Place::Renamed, "cpp_demangle"},
    {"strlen", set_number<&Settings::max_strlen, 1, 65536>, Place::Renamed, "max_strlen"},
    {"max_type_res_iterations", ignore, Place::Retired},
    {"symbol_source", ignore, Place::Retired},
    {"unstable_addr", ignore, Place::Retired},
    {"unstable_import", ignore, Place::Retired},
    {"unstable_macro", ignore, Place::Retired},
    {"unstable_map_decl", ignore, Place::Retired},
    {"btf", ignore, Place::EnvironmentOnly},
    {"kernel_build", ignore, Place::EnvironmentOnly},
    {"kernel_source", ignore, Place::EnvironmentOnly},
    {"vmlinux", ignore, Place::EnvironmentOnly},
});

std::string upper(std::string_view key) {
  std::string name;
  for (char c : key) name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

std::string option_key(std::string_view written) {
  std::string key;
  for (char c : written) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (std::string_view prefix : {"bpftrace_", "trapline_"}) {
    if (key.starts_with(prefix)) return key.substr(prefix.size());
  }
  return key;
}

void report_unknown(const ast::ConfigEntry& entry, const std::string& key, Diagnostics& diagnostics) {
  std::vector<std::string_view> known;
  for (const Option& option : kOptions) {
    if (option.place == Place::Current) known.push_back(option.key);
  }
  Diagnostic& diagnostic = diagnostics.report(DiagId::UnknownConfig, entry.key_span, entry.key);
  std::string_view close = nearest(key, known);
  if (!close.empty()) diagnostic.hint(fmt::format("did you mean `{}`?", close));
}

void apply_entry(const ast::ConfigEntry& entry, Settings& settings, Diagnostics& diagnostics) {
  std::string key = option_key(entry.key);
  const auto* option = std::ranges::find(kOptions, key, &Option::key);
  if (option == kOptions.end()) {
    report_unknown(entry, key, diagnostics);
    return;
  }
  if (option->place == Place::EnvironmentOnly) {
    diagnostics.report(DiagId::InvalidConfig, entry.key_span, entry.value, entry.key, "it can only be set as an environment variable")
        .hint(fmt::format("BPFTRACE_{}=...", upper(key)));
    return;
  }
  if (option->place == Place::Retired)
    diagnostics.report(DiagId::Deprecated, entry.key_span, fmt::format("`{}` is deprecated and has no effect", entry.key));
  if (option->place == Place::Renamed)
    diagnostics.report(DiagId::Deprecated, entry.key_span, fmt::format("`{}` is now called `{}`", entry.key, option->new_name));
  std::string_view wrong = option->apply(settings, entry.value);
  if (!wrong.empty()) diagnostics.report(DiagId::InvalidConfig, entry.value_span, entry.value, entry.key, wrong);
}

} // namespace

Program::Settings read_settings(const ast::Script& script, const Options& options, Diagnostics& diagnostics) {
  Settings settings;
  for (const ast::ConfigEntry& entry : script.config) apply_entry(entry, settings, diagnostics);
  for (const Option& option : kOptions) {
    if (option.place != Place::Current || options.environment.empty()) continue;
    for (std::string_view prefix : {"BPFTRACE_", "TRAPLINE_"}) {
      const std::string name = std::string(prefix) + upper(option.key);
      auto set = options.environment.find(name);
      if (set == options.environment.end()) continue;
      std::string_view wrong = option.apply(settings, set->second);
      if (!wrong.empty()) diagnostics.report(DiagId::InvalidConfig, Span::none(), set->second, name, wrong);
    }
  }
  return settings;
}

} // namespace trapline::sema
