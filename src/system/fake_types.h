// Types that a test declares in C, as a TypeSource: structs, unions, enums and typedefs, laid out as x86-64 does.
#pragma once

#include "system/system.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

class FakeTypes final : public TypeSource {
public:
  FakeTypes();
  ~FakeTypes() override;

  // Takes struct, union, enum and typedef declarations. Pointers may name structs that are declared later, or never;
  // `char __user *p` points to user memory. Aborts on anything it cannot read: the text is ours.
  void declare(std::string_view c);
  // "struct task_struct *prev, bool preempt"; empty for none.
  void declare_raw_tracepoint(const std::string& name, std::string_view parameters);

  std::shared_ptr<const StructType> structure(std::string_view name, bool is_union) const override;
  std::shared_ptr<const EnumType> enumeration(std::string_view name) const override;
  Type named(std::string_view name) const override;
  std::optional<std::pair<int64_t, std::shared_ptr<const EnumType>>> enumerator(std::string_view name) const override;
  std::optional<std::vector<Parameter>> raw_tracepoint(std::string_view name) const override;
  std::vector<std::string> struct_names() const override;
  std::vector<Listed> list(std::string_view tag, std::string_view pattern, bool with_definition) const override;
  std::vector<std::string> raw_tracepoint_names() const;

private:
  class Record;
  class Parser;
  // A member or a parameter as declared; its type is made when it is asked for.
  struct Declaration {
    std::string base;                       // "int", "struct task_struct"
    std::shared_ptr<const Record> record;   // instead of `base`, for a struct declared in place
    std::string name;
    int pointers = 0;
    bool user = false;
    std::vector<uint32_t> dimensions;
    uint32_t bits = 0;
  };

  Type type_of(const Declaration&) const;
  Type base_type(const Declaration&) const;
  uint32_t size_of(const Declaration&) const;
  uint32_t alignment_of(const Declaration&) const;

  std::map<std::string, std::shared_ptr<Record>, std::less<>> records_; // by "struct NAME"
  std::vector<std::shared_ptr<Record>> all_records_;                    // those without a name too
  mutable std::map<std::string, std::shared_ptr<const StructType>, std::less<>> incomplete_;
  std::map<std::string, std::shared_ptr<const EnumType>, std::less<>> enums_;
  std::vector<std::shared_ptr<const EnumType>> all_enums_;
  std::map<std::string, Declaration, std::less<>> typedefs_;
  std::map<std::string, std::vector<Declaration>, std::less<>> raw_tracepoints_;
};

} // namespace trapline
