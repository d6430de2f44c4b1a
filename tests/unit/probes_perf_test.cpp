// profile, interval, software and hardware.
#include "unit/probes_expand.h"

#include <gtest/gtest.h>
#include <linux/perf_event.h>

namespace trapline::probes {
namespace {

using namespace testing_support;

class PerfTest : public testing::Test {
protected:
  std::unique_ptr<FakeSystem> system_ = make_sample_system();
};

TEST_F(PerfTest, UnitsAndFrequencies) {
  const auto hz = expand("profile:hz:49", *system_);
  EXPECT_EQ(hz.names(), std::vector<std::string>{"profile:hz:49"});
  EXPECT_EQ(hz.target().period, 49u);
  EXPECT_TRUE(hz.target().is_frequency);
  EXPECT_EQ(hz.only().section, "perf_event");
  EXPECT_EQ(hz.only().context.registers, 0);
  EXPECT_EQ(expand("i:s:1", *system_).target().period, 1'000'000'000u);
  EXPECT_EQ(expand("i:ms:10", *system_).target().period, 10'000'000u);
  EXPECT_EQ(expand("p:us:100", *system_).target().period, 100'000u);
}

TEST_F(PerfTest, DurationsAndNanoseconds) {
  EXPECT_EQ(expand("p:10ms", *system_).target().period, 10'000'000u);
  EXPECT_EQ(expand("i:1s", *system_).target().period, 1'000'000'000u);
  EXPECT_EQ(expand("i:1m", *system_).target().period, 60'000'000'000u);
  EXPECT_EQ(expand("p:1999", *system_).target().period, 1000u) << "truncated to microseconds";
  EXPECT_TRUE(expand("p:999", *system_).diags.has(DiagId::MalformedProbe));
}

TEST_F(PerfTest, MalformedTimers) {
  for (std::string_view text : {"i", "i:", "i:s", "i:s:", "i:s:0", "i:s:x", "i:s:1:2", "i:10xs", "p:hz:1000001", "i:s:99999999999999"})
    EXPECT_TRUE(expand(text, *system_).diags.has(DiagId::MalformedProbe)) << text;
  const auto unit = expand("interval:sec:1", *system_);
  EXPECT_EQ(unit.at("interval:sec:1"), "sec");
  EXPECT_NE(unit.diag().message.find("hz, s, ms or us"), std::string::npos);
  EXPECT_EQ(expand("interval:s:0", *system_).at("interval:s:0"), "0");
}

TEST_F(PerfTest, ProfileFollowsTheProcessAndIntervalDoesNot) {
  EXPECT_TRUE(expand("p:hz:49", *system_, {}, with_pid(1)).only().context.filter_pid_in_program);
  EXPECT_FALSE(expand("i:s:1", *system_, {}, with_pid(1)).only().context.filter_pid_in_program);
  ExpandOptions child;
  child.has_child = true;
  EXPECT_TRUE(expand("p:hz:49", *system_, {}, child).only().context.filter_pid_in_program);
}

TEST_F(PerfTest, EventsAliasesAndCounts) {
  const auto faults = expand("software:faults", *system_);
  EXPECT_EQ(faults.names(), std::vector<std::string>{"software:faults"});
  EXPECT_EQ(faults.target().offset, uint64_t(PERF_COUNT_SW_PAGE_FAULTS));
  EXPECT_EQ(faults.target().period, 100u);
  const auto misses = expand("hardware:cache-misses:", *system_);
  EXPECT_EQ(misses.target().period, 1'000'000u);
  EXPECT_EQ(expand("h:branches:5", *system_).names(), std::vector<std::string>{"hardware:branches:5"});
  EXPECT_EQ(expand("h:branches:5", *system_).target().period, 5u);
}

TEST_F(PerfTest, UnknownEvents) {
  const auto result = expand("h:cache-mises", *system_);
  EXPECT_TRUE(result.diags.has(DiagId::UnknownEvent));
  EXPECT_EQ(result.at("h:cache-mises"), "cache-mises");
  EXPECT_EQ(result.diag().hints, std::vector<std::string>{"did you mean `cache-misses`?"});
  for (std::string_view text : {"s", "s:", "s:cpu:0", "s:cpu:x", "s:cpu:1:2"})
    EXPECT_TRUE(expand(text, *system_).diags.has(DiagId::MalformedProbe)) << text;
}

TEST_F(PerfTest, MachinesWithoutCounters) {
  EXPECT_FALSE(find_provider("hardware")->unavailable(*system_));
  system_->kernel_features.hardware_counters = false;
  ASSERT_TRUE(find_provider("hardware")->unavailable(*system_));
  EXPECT_NE(find_provider("hardware")->unavailable(*system_)->find("no CPU PMU"), std::string::npos);
  EXPECT_FALSE(find_provider("software")->unavailable(*system_));
}

} // namespace
} // namespace trapline::probes
