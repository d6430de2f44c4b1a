// The live tests' cases, as they stand in tests/live/*.test (README.md there describes the format).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trapline::live {

struct Expectation {
  enum class Kind : uint8_t { Match, NoMatch, Exact, Bytes, Json, Count, Sum, Stderr, NoStderr };
  Kind kind = Kind::Match;
  std::string text;         // regular expression, or the text itself
  int64_t low = 0, high = 0; // Count, Sum
  int line = 0;
};

struct Case {
  std::string file; // relative to the repository
  int line = 0;
  std::string name;
  // What runs: one of these.
  std::optional<std::string> program, script, standard_input, command;
  std::string options;   // words before the program
  std::string arguments; // words after it
  std::optional<std::string> child; // for -c
  // What is traced.
  std::optional<std::string> workload; // started once probes are attached
  std::optional<std::string> before;   // started first, held at its gate until probes are attached
  std::string stop;                    // signal sent when the workload is done, "none", or empty: the default
  int delay_ms = 0;                    // between the end of the workload, or attaching, and the signal
  int timeout_s = 20;
  std::vector<std::string> environment;
  std::vector<std::string> needs;
  std::string read; // the file to check in place of standard output
  int status = 0;
  std::vector<Expectation> expectations;
};

// Reads all cases of one file. On a mistake in it, returns what was read and sets `error`.
std::vector<Case> read_cases(const std::string& path, const std::string& shown_name, std::string& error);

// Splits into words at blanks; '...' and "..." group, with \" and \\ inside the latter. For use without a shell.
std::vector<std::string> split_words(const std::string& text);

} // namespace trapline::live
