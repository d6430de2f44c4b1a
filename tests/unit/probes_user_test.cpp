// uprobe, uretprobe and usdt.
#include "probes/usdt_arguments.h"
#include "unit/probes_expand.h"

#include <algorithm>
#include <asm/ptrace.h>
#include <cstddef>
#include <gtest/gtest.h>

namespace trapline::probes {
namespace {

using namespace testing_support;
using How = Fetch::How;

constexpr const char* kLibc = "/lib/x86_64-linux-gnu/libc.so.6";

class UserTest : public testing::Test {
protected:
  std::unique_ptr<FakeSystem> system_ = make_sample_system();
};

TEST_F(UserTest, AFunctionIsAFileOffset) {
  const auto result = expand("u:/bin/bash:readline", *system_);
  EXPECT_EQ(result.names(), std::vector<std::string>{"uprobe:/bin/bash:readline"});
  EXPECT_EQ(result.target().offset, system_->files["/bin/bash"][1].file_offset);
  EXPECT_EQ(result.target().function, "readline");
  const Context& context = result.only().context;
  EXPECT_EQ(context.program_type, ProgramType::UprobeMulti);
  EXPECT_EQ(context.default_space, AddressSpace::User);
  ASSERT_EQ(context.arg_n.size(), 6u);
  EXPECT_EQ(context.arg_n[3].offset, int64_t(offsetof(pt_regs, rcx)));
  EXPECT_FALSE(context.retval);
}

TEST_F(UserTest, ReturnsHaveAResultAndNoArguments) {
  const auto result = expand("ur:libc:malloc", *system_);
  EXPECT_EQ(result.names(), std::vector<std::string>{std::string("uretprobe:") + kLibc + ":malloc"});
  EXPECT_TRUE(result.target().is_return);
  EXPECT_TRUE(result.only().context.arg_n.empty());
  EXPECT_EQ(result.only().context.retval->offset, int64_t(offsetof(pt_regs, rax)));
  EXPECT_TRUE(expand("ur:libc:malloc+4", *system_).diags.has(DiagId::MalformedProbe));
}

TEST_F(UserTest, Offsets) {
  const auto result = expand("u:bash:main+0x10", *system_);
  EXPECT_EQ(result.names(), std::vector<std::string>{"uprobe:/bin/bash:main+16"});
  EXPECT_EQ(result.target().offset, system_->files["/bin/bash"][0].file_offset + 16);
  const auto beyond = expand("u:bash:main+64", *system_);
  EXPECT_TRUE(beyond.diags.has(DiagId::MalformedProbe));
  EXPECT_EQ(beyond.at("u:bash:main+64"), "main+64");
  EXPECT_TRUE(expand("u:bash:main+x", *system_).diags.has(DiagId::MalformedProbe));
}

TEST_F(UserTest, Addresses) {
  const auto result = expand("u:bash:0x1000", *system_);
  EXPECT_EQ(result.names(), std::vector<std::string>{"uprobe:/bin/bash:4096"});
  EXPECT_TRUE(expand("u:bash:0xffffffff0000", *system_).diags.has(DiagId::UnknownFunction));
}

TEST_F(UserTest, WildcardsTakeEachAddressOnceAndNoResolvers) {
  const auto mutex = expand("u:libc:pthread_mutex_*lock", *system_);
  EXPECT_EQ(mutex.groups.size(), 1u);
  EXPECT_EQ(mutex.names().size(), 4u) << "lock trylock timedlock unlock";
  EXPECT_TRUE(expand("u:libc:strl*", *system_).diags.has(DiagId::NoMatch)) << "an ifunc's resolver";
  EXPECT_TRUE(expand("u:libc:environ*", *system_).diags.has(DiagId::NoMatch)) << "a variable";
}

TEST_F(UserTest, OneAddressOneName) {
  ElfSymbol alias = system_->files[kLibc][0];
  alias.name = "__malloc_alias";
  auto& symbols = system_->files[kLibc];
  symbols.insert(symbols.begin(), alias);
  EXPECT_EQ(expand("u:libc:*malloc*", *system_).names(), std::vector<std::string>{std::string("uprobe:") + kLibc + ":malloc"});
}

TEST_F(UserTest, AllVersionsOfAnExplicitNameTheDefaultFirst) {
  const auto result = expand("u:libc:memcpy", *system_);
  ASSERT_EQ(result.only().targets.size(), 2u);
  const auto& symbols = system_->files[kLibc];
  const auto current = std::ranges::find_if(symbols, [](const ElfSymbol& s) { return s.name == "memcpy" && s.is_default_version; });
  EXPECT_EQ(result.target().offset, current->file_offset);
}

TEST_F(UserTest, ExplicitResolversGetAWarning) {
  const auto result = expand("u:libc:strlen", *system_);
  EXPECT_EQ(result.names().size(), 1u);
  EXPECT_TRUE(result.diags.has(DiagId::IndirectFunction));
  EXPECT_FALSE(result.diags.has_errors());
}

TEST_F(UserTest, EmptiedLibrariesAreFollowedWithOneWarning) {
  const auto result = expand("u:/lib/x86_64-linux-gnu/libpthread.so.0:pthread_mutex_*lock", *system_);
  EXPECT_EQ(result.names().size(), 4u);
  EXPECT_EQ(result.target().path, kLibc);
  ASSERT_EQ(result.diags.all().size(), 1u);
  EXPECT_TRUE(result.diags.has(DiagId::LibraryMoved));

  Diagnostics diags;
  for (uint32_t begin : {0u, 50u}) {
    const auto spec = parse_spec("u:libpthread:pthread_mutex_lock", {begin, begin + 31}, diags);
    find_provider("u")->expand(*spec, {}, {}, *system_, diags);
  }
  EXPECT_EQ(diags.all().size(), 1u) << "however many probes follow";
}

TEST_F(UserTest, EmptiedLibrariesMayHoldPlaceholders) {
  system_->add_function("/lib/x86_64-linux-gnu/libpthread.so.0", "__libpthread_version_placeholder");
  EXPECT_EQ(expand("u:libpthread:*", *system_).target().path, kLibc);
  system_->add_function("/lib/x86_64-linux-gnu/libpthread.so.0", "pthread_create");
  EXPECT_EQ(expand("u:libpthread:pthread_create", *system_).target().path, "/lib/x86_64-linux-gnu/libpthread.so.0");
  EXPECT_TRUE(expand("u:libpthread:pthread_mutex_lock", *system_).diags.has(DiagId::UnknownFunction));
}

TEST_F(UserTest, WithAPidTheFileMayBeLeftOut) {
  EXPECT_EQ(expand("u:malloc", *system_, {}, with_pid(1234)).target().path, kLibc);
  EXPECT_EQ(expand("u:*:malloc", *system_, {}, with_pid(1234)).target().path, kLibc);
  EXPECT_TRUE(expand("u:malloc", *system_).diags.has(DiagId::MalformedProbe));
  const auto missing = expand("u:no_such", *system_, {}, with_pid(1234));
  EXPECT_TRUE(missing.diags.has(DiagId::UnknownFunction));
}

TEST_F(UserTest, UnknownNames) {
  const auto function = expand("u:bash:redline", *system_);
  EXPECT_TRUE(function.diags.has(DiagId::UnknownFunction));
  EXPECT_EQ(function.at("u:bash:redline"), "redline");
  EXPECT_EQ(function.diag().hints, std::vector<std::string>{"did you mean `readline`?"});
  const auto file = expand("u:/no/such:main", *system_);
  EXPECT_TRUE(file.diags.has(DiagId::UnknownFile));
  EXPECT_EQ(file.at("u:/no/such:main"), "/no/such");
  EXPECT_TRUE(expand("u:bash:", *system_).diags.has(DiagId::MalformedProbe));
  EXPECT_TRUE(expand("u:a:b:c", *system_).diags.has(DiagId::MalformedProbe));
}

TEST_F(UserTest, OlderKernelsUsePerfEvents) {
  system_->kernel_features.release = 6 << 16 | 6 << 8;
  EXPECT_EQ(expand("u:bash:main", *system_).only().context.program_type, ProgramType::UprobeMulti);
  EXPECT_EQ(expand("u:bash:main", *system_, {}, with_pid(1234)).only().context.program_type, ProgramType::Kprobe)
      << "6.6 filters a multi link by thread";
  system_->kernel_features.uprobe_multi = false;
  EXPECT_EQ(expand("u:libc:pthread_mutex_*", *system_).groups.size(), 1u);
  system_->kernel_features.attach_cookie = false;
  EXPECT_EQ(expand("u:libc:pthread_mutex_*lock", *system_).groups.size(), 4u);
}

TEST_F(UserTest, MarkersAtSeveralSites) {
  const auto all = expand("usdt:/usr/bin/usdt_sample:sample:work", *system_);
  ASSERT_EQ(all.groups.size(), 1u) << "nobody reads the arguments";
  EXPECT_EQ(all.names(), (std::vector<std::string>(2, "usdt:/usr/bin/usdt_sample:sample:work")));
  EXPECT_EQ(all.target().ref_ctr_offset, 0x4010u);
  EXPECT_EQ(expand("U:usdt_sample:sample:work", *system_, uses_args()).groups.size(), 2u);
  EXPECT_EQ(expand("U:usdt_sample:work", *system_).names().size(), 3u) << "of every provider";
  EXPECT_EQ(expand("U:usdt_sample:*", *system_).names().size(), 4u);
}

TEST_F(UserTest, MarkersOfAProcess) {
  for (std::string_view text : {"U:start", "U:*:start", "U::sample:start"})
    EXPECT_EQ(expand(text, *system_, {}, with_pid(4321)).names(), std::vector<std::string>{"usdt:/usr/bin/usdt_sample:sample:start"})
        << text;
  EXPECT_TRUE(expand("U:*:start", *system_).diags.has(DiagId::MalformedProbe));
}

TEST_F(UserTest, UnknownMarkers) {
  const auto near = expand("U:usdt_sample:strat", *system_);
  EXPECT_TRUE(near.diags.has(DiagId::UnknownMarker));
  EXPECT_EQ(near.at("U:usdt_sample:strat"), "strat");
  EXPECT_EQ(near.diag().hints, std::vector<std::string>{"did you mean `start`?"});
  EXPECT_EQ(expand("U:usdt_sample:simple:start", *system_).diag().hints, std::vector<std::string>{"did you mean `sample:start`?"});
  EXPECT_TRUE(expand("U:usdt_sample:zz*", *system_).diags.has(DiagId::NoMatch));
  EXPECT_TRUE(expand("U:usdt_sample:", *system_).diags.has(DiagId::MalformedProbe));
}

Fetch parse_one(std::string_view text) {
  auto distance = [](std::string_view symbol) { return symbol == "counter" ? std::optional<int64_t>(0x100) : std::nullopt; };
  const auto fetches = parse_usdt_arguments(text, distance);
  return fetches.size() == 1 ? fetches[0] : Fetch{How::Constant, -999};
}

TEST(UsdtArguments, Registers) {
  EXPECT_EQ(parse_one("-4@%edi"), (Fetch{How::Context, offsetof(pt_regs, rdi), 0, -1, 1, 4, true}));
  EXPECT_EQ(parse_one("8@%r8"), (Fetch{How::Context, offsetof(pt_regs, r8), 0, -1, 1, 8, false}));
  EXPECT_EQ(parse_one("1@%al"), (Fetch{How::Context, offsetof(pt_regs, rax), 0, -1, 1, 1, false}));
  EXPECT_EQ(parse_one("-1@%ah"), (Fetch{How::Context, offsetof(pt_regs, rax) + 1, 0, -1, 1, 1, true}));
  EXPECT_EQ(parse_one("2@%r15w"), (Fetch{How::Context, offsetof(pt_regs, r15), 0, -1, 1, 2, false}));
  EXPECT_EQ(parse_one("%dx"), (Fetch{How::Context, offsetof(pt_regs, rdx), 0, -1, 1, 2, false})) << "no size: the register's";
}

TEST(UsdtArguments, Constants) {
  EXPECT_EQ(parse_one("8@$5"), (Fetch{How::Constant, 5, 0, -1, 1, 8, false}));
  EXPECT_EQ(parse_one("-4@$-1"), (Fetch{How::Constant, -1, 0, -1, 1, 4, true}));
  EXPECT_EQ(parse_one("4@$-1").offset, 0xffffffff) << "unsigned, four bytes";
  EXPECT_EQ(parse_one("4@$0x10").offset, 16);
}

TEST(UsdtArguments, Memory) {
  const int32_t rbp = offsetof(pt_regs, rbp), rax = offsetof(pt_regs, rax), rcx = offsetof(pt_regs, rcx);
  EXPECT_EQ(parse_one("4@-20(%rbp)"), (Fetch{How::UserMemory, -20, rbp, -1, 1, 4, false}));
  EXPECT_EQ(parse_one("8@(%rax)"), (Fetch{How::UserMemory, 0, rax, -1, 1, 8, false}));
  EXPECT_EQ(parse_one("-8@8(%rax,%rcx,4)"), (Fetch{How::UserMemory, 8, rax, rcx, 4, 8, true}));
  EXPECT_EQ(parse_one("8@(%rax,%rcx)"), (Fetch{How::UserMemory, 0, rax, rcx, 1, 8, false}));
  const int32_t rip = offsetof(pt_regs, rip);
  EXPECT_EQ(parse_one("-4@counter(%rip)"), (Fetch{How::UserMemory, 0x100, rip, -1, 1, 4, true}));
  EXPECT_EQ(parse_one("-4@counter+8(%rip)").offset, 0x108);
  EXPECT_EQ(parse_one("-4@8+counter(%rip)").offset, 0x108);
}

TEST(UsdtArguments, WhatCannotBeRead) {
  for (std::string_view text : {"8f@%xmm0", "8@%xmm0", "8@unknown(%rip)", "8@16(%rip)", "8@counter", "3@%eax", "8@(%rax", "8@%rax)", "@"})
    EXPECT_EQ(parse_one(text).how, How::None) << text;
}

TEST(UsdtArguments, SeveralKeepTheirNumbers) {
  const auto fetches = parse_usdt_arguments("  8@%rdi 8f@%xmm1  -4@$3 ", [](std::string_view) { return std::nullopt; });
  ASSERT_EQ(fetches.size(), 3u);
  EXPECT_EQ(fetches[1].how, How::None);
  EXPECT_EQ(fetches[2].offset, 3);
  EXPECT_TRUE(parse_usdt_arguments("", [](std::string_view) { return std::nullopt; }).empty());
}

} // namespace
} // namespace trapline::probes
