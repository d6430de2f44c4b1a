// The command line.
#include "cli/options.h"
#include "cli/script.h"
#include "cli/words.h"

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
  EXPECT_EQ(complaint({"-k", "-k", "s"}), "ERROR: -k is given twice; -kk of old versions is gone, -k shows all there is\n");
  EXPECT_EQ(complaint({"-k", "--no-warnings", "s"}), "ERROR: -k and --no-warnings exclude each other\n");
  EXPECT_EQ(complaint({"-d", "nothing", "s"}), "ERROR: unknown debug stage `nothing`: all, ast, types, codegen, codegen-opt, libbpf, verifier, parse, dis\n");
  EXPECT_EQ(complaint({"--dwarf-pid", "x", "s"}), "ERROR: --dwarf-pid takes a process id, not `x`\n");
  EXPECT_EQ(complaint({"--no-feature", "uprobe_multi,kprobes", "s"}),
            "ERROR: unknown feature `kprobes`: it must be kprobe_multi, kprobe_session or uprobe_multi\n");
  EXPECT_EQ(complaint({"--duration", "soon", "s"}), "ERROR: `soon` is no time: 10, 10s and 500ms are\n");
}

TEST(OptionsTest, NamedArgumentsFollowALoneDash) {
  const Options options = parse({"-e", "x", "1", "--", "--name=a=b", "2", "--flag", "--empty="}).value();
  EXPECT_EQ(options.positional, (std::vector<std::string>{"1", "2"}));
  ASSERT_EQ(options.named.size(), 3U);
  EXPECT_EQ(options.named[0].name, "name");
  EXPECT_EQ(options.named[0].value, "a=b");
  EXPECT_EQ(options.named[1].name, "flag");
  EXPECT_EQ(options.named[1].value, std::nullopt);
  EXPECT_EQ(options.named[2].value, "");
  EXPECT_FALSE(options.script_help);
  EXPECT_TRUE(parse({"script.bt", "--", "--help"}).value().script_help);
}

TEST(OptionsTest, Modes) {
  EXPECT_EQ(parse({"--test", "s"}).value().mode, Options::Mode::Test);
  EXPECT_EQ(parse({"--bench", "s"}).value().mode, Options::Mode::Bench);
  EXPECT_EQ(parse({"--fmt", "s"}).value().mode, Options::Mode::Format);
  EXPECT_EQ(parse({"--mode", "codegen", "s"}).value().mode, Options::Mode::Codegen);
  EXPECT_EQ(parse({"--mode=compiler-bench", "s"}).value().mode, Options::Mode::CompilerBench);
  EXPECT_EQ(complaint({"--test", "--bench", "s"}), "ERROR: only one of --mode, --test, --bench and --fmt can be given, and once\n");
  EXPECT_EQ(complaint({"--mode", "fast", "s"}), "ERROR: unknown mode `fast`: it must be codegen, compiler-bench, bench, test or format\n");
}

TEST(OptionsTest, FilterOfProbes) {
  const Options options = parse({"--probe-filter", "^u.*:read(line)?$", "s"}).value();
  ASSERT_TRUE(options.probe_filter);
  EXPECT_TRUE(options.probe_filter("uprobe:/bin/bash:readline"));
  EXPECT_FALSE(options.probe_filter("uprobe:/bin/bash:reader"));
  EXPECT_FALSE(parse({"s"}).value().probe_filter);
  const auto wrong = parse({"--probe-filter", "(", "s"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().status, 255);
  EXPECT_TRUE(wrong.error().message.starts_with("ERROR: `(` is not a valid regular expression for --probe-filter: "));
}

TEST(OptionsTest, WhatTheCompilerAndTheMachineAreTold) {
  const Options options = parse({"-I", "a", "-I", "b", "--include", "c.h", "--debuginfo", "/x:/y", "--debuginfo", "/z", "--no-feature",
                                 "uprobe_multi", "--traceable-functions", "list", "--dwarf-pid", "7", "--emit-elf", "e", "--emit-llvm",
                                 "l", "--verify-llvm-ir", "--usdt-file-activation", "-b", "s"})
                              .value();
  EXPECT_EQ(options.include_dirs, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(options.include_files, std::vector<std::string>{"c.h"});
  EXPECT_EQ(options.system.debuginfo_dirs, (std::vector<std::string>{"/x", "/y", "/z"}));
  EXPECT_EQ(options.system.without_features, std::vector<std::string>{"uprobe_multi"});
  EXPECT_EQ(options.system.traceable_functions, "list");
  EXPECT_EQ(options.dwarf_pids, std::vector<int>{7});
  EXPECT_EQ(options.emit_elf, "e");
  EXPECT_EQ(options.emit_llvm, "l");
  EXPECT_TRUE(options.verify_ir);
  EXPECT_EQ(compile_options(options).include_files, std::vector<std::string>{"c.h"});
}

TEST(OptionsTest, Durations) {
  EXPECT_EQ(parse_duration("10"), 10'000'000'000U);
  EXPECT_EQ(parse_duration("1.5s"), 1'500'000'000U);
  EXPECT_EQ(parse_duration("500ms"), 500'000'000U);
  EXPECT_EQ(parse_duration("7us"), 7'000U);
  EXPECT_EQ(parse_duration("2m"), 120'000'000'000U);
  for (const char* wrong : {"", "s", "0", "-1", "1x", "1 s", "1e3", "nan", "99999999999d"}) EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(OptionsTest, Stages) {
  EXPECT_EQ(parse({"--dump=sema", "s"}).value().dump, CompileOptions::Dump::Sema);
  const Options options = parse({"-d", "ast,libbpf", "s"}).value();
  EXPECT_EQ(options.shown, std::vector<CompileOptions::Dump>{CompileOptions::Dump::Ast});
  EXPECT_EQ(parse({"-d", "codegen", "--debug=ast,codegen-opt", "s"}).value().shown,
            (std::vector<CompileOptions::Dump>{CompileOptions::Dump::PlainIr, CompileOptions::Dump::Ast, CompileOptions::Dump::Ir}));
  const Options all = parse({"-d", "all", "s"}).value();
  EXPECT_EQ(all.shown.size(), 5U);
  EXPECT_TRUE(all.run.libbpf_log && all.run.verifier_log);
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
