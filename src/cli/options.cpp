// The command line.
#include "cli/options.h"

#include "cli/words.h"

#include <array>
#include <cctype>
#include <fmt/format.h>
#include <fstream>
#include <getopt.h>
#include <memory>
#include <regex>
#include <string_view>

namespace trapline::cli {
namespace {

using Dump = CompileOptions::Dump;
using Mode = Options::Mode;
using runtime::Buffering;
using runtime::OutputFormat;

constexpr unsigned kLargestPid = 0x400000; // PID_MAX_LIMIT
constexpr int kBadFilterStatus = 255;

enum LongOnly : int {
  kNoWarnings = 256, kUnsafe, kDryRun, kInfo, kDump, kInclude, kDebuginfo, kTraceable, kNoFeature, kMode, kTest, kBench, kFmt,
  kProbeFilter, kVerifyIr, kEmitElf, kEmitLlvm, kAot, kDwarfPid, kUsdtActivation, kDuration,
};

constexpr std::array kLongOptions = {
    option{"help", no_argument, nullptr, 'h'},
    option{"version", no_argument, nullptr, 'V'},
    option{"list", no_argument, nullptr, 'l'},
    option{"pid", required_argument, nullptr, 'p'},
    option{"cmd", required_argument, nullptr, 'c'},
    option{"output", required_argument, nullptr, 'o'},
    option{"quiet", no_argument, nullptr, 'q'},
    option{"verbose", no_argument, nullptr, 'v'},
    option{"btf", no_argument, nullptr, 'b'},
    option{"debug", required_argument, nullptr, 'd'},
    option{"warnings", no_argument, nullptr, 'k'},
    option{"no-warnings", no_argument, nullptr, kNoWarnings},
    option{"unsafe", no_argument, nullptr, kUnsafe},
    option{"dry-run", no_argument, nullptr, kDryRun},
    option{"duration", required_argument, nullptr, kDuration},
    option{"info", no_argument, nullptr, kInfo},
    option{"dump", required_argument, nullptr, kDump},
    option{"include", required_argument, nullptr, kInclude},
    option{"debuginfo", required_argument, nullptr, kDebuginfo},
    option{"traceable-functions", required_argument, nullptr, kTraceable},
    option{"no-feature", required_argument, nullptr, kNoFeature},
    option{"mode", required_argument, nullptr, kMode},
    option{"test", no_argument, nullptr, kTest},
    option{"bench", no_argument, nullptr, kBench},
    option{"fmt", no_argument, nullptr, kFmt},
    option{"probe-filter", required_argument, nullptr, kProbeFilter},
    option{"verify-llvm-ir", no_argument, nullptr, kVerifyIr},
    option{"emit-elf", required_argument, nullptr, kEmitElf},
    option{"emit-llvm", required_argument, nullptr, kEmitLlvm},
    option{"aot", required_argument, nullptr, kAot},
    option{"dwarf-pid", required_argument, nullptr, kDwarfPid},
    option{"usdt-file-activation", no_argument, nullptr, kUsdtActivation},
    option{nullptr, 0, nullptr, 0},
};

constexpr std::array kDumps = {Word<Dump>{"ast", Dump::Ast}, Word<Dump>{"sema", Dump::Sema}, Word<Dump>{"program", Dump::Program},
                               Word<Dump>{"ir", Dump::Ir}, Word<Dump>{"asm", Dump::Asm}};
constexpr std::array kStages = {Word<Dump>{"parse", Dump::Ast},        Word<Dump>{"ast", Dump::Ast},
                                Word<Dump>{"types", Dump::Sema},       Word<Dump>{"codegen", Dump::PlainIr},
                                Word<Dump>{"codegen-opt", Dump::Ir},   Word<Dump>{"dis", Dump::Asm}};
constexpr std::array kBufferings = {Word<Buffering>{"line", Buffering::Line}, Word<Buffering>{"full", Buffering::Full},
                                    Word<Buffering>{"none", Buffering::None}};
constexpr std::array kFormats = {Word<OutputFormat>{"text", OutputFormat::Text}, Word<OutputFormat>{"json", OutputFormat::Json}};
constexpr std::array kModes = {Word<Mode>{"codegen", Mode::Codegen}, Word<Mode>{"compiler-bench", Mode::CompilerBench},
                               Word<Mode>{"bench", Mode::Bench}, Word<Mode>{"test", Mode::Test}, Word<Mode>{"format", Mode::Format}};

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
    for (int c; (c = getopt_long(argc, argv.data(), ":hVle:p:c:o:f:B:qvbkd:I:", kLongOptions.data(), nullptr)) != -1;) {
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
      case 'h': choose(Mode::Help); break;
      case 'V': choose(Mode::Version); break;
      case 'l': choose(Mode::List); break;
      case kInfo: choose(Mode::Info); break;
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
      case kDuration: return take_duration(value);
      case kMode: return take_mode(value);
      case kTest: return set_mode(Mode::Test);
      case kBench: return set_mode(Mode::Bench);
      case kFmt: return set_mode(Mode::Format);
      case kProbeFilter: return take_filter(value);
      default: return take_compiler_option(c, value);
    }
    return {};
  }

