// One BTF blob (the kernel's, or a module's that continues it), read in place. An index of where each type starts is
// made by one pass over the type section when the first type is asked for; nothing else is copied.
#pragma once

#include "system/read_file.h"

#include <cstdint>
#include <linux/btf.h>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace trapline {

class BtfImage {
public:
  // A split image's type and string numbers continue those of `base`, which must outlive it.
  static Result<std::unique_ptr<BtfImage>> open(FileBytes bytes, const BtfImage* base = nullptr);

  // nullptr for 0 (void) and for numbers out of range.
  const btf_type* type(uint32_t id) const;
  // Empty for offsets out of range.
  std::string_view string(uint32_t offset) const;
  std::string_view name(const btf_type* type) const { return string(type->name_off); }

  // The first type of one of the kinds in `kinds` (bits 1 << BTF_KIND_*) with this name, in this image alone; nullptr if
  // there is none. Structs, unions and what typedef-like names stand for are found through short lists, functions by
  // going through all types.
  const btf_type* find(std::string_view name, uint32_t kinds) const;
  // Calls visit(const btf_type*) for every type of these kinds, in order, until it returns false.
  template <typename Visit> void each(uint32_t kinds, Visit visit) const {
    for (uint32_t offset : offsets()) {
      const btf_type* type = at(offset);
      if ((kinds >> BTF_INFO_KIND(type->info) & 1) != 0 && !visit(type)) return;
    }
  }

private:
  BtfImage(FileBytes bytes, const BtfImage* base) : bytes_(std::move(bytes)), base_(base) {}
  const btf_type* at(uint32_t offset) const { return reinterpret_cast<const btf_type*>(types_.data() + offset); }
  const std::vector<uint32_t>& offsets() const;
  void index() const;

  FileBytes bytes_;
  const BtfImage* base_;
  std::span<const std::byte> types_;
  std::string_view strings_;
  uint32_t first_id_ = 1;
  uint32_t first_string_ = 0;

  // Made by index().
  struct Named {
    uint32_t name, offset;
  };
  mutable bool indexed_ = false;
  mutable std::vector<uint32_t> offsets_; // by id - first_id_
  mutable std::vector<Named> composites_; // named structs and unions
  mutable std::vector<Named> scalars_;    // named integers, enums, typedefs, forward declarations
};

// Payload that follows a type's header.
template <typename Payload> std::span<const Payload> payload(const btf_type* type) {
  return {reinterpret_cast<const Payload*>(type + 1), BTF_INFO_VLEN(type->info)};
}

} // namespace trapline
