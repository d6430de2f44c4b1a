// Most scripts need no C front end: trapline reads struct definitions and simple directives itself, and BTF has what the
// kernel's headers declare. So the script is first read without one, and once more with it when that turns out to be too
// little: a name is not known and there are headers it could come from, or C text is beyond our own reader.
#include "front_end.h"

#include "cdefs/constants.h"
#include "cdefs/libclang.h"
#include "macros/expand.h"
#include "macros/import.h"
#include "parser/parse.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace trapline {

namespace {

struct Attempt {
  SourceFile source;
  Diagnostics diags;
  CText c_text;
  std::unique_ptr<ast::Script> syntax;
  std::optional<sema::Script> meaning;
};

bool is_within(Span span, const std::vector<Span>& pieces) {
  return std::ranges::any_of(pieces, [&](Span piece) { return piece.begin <= span.begin && span.begin < piece.end; });
}

class FrontEnd {
public:
  FrontEnd(SourceFile& source, const CompileOptions& options, const System& system) : source_(source), options_(options), system_(system) {}

  std::optional<Understood> run(Diagnostics& diags) {
    Attempt plain = attempt(nullptr, nullptr);
    if (!needs_headers(plain)) return finish(std::move(plain), nullptr, diags);
    if (auto constants = system_constants(plain)) {
      Attempt simple = attempt(&*constants, nullptr);
      if (!simple.diags.has_errors()) return finish(std::move(simple), nullptr, diags);
    }
    if (!options_.c_parser) return without(clang::not_installed(), std::move(plain), diags);
    auto headers = options_.c_parser->parse(c_source(plain), system_.types());
    if (!headers) return without(headers.error(), std::move(plain), diags);
    Attempt informed = with(**headers, plain, false);
    bool is_delegated = has_c_errors(informed);
    if (is_delegated) {
      // What clang cannot read either is wrong. Our own reader says so in the script's words, unless headers play a part.
      if (has_own_errors(**headers) && !depends_on_headers(plain.c_text)) return finish(std::move(plain), nullptr, diags);
      informed = with(**headers, plain, true);
    }
    report_headers(**headers, is_delegated, informed);
    return finish(std::move(informed), std::move(*headers), diags);
  }

private:
  Attempt attempt(const CFacts* facts, const CDefinitions* headers) const {
    Attempt made{source_, {}, {}, nullptr, std::nullopt};
    ParseOptions parse_options;
    parse_options.positional = options_.sema.positional;
    parse_options.include_dirs = options_.include_dirs;
    parse_options.include_files = options_.include_files;
    parse_options.have_btf = system_.features().btf;
    parse_options.kernel_version = system_.features().release;
    parse_options.c_facts = facts;
    parse_options.c_text = &made.c_text;
    auto script = parse(made.source, parse_options, made.diags);
    if (!script || made.diags.has_errors()) return made;
    made.syntax = std::make_unique<ast::Script>(std::move(*script));
    if (options_.dump == CompileOptions::Dump::Ast) return made;
    import_files(*made.syntax, made.source, parse_options, system_, made.diags);
    expand_macros(*made.syntax, made.source, made.diags);
    if (made.diags.has_errors()) return made;
    sema::Options sema_options = options_.sema;
    sema_options.headers = headers;
    made.meaning = sema::analyze(*made.syntax, sema_options, system_, made.diags);
    return made;
  }

  // `has_definitions`: the types of the script's own C text come from the front end, too.
  Attempt with(const CDefinitions& headers, const Attempt& plain, bool has_definitions) const {
    CFacts facts;
    // Headers of the kernel that user space gets lack some of them.
    for (const std::string& word : unknown_words(plain)) {
      if (auto number = system_constant(word)) facts.macros.emplace(word, std::to_string(*number));
    }
    for (const std::string& word : words(plain.source)) {
      if (auto text = headers.macro(word)) facts.macros.insert_or_assign(word, std::move(*text));
      if (auto constant = headers.enumerator(word)) facts.constants.emplace(word, constant->value);
    }
    facts.skipped = headers.skipped();
    facts.has_definitions = has_definitions;
    return attempt(&facts, &headers);
  }

  static bool has_c_errors(const Attempt& made) {
    return std::ranges::any_of(made.diags.all(), [&](const Diagnostic& d) { return d.severity == Severity::Error && is_within(d.span, made.c_text.pieces); });
  }

  bool has_headers(const CText& text) const { return !text.includes.empty() || !text.imported.empty() || !options_.include_files.empty(); }

  bool depends_on_headers(const CText& text) const { return text.needs_front_end || has_headers(text); }

  // A header that is missing is no mistake in the C text.
  static bool has_own_errors(const CDefinitions& headers) {
    return std::ranges::any_of(headers.errors(), [](const CError& error) { return error.missing_header.empty(); });
  }

  static bool is_unknown_name(const Diagnostic& d) {
    return d.id == DiagId::UnknownIdentifier || d.id == DiagId::UnknownType || d.id == DiagId::IncompleteType;
  }

  bool needs_headers(const Attempt& made) const {
    if (made.c_text.needs_front_end || has_c_errors(made)) return true;
    if (!has_headers(made.c_text)) return false;
    if (std::ranges::any_of(made.diags.all(), is_unknown_name)) return true;
    // What seems wrong may be right for a struct of the program's.
    if (made.diags.has_errors()) return may_be_redefined("", made.c_text);
    return made.meaning && std::ranges::any_of(made.meaning->kernel_types, [&](const std::string& name) { return may_be_redefined(name, made.c_text); });
  }