  Wrong take_compiler_option(int c, const std::string& value) {
    switch (c) {
      case 'I': options_.include_dirs.push_back(value); break;
      case kInclude: options_.include_files.push_back(value); break;
      case kDebuginfo:
        for (std::string& folder : split_list(value, ':')) options_.system.debuginfo_dirs.push_back(std::move(folder));
        break;
      case kTraceable: options_.system.traceable_functions = value; break;
      case kNoFeature: return take_features(value);
      case kDwarfPid: return take_dwarf_pid(value);
      case kDump: return take_dump(value);
      case 'd': return take_stages(value);
      case kEmitElf: options_.emit_elf = value; break;
      case kEmitLlvm: options_.emit_llvm = value; break;
      case kVerifyIr: options_.verify_ir = true; break;
      case kAot: return error("--aot is not supported by this version: trapline starts scripts from their text in milliseconds");
      default: break; // -b: BTF is always used; --usdt-file-activation: the kernel counts references to semaphores
    }
    return {};
  }

  // -h, -V, --info and -l win over what else is asked for, the first of them over the others.
  void choose(Mode mode) {
    const bool chosen = options_.mode == Mode::Help || options_.mode == Mode::Version || options_.mode == Mode::Info;
    if (!chosen) options_.mode = mode;
  }

  Wrong set_mode(Mode mode) {
    if (mode_set_) return error("only one of --mode, --test, --bench and --fmt can be given, and once");
    mode_set_ = true;
    if (options_.mode == Mode::Run) options_.mode = mode;
    return {};
  }

  Wrong take_mode(std::string_view value) {
    const Mode* mode = find_word<Mode>(kModes, value);
    if (!mode) return error(fmt::format("unknown mode `{}`: it must be codegen, compiler-bench, bench, test or format", value));
    return set_mode(*mode);
  }

  Wrong take_pid(std::string_view value) {
    const std::optional<unsigned> pid = parse_pid(value);
    if (!pid) return error(fmt::format("`{}` is not a process id", value));
    if (*pid > kLargestPid) return error(fmt::format("process id {} is out of range", value));
    options_.run.pid = static_cast<int>(*pid);
    return {};
  }

  Wrong take_dwarf_pid(std::string_view value) {
    const std::optional<unsigned> pid = parse_pid(value);
    if (!pid || *pid > kLargestPid) return error(fmt::format("--dwarf-pid takes a process id, not `{}`", value));
    options_.dwarf_pids.push_back(static_cast<int>(*pid));
    return {};
  }

  Wrong take_duration(std::string_view value) {
    const std::optional<uint64_t> nanoseconds = parse_duration(value);
    if (!nanoseconds) return error(fmt::format("`{}` is no time: 10, 10s and 500ms are", value));
    options_.run.duration_ns = *nanoseconds;
    return {};
  }

