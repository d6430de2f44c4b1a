// golden_tests [--update [REGEX]]: compares what the compiler makes of tests/golden with the files there, or rewrites them.
#include "golden/golden_case.h"
#include "support/closing_line.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>

namespace trapline::golden {
namespace {

bool reported(const Case& test, const Actual& actual) {
  return std::any_of(actual.reported.begin(), actual.reported.end(),
                     [&](DiagId id) { return diagnostic_row(id).name == test.diagnostic; });
}

class GoldenTest : public testing::Test {
public:
  explicit GoldenTest(Case test) : test_(std::move(test)) {}

  void TestBody() override {
    const Actual actual = compile_case(test_);
    EXPECT_EQ(read_file(test_.expected_path), actual.text) << "if this is meant: dev/update-goldens";
    if (!test_.diagnostic.empty()) {
      EXPECT_TRUE(reported(test_, actual)) << test_.diagnostic << " was not reported";
    }
  }

private:
  Case test_;
};

void register_all() {
  for (const Case& test : all_cases()) {
    testing::RegisterTest("Golden", test.name.c_str(), nullptr, nullptr, test.script_path.c_str(), 1,
                          [test]() -> testing::Test* { return new GoldenTest(test); });
  }
}

int update(const std::string& pattern) {
  const std::regex wanted(pattern);
  int wrong = 0;
  for (const Case& test : all_cases()) {
    if (!std::regex_search(test.name, wanted)) continue;
    const Actual actual = compile_case(test);
    if (!test.diagnostic.empty() && !reported(test, actual)) {
      fmt::print(stderr, "{}: {} is not reported\n", test.name, test.diagnostic);
      wrong++;
    }
    if (read_file(test.expected_path) == actual.text) continue;
    std::ofstream(test.expected_path, std::ios::binary) << actual.text;
    fmt::print("{}\n", test.expected_path);
  }
  return wrong == 0 ? 0 : 1;
}

} // namespace
} // namespace trapline::golden

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "--update") return trapline::golden::update(argc > 2 ? argv[2] : "");
  trapline::testing_support::read_test_options(argc, argv);
  trapline::golden::register_all();
  return trapline::testing_support::run_all_tests("golden");
}
