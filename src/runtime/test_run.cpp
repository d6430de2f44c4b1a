#include "runtime/test_run.h"

#include "runtime/block_runner.h"
#include "runtime/json_value.h"
#include "support/color.h"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr int kRefusedStatus = 255;
constexpr uint64_t kBenchNanoseconds = 1'000'000; // a benchmark's runs take at least so long together
constexpr uint64_t kMostRuns = 1 << 20;           // of one that takes next to no time

using Outcome = BlockRunner::Outcome;

// "test:name" is called "name".
std::string short_name(const ProbeSpec& probe) {
  const std::string& name = probe.targets.front().name;
  return name.substr(name.find(':') + 1);
}

std::string duration_text(uint64_t nanoseconds) {
  if (nanoseconds < 10'000) return fmt::format("{} ns", nanoseconds);
  if (nanoseconds < 10'000'000) return fmt::format("{} us", nanoseconds / 1000);
  return fmt::format("{} ms", nanoseconds / 1'000'000);
}

std::string count_text(size_t count, std::string_view what) { return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"); }

std::string reason_text(const Outcome& outcome) {
  if (outcome.returned != 0) return fmt::format("returned {}", outcome.returned);
  if (outcome.exit_status != 0) return fmt::format("exit({})", outcome.exit_status);
  return outcome.reported_error ? "an error was reported" : "";
}

// What both modes have around them.
class Mode {
public:
  Mode(const Program& program, const SourceFile& source, const RunOptions& options)
      : program_(program), options_(options), runner_(program, source, options) {}
  virtual ~Mode() = default;

  int run() {
    if (program_.probes.empty()) return no_probes(options_);
    if (Result<void> ready = open(); !ready) return complain(ready.error(), 1);
    if (Result<void> loaded = runner_.load(); !loaded) return complain(loaded.error(), kRefusedStatus);
    begin();
    for (const ProbeSpec& probe : program_.probes) {
      Result<void> done = run_one(probe);
      if (!done) return complain({fmt::format("cannot run {}: {}", probe.targets.front().name, done.error().message), {}, 0}, kRefusedStatus);
    }
    end();
    out_->flush();
    return has_failed() || out_->error() != 0 ? 1 : 0;
  }

protected:
  virtual void begin() = 0;
  virtual Result<void> run_one(const ProbeSpec&) = 0;
  virtual void end() = 0;
  virtual bool has_failed() const = 0;

  bool is_json() const { return options_.format == OutputFormat::Json; }
  void say(std::string_view text) {
    out_->write(text);
    out_->batch_done();
  }

  const Program& program_;
  const RunOptions& options_;
  BlockRunner runner_;

private:
  Result<void> open() {
    if (!options_.output) {
      out_ = std::make_unique<Output>(STDOUT_FILENO, options_.buffering);
      return {};
    }
    Result<UniqueFd> file = open_output_file(*options_.output);
    if (!file) return std::unexpected(file.error());
    out_ = std::make_unique<Output>(std::move(*file), options_.buffering);
    return {};
  }

  static int complain(const Error& error, int status) {
    fmt::print(stderr, "{}", render_error(error));
    return status;
  }

  std::unique_ptr<Output> out_;
};

class Tests final : public Mode {
public:
  using Mode::Mode;

private:
  void begin() override {
    if (!is_json()) say(fmt::format("{} Running {}.\n", colored(Color::Green, "[==========]"), count_text(program_.probes.size(), "test")));
  }

  Result<void> run_one(const ProbeSpec& probe) override {
    const std::string name = short_name(probe);
    if (!is_json()) say(fmt::format("{} {}\n", colored(Color::Green, "[ RUN      ]"), name));
    Result<Outcome> outcome = runner_.run(probe, 1);
    if (!outcome) return std::unexpected(outcome.error());
    total_ += outcome->nanoseconds;
    if (outcome->failed()) failed_.push_back(name);
    if (is_json()) tell_json(name, *outcome);
    else tell(name, *outcome);
    return {};
  }

  void tell(const std::string& name, Outcome& outcome) {
    const std::string time = duration_text(outcome.nanoseconds);
    if (!outcome.failed()) {
      say(fmt::format("{} {} ({})\n", colored(Color::Green, "[       OK ]"), name, time));
      return;
    }
    if (!outcome.output.empty() && outcome.output.back() != '\n') outcome.output += '\n';
    say(outcome.output);
    say(fmt::format("{} {} ({}): {}\n", colored(Color::Red, "[  FAILED  ]"), name, time, reason_text(outcome)));
  }

  void tell_json(const std::string& name, const Outcome& outcome) {
    std::string line = "{\"type\": \"test_result\", \"data\": {";
    append_json_string(line, name);
    line += fmt::format(": {{\"duration\": {}, \"passed\": {}, \"output\": ", outcome.nanoseconds, !outcome.failed());
    append_json_string(line, outcome.output);
    say(line + "}}}\n");
  }

  void end() override {
    if (is_json()) return;
    const size_t count = program_.probes.size();
    say(fmt::format("{} {} ran. ({} total)\n", colored(Color::Green, "[==========]"), count_text(count, "test"), duration_text(total_)));
    say(fmt::format("{} {}.\n", colored(Color::Green, "[  PASSED  ]"), count_text(count - failed_.size(), "test")));
    if (failed_.empty()) return;
    say(fmt::format("{} {}, listed below:\n", colored(Color::Red, "[  FAILED  ]"), count_text(failed_.size(), "test")));
    for (const std::string& name : failed_) say(fmt::format("{} {}\n", colored(Color::Red, "[  FAILED  ]"), name));
  }

  bool has_failed() const override { return !failed_.empty(); }

  std::vector<std::string> failed_;
  uint64_t total_ = 0;
};

class Benchmarks final : public Mode {
public:
  using Mode::Mode;

private:
  void begin() override {
    for (const ProbeSpec& probe : program_.probes) width_ = std::max(width_, short_name(probe).size());
    if (!is_json()) say(fmt::format("{:<{}}  {:>12}  {:>12}\n", "Benchmark", width_, "Time(ns)", "Iterations"));
  }

  // Ever more runs until they take long enough together. The first warms up the caches, and is not counted.
  Result<void> run_one(const ProbeSpec& probe) override {
    Result<Outcome> outcome = runner_.run(probe, 1);
    uint64_t runs = 0, nanoseconds = 0;
    for (uint64_t next = 1; outcome && !outcome->failed() && nanoseconds < kBenchNanoseconds && runs < kMostRuns; next *= 2) {
      outcome = runner_.run(probe, next);
      if (!outcome) break;
      runs += outcome->runs;
      nanoseconds += outcome->nanoseconds;
    }
    if (!outcome) return std::unexpected(outcome.error());
    tell(short_name(probe), *outcome, runs == 0 ? 0 : nanoseconds / runs, runs);
    return {};
  }

  void tell(const std::string& name, const Outcome& outcome, uint64_t average, uint64_t runs) {
    const bool has_failed = outcome.reported_error || outcome.exit_status != 0;
    failed_ = failed_ || has_failed;
    const std::string_view word = has_failed ? "failed" : outcome.returned != 0 ? "skipped" : "";
    if (is_json()) {
      std::string line = "{\"type\": \"benchmark_result\", \"data\": {";
      append_json_string(line, name);
      line += word.empty() ? fmt::format(": {{\"average\": {}, \"iters\": {}}}", average, runs) : fmt::format(": {{\"{}\": true}}", word);
      say(line + "}}\n");
    } else if (word.empty()) {
      say(fmt::format("{:<{}}  {:>12}  {:>12}\n", name, width_, average, runs));
    } else {
      say(fmt::format("{:<{}}  {:>12}\n", name, width_, word));
    }
    if (has_failed) fmt::print(stderr, "{}", outcome.output);
  }

  void end() override {}
  bool has_failed() const override { return failed_; }

  size_t width_ = std::string_view("Benchmark").size();
  bool failed_ = false;
};

} // namespace

int run_tests(const Program& program, const SourceFile& source, const RunOptions& options) {
  return Tests(program, source, options).run();
}

int run_benchmarks(const Program& program, const SourceFile& source, const RunOptions& options) {
  return Benchmarks(program, source, options).run();
}

} // namespace trapline::runtime
