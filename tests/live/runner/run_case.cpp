// The life of one test case. Whatever it starts is gone when it returns.
#include "runner/run_case.h"

#include "runner/check.h"
#include "runner/features.h"
#include "support/json_schema.h"
#include "support/process.h"

#include <cmath>
#include <csignal>
#include <dlfcn.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace trapline::live {

namespace {

using std::chrono::milliseconds;
using testing_support::Clock;
using testing_support::Process;

// A folder of the case's own, removed with all it holds.
class ScratchFolder {
public:
  ScratchFolder() {
    char name[] = "/tmp/trapline-live-XXXXXX";
    if (mkdtemp(name)) path_ = name;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

private:
  std::string path_;
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string path_of_libc() {
  // By name: the address of a function, taken here, may be one of ours that jumps there.
  Dl_info info{};
  return dladdr(dlsym(RTLD_DEFAULT, "getppid"), &info) != 0 ? std::filesystem::canonical(info.dli_fname).string()
                                                               : "libc.so.6";
}

void replace_all(std::string& text, std::string_view name, std::string_view value) {
  for (size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size())
    text.replace(at, name.size(), value);
}

class Runner {
public:
  Runner(const Case& test, const Places& places) : test_(test), places_(places), started_(Clock::now()) {}

  Outcome run();

private:
  Result<void> start_before();
  Result<Process> start_product();
  bool wait_until(Process& product, bool (*reached)(const Process&));
  Result<void> run_workload(Process& product);
  Result<void> finish(Process& product);
  Outcome judge(const Process& product);
  Outcome broken(const std::string& what, const Process* product);

  std::string fill_in(std::string text) const;
  std::vector<std::string> words(const std::string& text) const;
  std::vector<std::string> command_line() const;
  bool late() const { return Clock::now() > started_ + std::chrono::seconds(test_.timeout_s); }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - started_).count(); }

  const Case& test_;
  const Places& places_;
  const Clock::time_point started_;
  ScratchFolder scratch_;
  std::optional<Process> before_;
  pid_t before_pid_ = 0;
};

// `{text:FILE}` becomes what is in that file of the repository.
void insert_files(std::string& text, const std::string& root) {
  constexpr std::string_view opening = "{text:";
  for (size_t at = 0; (at = text.find(opening, at)) != std::string::npos;) {
    const size_t end = text.find('}', at);
    if (end == std::string::npos) return;
    const std::string name = text.substr(at + opening.size(), end - at - opening.size());
    text.replace(at, end + 1 - at, read_file(root + '/' + name));
  }
}

std::string Runner::fill_in(std::string text) const {
  insert_files(text, places_.root);
  static const std::string libc = path_of_libc();
  replace_all(text, "{trapline}", places_.trapline);
  replace_all(text, "{bin}", places_.workloads);
  replace_all(text, "{root}", places_.root);
  replace_all(text, "{tmp}", scratch_.path());
  replace_all(text, "{libc}", libc);
  replace_all(text, "{runner}", std::to_string(getpid()));
  if (before_pid_ > 0) replace_all(text, "{pid}", std::to_string(before_pid_));
  return text;
}

std::vector<std::string> Runner::words(const std::string& text) const { return split_words(fill_in(text)); }

std::vector<std::string> Runner::command_line() const {
  if (test_.command) return words(*test_.command);
  std::vector<std::string> line{places_.trapline};
  const auto append = [&](const std::string& text) {
    for (std::string& word : words(text)) line.push_back(std::move(word));
  };
  append(test_.options);
  if (test_.child) line.insert(line.end(), {"-c", fill_in(*test_.child)});
  if (test_.program) line.insert(line.end(), {"-e", fill_in(*test_.program)});
  else if (test_.script) line.push_back(scratch_.path() + "/script.bt");
  else if (test_.standard_input) line.push_back("-");
  append(test_.arguments);
  return line;
}

Result<void> Runner::start_before() {
  if (!test_.before) return {};
  Result<Process> process = Process::start(
      {.words = words(*test_.before), .environment = {"LIVE_TEST_GATE=1"}, .capture = true, .keep_input = true});
  if (!process) return std::unexpected(process.error());
  // At its gate: all libraries are mapped.
  if (!process->wait_until_asleep(milliseconds(5000))) return fail("the workload does not wait at its gate");
  before_.emplace(std::move(*process));
  before_pid_ = before_->pid();
  return {};
}

Result<Process> Runner::start_product() {
  if (test_.script) {
    std::ofstream(scratch_.path() + "/script.bt") << fill_in(*test_.script);
    std::filesystem::permissions(scratch_.path() + "/script.bt", std::filesystem::perms(0755));
  }
  Process::Start start{.words = command_line(), .capture = true, .keep_input = test_.standard_input.has_value()};
  for (const std::string& variable : test_.environment) start.environment.push_back(fill_in(variable));
  Result<Process> product = Process::start(start);
  if (product && test_.standard_input) product->give_input(fill_in(*test_.standard_input));
  return product;
}

// False: time ran out first. Reached or not, the product may have ended.
bool Runner::wait_until(Process& product, bool (*reached)(const Process&)) {
  while (!product.pump(milliseconds(20)) && !reached(product))
    if (late()) return false;
  return true;
}

bool has_attached(const Process& product) {
  return product.error_output().find("Attached ") != std::string::npos ||
         product.output().find("\"attached_probes\"") != std::string::npos;
}

bool never(const Process&) { return false; }

bool prints_json(const Case& test) {
  const std::string& words = test.command ? *test.command : test.options;
  return words.find("-f json") != std::string::npos || words.find("-fjson") != std::string::npos;
}

Result<void> Runner::run_workload(Process& product) {
  if (!wait_until(product, has_attached)) return fail("no probes were attached in time");
  if (product.ended()) return {};
  std::optional<Process> process;
  if (before_) {
    process.emplace(std::move(*before_));
    before_.reset();
    process->give_input("\n");
  } else {
    Result<Process> started = Process::start({.words = words(*test_.workload), .capture = true});
    if (!started) return std::unexpected(started.error());
    process.emplace(std::move(*started));
  }
  while (!process->pump(milliseconds(5))) {
    product.pump(milliseconds(0));
    if (late()) return fail("the workload did not end in time");
  }
  if (!process->exited() || process->status() != 0)
    return fail(fmt::format("the workload {} {}: {}", process->exited() ? "exited with status" : "was ended by signal",
                            process->status(), process->error_output()));
  return {};
}

int signal_number(const std::string& name) { return name == "TERM" ? SIGTERM : name == "KILL" ? SIGKILL : SIGINT; }

Result<void> Runner::finish(Process& product) {
  const bool has_workload = test_.workload || test_.before;
  const std::string stop = !test_.stop.empty() ? test_.stop : has_workload ? "INT" : "none";
  if (stop != "none") {
    if (!has_workload && !wait_until(product, has_attached)) return fail("no probes were attached in time");
    const auto until = Clock::now() + milliseconds(test_.delay_ms);
    while (!product.ended() && Clock::now() < until) product.pump(milliseconds(5));
    product.send(signal_number(stop));
  }
  if (!wait_until(product, never)) return fail(fmt::format("it did not end within {} s", test_.timeout_s));
  return {};
}

std::string indented(const std::string& text) {
  std::string result;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) result += "    | " + line + "\n";
  return result.empty() ? "    | (nothing)\n" : result;
}

