#include "cdefs/fake.h"

namespace trapline {

namespace {

class FakeDefinitions final : public CDefinitions {
public:
  FakeDefinitions(const FakeCParser& told, const CSource& source) : told_(told) {
    for (const auto& [word, message] : told_.mistakes) add_error(source.text, word, message);
    for (size_t at = source.text.find("#include"); at != std::string::npos; at = source.text.find("#include", at + 1)) {
      size_t begin = source.text.find_first_of("<\"", at);
      size_t end = begin == std::string::npos ? begin : source.text.find_first_of(">\"", begin + 1);
      if (end == std::string::npos) continue;
      std::string name = source.text.substr(begin + 1, end - begin - 1);
      if (told_.headers.contains(name)) continue;
      errors_.push_back({{static_cast<uint32_t>(begin), static_cast<uint32_t>(end + 1)}, "`" + name + "` file not found", name});
    }
  }

  Type tagged(std::string_view name) const override { return type_named(name); }
  Type type_named(std::string_view name) const override {
    auto found = told_.types.find(name);
    return found == told_.types.end() ? Type::error() : found->second;
  }
  std::optional<Enumerator> enumerator(std::string_view name) const override {
    auto found = told_.enumerators.find(name);
    return found == told_.enumerators.end() ? std::nullopt : std::optional(Enumerator{found->second, Type::integer(4, false)});
  }
  std::optional<std::string> macro(std::string_view name) const override {
    auto found = told_.macros.find(name);
    return found == told_.macros.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> tagged_names() const override {
    std::vector<std::string> names;
    for (const auto& [name, type] : told_.types) names.push_back(name);
    return names;
  }
  std::vector<Span> skipped() const override { return told_.skipped; }
  const std::vector<CError>& errors() const override { return errors_; }

private:
  void add_error(const std::string& text, const std::string& word, const std::string& message) {
    size_t at = text.find(word);
    if (at == std::string::npos) return;
    errors_.push_back({{static_cast<uint32_t>(at), static_cast<uint32_t>(at + word.size())}, message, ""});
  }

  const FakeCParser& told_;
  std::vector<CError> errors_;
};

} // namespace

Result<std::unique_ptr<CDefinitions>> FakeCParser::parse(const CSource& source, const TypeSource&) const {
  sources.push_back(source);
  return std::make_unique<FakeDefinitions>(*this, source);
}

} // namespace trapline
