// live_tests [OPTION...] [REGEX]: runs the cases of tests/live, or those whose name matches, against the real kernel.
#include "runner/features.h"
#include "support/process.h"
#include "runner/run_case.h"
#include "support/closing_line.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <getopt.h>
#include <regex.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace trapline;
using namespace trapline::live;

namespace {

constexpr const char* kUsage = R"(usage: live_tests [OPTION...] [REGEX]
  --trapline FILE   the program under test (default: beside this one)
  --jobs N          cases at a time (default 1)
  --list            only print the names
  REGEX             POSIX extended; only cases whose name matches
)";

struct Options {
  std::string program;
  std::string pattern;
  int jobs = 1;
  bool list = false;
};

// One thing to run: a case, or a golden script to verify.
struct Item {
  std::string name;
  Case test;
  std::string script;
};

constexpr std::array<std::string_view, 2> kVerified = {"program", "sema"};

std::vector<Item> golden_items(const std::string& root) {
  std::vector<Item> items;
  for (const std::string_view folder : kVerified) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(fmt::format("{}/tests/golden/{}", root, folder), ignored))
      if (entry.path().extension() == ".bt")
        items.push_back({fmt::format("verifier takes {}/{}", folder, entry.path().stem().string()), {}, entry.path()});
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.name < b.name; });
  return items;
}

// Mistakes in the files are fatal: a case that is not read is a case that cannot fail.
std::vector<Item> all_items(const std::string& root) {
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(root + "/tests/live"))
    if (entry.path().extension() == ".test") files.push_back(entry.path().filename());
  std::sort(files.begin(), files.end());
  std::vector<Item> items;
  for (const std::string& file : files) {
    std::string error;
    for (Case& test : read_cases(root + "/tests/live/" + file, "tests/live/" + file, error)) {
      const bool twice = std::any_of(items.begin(), items.end(), [&](const Item& i) { return i.name == test.name; });
      if (twice) error = fmt::format("{}:{}: a case named `{}` exists already", test.file, test.line, test.name);
      items.push_back({test.name, std::move(test), {}});
    }
    if (!error.empty()) {
      fmt::print(stderr, "live_tests: {}\n", error);
      std::exit(2);
    }
  }
  for (Item& item : golden_items(root)) items.push_back(std::move(item));
  return items;
}

void keep_matching(std::vector<Item>& items, const std::string& pattern) {
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    fmt::print(stderr, "live_tests: bad regular expression `{}`\n", pattern);
    std::exit(2);
  }
  std::erase_if(items, [&](const Item& item) { return regexec(&compiled, item.name.c_str(), 0, nullptr, 0) != 0; });
  regfree(&compiled);
}

using Totals = std::array<int, 3>; // by Outcome::Kind

Outcome run_item(const Item& item, const Places& places, const std::optional<std::string>& impossible) {
  if (impossible) return {Outcome::Kind::Skipped, *impossible, 0};
  return item.script.empty() ? run_case(item.test, places) : verify_script(item.script, places);
}

void print_outcome(const Item& item, const Outcome& outcome) {
  std::string text;
  switch (outcome.kind) {
  case Outcome::Kind::Passed: text = fmt::format("ok    {} ({:.2f} s)\n", item.name, outcome.seconds); break;
  case Outcome::Kind::Skipped: text = fmt::format("skip  {}: {}\n", item.name, outcome.report); break;
  case Outcome::Kind::Failed:
    text = fmt::format("FAIL  {} ({}:{}, {:.2f} s)\n{}", item.name, item.test.file, item.test.line, outcome.seconds,
                       outcome.report);
    break;
  }
  // One write a case, so that those of parallel jobs stay whole.
  fwrite(text.data(), 1, text.size(), stdout);
  fflush(stdout);
}

// Runs every `step`th item from `first` on.
Totals run_share(const std::vector<Item>& items, size_t first, size_t step, const Places& places) {
  testing_support::adopt_orphans();
  const std::optional<std::string> impossible = unmet("bpf");
  Totals totals{};
  for (size_t i = first; i < items.size(); i += step) {
    const Outcome outcome = run_item(items[i], places, impossible);
    print_outcome(items[i], outcome);
    totals[static_cast<size_t>(outcome.kind)]++;
  }
  return totals;
}

// A job is a process, so that each adopts only its own orphans.
Totals run_all(const std::vector<Item>& items, int jobs, const Places& places) {
  if (jobs <= 1) return run_share(items, 0, 1, places);
  int results[2];
  if (pipe(results) != 0) std::exit(2);
  for (int job = 0; job < jobs; job++) {
    if (fork() != 0) continue;
    const Totals totals = run_share(items, static_cast<size_t>(job), static_cast<size_t>(jobs), places);
    _exit(write(results[1], totals.data(), sizeof totals) == sizeof totals ? 0 : 1);
  }
  close(results[1]);
  Totals all{}, share{};
  while (read(results[0], share.data(), sizeof share) == sizeof share)
    for (size_t i = 0; i < all.size(); i++) all[i] += share[i];
  while (wait(nullptr) > 0) {}
  const int ran = all[0] + all[1] + all[2];
  all[static_cast<size_t>(Outcome::Kind::Failed)] += static_cast<int>(items.size()) - ran; // a job that died
  return all;
}

Options read_options(int argc, char** argv) {
  Options options;
  const option known[] = {{"trapline", required_argument, nullptr, 't'}, {"jobs", required_argument, nullptr, 'j'},
                          {"list", no_argument, nullptr, 'l'},           {"help", no_argument, nullptr, 'h'},
                          {nullptr, 0, nullptr, 0}};
  for (int c; (c = getopt_long(argc, argv, "", known, nullptr)) >= 0;) {
    switch (c) {
    case 't': options.program = optarg; break;
    case 'j': options.jobs = std::atoi(optarg); break;
    case 'l': options.list = true; break;
    default: fmt::print(c == 'h' ? stdout : stderr, "{}", kUsage); std::exit(c == 'h' ? 0 : 2);
    }
  }
  if (optind < argc) options.pattern = argv[optind];
  return options;
}

} // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  const Places places{.trapline = options.program.empty() ? (here / "trapline").string() : fs::absolute(options.program).string(),
                      .workloads = (here.parent_path() / "workloads").string(),
                      .root = TRAPLINE_SOURCE_DIR};
  std::vector<Item> items = all_items(places.root);
  if (!options.pattern.empty()) keep_matching(items, options.pattern);
  if (options.list) {
    for (const Item& item : items) fmt::print("{}\n", item.name);
    return 0;
  }
  // Tests must not depend on the user's settings.
  fs::current_path(places.root);
  setenv("LC_ALL", "C", 1);
  const Totals totals = run_all(items, options.jobs, places);
  const int failed = totals[static_cast<size_t>(Outcome::Kind::Failed)];
  testing_support::print_closing_line("live", totals[static_cast<size_t>(Outcome::Kind::Passed)], failed,
                                      totals[static_cast<size_t>(Outcome::Kind::Skipped)]);
  return failed == 0 ? 0 : 1;
}
