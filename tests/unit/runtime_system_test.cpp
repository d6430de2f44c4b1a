// What the runtime asks of the machine, where that needs no privilege: output, processes, symbols of our own process,
// words for refusals.
#include "runtime/child.h"
#include "runtime/output.h"
#include "runtime/processes.h"
#include "runtime/ring.h"
#include "runtime/symbolize.h"
#include "runtime_fakes.h"

#include <csignal>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

namespace trapline::runtime {

// Found by name in the symbol table: must not be inlined or local.
__attribute__((noinline)) int function_to_be_found(int x) {
  asm volatile("");
  return x + 1;
}
int object_to_be_found[4] = {1, 2, 3, 4};

namespace {

TEST(OutputTest, WritesWhenItMust) {
  Sink sink;
  {
    Output out(sink.fd(), Buffering::Line);
    out.write("one ");
    out.batch_done();
    out.text() += "two";
    out.message_done();
  }
  EXPECT_EQ(sink.take(), "one two");
}

TEST(OutputTest, RemembersAFailedWrite) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  Output out(UniqueFd(ends[1]), Buffering::None);
  out.write("nobody reads this");
  EXPECT_EQ(out.error(), EPIPE);
}

TEST(OutputTest, FileErrorsNameTheFile) {
  const Result<UniqueFd> file = open_output_file("/nonexistent/folder/out");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, "cannot write `/nonexistent/folder/out`: No such file or directory");
}

TEST(CommandTest, WordsAsInAShell) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(split_command("sleep 1").value(), (Words{"sleep", "1"}));
  EXPECT_EQ(split_command("  sh -c  'echo \"a  b\"' ").value(), (Words{"sh", "-c", "echo \"a  b\""}));
  EXPECT_EQ(split_command(R"(a\ b "c \"d\" \n" '')").value(), (Words{"a b", "c \"d\" \\n", ""}));
  EXPECT_FALSE(split_command("echo 'open"));
  EXPECT_FALSE(split_command("   "));
}

TEST(ChildTest, WaitsForItsStart) {
  Result<Child> child = Child::prepare("true");
  ASSERT_TRUE(child) << child.error().message;
  pollfd ended{.fd = child->pidfd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&ended, 1, 50), 0);
  ASSERT_TRUE(child->start());
  EXPECT_EQ(poll(&ended, 1, 5000), 1);
}

TEST(ChildTest, SaysWhatCannotRun) {
  EXPECT_EQ(Child::prepare("no-such-program-anywhere").error().message, "cannot run `no-such-program-anywhere`: not found in PATH");
  EXPECT_EQ(Child::prepare("/etc/passwd").error().message, "cannot run `/etc/passwd`: Permission denied");
}

TEST(ChildTest, IsAskedToEndWithUs) {
  int pid = 0;
  UniqueFd watch;
  {
    Result<Child> child = Child::prepare("sleep 100");
    ASSERT_TRUE(child);
    ASSERT_TRUE(child->start());
    pid = child->pid();
    watch = std::move(watch_process(pid).value());
  }
  pollfd ended{.fd = watch.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&ended, 1, 5000), 1);
  waitpid(pid, nullptr, 0);
}

TEST(BatchTest, KeepsRecordsAndTheirOrder) {
  Batch batch;
  for (const char* text : {"one", "four", "", "a longer one"}) {
    batch.add({reinterpret_cast<const uint8_t*>(text), std::strlen(text)});
  }
  std::vector<std::string> seen;
  batch.for_each([&](std::span<const uint8_t> record) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(record.data()) % 8, 0u);
    seen.emplace_back(record.begin(), record.end());
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"one", "four", "", "a longer one"}));
}

TEST(MapsTextTest, Lines) {
  std::vector<std::string> seen;
  parse_maps("55e0-55f0 r-xp 00001000 fe:01 42 /usr/bin/my program (deleted)\n7ffd-7ffe rw-p 00000000 00:00 0 \n", [&](const MapsLine& line) {
    seen.push_back(fmt::format("{:x} {:x} {:x} {}:{} {} {} [{}]", line.start, line.end, line.offset, line.device_major, line.device_minor,
                               line.inode, line.executable, line.path));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"55e0 55f0 1000 254:1 42 true [/usr/bin/my program (deleted)]", "7ffd 7ffe 0 0:0 0 false []"}));
}

TEST(SymbolTest, PlainerNamesWin) {
  EXPECT_TRUE(is_plainer("malloc", "__libc_malloc"));
  EXPECT_TRUE(is_plainer("read", "readv"));
  EXPECT_FALSE(is_plainer("__read", "read"));
}

TEST(SymbolTest, OurOwnFunctionsAndObjects) {
  Symbolizer symbols(true);
  const auto tgid = static_cast<uint32_t>(getpid());
  const Symbol function = symbols.user_symbol(reinterpret_cast<uint64_t>(&function_to_be_found) + 1, tgid);
  EXPECT_EQ(function.name, "trapline::runtime::function_to_be_found(int)");
  EXPECT_EQ(function.offset, 1u);
  const Symbol object = symbols.user_symbol(reinterpret_cast<uint64_t>(&object_to_be_found[1]), tgid);
  EXPECT_EQ(object.name, "trapline::runtime::object_to_be_found");
  EXPECT_EQ(object.offset, 4u);
  EXPECT_FALSE(symbols.user_symbol(16, tgid).known);
  EXPECT_EQ(Symbolizer(false).user_symbol(reinterpret_cast<uint64_t>(&function_to_be_found), tgid).name,
            "_ZN8trapline7runtime20function_to_be_foundEi");
}

TEST(SymbolTest, OfAProcessThatHasGone) {
  Symbolizer symbols(true);
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  symbols.processes().look_at(static_cast<uint32_t>(child));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(symbols.user_symbol(reinterpret_cast<uint64_t>(&function_to_be_found), static_cast<uint32_t>(child)).name,
            "trapline::runtime::function_to_be_found(int)");
}

TEST(SymbolTest, OfAProcessThatWasNeverLookedAt) {
  Symbolizer symbols(true);
  if (!symbols.processes().listen()) GTEST_SKIP() << "perf events of all processes need privileges";
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(symbols.user_symbol(reinterpret_cast<uint64_t>(&function_to_be_found), static_cast<uint32_t>(child)).name,
            "trapline::runtime::function_to_be_found(int)");
}

TEST(SymbolTest, GeneratedCode) {
  const auto tgid = static_cast<uint32_t>(getpid());
  const std::string path = fmt::format("/tmp/perf-{}.map", tgid);
  FILE* file = fopen(path.c_str(), "w");
  ASSERT_TRUE(file);
  fputs("1000 20 lambda one\n1020 10 two\n", file);
  fclose(file);
  GeneratedCode code(tgid);
  ASSERT_TRUE(code.find(0x1010));
  EXPECT_EQ(code.find(0x1010)->name, "lambda one");
  EXPECT_EQ(code.find(0x1020)->name, "two");
  EXPECT_FALSE(code.find(0x1030));
  unlink(path.c_str());
}

TEST(ResolverTest, Users) {
  Symbolizer symbols(true);
  EXPECT_EQ(symbols.username(0), "root");
  EXPECT_EQ(symbols.username(3999999999), "3999999999");
}

} // namespace
} // namespace trapline::runtime
