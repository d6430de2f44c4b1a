// What -l prints.
#include "probes/list.h"
#include "system/fake.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace trapline::probes {
namespace {

class ListTest : public testing::Test {
protected:
  std::vector<std::string> names(std::string_view pattern, std::optional<int> pid = {}) const {
    ExpandOptions options;
    options.pid = pid;
    std::vector<std::string> found;
    const auto listed = list_probes(pattern, false, options, *system_);
    if (!listed) return {"ERROR"};
    for (const auto& [name, parameters] : listed->probes) found.push_back(name);
    return found;
  }
  std::unique_ptr<FakeSystem> system_ = make_sample_system();
};

using Names = std::vector<std::string>;

TEST_F(ListTest, PatternsOfAProvider) {
  EXPECT_EQ(names("tracepoint:sched:sched_wake*"),
            (Names{"tracepoint:sched:sched_wakeup", "tracepoint:sched:sched_wakeup_new"}));
  EXPECT_EQ(names("t:*:sched_switch"), Names{"tracepoint:sched:sched_switch"});
  EXPECT_EQ(names("rt:signal_*"), (Names{"rawtracepoint:signal_deliver", "rawtracepoint:signal_generate"}));
  EXPECT_EQ(names("software:cpu*"), (Names{"software:cpu-clock:", "software:cpu-migrations:", "software:cpu:"}));
  EXPECT_EQ(names("interval:*"), (Names{"interval:hz:", "interval:ms:", "interval:s:", "interval:us:"}));
  EXPECT_EQ(names("profile").size(), 4u);
}

TEST_F(ListTest, BarePatternsCoverTheKernelsEvents) {
  EXPECT_EQ(names("*sched_switch"), (Names{"rawtracepoint:sched_switch", "tracepoint:sched:sched_switch"}));
  EXPECT_EQ(names("page-faults"), Names{"software:page-faults:"});
  const Names all = names("");
  EXPECT_EQ(std::ranges::count_if(all, [](const std::string& name) { return name.starts_with("uprobe"); }), 0);
  EXPECT_EQ(std::ranges::count_if(all, [](const std::string& name) { return name.starts_with("interval"); }), 0);
  EXPECT_TRUE(std::ranges::is_sorted(all));
}

TEST_F(ListTest, FilesAreLookedIntoWhenNamed) {
  EXPECT_EQ(names("uprobe:/bin/bash:read*"), Names{"uprobe:/bin/bash:readline"});
  EXPECT_EQ(names("uretprobe:bash:main"), Names{"uretprobe:/bin/bash:main"});
  EXPECT_EQ(names("usdt:/usr/bin/usdt_sample:*"), (Names{"usdt:/usr/bin/usdt_sample:other:work", "usdt:/usr/bin/usdt_sample:sample:start",
                                                         "usdt:/usr/bin/usdt_sample:sample:work"}));
  EXPECT_EQ(names("/usr/bin/usdt_sample").size(), 4u) << "its function and its markers";
  EXPECT_TRUE(names("uprobe:*").empty());
}

TEST_F(ListTest, TypesOfTheKernel) {
  EXPECT_EQ(names("struct task_struct"), Names{"struct task_struct"});
  EXPECT_TRUE(names("union task_struct").empty());
  EXPECT_EQ(names("t:sched:sched_switch, struct task_struct"), (Names{"struct task_struct", "tracepoint:sched:sched_switch"}));
  const auto listed = list_probes("struct task_struct", true, {}, *system_);
  ASSERT_TRUE(listed && listed->probes.size() == 1);
  EXPECT_EQ(listed->probes[0].first, "vmlinux: struct task_struct {");
  EXPECT_EQ(listed->probes[0].second, Names{"};"});
}

TEST_F(ListTest, NearMisses) {
  const auto near = [&](std::string_view pattern) {
    const auto listed = list_probes(pattern, false, {}, *system_);
    return listed && listed->unmatched.size() == 1 ? listed->unmatched[0].second : "?";
  };
  EXPECT_EQ(near("t:sched:sched_swich"), "t:sched:sched_switch");
  EXPECT_EQ(near("struct task_strct"), "struct task_struct");
  EXPECT_EQ(near("t:sched:sched_x*"), "");
  EXPECT_EQ(near("t:sched:sched_switch"), "?") << "it is there";
}

TEST_F(ListTest, SignalsOfTrapline) { EXPECT_EQ(names("self:*"), Names{"self:signal:SIGUSR1"}); }

TEST_F(ListTest, WithAPidItsFilesAreListed) {
  const Names found = names("*readline*", 1234);
  EXPECT_EQ(found, Names{"uprobe:/bin/bash:readline"});
}

TEST_F(ListTest, ParametersWhenVerbose) {
  const auto listed = list_probes("t:syscalls:sys_enter_read,t:sched:sched_process_exec,rt:sched_wakeup", true, {}, *system_);
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->probes.size(), 3u);
  EXPECT_EQ(listed->probes[0].second, Names{"    struct task_struct * p"});
  EXPECT_EQ(listed->probes[1].second[0], "    __data_loc char[] filename");
  EXPECT_EQ(listed->probes[2].second, (Names{"    int __syscall_nr", "    unsigned int fd", "    char * buf", "    size_t count"}));
  const auto array = list_probes("t:task:task_rename", true, {}, *system_);
  EXPECT_EQ(array->probes[0].second[1], "    char oldcomm[16]");
}

TEST_F(ListTest, WhatCannotBeListed) {
  EXPECT_EQ(names("zork:*"), Names{"ERROR"});
  EXPECT_EQ(names("kprobe:*"), Names{"ERROR"});
  system_->has_tracefs = false;
  EXPECT_EQ(names("tracepoint:*"), Names{"ERROR"});
}

} // namespace
} // namespace trapline::probes
