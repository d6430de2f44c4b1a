// The command line.
#include "cli/options.h"

#include <array>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <getopt.h>
#include <span>
#include <string_view>

namespace trapline::cli {
namespace {

using Dump = CompileOptions::Dump;
using runtime::Buffering;
using runtime::OutputFormat;

constexpr unsigned kLargestPid = 0x400000; // PID_MAX_LIMIT

enum LongOnly : int { kNoWarnings = 256, kUnsafe, kDryRun, kInfo, kDump, kFormat };

constexpr std::array kLongOptions = {
    option{"help", no_argument, nullptr, 'h'},          option{"version", no_argument, nullptr, 'V'},
    option{"list", no_argument, nullptr, 'l'},          option{"pid", required_argument, nullptr, 'p'},
    option{"cmd", required_argument, nullptr, 'c'},     option{"output", required_argument, nullptr, 'o'},
    option{"quiet", no_argument, nullptr, 'q'},         option{"verbose", no_argument, nullptr, 'v'},
    option{"btf", no_argument, nullptr, 'b'},           option{"debug", required_argument, nullptr, 'd'},
    option{"warnings", no_argument, nullptr, 'k'},      option{"no-warnings", no_argument, nullptr, kNoWarnings},
    option{"unsafe", no_argument, nullptr, kUnsafe},    option{"dry-run", no_argument, nullptr, kDryRun},
    option{"info", no_argument, nullptr, kInfo},        option{"dump", required_argument, nullptr, kDump},
    option{"fmt", no_argument, nullptr, kFormat},       option{nullptr, 0, nullptr, 0},
};

template <typename T> struct Word {
  std::string_view word;
  T value;
};

template <typename T> const T* find_word(std::span<const Word<T>> words, std::string_view word) {
  for (const Word<T>& candidate : words) {
    if (candidate.word == word) return &candidate.value;
  }
  return nullptr;
}

constexpr std::array kDumps = {Word<Dump>{"ast", Dump::Ast}, Word<Dump>{"sema", Dump::Sema}, Word<Dump>{"program", Dump::Program},
                               Word<Dump>{"ir", Dump::Ir}, Word<Dump>{"asm", Dump::Asm}};
constexpr std::array kStages = {Word<Dump>{"parse", Dump::Ast},      Word<Dump>{"ast", Dump::Ast},
                                Word<Dump>{"types", Dump::Sema},     Word<Dump>{"codegen", Dump::Program},
                                Word<Dump>{"codegen-opt", Dump::Ir}, Word<Dump>{"dis", Dump::Asm}};
constexpr std::array kBufferings = {Word<Buffering>{"line", Buffering::Line}, Word<Buffering>{"full", Buffering::Full},
                                    Word<Buffering>{"none", Buffering::None}};
constexpr std::array kFormats = {Word<OutputFormat>{"text", OutputFormat::Text}, Word<OutputFormat>{"json", OutputFormat::Json}};

// Reads one command line; each function returns what is wrong.
class Reader {
public:
  explicit Reader(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  std::expected<Options, BadUsage> read() {
    std::vector<char*> argv;
    for (std::string& argument : arguments_) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int argc = static_cast<int>(arguments_.size());
    optind = 0; // start over, also in tests
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv.data(), ":hVle:p:c:o:f:B:qvbkd:", kLongOptions.data(), nullptr)) != -1;) {
      if (c == '?' || c == ':') return std::unexpected(unknown(c, argv[optind - 1]));
      if (auto wrong = take(c, optarg ? optarg : "")) return std::unexpected(std::move(*wrong));
    }
    std::vector<std::string> rest(argv.begin() + optind, argv.begin() + argc);
    if (auto wrong = finish(std::move(rest))) return std::unexpected(std::move(*wrong));
    return std::move(options_);
  }

private:
  using Wrong = std::optional<BadUsage>;

  static BadUsage error(std::string message, bool show_usage = false) {
    return {fmt::format("ERROR: {}\n", message), show_usage};
  }

  static BadUsage unknown(int c, std::string_view word) {
    const std::string name = optopt > 0 && optopt < 256 ? fmt::format("-{}", static_cast<char>(optopt)) : std::string(word);
    return error(c == ':' ? fmt::format("option `{}` needs an argument", name) : fmt::format("unknown option `{}`", name), true);
  }

  Wrong take(int c, const std::string& value) {
    runtime::RunOptions& run = options_.run;
    switch (c) {
      case 'h': set_mode(Options::Mode::Help); break;
      case 'V': set_mode(Options::Mode::Version); break;
      case 'l': set_mode(Options::Mode::List); break;
      case kFormat: set_mode(Options::Mode::Format); break;
      case kInfo: set_mode(Options::Mode::Info); break;
      case 'e': options_.text = value; break;
      case 'p': return take_pid(value);
      case 'c': run.command = value; break;
      case 'o': run.output = value; break;
      case 'f': return take_format(value);
      case 'B': return take_buffering(value);
      case 'q': run.quiet = true; break;
      case 'v': run.verbose = true; break;
      case 'k': return take_warnings();
      case kNoWarnings: run.warnings = false; break;
      case kUnsafe: options_.unsafe = true; break;
      case kDryRun: run.dry_run = true; break;
      case kDump: return take_dump(value);
      case 'd': return take_stages(value);
      default: break; // -b: BTF is always used
    }
    return {};
  }

