// What the type names of a script mean: the language's own types, the script's definitions, the kernel's from BTF.
#pragma once

#include "ast/ast.h"
#include "cdefs/cdefs.h"
#include "support/diagnostics.h"
#include "system/system.h"
#include "types/type.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::sema {

struct Enumerator {
  int64_t value = 0;
  Type type; // the enum
};

class TypeNames {
public:
  // Lays out the script's struct, union and enum definitions; reports what is wrong with them.
  // `headers` is what a C front end read, or null.
  TypeNames(const ast::Script&, const System&, const CDefinitions* headers, Diagnostics&);

  // Error after a report. `string` and `buffer` without a size get the size 0: as large as what they hold.
  Type resolve(const ast::TypeName&, Diagnostics&) const;
  // The pointers and arrays that the name makes of `base`.
  static Type with_suffixes(Type base, const ast::TypeName&, Diagnostics&);
  // A type's plain name ("size_t", "int32", also a struct's without its keyword); Error if there is none.
  Type named(std::string_view name) const;
  // The script's own enumerators come before the kernel's.
  std::optional<Enumerator> script_enumerator(std::string_view name) const;
  std::optional<Enumerator> enumerator(std::string_view name) const;
  std::vector<std::string_view> script_enumerators() const;
  // Every struct, union and enum that the script defines.
  const std::vector<Type>& definitions() const { return definitions_; }
  // The names that stood for types of the kernel, so far; without keywords.
  const std::set<std::string>& used_kernel_types() const { return used_kernel_types_; }

private:
  class Record;
  friend class RecordLayout;

  void define_enum(const ast::EnumDefinition&, Diagnostics&);
  Type base(const ast::TypeName&) const;
  Type tagged(const ast::TypeName&) const;
  Type kernel_type(std::string_view name, Type) const;
  Type own_typedef(std::string_view name) const;
  Type own_tagged(std::string_view name) const;
  const Record* own_record(const StructType&) const;
  // More than the type itself asks for; 0: nothing.
  uint32_t alignment(const ast::TypeName&) const;
  void report_unknown(const ast::TypeName&, Diagnostics&) const;

  const System& system_;
  const CDefinitions* headers_;
  mutable std::set<std::string> used_kernel_types_;
  mutable int typedef_depth_ = 0;
  std::map<std::string, std::shared_ptr<Record>, std::less<>> records_; // by "struct name"
  std::map<std::string, Type, std::less<>> enums_;
  std::map<std::string, const ast::Declarator*, std::less<>> typedefs_;
  std::map<std::string, Enumerator, std::less<>> enumerators_;
  std::vector<Type> definitions_;
};

// The smallest type that C gives an enum of these values; `packed`: the smallest that holds them.
Type enum_type(std::shared_ptr<const EnumType>, bool packed = false);

} // namespace trapline::sema
