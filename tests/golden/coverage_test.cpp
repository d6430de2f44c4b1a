// Nothing in the compiler's tables goes untested or undescribed: every diagnostic has a golden case, every builtin and
// provider stands in a test and in the manual.
#include "builtins/builtin.h"
#include "golden/golden_case.h"
#include "probes/provider.h"
#include "support/diagnostics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace trapline::golden {
namespace {

struct Exception {
  std::string_view id, reason;
};

// What no script can bring about on the sample machine.
constexpr auto kWithoutCase = std::to_array<Exception>({
    {"NotSupported", "what only older kernels or other machines lack"},
    {"FormatChanges", "a bug of the formatter"},
    {"InvalidIr", "only a bug in code generation brings it about"},
    {"RunNoChild", "run time; tests/live"},
    {"KernelRefused", "load time; tests/unit"},
    {"RunMapFull", "run time; tests/live"},
    {"RunDivisionByZero", "run time; tests/live"},
    {"RunOutOfBounds", "run time; tests/live"},
    {"RunHelperFailure", "run time; tests/live"},
    {"RunScratchExhausted", "run time; tests/unit"},
    {"RunDeleteFailed", "run time; tests/live"},
    {"RunMissingKey", "run time; tests/live"},
});

std::string all_text(const fs::path& folder, const std::set<std::string>& extensions) {
  std::string text;
  if (!fs::exists(folder)) return text;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && (extensions.empty() || extensions.contains(entry.path().extension())))
      text += read_file(entry.path()) + "\n";
  return text;
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// As a whole word.
bool mentions(const std::string& text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_character(text[at - 1]);
    const size_t end = at + word.size();
    if (begins && (end == text.size() || !is_word_character(text[end]))) return true;
  }
  return false;
}

const fs::path kRoot = TRAPLINE_SOURCE_DIR;

const std::string& tests_text() {
  static const std::string text = all_text(kRoot / "tests/golden", {".bt"}) + all_text(kRoot / "tests/live", {".test"});
  return text;
}

const std::string& manual_text() {
  static const std::string text = all_text(kRoot / "man", {});
  return text;
}

// argN stands for arg0, arg1 and so on.
std::string spelling(std::string_view builtin) {
  return builtin.ends_with('N') ? std::string(builtin.substr(0, builtin.size() - 1)) + "0" : std::string(builtin);
}

TEST(Coverage, EveryDiagnosticHasAGoldenCase) {
  std::set<std::string> covered;
  for (const Case& test : all_cases()) covered.insert(test.diagnostic);
  for (size_t i = 0; i < diagnostic_count(); i++) {
    const std::string name(diagnostic_row(static_cast<DiagId>(i)).name);
    const bool excepted = std::any_of(kWithoutCase.begin(), kWithoutCase.end(), [&](const Exception& e) { return e.id == name; });
    EXPECT_TRUE(excepted || covered.contains(name)) << "no tests/golden/err/err." << name << ".*.bt";
    EXPECT_FALSE(excepted && covered.contains(name)) << name << " has a case and needs no exception";
  }
}

TEST(Coverage, EveryBuiltinIsTested) {
  for (const builtins::Builtin& builtin : builtins::registry())
    EXPECT_TRUE(mentions(tests_text(), spelling(builtin.name))) << builtin.name;
}

TEST(Coverage, EveryProviderIsTested) {
  for (const probes::Provider* provider : probes::providers()) {
    bool found = mentions(tests_text(), provider->name());
    for (const std::string_view alias : provider->aliases()) found = found || mentions(tests_text(), alias);
    EXPECT_TRUE(found) << provider->name();
  }
}

TEST(Coverage, EveryBuiltinStandsInTheManual) {
  for (const builtins::Builtin& builtin : builtins::registry())
    EXPECT_TRUE(mentions(manual_text(), builtin.name) || mentions(manual_text(), spelling(builtin.name))) << builtin.name;
}

TEST(Coverage, EveryProviderStandsInTheManual) {
  for (const probes::Provider* provider : probes::providers())
    EXPECT_TRUE(mentions(manual_text(), provider->name())) << provider->name();
}

} // namespace
} // namespace trapline::golden
