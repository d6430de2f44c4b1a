// The command line.
#include "cli/options.h"
#include "cli/script.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace trapline::cli {
namespace {

std::expected<Options, BadUsage> parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "trapline");
  return parse_options(std::move(arguments));
}

std::string complaint(std::vector<std::string> arguments) {
  const auto options = parse(std::move(arguments));
  return options ? "accepted" : options.error().message;
}

TEST(OptionsTest, FileAndItsArguments) {
  const Options options = parse({"-q", "script.bt", "1", "two"}).value();
  EXPECT_EQ(options.file, "script.bt");
  EXPECT_EQ(options.positional, (std::vector<std::string>{"1", "two"}));
  EXPECT_TRUE(options.run.quiet);
}

TEST(OptionsTest, OptionsMayFollowTheFile) {
  const Options options = parse({"script.bt", "189", "-f", "json", "--unsafe"}).value();
  EXPECT_EQ(options.run.format, runtime::OutputFormat::Json);
  EXPECT_TRUE(options.unsafe);
  EXPECT_EQ(options.positional, std::vector<std::string>{"189"});
}

TEST(OptionsTest, TextTakesAllWordsAsArguments) {
  const Options options = parse({"-e", "BEGIN {}", "--", "-5", "x"}).value();
  EXPECT_EQ(options.text, "BEGIN {}");
  EXPECT_EQ(options.positional, (std::vector<std::string>{"-5", "x"}));
  EXPECT_EQ(parse({"-e", "a", "-e", "b"}).value().text, "b");
}

TEST(OptionsTest, Listing) {
  const Options options = parse({"-lv", "t:sched:*"}).value();
  EXPECT_EQ(options.mode, Options::Mode::List);
  EXPECT_TRUE(options.run.verbose);
  EXPECT_EQ(options.file, "t:sched:*");
  EXPECT_EQ(parse({"-l"}).value().file, "");
  EXPECT_TRUE(parse({"-l", "a", "b"}).error().show_usage);
}

TEST(OptionsTest, Formatting) {
  const Options options = parse({"--fmt", "-o", "out.bt", "script.bt"}).value();
  EXPECT_EQ(options.mode, Options::Mode::Format);
  EXPECT_EQ(options.file, "script.bt");
  EXPECT_EQ(options.run.output, "out.bt");
  EXPECT_EQ(parse({"--fmt", "-e", "BEGIN {}"}).value().text, "BEGIN {}");
  EXPECT_TRUE(parse({"--fmt"}).error().show_usage);
  EXPECT_EQ(complaint({"--fmt", "a.bt", "b.bt"}), "ERROR: --fmt takes one script\n");
}

TEST(OptionsTest, NothingToDo) {
  const auto options = parse({});
  ASSERT_FALSE(options);
  EXPECT_TRUE(options.error().show_usage);
  EXPECT_EQ(options.error().message, "");
}

TEST(OptionsTest, UnknownAndIncompleteOptions) {
  EXPECT_EQ(complaint({"-Z", "x"}), "ERROR: unknown option `-Z`\n");
  EXPECT_EQ(complaint({"--nonsense", "x"}), "ERROR: unknown option `--nonsense`\n");
  EXPECT_EQ(complaint({"-e"}), "ERROR: option `-e` needs an argument\n");
}

TEST(OptionsTest, ValuesAreChecked) {
  EXPECT_EQ(complaint({"-f", "xml", "s"}), "ERROR: Invalid output format \"xml\"\nValid formats: 'text', 'json'\n");
  EXPECT_EQ(complaint({"-B", "half", "s"}), "ERROR: unknown buffering mode `half`: it must be line, full or none\n");
  EXPECT_EQ(complaint({"-p", "abc", "s"}), "ERROR: `abc` is not a process id\n");
  EXPECT_EQ(complaint({"-p", "-3", "s"}), "ERROR: `-3` is not a process id\n");
  EXPECT_EQ(complaint({"-p", "4194305", "s"}), "ERROR: process id 4194305 is out of range\n");
  EXPECT_EQ(complaint({"-p", "1", "-c", "ls", "s"}), "ERROR: -p and -c exclude each other\n");
  EXPECT_EQ(complaint({"-k", "-k", "s"}), "ERROR: -k is given twice\n");
  EXPECT_EQ(complaint({"-k", "--no-warnings", "s"}), "ERROR: -k and --no-warnings exclude each other\n");
  EXPECT_EQ(complaint({"-d", "nothing", "s"}), "ERROR: unknown debug stage `nothing`: ast, types, codegen, codegen-opt, dis, libbpf, verifier, all\n");
  EXPECT_EQ(complaint({"-e", "x", "--", "--name=3"}), "ERROR: unexpected program command line options: --name=3\n");
}

TEST(OptionsTest, Stages) {
  EXPECT_EQ(parse({"--dump=sema", "s"}).value().dump, CompileOptions::Dump::Sema);
  const Options options = parse({"-d", "ast,libbpf", "s"}).value();
  EXPECT_EQ(options.shown, std::vector<CompileOptions::Dump>{CompileOptions::Dump::Ast});
  EXPECT_TRUE(options.run.libbpf_log);
  EXPECT_FALSE(options.run.verifier_log);
}

TEST(OptionsTest, HelpWins) {
  EXPECT_EQ(parse({"-h", "-l"}).value().mode, Options::Mode::Help);
  EXPECT_EQ(parse({"-l", "-V"}).value().mode, Options::Mode::Version);
  EXPECT_EQ(version(), "trapline v0.1.0");
  EXPECT_TRUE(usage().starts_with("Usage:"));
}

TEST(InterpreterLineTest, OneWordIsTakenApart) {
  const std::string path = testing::TempDir() + "interpreter_line.bt";
  std::ofstream(path) << "#!/usr/sbin/trapline -q -f json\nBEGIN { exit(); }\n";
  EXPECT_EQ(split_interpreter_word({"trapline", "-q -f json", path, "1"}),
            (std::vector<std::string>{"trapline", "-q", "-f", "json", path, "1"}));
  // The same word typed by hand before another file stays one word.
  std::ofstream(path) << "BEGIN { exit(); }\n";
  EXPECT_EQ(split_interpreter_word({"trapline", "-q -f json", path}), (std::vector<std::string>{"trapline", "-q -f json", path}));
  unlink(path.c_str());
}

TEST(ScriptTest, Sources) {
  EXPECT_EQ(read_source(parse({"-e", "BEGIN {}"}).value()).value().name(), "stdin");
  EXPECT_EQ(read_source(parse({"/nonexistent/x.bt"}).value()).error().message,
            "cannot read `/nonexistent/x.bt`: No such file or directory");
}

TEST(ScriptTest, EnvironmentReachesTheCompiler) {
  setenv("BPFTRACE_MAX_STRLEN", "64", 1);
  const CompileOptions options = compile_options(parse({"-e", "x", "-p", "1", "--unsafe"}).value());
  EXPECT_EQ(options.sema.environment.at("BPFTRACE_MAX_STRLEN"), "64");
  EXPECT_FALSE(options.sema.environment.contains("PATH"));
  EXPECT_EQ(options.sema.expand.pid, 1);
  EXPECT_TRUE(options.sema.expand.unsafe);
  unsetenv("BPFTRACE_MAX_STRLEN");
}

} // namespace
} // namespace trapline::cli
