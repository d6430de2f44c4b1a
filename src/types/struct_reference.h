// What a pointer member points to. It does not own the struct, since structs may point to each other in circles; once the
// owner is gone it is a struct without fields.
#pragma once

#include "types/type.h"

namespace trapline {

class StructReference final : public StructType {
public:
  explicit StructReference(const std::shared_ptr<const StructType>& record) : name_(record->name()), record_(record) {}
  const std::string& name() const override { return name_; }
  uint32_t size() const override {
    auto record = record_.lock();
    return record ? record->size() : 0;
  }
  uint32_t alignment() const override {
    auto record = record_.lock();
    return record ? record->alignment() : 1;
  }
  const std::vector<Field>& fields() const override {
    static const std::vector<Field> none;
    auto record = record_.lock();
    return record ? record->fields() : none;
  }

private:
  std::string name_;
  std::weak_ptr<const StructType> record_;
};

} // namespace trapline
