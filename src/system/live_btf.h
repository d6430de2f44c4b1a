// The kernel's types, from /sys/kernel/btf: nothing is opened before the first question, modules only when the kernel
// proper does not know a name. May be asked from several threads.
#pragma once

#include "system/btf_image.h"
#include "system/live_btf_text.h"
#include "system/system.h"

#include <mutex>
#include <unordered_map>

namespace trapline {

class BtfTypes final : public TypeSource {
public:
  // `kernel` is a BTF file; `modules` a directory of split BTF files that continue it, may be empty.
  BtfTypes(std::string kernel, std::string modules) : kernel_path_(std::move(kernel)), modules_path_(std::move(modules)) {}
  ~BtfTypes() override;

  std::shared_ptr<const StructType> structure(std::string_view name, bool is_union) const override;
  std::shared_ptr<const EnumType> enumeration(std::string_view name) const override;
  Type named(std::string_view name) const override;
  std::optional<std::pair<int64_t, std::shared_ptr<const EnumType>>> enumerator(std::string_view name) const override;
  std::optional<std::vector<Parameter>> raw_tracepoint(std::string_view name) const override;
  std::vector<std::string> struct_names() const override;
  std::vector<Listed> list(std::string_view tag, std::string_view pattern, bool with_definition) const override {
    return list_btf_types(kernel_path_, modules_path_, tag, pattern, with_definition);
  }
  uint32_t id_of(std::string_view tagged_name) const override;

  // Names that have a btf_trace_NAME, sorted; empty without BTF.
  std::vector<std::string> raw_tracepoint_names() const;

  // Type numbers in the kernel's own BTF, 0 if there is none: of a function, of a raw tracepoint's btf_trace_NAME.
  uint32_t function_id(std::string_view name) const;
  uint32_t raw_tracepoint_id(std::string_view name) const;

private:
  class Struct;
  struct Found {
    const BtfImage* image = nullptr;
    const btf_type* type = nullptr;
    explicit operator bool() const { return type != nullptr; }
  };

  // All of these are called with mutex_ held.
  const BtfImage* kernel() const;
  const std::vector<std::unique_ptr<BtfImage>>& modules() const;
  Found find(std::string_view name, uint32_t kinds) const;
  uint32_t number_of(std::string_view name, uint32_t kinds) const;
  template <typename Visit> void each_image(Visit visit) const;
  Type type_of(const BtfImage& image, uint32_t id, int depth = 0) const;
  Type type_of(const BtfImage& image, const btf_type* type, int depth) const;
  Type pointer_to(const BtfImage& image, uint32_t id, int depth) const;
  Type forward(const BtfImage& image, const btf_type* type) const;
  std::shared_ptr<Struct> struct_of(const BtfImage& image, const btf_type* type, const btf_type* alias) const;
  std::shared_ptr<const EnumType> enum_of(const BtfImage& image, const btf_type* type) const;
  std::vector<Field> fields_of(const BtfImage& image, const btf_type* type) const;

  std::string kernel_path_, modules_path_;
  mutable std::mutex mutex_;
  mutable bool opened_ = false, modules_opened_ = false;
  mutable std::unique_ptr<BtfImage> kernel_;
  mutable std::vector<std::unique_ptr<BtfImage>> modules_;
  // By the record that names the type: its own, or the typedef that an anonymous struct goes by.
  mutable std::unordered_map<const btf_type*, std::shared_ptr<Struct>> structs_;
  mutable std::unordered_map<const btf_type*, std::shared_ptr<const EnumType>> enums_;
};

} // namespace trapline