Outcome Runner::broken(const std::string& what, const Process* product) {
  std::string report = fmt::format("  {}\n  command:", what);
  for (const std::string& word : command_line()) report += fmt::format(" '{}'", word);
  report += "\n";
  if (product) {
    report += fmt::format("  standard output:\n{}", indented(product->output()));
    report += fmt::format("  standard error:\n{}", indented(product->error_output()));
  }
  return {Outcome::Kind::Failed, report, seconds()};
}

Outcome Runner::judge(const Process& product) {
  Observed observed{product.output(), product.error_output()};
  if (!test_.read.empty()) observed.output = read_file(fill_in(test_.read));
  std::vector<Expectation> expectations = test_.expectations;
  for (Expectation& e : expectations) e.text = fill_in(e.text);
  std::vector<std::string> wrong = check(expectations, observed);
  if (prints_json(test_)) {
    if (std::string lines = testing_support::check_output_lines(observed.output); !lines.empty()) wrong.push_back("docs/output.schema.json: " + lines);
  }
  if (!product.exited()) wrong.push_back(fmt::format("it was ended by signal {}", product.status()));
  else if (product.status() != test_.status)
    wrong.push_back(fmt::format("exit status {}, not {}", product.status(), test_.status));
  if (wrong.empty()) return {Outcome::Kind::Passed, {}, seconds()};
  std::string all;
  for (const std::string& reason : wrong) all += (all.empty() ? "" : "\n  ") + reason;
  return broken(all, &product);
}

Outcome Runner::run() {
  if (scratch_.path().empty()) return broken("no temporary folder", nullptr);
  if (const Result<void> ok = start_before(); !ok) return broken(ok.error().message, nullptr);
  Result<Process> product = start_product();
  if (!product) return broken(product.error().message, nullptr);
  if (test_.workload || test_.before) {
    if (const Result<void> ok = run_workload(*product); !ok) return broken(ok.error().message, &*product);
  }
  if (const Result<void> ok = finish(*product); !ok) return broken(ok.error().message, &*product);
  return judge(*product);
}

// The golden tests' scripts are written for an imagined machine. What ours lacks is no mistake of the script.
constexpr std::string_view kLacking[] = {
    "no tracepoint", "cannot find",   "no function `", "no USDT marker", "there is no process", "cannot be used here",
    "nothing matches", "unknown type", "unknown field", "is not known", "unknown software event", "unknown hardware event",
};

} // namespace

Outcome run_case(const Case& test, const Places& places) {
  for (const std::string& need : test.needs)
    if (const std::optional<std::string> why = unmet(need)) return {Outcome::Kind::Skipped, *why, 0};
  const Outcome outcome = Runner(test, places).run();
  testing_support::kill_orphans();
  return outcome;
}

Outcome verify_script(const std::string& path, const Places& places) {
  Case test{.file = path, .name = path};
  const std::string text = read_file(path);
  const std::string_view header = "// options: ", parameters = "// params: ";
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(parameters)) test.arguments = line.substr(parameters.size());
    if (line == "// options: unsafe") test.options = "--unsafe";
    else if (line.starts_with(header)) return {Outcome::Kind::Skipped, "needs " + line.substr(header.size()), 0};
  }
  test.command = fmt::format("{} --dry-run {} '{}' -- {}", places.trapline, test.options, path, test.arguments);
  Outcome outcome = run_case(test, places);
  if (outcome.kind != Outcome::Kind::Failed) return outcome;
  for (const std::string_view lacking : kLacking) {
    const size_t at = outcome.report.find(lacking);
    if (at == std::string::npos) continue;
    const size_t begin = outcome.report.rfind('\n', at) + 1;
    std::string reason = outcome.report.substr(begin, outcome.report.find('\n', at) - begin);
    if (const size_t error = reason.find("ERROR: "); error != std::string::npos) reason = reason.substr(error + 7);
    return {Outcome::Kind::Skipped, "this machine differs from the imagined one: " + reason, outcome.seconds};
  }
  return outcome;
}

} // namespace trapline::live