  // -h, -V and --info win over what else is asked for.
  void set_mode(Options::Mode mode) {
    if (options_.mode == Options::Mode::Run || options_.mode == Options::Mode::List) options_.mode = mode;
  }

  Wrong take_pid(std::string_view value) {
    unsigned pid = 0;
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), pid);
    if (code != std::errc() || end != value.data() + value.size() || pid == 0) {
      return error(fmt::format("`{}` is not a process id", value));
    }
    if (pid > kLargestPid) return error(fmt::format("process id {} is out of range", value));
    options_.run.pid = static_cast<int>(pid);
    return {};
  }

  Wrong take_format(std::string_view value) {
    const OutputFormat* format = find_word<OutputFormat>(kFormats, value);
    if (!format) return BadUsage{fmt::format("ERROR: Invalid output format \"{}\"\nValid formats: 'text', 'json'\n", value), false};
    options_.run.format = *format;
    return {};
  }

  Wrong take_buffering(std::string_view value) {
    const Buffering* buffering = find_word<Buffering>(kBufferings, value);
    if (!buffering) return error(fmt::format("unknown buffering mode `{}`: it must be line, full or none", value));
    options_.run.buffering = *buffering;
    return {};
  }

  Wrong take_warnings() {
    if (more_warnings_) return error("-k is given twice");
    more_warnings_ = true;
    return {};
  }

  Wrong take_dump(std::string_view value) {
    const Dump* dump = find_word<Dump>(kDumps, value);
    if (!dump) return error(fmt::format("unknown stage `{}`: it must be ast, sema, program, ir or asm", value));
    options_.dump = *dump;
    return {};
  }

  Wrong take_stages(std::string_view value) {
    while (!value.empty()) {
      const std::string_view stage = value.substr(0, value.find(','));
      value.remove_prefix(std::min(stage.size() + 1, value.size()));
      const bool all = stage == "all";
      const Dump* shown = find_word<Dump>(kStages, stage);
      if (shown) options_.shown.push_back(*shown);
      if (all) options_.shown = {Dump::Ast, Dump::Sema, Dump::Program, Dump::Ir, Dump::Asm};
      if (all || stage == "libbpf") options_.run.libbpf_log = true;
      if (all || stage == "verifier") options_.run.verifier_log = true;
      if (!all && !shown && stage != "libbpf" && stage != "verifier") {
        return error(fmt::format("unknown debug stage `{}`: ast, types, codegen, codegen-opt, dis, libbpf, verifier, all", stage));
      }
    }
    return {};
  }

  Wrong finish(std::vector<std::string> rest) {
    using Mode = Options::Mode;
    if (options_.mode != Mode::Run && options_.mode != Mode::List && options_.mode != Mode::Format) return {};
    if (more_warnings_ && !options_.run.warnings) return error("-k and --no-warnings exclude each other");
    if (options_.run.pid && options_.run.command) return error("-p and -c exclude each other");
    if (!options_.text) {
      if (rest.empty() && options_.mode != Mode::List) return BadUsage{};
      if (!rest.empty()) {
        options_.file = std::move(rest.front());
        rest.erase(rest.begin());
      }
      if (options_.mode == Mode::List && !rest.empty()) return error("-l takes one pattern", true);
    }
    if (options_.mode == Mode::Format && !rest.empty()) return error("--fmt takes one script", true);
    for (const std::string& word : rest) {
      if (word.starts_with("--")) return error(fmt::format("unexpected program command line options: {}", word));
    }
    options_.positional = std::move(rest);
    return {};
  }

  std::vector<std::string> arguments_;
  Options options_;
  bool more_warnings_ = false;
};

} // namespace

std::expected<Options, BadUsage> parse_options(std::vector<std::string> arguments) { return Reader(std::move(arguments)).read(); }

std::vector<std::string> split_interpreter_word(std::vector<std::string> arguments) {
  // trapline "-q -f json" script.bt ...
  if (arguments.size() < 3 || !arguments[1].starts_with('-') || arguments[1].find(' ') == std::string::npos) return arguments;
  std::ifstream script(arguments[2]);
  std::string first_line;
  if (!script || !std::getline(script, first_line)) return arguments;
  while (!first_line.empty() && std::isspace(static_cast<unsigned char>(first_line.back()))) first_line.pop_back();
  if (!first_line.starts_with("#!") || !first_line.ends_with(arguments[1])) return arguments;

  std::vector<std::string> words = {arguments[0]};
  std::string_view rest = arguments[1];
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (!word.empty()) words.emplace_back(word);
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  words.insert(words.end(), arguments.begin() + 2, arguments.end());
  return words;
}

} // namespace trapline::cli
