// The script's own structs and unions, laid out as a C compiler would on this machine.
#pragma once

#include "sema/type_names.h"

namespace trapline::sema {

// A struct that later definitions may already point to.
class TypeNames::Record final : public StructType {
public:
  explicit Record(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  uint32_t size() const override { return size_; }
  uint32_t alignment() const override { return alignment_; }
  const std::vector<Field>& fields() const override { return fields_; }

  void complete(uint32_t size, uint32_t alignment, std::vector<Field> fields) {
    size_ = size;
    alignment_ = alignment;
    fields_ = std::move(fields);
    is_complete_ = true;
  }
  bool is_complete() const { return is_complete_; }

private:
  std::string name_;
  uint32_t size_ = 0;
  uint32_t alignment_ = 1;
  std::vector<Field> fields_;
  bool is_complete_ = false;
};

// Lays out one definition and those written inside it.
class RecordLayout {
public:
  RecordLayout(const TypeNames& names, Diagnostics& diagnostics) : names_(names), diagnostics_(diagnostics) {}
  void lay_out(const ast::RecordDefinition&, TypeNames::Record&);

private:
  Type member_type(const ast::Declarator&, Span where);
  Type inline_type(const ast::RecordDefinition&);
  Type completed(Type, Span where);
  Type without_cycles(Type) const;
  uint32_t alignment_of(const ast::Declarator&, const Type&) const;
  void place(const ast::Declarator&, Type, Span where);
  void place_bits(const ast::Declarator&, const Type&, uint32_t width, Span where);
  void add_field(std::string name, Type, uint64_t offset, uint32_t bit_offset, uint32_t bit_width);

  const TypeNames& names_;
  Diagnostics& diagnostics_;
  bool is_union_ = false;
  bool packed_ = false;
  uint64_t bits_ = 0; // where the next member may start
  uint64_t size_ = 0; // bytes taken so far
  uint32_t alignment_ = 1;
  std::vector<Field> fields_;
};

} // namespace trapline::sema
