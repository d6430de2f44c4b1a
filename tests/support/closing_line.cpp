// Counts results of a GoogleTest program and prints the closing line.
#include "support/closing_line.h"

#include <cstdio>
#include <gtest/gtest.h>

namespace trapline::testing_support {

void print_closing_line(std::string_view part, int passed, int failed, int skipped) {
  std::printf("%.*s: %d passed, %d failed, %d skipped\n", static_cast<int>(part.size()), part.data(), passed, failed,
              skipped);
  std::fflush(stdout);
}

void read_test_options(int argc, char** argv) {
  GTEST_FLAG_SET(brief, true); // unless the command line says otherwise
  testing::InitGoogleTest(&argc, argv);
}

int run_all_tests(std::string_view part) {
  const int status = RUN_ALL_TESTS();
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  print_closing_line(part, all.successful_test_count(), all.failed_test_count(), all.skipped_test_count());
  return status;
}

} // namespace trapline::testing_support
