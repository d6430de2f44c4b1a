#include "random/judge.h"

#include "random/source.h"
#include "support/process.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace trapline::random_programs {

namespace {

using namespace std::chrono_literals;
using testing_support::Clock;
using testing_support::Process;

constexpr auto kLimit = 120s; // one script; a few hundred times what it takes on an idle machine
constexpr std::string_view kEnd = "#end";

// What each program printed, by its number.
std::map<uint64_t, Outcome> sections(const std::string& output) {
  std::map<uint64_t, Outcome> found;
  Outcome* current = nullptr;
  for (size_t at = 0; at < output.size();) {
    size_t end = std::min(output.find('\n', at), output.size());
    std::string line = output.substr(at, end - at);
    at = end + 1;
    uint64_t number = 0;
    auto numbered = [&](size_t from) { return std::from_chars(line.data() + from, line.data() + line.size(), number).ec == std::errc(); };
    if (line == kEnd) current = nullptr;
    else if (line.starts_with('#') && numbered(1)) current = &found[number];
    else if (current) current->lines.push_back(line);
    else if (line.starts_with("@p") && numbered(2)) found[number].maps.push_back(line);
  }
  for (auto& [number, outcome] : found) std::sort(outcome.maps.begin(), outcome.maps.end());
  return found;
}

} // namespace

const char* describe(Verdict verdict) {
  switch (verdict) {
  case Verdict::Passed: return "passed";
  case Verdict::WrongOutput: return "printed something else";
  case Verdict::NotCompiled: return "was not compiled";
  case Verdict::RefusedByVerifier: return "was refused by the verifier";
  case Verdict::Died: return "crashed the product";
  case Verdict::Hung: return "did not end";
  }
  return "";
}

Judge::Judge(std::string trapline, Inputs inputs) : trapline_(std::move(trapline)), inputs_(std::move(inputs)) {
  script_ = std::filesystem::temp_directory_path() / fmt::format("trapline-random-{}.bt", getpid());
}

Judge::Run Judge::run(const std::vector<Program>& programs) {
  std::ofstream(script_) << to_script(programs, inputs_) << "BEGIN { printf(\"" << kEnd << "\\n\"); }\n";
  Process::Start start{.words = {trapline_, "--no-warnings", "--", script_}, .environment = {}, .capture = true};
  start.words.insert(start.words.end(), inputs_.positional.begin(), inputs_.positional.end());
  Result<Process> process = Process::start(start);
  if (!process) return {Verdict::Died, "", process.error().message};
  bool ended = false;
  for (auto deadline = Clock::now() + kLimit; !ended && Clock::now() < deadline;) ended = process->pump(100ms);
  if (!ended) process->kill();
  std::error_code ignored;
  std::filesystem::remove(script_, ignored);

  Run run{Verdict::Passed, process->output(), process->error_output()};
  if (!ended) run.verdict = Verdict::Hung;
  else if (!process->exited()) run.verdict = Verdict::Died;
  else if (run.message.find("the kernel refused the program") != std::string::npos) run.verdict = Verdict::RefusedByVerifier;
  else if (process->status() != 0) run.verdict = Verdict::NotCompiled;
  return run;
}

std::vector<Judgement> Judge::judge(const std::vector<Program>& programs) {
  Run whole = run(programs);
  if (whole.verdict != Verdict::Passed && programs.size() > 1) {
    std::vector<Judgement> judgements;
    for (const Program& program : programs) judgements.push_back(judge(program));
    bool any = std::ranges::any_of(judgements, [](const Judgement& j) { return j.verdict != Verdict::Passed; });
    // Only together do they fail.
    if (!any) judgements.back() = {whole.verdict, whole.message, {}, {}};
    return judgements;
  }
  std::map<uint64_t, Outcome> seen = sections(whole.output);
  std::vector<Judgement> judgements;
  for (const Program& program : programs) {
    Judgement judgement{whole.verdict, whole.message, {}, seen[program.number]};
    std::optional<Types> types = Typing::infer(program, inputs_);
    std::optional<Outcome> expected = types ? evaluate(program, inputs_, *types) : std::nullopt;
    if (expected) judgement.expected = std::move(*expected);
    if (whole.verdict == Verdict::Passed && judgement.expected != judgement.seen) judgement.verdict = Verdict::WrongOutput;
    judgements.push_back(std::move(judgement));
  }
  return judgements;
}

Judgement Judge::judge(const Program& program) { return judge(std::vector{program})[0]; }

} // namespace trapline::random_programs
