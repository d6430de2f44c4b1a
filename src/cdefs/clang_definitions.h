// A translation unit that clang has read, as CDefinitions. Each type is made when it is first asked for: the headers of a
// kernel define thousands.
#pragma once

#include "cdefs/cdefs.h"
#include "cdefs/kernel_types.h"
#include "cdefs/libclang.h"

#include <map>
#include <unordered_map>

namespace trapline::clang {

// The unit: the script's text, included, and then declarations that hold the macros that are wanted: a constant, and the text as a string.
inline constexpr std::string_view kMainFile = "/trapline/main.c"; // only in memory
inline constexpr std::string_view kValuePrefix = "__trapline_value_", kTextPrefix = "__trapline_text_";

class Definitions final : public CDefinitions {
public:
  // Takes over the index and the unit. `script` is the file that the unit includes as the script's text.
  Definitions(const Library&, CXIndex, CXTranslationUnit, std::string script, KernelTypes kernel);
  ~Definitions() override;
  Definitions(const Definitions&) = delete;
  Definitions& operator=(const Definitions&) = delete;

  Type tagged(std::string_view name) const override;
  Type type_named(std::string_view name) const override;
  std::optional<Enumerator> enumerator(std::string_view name) const override;
  std::optional<std::string> macro(std::string_view name) const override;
  std::vector<std::string> tagged_names() const override;
  std::vector<Span> skipped() const override;
  const std::vector<CError>& errors() const override { return errors_; }
  const KernelTypes& kernel_types() const { return kernel_; }

private:
  class Record;
  using Cursors = std::map<std::string, CXCursor, std::less<>>;

  // Declared by a header of the kernel, and known from BTF, which is about the kernel that runs.
  bool is_better_known(CXCursor, std::string_view name) const;
  Visit index(CXCursor);
  void index_tag(CXCursor, std::string_view keyword);
  std::string name_of(CXCursor) const; // empty if it has none of its own

  // --- clang_types.cpp
  Type type_of(CXType) const;
  Type pointer_to(CXType pointee) const;
  Type integer_of(int kind, uint32_t bytes) const;
  Type enum_of(CXType) const;
  std::shared_ptr<const StructType> record_of(CXType) const;
  std::string record_name(CXType) const;
  std::vector<Field> fields_of(CXType, uint32_t size) const;

  // --- clang_errors.cpp
  struct Place {
    std::string file;
    unsigned line = 0, offset = 0;
  };
  Place place_of(CXSourceLocation) const;
  void read_errors();
  void add_error(CXDiagnostic);
  Span span_in_script(CXDiagnostic, unsigned offset) const;
  Span include_of(const std::string& header) const;

  const Library& clang_;
  CXIndex index_;
  CXTranslationUnit unit_;
  std::string script_;
  KernelTypes kernel_;
  Cursors tags_, typedefs_, enumerators_, variables_;
  std::vector<CError> errors_;
  mutable std::unordered_map<const void*, std::shared_ptr<Record>> records_; // by declaration
  mutable std::unordered_map<const void*, std::shared_ptr<const EnumType>> enums_;
};

// Calls visit(cursor) for what is directly in `parent`, deeper where it returns Recurse.
template <typename F> void visit_children(const Library& clang, CXCursor parent, F visit) {
  clang.visitChildren(parent, [](CXCursor cursor, CXCursor, void* data) { return (*static_cast<F*>(data))(cursor); }, &visit);
}

} // namespace trapline::clang
