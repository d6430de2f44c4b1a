// random_tests [OPTION...] [COUNT [SEED]]: random programs, each compiled, verified and run by the product, and what they
// print compared with what a plain evaluator says.
#include "random/generate.h"
#include "random/shrink.h"
#include "random/source.h"
#include "support/closing_line.h"
#include "support/process.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <getopt.h>
#include <unistd.h>

using namespace trapline::random_programs;
using namespace trapline::testing_support;

namespace {

constexpr const char* kUsage = R"(usage: random_tests [OPTION...] [COUNT [SEED]]
  COUNT             how many programs (default 2000)
  SEED              the same seed makes the same programs (default: another one each day)
  --trapline FILE   the program under test (default: beside this one)
  --only NUMBER     only this program of the run
  --show            print the programs and what they should print, run nothing
)";

constexpr size_t kProgramsPerScript = 25;
constexpr int kMostFailures = 5;   // shown; then the run ends
constexpr int kShrinkingSeconds = 60;

struct Options {
  std::string program;
  uint64_t count = 2000, seed = 0, only = UINT64_MAX;
  bool show = false;
};

// A new seed each day: old programs stay reproducible, and new ones are tried.
uint64_t seed_of_today() { return static_cast<uint64_t>(time(nullptr)) / (24 * 60 * 60); }

bool read_options(int argc, char** argv, Options& options) {
  const option known[] = {{"trapline", required_argument, nullptr, 't'}, {"only", required_argument, nullptr, 'o'},
                          {"show", no_argument, nullptr, 's'}, {nullptr, 0, nullptr, 0}};
  options.seed = seed_of_today();
  for (int c; (c = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    if (c == 't') options.program = optarg;
    else if (c == 'o') options.only = strtoull(optarg, nullptr, 0);
    else if (c == 's') options.show = true;
    else return false;
  }
  if (argc - optind > 2) return false;
  if (optind < argc) options.count = strtoull(argv[optind], nullptr, 0);
  if (optind + 1 < argc) options.seed = strtoull(argv[optind + 1], nullptr, 0);
  return true;
}

void print_lines(const char* title, const Outcome& outcome) {
  std::printf("%s:\n", title);
  for (const auto* lines : {&outcome.lines, &outcome.maps})
    for (const std::string& line : *lines) std::printf("    %s\n", line.c_str());
}

// The first line that differs stands for the rest.
void print_difference(const Judgement& judgement) {
  auto all = [](const Outcome& outcome) {
    std::vector<std::string> lines = outcome.lines;
    lines.insert(lines.end(), outcome.maps.begin(), outcome.maps.end());
    return lines;
  };
  std::vector<std::string> expected = all(judgement.expected), seen = all(judgement.seen);
  auto [e, s] = std::ranges::mismatch(expected, seen);
  std::printf("  first difference: `%s` should be `%s`\n", s == seen.end() ? "(nothing)" : s->c_str(),
              e == expected.end() ? "(nothing)" : e->c_str());
  print_lines("  expected", judgement.expected);
  print_lines("  seen", judgement.seen);
}

void report(const Program& program, Judge& judge, Judgement judgement, const Options& options) {
  std::printf("FAILED program %lu of seed %lu %s\n", program.number, options.seed, describe(judgement.verdict));
  std::fflush(stdout);
  Judgement alone = judge.judge(program);
  if (alone.verdict != judgement.verdict) {
    std::printf("  only together with the others of its script\n%s\n", judgement.message.c_str());
    print_difference(judgement);
    return;
  }
  Program small = shrink(program, judge, alone, kShrinkingSeconds);
  std::printf("  the smallest like it:\n%s", to_script({small}, judge.inputs()).c_str());
  if (alone.verdict == Verdict::WrongOutput) print_difference(alone);
  else std::printf("%s\n", alone.message.c_str());
  std::fflush(stdout);
}

void show(const std::vector<Program>& programs, const Inputs& inputs) {
  std::printf("%s", to_script(programs, inputs).c_str());
  for (const Program& program : programs) {
    std::optional<Types> types = Typing::infer(program, inputs);
    std::optional<Outcome> outcome = types ? evaluate(program, inputs, *types) : std::nullopt;
    if (outcome) print_lines(fmt::format("// program {}", program.number).c_str(), *outcome);
  }
}

struct Totals {
  size_t programs = 0, statements = 0, lines = 0, failed = 0, refused = 0;
};

void run_batch(const std::vector<Program>& programs, Judge& judge, const Options& options, Totals& totals) {
  std::vector<Judgement> judgements = judge.judge(programs);
  for (size_t i = 0; i < programs.size(); ++i) {
    ++totals.programs;
    totals.statements += count_statements(programs[i].body);
    totals.lines += judgements[i].expected.lines.size() + judgements[i].expected.maps.size();
    if (judgements[i].verdict == Verdict::Passed) continue;
    if (judgements[i].verdict == Verdict::RefusedByVerifier) ++totals.refused;
    if (++totals.failed <= kMostFailures) report(programs[i], judge, judgements[i], options);
  }
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(argc, argv, options)) {
    std::fputs(kUsage, stderr);
    return 1;
  }
  if (options.program.empty()) options.program = std::filesystem::canonical("/proc/self/exe").parent_path() / "trapline";
  if (!options.show && geteuid() != 0) {
    std::printf("SKIPPED random programs: they need root\n");
    print_closing_line("random", 0, 0, 1);
    return 0;
  }
  Judge judge(options.program, make_inputs(options.seed));
  Totals totals;
  std::vector<Program> batch;
  for (uint64_t number = 0; number < options.count && totals.failed < kMostFailures; ++number) {
    bool is_wanted = options.only == UINT64_MAX || options.only == number;
    if (is_wanted) batch.push_back(generate(options.seed, number, judge.inputs()));
    if (batch.empty() || (batch.size() < kProgramsPerScript && number + 1 < options.count)) continue;
    if (options.show) show(batch, judge.inputs());
    else run_batch(batch, judge, options, totals);
    batch.clear();
  }
  if (options.show) return 0;
  std::printf("seed %lu: %zu programs, %zu statements, %zu lines compared, %zu refused by the verifier\n", options.seed, totals.programs,
              totals.statements, totals.lines, totals.refused);
  print_closing_line("random", static_cast<int>(totals.programs - totals.failed), static_cast<int>(totals.failed), 0);
  return totals.failed == 0 ? 0 : 1;
}
