// config: the settings that hold, those of the config block and the environment included, as a record.
#include "builtins/families.h"
#include "codegen/lowering.h"

namespace trapline::builtins {

namespace {

using Settings = Program::Settings;

struct Setting {
  std::string_view name;
  Constant (*value)(const Settings&);
  bool is_flag = false;
};

template <auto member> Constant flag(const Settings& s) { return {uint64_t{s.*member}}; }
template <auto member> Constant number(const Settings& s) { return {uint64_t{s.*member}}; }

Constant missing_probes(const Settings& s) { return {std::string(s.missing_probes_warn ? "warn" : s.missing_probes_silent ? "ignore" : "error")}; }
Constant stack_mode(const Settings& s) {
  switch (s.stack_mode) {
  case StackMode::Perf: return {std::string("perf")};
  case StackMode::Raw: return {std::string("raw")};
  case StackMode::BuildId: return {std::string("build_id")};
  case StackMode::Bpftrace: break;
  }
  return {std::string("bpftrace")};
}
Constant trailer(const Settings& s) { return {s.str_trunc_trailer}; }

constexpr Setting kSettings[] = {
    {"cpp_demangle", flag<&Settings::cpp_demangle>, true},
    {"max_cat_bytes", number<&Settings::max_cat_bytes>},
    {"max_map_keys", number<&Settings::max_map_keys>},
    {"max_strlen", number<&Settings::max_strlen>},
    {"missing_probes", missing_probes},
    {"perf_rb_pages", number<&Settings::perf_rb_pages>},
    {"print_maps_on_exit", flag<&Settings::print_maps_on_exit>, true},
    {"stack_mode", stack_mode},
    {"str_trunc_trailer", trailer},
};

Type type_of(const Setting& setting, const Constant& value) {
  if (!value.is_integer()) return Type::string(static_cast<uint32_t>(value.text().size()) + 1);
  return setting.is_flag ? Type::boolean() : Type::integer(8, false);
}

Type check_config(const Check& c) {
  std::vector<std::string> names;
  std::vector<Type> types;
  for (const Setting& setting : kSettings) {
    names.emplace_back(setting.name);
    types.push_back(type_of(setting, setting.value(c.settings)));
  }
  return Type::named_tuple(std::move(names), std::move(types));
}

std::optional<Constant> fold_setting(const Settings& settings, std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) return setting.value(settings);
  }
  return std::nullopt;
}

// Read-only bytes, laid out as the record is.
codegen::Operand lower_config(const Lower& l) {
  std::vector<uint32_t> offsets = tuple_offsets(l.type);
  std::string bytes(l.type.size, '\0');
  for (size_t i = 0; i < std::size(kSettings); ++i) {
    Constant value = kSettings[i].value(l.low.settings());
    const Type& type = (*l.type.members)[i];
    if (value.is_integer()) {
      uint64_t n = value.integer();
      bytes.replace(offsets[i], type.size, reinterpret_cast<const char*>(&n), type.size);
    } else {
      bytes.replace(offsets[i], value.text().size(), value.text());
    }
  }
  return codegen::Operand::address(l.low.emit().constant_bytes(bytes));
}

} // namespace

std::vector<Builtin> setting_rows() {
  Builtin config{"config", Form::VariableOrFunction, {}, false, "record", "the settings that hold", false, check_config, lower_config};
  config.fold_member = fold_setting;
  return {std::move(config)};
}

} // namespace trapline::builtins
