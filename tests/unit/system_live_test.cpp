// The real machine: only facts that hold on every Linux, or that are skipped where they do not.
#include "system/system.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace trapline;

namespace {

bool ends_with_file(const std::vector<std::string>& paths, std::string_view start) {
  return paths.size() == 1 && paths[0].starts_with('/') && paths[0].substr(paths[0].rfind('/') + 1).starts_with(start);
}

TEST(LiveSystem, ProgramsAndLibraries) {
  auto system = make_live_system();
  EXPECT_TRUE(ends_with_file(system->resolve_binary("sh", {}), "sh"));
  EXPECT_EQ(system->resolve_binary("/bin/sh", {}), std::vector<std::string>{"/bin/sh"});
  EXPECT_TRUE(system->resolve_binary("no-such-program-anywhere", {}).empty());
  EXPECT_TRUE(system->resolve_binary("/bin", {}).empty());
  EXPECT_TRUE(system->resolve_binary("", {}).empty());
  auto libc = system->resolve_binary("libc", {});
  if (libc.empty()) GTEST_SKIP() << "no dynamic libc here";
  EXPECT_TRUE(ends_with_file(libc, "libc.so"));
  EXPECT_TRUE(ends_with_file(system->resolve_binary("libc", getpid()), "libc.so"));
  auto malloc = system->elf_symbols_matching(libc[0], "malloc");
  ASSERT_TRUE(malloc);
  EXPECT_FALSE(malloc->empty());
}

TEST(LiveSystem, RelativePathsBecomeAbsolute) {
  auto system = make_live_system();
  std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(self.parent_path());
  EXPECT_EQ(system->resolve_binary("./" + self.filename().string(), {}), std::vector{self.string()});
  std::filesystem::current_path(before);
}

TEST(LiveSystem, WildcardsGiveEachFileOnce) {
  auto system = make_live_system();
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string pattern = self.substr(0, self.size() - 2) + "*";
  auto paths = system->resolve_binary(pattern, {});
  EXPECT_EQ(std::ranges::count(paths, self), 1);
}

TEST(LiveSystem, Processes) {
  auto system = make_live_system();
  EXPECT_TRUE(system->process_exists(getpid()));
  EXPECT_FALSE(system->process_exists(0));
  EXPECT_FALSE(system->process_exists(0x7ffffff0));
  auto mapped = system->mapped_executables(getpid());
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  EXPECT_NE(std::ranges::find(mapped, self), mapped.end());
  EXPECT_TRUE(system->mapped_executables(0x7ffffff0).empty());
}

TEST(LiveSystem, Kernel) {
  auto system = make_live_system();
  EXPECT_GE(system->possible_cpus(), 1u);
  EXPECT_GT(system->features().release, 4u << 16);
  EXPECT_GE(system->features().cpu_version, 2);
  EXPECT_FALSE(system->cgroup_id("/nonexistent"));
}

TEST(LiveSystem, KernelTypes) {
  auto system = make_live_system();
  if (!system->features().btf) GTEST_SKIP() << "this kernel has no BTF";
  auto task = system->types().structure("task_struct", false);
  ASSERT_TRUE(task);
  auto comm = find_field(*task, "comm"), parent = find_field(*task, "real_parent");
  ASSERT_TRUE(comm && parent);
  EXPECT_EQ(to_string(*comm->type), "int8[16]");
  EXPECT_EQ(to_string(*parent->type), "struct task_struct *");
  EXPECT_EQ(parent->type->element->record, task);
  EXPECT_LT(comm->offset, task->size());
  EXPECT_EQ(to_string(system->types().named("u64")), "uint64");
  EXPECT_EQ(system->types().enumerator("TCP_ESTABLISHED")->first, 1);
  auto parameters = system->types().raw_tracepoint("sched_process_fork");
  ASSERT_TRUE(parameters);
  ASSERT_EQ(parameters->size(), 2u);
  EXPECT_EQ(to_string(parameters->at(1).type), "struct task_struct *");
  EXPECT_EQ(parameters->at(1).name, "child");
}

TEST(LiveSystem, Tracepoints) {
  auto system = make_live_system();
  auto systems = system->tracepoint_systems();
  if (!systems) GTEST_SKIP() << systems.error().message;
  EXPECT_NE(std::ranges::find(*systems, "sched"), systems->end());
  auto events = system->tracepoint_events("sched");
  ASSERT_TRUE(events);
  EXPECT_NE(std::ranges::find(*events, "sched_switch"), events->end());
  EXPECT_TRUE(system->tracepoint_events("nosuch")->empty());
  auto format = system->tracepoint_format("sched", "sched_switch");
  ASSERT_TRUE(format);
  EXPECT_EQ(format->fields.front().name, "prev_comm");
  EXPECT_EQ(format->fields.front().array_length, 16u);
  EXPECT_FALSE(system->tracepoint_format("sched", "../sched/sched_switch"));
}

TEST(LiveSystem, EverySyscallTracepointHasANumber) {
  auto system = make_live_system();
  auto events = system->tracepoint_events("syscalls");
  if (!events || events->empty()) GTEST_SKIP() << "no syscalls tracepoints";
  constexpr std::string_view kPrefix = "sys_enter_";
  for (const std::string& event : *events) {
    if (!event.starts_with(kPrefix)) continue;
    EXPECT_TRUE(system->syscall_number(std::string_view(event).substr(kPrefix.size()))) << event;
  }
}

} // namespace