  // A program's struct may have the name of one of the kernel's, which is found without reading the program's header.
  bool may_be_redefined(std::string_view type, const CText& text) const {
    auto may_define = [&](const CText::Include& include) {
      bool is_basic = is_kernel_header(include.name) || has_only_basic_types(include.name);
      return !is_basic && (!declares_system_interface(include.name) || is_library_type(type));
    };
    return !options_.include_files.empty() || !text.imported.empty() || std::ranges::any_of(text.includes, may_define);
  }

  static bool has_only_basic_types(std::string_view name) {
    return name == "stdint.h" || name == "stddef.h" || name == "stdbool.h" || name == "inttypes.h" || name == "limits.h";
  }

  // What is not known and may be a macro.
  std::vector<std::string> unknown_words(const Attempt& made) const {
    std::vector<std::string> words;
    for (const Diagnostic& d : made.diags.all()) {
      if (d.severity == Severity::Error) words.emplace_back(made.source.text_of(d.span));
    }
    return words;
  }

  // Scripts that include the headers of the system call interface for the likes of AF_INET need no C front end for that.
  std::optional<CFacts> system_constants(const Attempt& made) const {
    auto is_known = [](const CText::Include& i) { return is_kernel_header(i.name) || has_only_basic_types(i.name) || declares_system_interface(i.name); };
    bool is_plain = !made.c_text.needs_front_end && options_.include_files.empty() && made.c_text.imported.empty() && made.diags.has_errors();
    if (!is_plain || !std::ranges::all_of(made.c_text.includes, is_known) || made.c_text.includes.empty()) return std::nullopt;
    CFacts facts;
    for (const std::string& word : unknown_words(made)) {
      auto number = system_constant(word);
      if (!number) return std::nullopt;
      facts.macros.emplace(word, std::to_string(*number));
    }
    return facts;
  }

  CSource c_source(const Attempt& made) const {
    const CText& text = made.c_text;
    CSource out;
    out.name = made.source.name();
    out.text = made.source.text();
    // Lines stay lines, and offsets offsets.
    size_t next = 0;
    for (size_t at = 0; at < out.text.size(); ++at) {
      while (next < text.pieces.size() && at >= text.pieces[next].end) ++next;
      bool is_c = next < text.pieces.size() && at >= text.pieces[next].begin;
      if (!is_c && out.text[at] != '\n') out.text[at] = ' ';
    }
    out.include_dirs = options_.include_dirs;
    out.include_files = options_.include_files;
    out.include_files.insert(out.include_files.end(), text.imported.begin(), text.imported.end());
    out.words = words(made.source);
    out.have_btf = system_.features().btf;
    out.kernel_version = system_.features().release;
    out.kernel_headers = std::ranges::any_of(text.includes, [](const CText::Include& i) { return is_kernel_header(i.name); });
    return out;
  }

  // Every word of the script that may be a macro. The language's own names are what they are.
  static std::vector<std::string> words(const SourceFile& source) {
    std::set<std::string, std::less<>> found;
    const std::string& text = source.text();
    auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (size_t at = 0; at < text.size(); ++at) {
      if (!is_word(text[at])) continue;
      size_t begin = at;
      while (at < text.size() && is_word(text[at])) ++at;
      std::string word = text.substr(begin, at - begin);
      if (!std::isdigit(static_cast<unsigned char>(word[0])) && !builtins::find(word)) found.insert(std::move(word));
    }
    return {found.begin(), found.end()};
  }

  // There is no front end. What was understood without it may be all there is to it.
  std::optional<Understood> without(const Error& error, Attempt made, Diagnostics& diags) const {
    const CText& text = made.c_text;
    Span where = !text.includes.empty() ? text.includes.front().span : !text.pieces.empty() ? text.pieces.front() : Span{};
    if (!made.diags.has_errors()) made.diags.report(DiagId::HeadersNotRead, where, error.message).hint(error.hint);
    else if (depends_on_headers(text)) made.diags.report(DiagId::NoCFrontEnd, where, error.message).hint(error.hint);
    return finish(std::move(made), nullptr, diags);
  }

  // clang's complaints: all of them if the script's definitions come from it, or if they may be why the script was not
  // understood. A header of the kernel may be missing, since there is BTF; another one may not.
  static void report_headers(const CDefinitions& headers, bool is_delegated, Attempt& made) {
    bool failed = made.diags.has_errors();
    for (const CError& error : headers.errors()) {
      bool is_missing = !error.missing_header.empty();
      if (is_missing && (failed || !is_kernel_header(error.missing_header))) {
        const char* hint = is_kernel_header(error.missing_header) ? "install the headers of this kernel, or set BPFTRACE_KERNEL_SOURCE to their folder"
                                                                  : "`-I FOLDER` adds a folder to look in";
        made.diags.report(DiagId::UnknownHeader, error.span, error.missing_header).hint(hint);
      } else if (!is_missing && (failed || is_delegated)) {
        made.diags.report(DiagId::CTextError, error.span, error.message);
      }
    }
  }

  std::optional<Understood> finish(Attempt made, std::unique_ptr<CDefinitions> headers, Diagnostics& diags) const {
    source_ = std::move(made.source);
    diags = std::move(made.diags);
    if (diags.has_errors() || !made.syntax) return std::nullopt;
    return Understood{std::move(headers), std::move(made.syntax), std::move(made.meaning)};
  }

  SourceFile& source_;
  const CompileOptions& options_;
  const System& system_;
};

} // namespace

std::optional<Understood> understand(SourceFile& source, const CompileOptions& options, const System& system, Diagnostics& diags) {
  return FrontEnd(source, options, system).run(diags);
}

} // namespace trapline
