// A struct or union that clang laid out.
#pragma once

#include "cdefs/clang_definitions.h"

namespace trapline::clang {

class Definitions::Record final : public StructType {
public:
  Record(const Definitions& definitions, CXType type, std::string name, uint32_t size, uint32_t alignment)
      : definitions_(&definitions), type_(type), name_(std::move(name)), size_(size), alignment_(alignment) {}

  const std::string& name() const override { return name_; }
  uint32_t size() const override { return size_; }
  uint32_t alignment() const override { return alignment_; }
  const std::vector<Field>& fields() const override;
  // The definitions are about to go.
  void detach() { definitions_ = nullptr; }

private:
  const Definitions* definitions_;
  CXType type_;
  std::string name_;
  uint32_t size_, alignment_;
  mutable bool has_fields_ = false;
  mutable std::vector<Field> fields_;
};

} // namespace trapline::clang
