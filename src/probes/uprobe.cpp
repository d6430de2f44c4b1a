// uprobe and uretprobe: entry, return and instructions of user-space functions, by symbol or by address.
//
// A name may stand for several addresses (symbol versions, local functions of one name): all are traced. A wildcard takes
// each address once. Targets say where in the file the kernel puts the breakpoint.
#include "probes/groups.h"
#include "probes/numbers.h"
#include "probes/registers.h"
#include "probes/registry.h"
#include "probes/report.h"
#include "probes/uprobe_links.h"
#include "probes/user_files.h"

#include <algorithm>
#include <unordered_map>

namespace trapline::probes {
namespace {

constexpr uint32_t kernel_version(uint32_t major, uint32_t minor) { return major << 16 | minor << 8; }

// The FUNCTION part.
struct Place {
  std::string function;            // with `*`, or empty when `address` is given
  uint64_t offset = 0;             // into the function
  std::optional<uint64_t> address; // virtual, as linked
};

// "main", "main+0x10", "0x401126"
std::optional<Place> parse_place(const std::string& text) {
  Place place;
  if (text.empty()) return std::nullopt;
  if (text[0] >= '0' && text[0] <= '9') {
    place.address = parse_number(text);
    return place.address ? std::optional(place) : std::nullopt;
  }
  const size_t plus = text.find('+');
  place.function = text.substr(0, plus);
  if (plus == std::string::npos) return place;
  const std::optional<uint64_t> offset = parse_number(std::string_view(text).substr(plus + 1));
  if (!offset || place.function.empty() || has_wildcard(place.function)) return std::nullopt;
  place.offset = *offset;
  return place;
}

bool is_traceable(const ElfSymbol& symbol) { return symbol.is_function && symbol.address != 0; }

// Of the names for one address, the one a reader expects: of the current version, without leading underscores.
bool is_better_name(const ElfSymbol& a, const ElfSymbol& b) {
  if (a.is_default_version != b.is_default_version) return a.is_default_version;
  return a.name.find_first_not_of('_') < b.name.find_first_not_of('_');
}

// All addresses of one name, the current version first.
std::vector<const ElfSymbol*> symbols_named(const std::string& name, const std::vector<ElfSymbol>& symbols) {
  std::vector<const ElfSymbol*> found;
  ptrdiff_t defaults = 0;
  for (const ElfSymbol& symbol : symbols) {
    if (symbol.name != name || !is_traceable(symbol)) continue;
    const bool seen = std::ranges::any_of(found, [&](const ElfSymbol* other) { return other->file_offset == symbol.file_offset; });
    if (!seen) found.insert(symbol.is_default_version ? found.begin() + defaults++ : found.end(), &symbol);
  }
  return found;
}

// Functions that match, each address once. Resolvers of indirect functions are left out: nobody calls them.
std::vector<const ElfSymbol*> symbols_matching(const std::string& pattern, const std::vector<ElfSymbol>& symbols) {
  std::vector<const ElfSymbol*> found;
  std::unordered_map<uint64_t, size_t> by_offset;
  for (const ElfSymbol& symbol : symbols) {
    if (!is_traceable(symbol) || symbol.is_ifunc || !matches(pattern, symbol.name)) continue;
    const auto [at, is_new] = by_offset.try_emplace(symbol.file_offset, found.size());
    if (is_new)
      found.push_back(&symbol);
    else if (is_better_name(symbol, *found[at->second]))
      found[at->second] = &symbol;
  }
  return found;
}

class Uprobe final : public Provider {
public:
  explicit Uprobe(bool is_return) : is_return_(is_return) {}

  std::string_view name() const override { return is_return_ ? "uretprobe" : "uprobe"; }
  std::vector<std::string_view> aliases() const override { return {is_return_ ? "ur" : "u"}; }
  std::string_view summary() const override {
    return is_return_ ? "returns of functions in programs and libraries" : "functions in programs and libraries";
  }
  std::string_view form() const override { return is_return_ ? "uretprobe:FILE:FUNCTION" : "uprobe:FILE:FUNCTION[+OFFSET]"; }
  WildcardFamily wildcard_family() const override { return is_return_ ? WildcardFamily::None : WildcardFamily::Files; }

