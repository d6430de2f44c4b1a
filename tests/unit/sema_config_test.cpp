// The config block and the environment.
#include "sema_support.h"

#include <gtest/gtest.h>

namespace trapline::sema {
namespace {

using testing::analyze_text;

TEST(Config, SetsWhatItSays) {
  auto result = analyze_text("config = { max_strlen = 200; BPFTRACE_MAX_MAP_KEYS = 0x10; print_maps_on_exit = off; str_trunc_trailer = \"~\" } BEGIN { }");
  ASSERT_TRUE(result.script);
  EXPECT_EQ(result.script->settings.max_strlen, 200U);
  EXPECT_EQ(result.script->settings.max_map_keys, 16U);
  EXPECT_FALSE(result.script->settings.print_maps_on_exit);
  EXPECT_EQ(result.script->settings.str_trunc_trailer, "~");
}

TEST(Config, EveryCurrentKeyHasAPlace) {
  auto result = analyze_text("config = { cpp_demangle = no; max_cat_bytes = 7; missing_probes = warn; perf_rb_pages = 128; stack_mode = perf;"
                             " max_probes = 5; max_bpf_progs = 6; license = \"Dual MIT/GPL\"; log_size = 4096; on_stack_limit = 16;"
                             " cache_user_symbols = PER_PID; lazy_symbolication = true; show_debug_info = false; use_blazesym = 1;"
                             " unstable_tseries = enable; unstable_dw_ustack = warn; unstable_typeinfo = true; unstable_import_statement = error }"
                             " BEGIN { }");
  EXPECT_EQ(result.reported(), "");
  ASSERT_TRUE(result.script);
  const Program::Settings& settings = result.script->settings;
  EXPECT_FALSE(settings.cpp_demangle);
  EXPECT_EQ(settings.max_cat_bytes, 7U);
  EXPECT_TRUE(settings.missing_probes_warn);
  EXPECT_EQ(settings.perf_rb_pages, 128U);
  EXPECT_EQ(settings.stack_mode, StackMode::Perf);
  EXPECT_EQ(settings.max_probes, 5U);
  EXPECT_EQ(settings.max_bpf_progs, 6U);
  EXPECT_EQ(settings.license, "Dual MIT/GPL");
  EXPECT_EQ(settings.log_size, 4096U);
  EXPECT_EQ(settings.on_stack_limit, 16U);
}

TEST(Config, BooleansHaveFourSpellingsInAnyCase) {
  for (const char* yes : {"1", "true", "on", "YES"})
    EXPECT_TRUE(analyze_text(std::string("config = { print_maps_on_exit = ") + yes + " } BEGIN { }").script->settings.print_maps_on_exit) << yes;
  for (const char* no : {"0", "false", "Off", "no"})
    EXPECT_FALSE(analyze_text(std::string("config = { Print_Maps_On_Exit = ") + no + " } BEGIN { }").script->settings.print_maps_on_exit) << no;
}

TEST(Config, OldNamesApplyUnderTheNewOnes) {
  const Program::Settings settings =
      analyze_text("config = { strlen = 100; no_cpp_demangle = true; cat_bytes_max = 5; map_keys_max = 6 } BEGIN { }").script->settings;
  EXPECT_EQ(settings.max_strlen, 100U);
  EXPECT_FALSE(settings.cpp_demangle) << "the old name says the opposite";
  EXPECT_EQ(settings.max_cat_bytes, 5U);
  EXPECT_EQ(settings.max_map_keys, 6U);
}

TEST(Config, MapsHaveTheConfiguredSize) {
  auto result = analyze_text("config = { max_map_keys = 10 } BEGIN { @x[1] = 1; }");
  ASSERT_TRUE(result.script);
  EXPECT_EQ(result.script->find_map("@x")->entries, 10U);
}

TEST(Config, TheEnvironmentBeatsTheScript) {
  Options options;
  options.environment = {{"BPFTRACE_MAX_STRLEN", "300"}, {"BPFTRACE_STRLEN", "400"}, {"BPFTRACE_NONSENSE", "x"}};
  auto result = analyze_text("config = { max_strlen = 200 } BEGIN { }", options);
  ASSERT_TRUE(result.script);
  EXPECT_EQ(result.script->settings.max_strlen, 300U);
}

TEST(Config, MissingProbesHasThreeValues) {
  auto settings = [](const std::string& value) { return analyze_text("config = { missing_probes = " + value + " } BEGIN { }").script->settings; };
  EXPECT_TRUE(settings("error").missing_probes_error);
  EXPECT_TRUE(settings("ignore").missing_probes_silent);
  EXPECT_FALSE(settings("warn").missing_probes_error);
}

TEST(Config, ReportsWhatItDoesNotKnow) {
  auto reported = [](const std::string& entry) { return analyze_text("config = { " + entry + " } BEGIN { }").reported(); };
  EXPECT_EQ(reported("max_strlenn = 5"), "UnknownConfig");
  EXPECT_EQ(reported("max_strlen = 0"), "InvalidConfig");
  EXPECT_EQ(reported("max_strlen = many"), "InvalidConfig");
  EXPECT_EQ(reported("cpp_demangle = maybe"), "InvalidConfig");
  EXPECT_EQ(reported("strlen = 100"), "Deprecated");
  EXPECT_EQ(reported("symbol_source = \"dwarf\""), "Deprecated");
  EXPECT_EQ(reported("vmlinux = \"/boot/vmlinux\""), "InvalidConfig");
}

TEST(Config, ReportsWhatIsWrongInTheEnvironment) {
  Options options;
  options.environment = {{"BPFTRACE_MAX_STRLEN", "long"}};
  EXPECT_EQ(analyze_text("BEGIN { }", options).reported(), "InvalidConfig");
}

} // namespace
} // namespace trapline::sema
