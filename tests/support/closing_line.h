// Every test program ends with one line that says how it went: "unit: 12 passed, 0 failed, 1 skipped".
#pragma once

#include <string_view>

namespace trapline::testing_support {

// GoogleTest's options; without any, it prints only what failed or was skipped.
void read_test_options(int argc, char** argv);

// Runs all GoogleTest tests and prints the closing line. Returns the exit status.
int run_all_tests(std::string_view part);

void print_closing_line(std::string_view part, int passed, int failed, int skipped);

} // namespace trapline::testing_support
