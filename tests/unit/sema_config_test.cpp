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