  std::vector<Group> expand(const Spec& spec, const BlockUse&, const ExpandOptions& options, const System& system,
                            Diagnostics& diags) const override {
    if (spec.parts.empty() || spec.parts.size() > 2) {
      report_malformed(*this, spec, spec.span, spec.parts.empty() ? "the function is missing" : "it has too many parts", diags);
      return {};
    }
    const size_t function_part = spec.parts.size();
    const std::optional<Place> place = parse_place(spec.parts.back());
    if (!place || (is_return_ && place->offset != 0)) {
      report_malformed(*this, spec, spec.part_span(function_part), problem_of(spec.parts.back(), place), diags);
      return {};
    }
    const std::string file = spec.parts.size() == 2 ? spec.parts[0] : "";
    const std::vector<std::string> files = files_named(*this, spec, 1, file, options, system, diags);
    Search search{spec, *place, options, system, diags, is_explicit(file) && files.size() == 1, diags.errors(), {}};
    for (const std::string& path : files) find_in(search, path);
    if (search.targets.empty() && !search.is_one_file && !files.empty()) report_nothing(search);
    Groups groups;
    for (Target& target : search.targets) groups.add(context_for(search.place, options, system), "kprobe", std::move(target));
    return groups.take();
  }

  void list(const std::vector<std::string>& pattern, bool, const ExpandOptions& options, const System& system,
            const ListSink& sink) const override {
    const bool one_part = pattern.size() < 2;
    const std::string file = one_part ? "" : pattern[0];
    const std::string function = pattern.empty() || pattern.back().empty() ? "*" : pattern.back();
    std::vector<std::string> files;
    if (is_explicit(file))
      files = system.resolve_binary(file, options.pid);
    else if (options.pid)
      files = system.mapped_executables(*options.pid);
    for (const std::string& path : files)
      if (const auto symbols = system.elf_symbols_matching(path, function))
        for (const ElfSymbol* symbol : symbols_matching(function, *symbols))
          sink(fmt::format("{}:{}:{}", name(), path, symbol->name), {});
  }

  Result<Attached> attach(const AttachRequest& request) const override { return attach_uprobes(request); }

private:
  // One expansion under way.
  struct Search {
    const Spec& spec;
    const Place& place;
    const ExpandOptions& options;
    const System& system;
    Diagnostics& diags;
    bool is_one_file; // which must hold the function
    size_t earlier_errors;
    std::vector<Target> targets;

    Span function_span() const { return spec.part_span(spec.parts.size()); }
    bool is_wildcard() const { return has_wildcard(place.function); }
  };

  static bool is_explicit(const std::string& file) { return !file.empty() && file != "*"; }

  std::string problem_of(const std::string& text, const std::optional<Place>& place) const {
    if (text.empty()) return "the function is missing";
    if (place && is_return_) return "a return has no offset";
    return fmt::format("`{}` is neither a function, a function and an offset, nor an address", text);
  }

  void find_in(Search& search, const std::string& path) const {
    if (search.place.address) return add_address(search, path);
    if (!may_have_moved(path)) {
      const auto symbols = search.system.elf_symbols_matching(path, search.place.function);
      if (symbols && add_symbols(search, path, *symbols)) return;
    }
    // All symbols, to tell an emptied library and to name what is near.
    const Result<std::vector<ElfSymbol>> symbols = search.system.elf_symbols(path);
    if (!symbols) {
      if (search.is_one_file) search.diags.report(DiagId::UnknownFile, search.spec.part_span(1), path, symbols.error().message);
      return;
    }
    if (const auto moved = library_moved_to(path, *symbols, search.options, search.system)) {
      report_moved(path, *moved, search.spec.part_span(1), search.diags);
      const auto there = search.system.elf_symbols_matching(*moved, search.place.function);
      if (there && !add_symbols(search, *moved, *there))
        report_missing(search, *moved, search.system.elf_symbols(*moved).value_or(std::vector<ElfSymbol>{}));
    } else if (!add_symbols(search, path, *symbols)) {
      report_missing(search, path, *symbols);
    }
  }

  // False when none of the symbols is asked for.
  bool add_symbols(Search& search, const std::string& path, const std::vector<ElfSymbol>& symbols) const {
    const std::string& function = search.place.function;
    const auto found = search.is_wildcard() ? symbols_matching(function, symbols) : symbols_named(function, symbols);
    for (const ElfSymbol* symbol : found) {
      const uint64_t offset = search.place.offset;
      if (offset != 0 && symbol->size != 0 && offset >= symbol->size) {
        const std::string problem = fmt::format("`{}` is {} bytes long", symbol->name, symbol->size);
        report_malformed(*this, search.spec, search.function_span(), problem, search.diags);
        return true;
      }
      if (symbol->is_ifunc) search.diags.report(DiagId::IndirectFunction, search.function_span(), symbol->name, path);
      const std::string suffix = offset != 0 ? fmt::format("{}+{}", symbol->name, offset) : symbol->name;
      search.targets.push_back(target(path, suffix, symbol->name, symbol->file_offset + offset));
    }
    return !found.empty();
  }

