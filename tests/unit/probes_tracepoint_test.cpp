// tracepoint and rawtracepoint: mechanisms, groups, and where `args` comes from.
#include "unit/probes_expand.h"

#include <asm/ptrace.h>
#include <cstddef>
#include <gtest/gtest.h>

namespace trapline::probes {
namespace {

using namespace testing_support;
using How = Fetch::How;

class TracepointTest : public testing::Test {
protected:
  std::unique_ptr<FakeSystem> system_ = make_sample_system();
};

TEST_F(TracepointTest, WithoutArgumentsItIsARawTracepoint) {
  const auto result = expand("t:sched:sched_switch", *system_);
  ASSERT_EQ(result.groups.size(), 1u);
  EXPECT_EQ(result.only().context.program_type, ProgramType::RawTracepoint);
  EXPECT_EQ(result.only().section, "raw_tp");
  EXPECT_TRUE(result.only().context.cookie);
  EXPECT_EQ(result.target().name, "tracepoint:sched:sched_switch");
}

TEST_F(TracepointTest, WithArgumentsItIsAPerfEvent) {
  const auto result = expand("tracepoint:sched:sched_switch", *system_, uses_args());
  EXPECT_EQ(result.only().context.program_type, ProgramType::Tracepoint);
  EXPECT_EQ(result.target().offset, system_->tracepoint_format("sched", "sched_switch")->id);
  EXPECT_EQ(field(result, "prev_comm").type, Type::string(16));
  EXPECT_EQ(field(result, "prev_comm").fetch.how, How::ContextAddress);
  EXPECT_EQ(field(result, "prev_pid").type, Type::integer(4, true));
  EXPECT_EQ(field(result, "prev_pid").fetch.how, How::Context);
  EXPECT_EQ(field(result, "prev_pid").fetch.offset, 24);
  EXPECT_TRUE(field(result, "prev_pid").fetch.is_signed);
}

TEST_F(TracepointTest, EventsWithoutRawTracepointUsePerfEvents) {
  system_->add_tracepoint("synthetic", "mine", {"int x"});
  EXPECT_EQ(expand("t:synthetic:mine", *system_).only().context.program_type, ProgramType::Tracepoint);
}

TEST_F(TracepointTest, KernelStacksOfFewEventsAreTakenInPerfEvents) {
  BlockUse use;
  use.kernel_stack = true;
  EXPECT_EQ(expand("t:sched:sched_switch", *system_, use).only().context.program_type, ProgramType::Tracepoint);
  use.kernel_stack = false;
  use.user_stack = true;
  EXPECT_EQ(expand("t:sched:sched_switch", *system_, use).only().context.program_type, ProgramType::RawTracepoint);
}

TEST_F(TracepointTest, SystemCallsShareOneDispatch) {
  const auto result = expand("t:syscalls:sys_enter_*", *system_);
  ASSERT_EQ(result.groups.size(), 1u);
  const Group& group = result.only();
  EXPECT_EQ(group.section, "raw_tp");
  ASSERT_TRUE(group.context.dispatch);
  const auto& dispatch = *group.context.dispatch;
  EXPECT_EQ(dispatch.number.offset, 8);
  EXPECT_EQ(group.targets.at(size_t(dispatch.target_of.at(0))).event, "sys_enter_read");
  EXPECT_EQ(group.targets.at(size_t(dispatch.target_of.at(257))).event, "sys_enter_openat");
  EXPECT_EQ(dispatch.target_of.at(2 + 100), -1);
}

TEST_F(TracepointTest, EntryAndExitAreTwoGroups) {
  const auto result = expand("t:syscalls:*_read", *system_);
  ASSERT_EQ(result.groups.size(), 2u);
  const Group& exit = result.groups[1];
  EXPECT_EQ(exit.targets[0].event, "sys_exit_read");
  EXPECT_EQ(exit.context.dispatch->number.how, How::ContextDeref);
  EXPECT_EQ(exit.context.dispatch->number.offset, int64_t(offsetof(pt_regs, orig_rax)));
}

TEST_F(TracepointTest, SystemCallArgumentsComeFromRegisters) {
  const auto result = expand("t:syscalls:sys_enter_openat", *system_, uses_args());
  EXPECT_EQ(result.only().context.program_type, ProgramType::RawTracepoint);
  const ArgsField& dfd = field(result, "dfd");
  EXPECT_EQ(dfd.type, Type::integer(4, true));
  EXPECT_EQ(dfd.fetch.how, How::ContextDeref);
  EXPECT_EQ(dfd.fetch.offset, int64_t(offsetof(pt_regs, rdi)));
  EXPECT_EQ(dfd.fetch.size, 4u);
  EXPECT_TRUE(dfd.fetch.is_signed);
  const ArgsField& filename = field(result, "filename");
  EXPECT_EQ(filename.fetch.offset, int64_t(offsetof(pt_regs, rsi)));
  EXPECT_EQ(filename.type.space, AddressSpace::User);
  EXPECT_EQ(*filename.type.element, Type::integer(1, true));
  EXPECT_EQ(field(result, "mode").fetch.offset, int64_t(offsetof(pt_regs, r10)));
  EXPECT_EQ(field(result, "mode").fetch.size, 2u);
  EXPECT_EQ(field(result, "__syscall_nr").fetch.offset, 8);
}

TEST_F(TracepointTest, PointersInSystemCallsAreUserAllTheWayDown) {
  const auto exec = expand("t:syscalls:sys_enter_execve", *system_, uses_args());
  const Type& argv = field(exec, "argv").type;
  ASSERT_TRUE(argv.is(Kind::Pointer));
  EXPECT_EQ(argv.space, AddressSpace::User);
  ASSERT_TRUE(argv.element->is(Kind::Pointer));
  EXPECT_EQ(argv.element->space, AddressSpace::User);
  const auto sleep = expand("t:syscalls:sys_enter_nanosleep", *system_, uses_args());
  const Type& rqtp = field(sleep, "rqtp").type;
  ASSERT_TRUE(rqtp.element->is(Kind::Struct));
  EXPECT_EQ(rqtp.element->record->name(), "struct __kernel_timespec");
}

TEST_F(TracepointTest, ResultsOfSystemCalls) {
  const auto result = expand("t:syscalls:sys_exit_*", *system_, uses_args());
  EXPECT_EQ(result.groups.size(), 1u) << "all results look alike";
  const ArgsField& ret = field(result, "ret");
  EXPECT_EQ(ret.fetch.how, How::Context);
  EXPECT_EQ(ret.fetch.offset, 8);
  EXPECT_TRUE(ret.fetch.is_signed);
}

TEST_F(TracepointTest, RawSystemCallsGatherTheirArguments) {
  const auto result = expand("t:raw_syscalls:sys_enter", *system_, uses_args());
  EXPECT_FALSE(result.only().context.dispatch);
  EXPECT_EQ(field(result, "id").fetch.offset, 8);
  const ArgsField& arguments = field(result, "args");
  EXPECT_EQ(arguments.type, Type::array(Type::integer(8, false), 6));
  EXPECT_EQ(arguments.fetch.how, How::ContextGather);
  EXPECT_EQ(arguments.fetch.gather[3], int16_t(offsetof(pt_regs, r10)));
}

TEST_F(TracepointTest, SystemCallsWithoutANumberFallBack) {
  system_->add_syscall("made_up", {"int fd"});
  const auto result = expand("t:syscalls:sys_enter_made_up", *system_, uses_args());
  EXPECT_EQ(result.only().context.program_type, ProgramType::Tracepoint);
  EXPECT_TRUE(result.only().context.user_args);
  EXPECT_EQ(field(result, "fd").fetch.how, How::Context);
  EXPECT_EQ(field(result, "fd").fetch.offset, 16);
  EXPECT_EQ(field(result, "fd").fetch.size, 4u) << "the slot has 8 bytes, the int 4";
}

TEST_F(TracepointTest, WildcardsGroupByFields) {
  EXPECT_EQ(expand("t:block:*", *system_).groups.size(), 1u);
  const auto result = expand("t:block:*", *system_, uses_args());
  EXPECT_EQ(result.groups.size(), 2u) << "issue and insert agree, complete does not";
  EXPECT_EQ(result.names().size(), 3u);
}

TEST_F(TracepointTest, DynamicStringsAreKernelPointers) {
  const auto result = expand("t:sched:sched_process_exec", *system_, uses_args());
  const ArgsField& filename = field(result, "filename");
  EXPECT_EQ(filename.fetch.how, How::DataLocation);
  EXPECT_EQ(filename.type.space, AddressSpace::Kernel);
  EXPECT_EQ(*filename.type.element, Type::integer(1, true));
}

TEST_F(TracepointTest, ArraysEnumsAndBooleans) {
  const auto socket = expand("t:sock:inet_sock_set_state", *system_, uses_args());
  EXPECT_EQ(field(socket, "saddr_v6").type, Type::array(Type::integer(1, false), 16));
  EXPECT_EQ(field(socket, "skaddr").type.space, AddressSpace::Kernel);
  const auto timer = expand("t:timer:hrtimer_start", *system_, uses_args());
  EXPECT_TRUE(field(timer, "mode").type.is(Kind::Enum));
  EXPECT_TRUE(field(timer, "was_armed").type.is(Kind::Bool));
}

TEST_F(TracepointTest, OneWildcardPartNamesEvents) {
  EXPECT_EQ(expand("t:*_switch", *system_).names(), std::vector<std::string>{"tracepoint:sched:sched_switch"});
  EXPECT_EQ(expand("t:s*:*_switch", *system_).names().size(), 1u);
}

TEST_F(TracepointTest, WithoutCookiesOneProgramAnEvent) {
  system_->kernel_features.raw_tp_cookie = false;
  const auto perf = expand("t:sched:sched_wakeup*", *system_);
  EXPECT_EQ(perf.groups.size(), 1u);
  EXPECT_EQ(perf.only().context.program_type, ProgramType::Tracepoint);
  system_->kernel_features.attach_cookie = false;
  EXPECT_EQ(expand("t:sched:sched_wakeup*", *system_).groups.size(), 2u);
}

TEST_F(TracepointTest, PidBecomesATest) {
  EXPECT_TRUE(expand("t:sched:sched_switch", *system_, {}, with_pid(1)).only().context.filter_pid_in_program);
  EXPECT_FALSE(expand("t:sched:sched_switch", *system_).only().context.filter_pid_in_program);
}

TEST_F(TracepointTest, UnknownEventsGetTheNearest) {
  const auto event = expand("t:sched:sched_swich", *system_);
  EXPECT_TRUE(event.diags.has(DiagId::UnknownTracepoint));
  EXPECT_EQ(event.at("t:sched:sched_swich"), "sched_swich");
  EXPECT_EQ(event.diag().hints, std::vector<std::string>{"did you mean `sched:sched_switch`?"});
  const auto group = expand("t:syscall:sys_enter_read", *system_);
  EXPECT_EQ(group.at("t:syscall:sys_enter_read"), "syscall");
  EXPECT_EQ(group.diag().hints, std::vector<std::string>{"did you mean `syscalls:sys_enter_read`?"});
  const auto elsewhere = expand("t:zzzzzz:sched_switch", *system_);
  EXPECT_EQ(elsewhere.diag().hints, std::vector<std::string>{"did you mean `sched:sched_switch`?"});
}

TEST_F(TracepointTest, MissingOnesAreSilentWhenAsked) {
  ExpandOptions options;
  options.missing_is_silent = true;
  EXPECT_TRUE(expand("t:sched:none", *system_, {}, options).diags.all().empty());
  EXPECT_TRUE(expand("t:sched:none*", *system_, {}, options).diags.all().empty());
  EXPECT_TRUE(expand("t:sched:none*", *system_).diags.has(DiagId::NoMatch));
}

TEST_F(TracepointTest, MalformedOrUnreadable) {
  for (std::string_view text : {"t:sched", "t", "t:sched:", "t::x", "t:a:b:c"})
    EXPECT_TRUE(expand(text, *system_).diags.has(DiagId::MalformedProbe)) << text;
  system_->has_tracefs = false;
  EXPECT_TRUE(expand("t:sched:sched_switch", *system_).diags.has(DiagId::MachineRefused));
  EXPECT_TRUE(expand("t:sched:*", *system_).diags.has(DiagId::MachineRefused));
}

TEST_F(TracepointTest, RawTracepointsHaveTypedArguments) {
  const auto result = expand("rt:sched_switch", *system_, uses_args());
  const ArgsField& next = field(result, "next");
  EXPECT_EQ(next.fetch.offset, 16);
  EXPECT_EQ(next.type.space, AddressSpace::Kernel);
  EXPECT_EQ(next.type.element->record->name(), "struct task_struct");
  EXPECT_EQ(result.only().context.arg_n.size(), 4u);
  EXPECT_EQ(result.only().context.arg_n[1].offset, 8);
  EXPECT_EQ(expand("rt:vmlinux:sched_switch", *system_).names(), std::vector<std::string>{"rawtracepoint:sched_switch"});
}

TEST_F(TracepointTest, RawTracepointWildcardsShareAProgram) {
  EXPECT_EQ(expand("rawtracepoint:sched_wakeup*", *system_).groups.size(), 1u);
  const auto unknown = expand("rt:sched_swich", *system_);
  EXPECT_TRUE(unknown.diags.has(DiagId::UnknownTracepoint));
  EXPECT_EQ(unknown.diag().hints, std::vector<std::string>{"did you mean `sched_switch`?"});
  EXPECT_TRUE(expand("rt:zz*", *system_).diags.has(DiagId::NoMatch));
  EXPECT_TRUE(expand("rt:", *system_).diags.has(DiagId::MalformedProbe));
}

} // namespace
} // namespace trapline::probes
