// What a translation unit declares: an index of its names, and the macros that were asked for.
#include "cdefs/clang_definitions.h"

#include "cdefs/clang_record.h"
#include "cdefs/include_paths.h"
#include "system/system.h"

#include <fmt/format.h>

namespace trapline::clang {

namespace {

// A string as the language writes it.
std::string literal(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out.append({'\\', c});
    else if (byte < 0x20 || byte >= 0x7f) out += fmt::format("\\{:03o}", byte);
    else out += c;
  }
  return out + '"';
}

struct Evaluated {
  const Library& clang;
  CXEvalResult result;

  Evaluated(const Library& library, CXCursor cursor) : clang(library), result(library.Cursor_Evaluate(cursor)) {}
  ~Evaluated() {
    if (result) clang.EvalResult_dispose(result);
  }
  Evaluated(const Evaluated&) = delete;
  Evaluated& operator=(const Evaluated&) = delete;

  bool is(EvalKind kind) const { return result && clang.EvalResult_getKind(result) == kind; }
  std::string number() const {
    if (clang.EvalResult_isUnsignedInt(result) != 0) return fmt::format("{}", clang.EvalResult_getAsUnsigned(result));
    long long value = clang.EvalResult_getAsLongLong(result);
    return value < 0 ? fmt::format("({})", value) : fmt::format("{}", value);
  }
  std::string text() const {
    const char* characters = clang.EvalResult_getAsStr(result);
    return characters ? characters : "";
  }
};

} // namespace

Definitions::Definitions(const Library& library, CXIndex index, CXTranslationUnit unit, std::string script, KernelTypes kernel)
    : clang_(library), index_(index), unit_(unit), script_(std::move(script)), kernel_(std::move(kernel)) {
  visit_children(clang_, clang_.getTranslationUnitCursor(unit_), [this](CXCursor cursor) { return this->index(cursor); });
  read_errors();
}

Definitions::~Definitions() {
  for (auto& [declaration, record] : records_) record->detach();
  clang_.disposeTranslationUnit(unit_);
  clang_.disposeIndex(index_);
}

// C knows the types and enumerators that are defined inside of a struct outside of it, too.
Visit Definitions::index(CXCursor cursor) {
  switch (cursor.kind) {
  case StructDecl:
  case UnionDecl: index_tag(cursor, cursor.kind == StructDecl ? "struct " : "union "); return Visit::Recurse;
  case EnumDecl: index_tag(cursor, "enum "); return Visit::Recurse;
  case EnumConstantDecl: enumerators_.insert_or_assign(name_of(cursor), cursor); break;
  case TypedefDecl: typedefs_.insert_or_assign(name_of(cursor), cursor); break;
  case VarDecl: variables_.insert_or_assign(name_of(cursor), cursor); break;
  default: break;
  }
  return Visit::Continue;
}

void Definitions::index_tag(CXCursor cursor, std::string_view keyword) {
  if (clang_.isCursorDefinition(cursor) == 0) return;
  std::string name = name_of(cursor);
  if (!name.empty()) tags_.insert_or_assign(std::string(keyword) + name, cursor);
}

std::string Definitions::name_of(CXCursor cursor) const {
  std::string name = clang_.text(clang_.getCursorSpelling(cursor));
  return name.find_first_of("( ") == std::string::npos ? name : std::string(); // "(unnamed struct at x.h:3:1)" is none
}

bool Definitions::is_better_known(CXCursor cursor, std::string_view name) const {
  if (!is_kernel_path(place_of(clang_.getCursorLocation(cursor)).file)) return false;
  const TypeSource& kernel = kernel_.source();
  switch (cursor.kind) {
  case StructDecl: return kernel.structure(name, false) != nullptr;
  case UnionDecl: return kernel.structure(name, true) != nullptr;
  case EnumDecl: return kernel.enumeration(name) != nullptr;
  case EnumConstantDecl: return kernel.enumerator(name).has_value();
  default: return !kernel.named(name).is_error();
  }
}

Type Definitions::tagged(std::string_view name) const {
  auto found = tags_.find(name);
  if (found == tags_.end() || is_better_known(found->second, name.substr(name.find(' ') + 1))) return Type::error();
  return type_of(clang_.getCursorType(found->second));
}

Type Definitions::type_named(std::string_view name) const {
  auto found = typedefs_.find(name);
  if (found == typedefs_.end() || is_better_known(found->second, name)) return Type::error();
  return type_of(clang_.getTypedefDeclUnderlyingType(found->second));
}

std::optional<CDefinitions::Enumerator> Definitions::enumerator(std::string_view name) const {
  auto found = enumerators_.find(name);
  if (found == enumerators_.end() || is_better_known(found->second, name)) return std::nullopt;
  CXCursor enumeration = clang_.getCursorSemanticParent(found->second);
  return Enumerator{clang_.getEnumConstantDeclValue(found->second), type_of(clang_.getCursorType(enumeration))};
}

std::optional<std::string> Definitions::macro(std::string_view name) const {
  auto text = variables_.find(std::string(kTextPrefix).append(name));
  if (text == variables_.end()) return std::nullopt;
  const Evaluated spelled(clang_, text->second);
  std::string expanded = spelled.is(EvalKind::StringLiteral) ? spelled.text() : "";
  // `#define IPPROTO_TCP IPPROTO_TCP` only says that the enumerator is there.
  if (expanded == name) return std::nullopt;
  auto value = variables_.find(std::string(kValuePrefix).append(name));
  if (value != variables_.end()) {
    const Evaluated constant(clang_, value->second);
    if (constant.is(EvalKind::Int)) return constant.number();
    if (constant.is(EvalKind::StringLiteral)) return literal(constant.text());
  }
  return expanded;
}

std::vector<std::string> Definitions::tagged_names() const {
  std::vector<std::string> names;
  for (const auto& [name, cursor] : tags_) names.push_back(name);
  return names;
}

} // namespace trapline::clang