  void add_address(Search& search, const std::string& path) const {
    const uint64_t address = *search.place.address;
    if (const std::optional<uint64_t> offset = search.system.elf_file_offset(path, address)) {
      search.targets.push_back(target(path, std::to_string(address), "", *offset));
    } else if (search.is_one_file) {
      search.diags.report(DiagId::UnknownFunction, search.function_span(), search.spec.parts.back(), path)
          .hint("no executable segment of the file holds this address");
    }
  }

  Target target(const std::string& path, const std::string& place, const std::string& function, uint64_t offset) const {
    Target target;
    target.name = fmt::format("{}:{}:{}", name(), path, place);
    target.function = function;
    target.path = path;
    target.event = function;
    target.offset = offset;
    target.is_return = is_return_;
    return target;
  }

  void report_missing(Search& search, const std::string& path, const std::vector<ElfSymbol>& symbols) const {
    if (search.options.missing_is_silent || !search.is_one_file) return;
    if (search.is_wildcard()) return report_no_match(search.spec, search.function_span(), search.options, search.diags);
    std::vector<std::string_view> names;
    for (const ElfSymbol& symbol : symbols)
      if (is_traceable(symbol)) names.push_back(symbol.name);
    Diagnostic& diag = search.diags.report(DiagId::UnknownFunction, search.function_span(), search.place.function, path);
    if (names.empty())
      diag.hint("the file has no symbols of functions: it was stripped; probe an address, or install its debug symbols");
    else
      hint_nearest(diag, search.place.function, names);
  }

  void report_nothing(Search& search) const {
    if (search.diags.errors() > search.earlier_errors || search.options.missing_is_silent) return;
    if (search.is_wildcard() || search.place.address)
      return report_no_match(search.spec, search.spec.span, search.options, search.diags);
    const std::string where = search.spec.parts.size() == 2 && is_explicit(search.spec.parts[0])
                                  ? search.spec.parts[0]
                                  : fmt::format("process {}", *search.options.pid);
    search.diags.report(DiagId::UnknownFunction, search.function_span(), search.place.function, where);
  }

  // Before Linux 6.10 a uprobe_multi link filters by thread, not by process.
  static bool use_multi(const ExpandOptions& options, const System& system) {
    const KernelFeatures& features = system.features();
    const bool filters = options.pid || options.has_child;
    return features.uprobe_multi && (!filters || features.release >= kernel_version(6, 10));
  }

  Context context_for(const Place& place, const ExpandOptions& options, const System& system) const {
    const bool multi = use_multi(options, system);
    Context context;
    context.program_type = multi ? ProgramType::UprobeMulti : ProgramType::Kprobe;
    context.provider = name();
    context.default_space = AddressSpace::User;
    context.user_args = true;
    context.args_note = "the types of a program's functions are not read; use arg0, arg1 and so on";
    context.registers = 0;
    context.has_context_pointer = true;
    context.user_function = true;
    context.cookie = multi || system.features().attach_cookie;
    if (is_return_) {
      context.args_note = "arguments are known at the function's entry only; keep them in a map";
      context.retval = register_fetch(registers::kReturnValue);
      context.retval_type = Type::integer(8, false);
      if (multi) context.instruction_pointer = registers::kInstructionPointer;
    } else {
      context.function_entry = !place.function.empty() && place.offset == 0;
      for (int16_t offset : registers::kFunctionArguments) context.arg_n.push_back(register_fetch(offset));
      context.instruction_pointer = registers::kInstructionPointer;
    }
    return context;
  }

  static Fetch register_fetch(int16_t offset) {
    Fetch fetch;
    fetch.how = Fetch::How::Context;
    fetch.offset = offset;
    return fetch;
  }

  bool is_return_;
};

} // namespace

const Provider& uprobe_provider() {
  static const Uprobe provider(false);
  return provider;
}

const Provider& uretprobe_provider() {
  static const Uprobe provider(true);
  return provider;
}

} // namespace trapline::probes