  // Exceptions stop here.
  Wrong take_filter(const std::string& value) {
    try {
      auto expression = std::make_shared<const std::regex>(value, std::regex::ECMAScript | std::regex::optimize);
      options_.probe_filter = [expression](const std::string& name) { return std::regex_search(name, *expression); };
    } catch (const std::regex_error& wrong) {
      BadUsage bad = error(fmt::format("`{}` is not a valid regular expression for --probe-filter: {}", value, wrong.what()));
      bad.status = kBadFilterStatus;
      return bad;
    }
    return {};
  }

  Wrong take_features(std::string_view value) {
    for (std::string& name : split_list(value, ',')) {
      if (name != "kprobe_multi" && name != "kprobe_session" && name != "uprobe_multi")
        return error(fmt::format("unknown feature `{}`: it must be kprobe_multi, kprobe_session or uprobe_multi", name));
      options_.system.without_features.push_back(std::move(name));
    }
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
    if (options_.more_warnings) return error("-k is given twice; -kk of old versions is gone, -k shows all there is");
    options_.more_warnings = true;
    return {};
  }

  Wrong take_dump(std::string_view value) {
    const Dump* dump = find_word<Dump>(kDumps, value);
    if (!dump) return error(fmt::format("unknown stage `{}`: it must be ast, sema, program, ir or asm", value));
    options_.dump = *dump;
    return {};
  }

  Wrong take_stages(std::string_view value) {
    for (const std::string& stage : split_list(value, ',')) {
      const bool all = stage == "all";
      if (all) {
        for (const Dump dump : {Dump::Ast, Dump::Sema, Dump::PlainIr, Dump::Ir, Dump::Asm}) show(dump);
      }
      const Dump* dump = find_word<Dump>(kStages, stage);
      if (dump) show(*dump);
      if (all || stage == "libbpf") options_.run.libbpf_log = true;
      if (all || stage == "verifier") options_.run.verifier_log = true;
      if (!all && !dump && stage != "libbpf" && stage != "verifier") {
        return error(fmt::format("unknown debug stage `{}`: all, ast, types, codegen, codegen-opt, libbpf, verifier, parse, dis", stage));
      }
    }
    return {};
  }

  void show(Dump dump) {
    for (const Dump known : options_.shown) {
      if (known == dump) return;
    }
    options_.shown.push_back(dump);
  }

  bool has_program() const {
    return options_.mode != Mode::Info && options_.mode != Mode::Help && options_.mode != Mode::Version;
  }

  Wrong finish(std::vector<std::string> rest) {
    if (!has_program()) return {};
    if (options_.more_warnings && !options_.run.warnings) return error("-k and --no-warnings exclude each other");
    if (options_.run.pid && options_.run.command) return error("-p and -c exclude each other");
    take_named(rest);
    if (!options_.text) {
      if (rest.empty() && options_.mode != Mode::List) return BadUsage{};
      if (!rest.empty()) {
        options_.file = std::move(rest.front());
        rest.erase(rest.begin());
      }
      if (options_.mode == Mode::List && !rest.empty()) return error("-l takes one pattern", true);
    }
    if (options_.mode == Mode::Format && !rest.empty()) return error("--fmt takes one script", true);
    options_.positional = std::move(rest);
    return {};
  }

  // What is left and begins with `--` stood after a lone `--`: a parameter of the script by name.
  void take_named(std::vector<std::string>& rest) {
    std::erase_if(rest, [this](const std::string& word) {
      if (!word.starts_with("--") || word.size() == 2) return false;
      const size_t equals = word.find('=');
      if (word == "--help") {
        options_.script_help = true;
      } else if (equals == std::string::npos) {
        options_.named.push_back({word.substr(2), std::nullopt});
      } else {
        options_.named.push_back({word.substr(2, equals - 2), word.substr(equals + 1)});
      }
      return true;
    });
  }

  std::vector<std::string> arguments_;
  Options options_;
  bool mode_set_ = false;
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
