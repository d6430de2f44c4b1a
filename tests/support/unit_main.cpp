// The unit tests' main().
#include "support/closing_line.h"

int main(int argc, char** argv) {
  trapline::testing_support::read_test_options(argc, argv);
  return trapline::testing_support::run_all_tests("unit");
}
