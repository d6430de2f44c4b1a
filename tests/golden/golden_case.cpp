// Finds the corpus and compiles its scripts.
#include "golden/golden_case.h"

#include "cdefs/fake.h"
#include "format/format.h"
#include "system/fake.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace trapline::golden {

namespace {

using Dump = CompileOptions::Dump;

struct Folder {
  std::string_view name, extension;
  Dump dump;
};
constexpr Folder kFolders[] = {
    {"ast", ".ast", Dump::Ast},
    {"sema", ".sema", Dump::Sema},
    {"program", ".program", Dump::Program},
    {"format", ".formatted", Dump::None},
    {"err", ".txt", Dump::None},
};

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

const FakeCParser& c_parser() {
  static const FakeCParser told = [] {
    FakeCParser parser;
    parser.headers = {"here.h"};
    parser.macros = {{"NUMBER_OF_HEADER", "42"}};
    parser.mistakes = {{"wrong", "unknown type name `wrong`"}};
    return parser;
  }();
  return told;
}

void apply_option(std::string_view option, CompileOptions& options, FakeSystem& machine) {
  constexpr std::string_view pid = "pid=";
  if (option == "unsafe") options.sema.expand.unsafe = true;
  if (option == "no_tracefs") machine.has_tracefs = false;
  if (option == "trace") options.selection.blocks = sema::Selection::Blocks::Traced;
  if (option == "c_parser") options.c_parser = &c_parser();
  int number = 0;
  if (option.starts_with(pid) && std::from_chars(option.data() + pid.size(), option.data() + option.size(), number).ec == std::errc())
    options.sema.expand.pid = number;
}

// --name=value, --name
NamedArgument named_argument(const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) return {word.substr(2), std::nullopt};
  return {word.substr(2, equals - 2), word.substr(equals + 1)};
}

// The comments at the top.
void apply_header(const std::string& text, CompileOptions& options, FakeSystem& machine) {
  constexpr std::string_view params = "// params: ", switches = "// options: ", named = "// named: ";
  std::istringstream in(text);
  for (std::string line; std::getline(in, line) && line.starts_with("//");) {
    if (line.starts_with(params)) options.sema.positional = words_of(line.substr(params.size()));
    if (line.starts_with(named))
      for (const std::string& word : words_of(line.substr(named.size()))) options.sema.named.push_back(named_argument(word));
    if (line.starts_with(switches))
      for (const std::string& option : words_of(line.substr(switches.size()))) apply_option(option, options, machine);
  }
}

Actual format_case(const Case& test) {
  const SourceFile source(fs::path(test.script_path).filename(), read_file(test.script_path));
  Diagnostics diagnostics;
  const std::optional<std::string> text = format_script(source, {}, diagnostics);
  return {text.value_or(render_all(diagnostics, source)), {}};
}

} // namespace

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const Folder& folder : kFolders) {
    const fs::path path = fs::path(TRAPLINE_SOURCE_DIR "/tests/golden") / folder.name;
    if (!fs::exists(path)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() != ".bt") continue;
      Case found{.name = std::string(folder.name) + "/" + entry.path().stem().string(), .script_path = entry.path(),
                 .expected_path = fs::path(entry.path()).replace_extension(folder.extension), .dump = folder.dump,
                 .format = folder.name == "format"};
      if (folder.name == "err") {
        const std::string stem = entry.path().stem(); // err.<DiagId>.<what>
        const size_t first = stem.find('.');
        found.diagnostic = stem.substr(first + 1, stem.find('.', first + 1) - first - 1);
      }
      cases.push_back(std::move(found));
    }
  }
  std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

Actual compile_case(const Case& test) {
  if (test.format) return format_case(test);
  const std::unique_ptr<FakeSystem> machine = make_sample_system();
  SourceFile source(fs::path(test.script_path).filename(), read_file(test.script_path));
  CompileOptions options;
  apply_header(source.text(), options, *machine);
  Actual actual;
  options.dump = test.dump;
  options.dump_text = &actual.text;
  Diagnostics diagnostics;
  (void)compile(source, options, *machine, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) actual.reported.push_back(diagnostic.id);
  if (test.dump == Dump::None || diagnostics.has_errors()) actual.text = render_all(diagnostics, source);
  return actual;
}

} // namespace trapline::golden
