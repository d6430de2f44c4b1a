// Has clang read a script's C text: a unit that includes the script, and then says what its macros are.
#include "cdefs/clang_definitions.h"
#include "cdefs/include_paths.h"

#include <fmt/format.h>

namespace trapline {

namespace clang {
namespace {

// The C front end makes the macros' values: an expression that is no constant only costs its own line.
// Where the script's text is for libclang: it need not be a file, and is found wherever we run.
std::string memory_path(const CSource& source) {
  return source.name.starts_with('/') ? source.name : std::string(kMainFile.substr(0, kMainFile.rfind('/') + 1)) + source.name;
}

std::string unit_text(const CSource& source) {
  std::string path;
  for (char c : memory_path(source)) {
    if (c == '"' || c == '\\') path += '\\';
    path += c;
  }
  std::string text = fmt::format("#include \"{}\"\n#define __trapline_text(...) #__VA_ARGS__\n#define __trapline_expand(...) __trapline_text(__VA_ARGS__)\n", path);
  for (const std::string& word : source.words) {
    text += fmt::format("#ifdef {0}\nstatic const char *{1}{0} = __trapline_expand({0});\n__auto_type {2}{0} = {0};\n#endif\n", word, kTextPrefix,
                        kValuePrefix);
  }
  return text;
}

bool has_conditions(std::string_view text) {
  for (size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
    size_t word = text.find_first_not_of(" \t", at + 1);
    if (word != std::string_view::npos && text.substr(word).starts_with("if")) return true;
  }
  return false;
}

CXUnsavedFile unsaved(const char* name, std::string_view contents) { return {name, contents.data(), contents.size()}; }

class Parser final : public CParser {
public:
  Result<std::unique_ptr<CDefinitions>> parse(const CSource& source, const TypeSource& kernel) const override {
    Result<const Library*> library = load();
    if (!library) return std::unexpected(library.error());
    KernelTypes types(kernel);
    for (int round = 0;; ++round) {
      auto definitions = read(**library, source, types);
      if (!definitions) return std::unexpected(definitions.error());
      if (round == kMostRounds || !types.add_missing((*definitions)->errors())) return std::move(*definitions);
    }
  }

private:
  // Each round finds the types that those of the round before are made of.
  static constexpr int kMostRounds = 8;

  static Result<std::unique_ptr<Definitions>> read(const Library& clang, const CSource& source, const KernelTypes& types) {
    const std::string text = types.declarations() + unit_text(source);
    const std::string main_file = std::string(kMainFile);
    const std::string script = memory_path(source);
    std::vector<CXUnsavedFile> files = {unsaved(main_file.c_str(), text), unsaved(script.c_str(), source.text)};
    for (const BuiltinHeader& header : builtin_headers()) files.push_back(unsaved(header.path, header.text));
    const std::vector<std::string> arguments = clang_arguments(source);
    std::vector<const char*> words;
    for (const std::string& argument : arguments) words.push_back(argument.c_str());

    unsigned options = kKeepGoing | kSkipFunctionBodies | (has_conditions(source.text) ? kDetailedPreprocessingRecord : 0);
    CXIndex index = clang.createIndex(0, 0);
    CXTranslationUnit unit = nullptr;
    int code = clang.parseTranslationUnit2(index, main_file.c_str(), words.data(), static_cast<int>(words.size()), files.data(),
                                           static_cast<unsigned>(files.size()), options, &unit);
    if (code == 0 && unit) return std::make_unique<Definitions>(clang, index, unit, script, types);
    clang.disposeIndex(index);
    return fail(fmt::format("libclang could not read the script's C text (error {})", code));
  }
};

} // namespace
} // namespace clang

std::unique_ptr<CParser> make_clang_parser() { return std::make_unique<clang::Parser>(); }

} // namespace trapline
