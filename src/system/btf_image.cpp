// Finding types in a BTF blob.
#include "system/btf_image.h"

#include <cstring>

namespace trapline {

namespace {

constexpr uint32_t kCompositeKinds = 1u << BTF_KIND_STRUCT | 1u << BTF_KIND_UNION;
constexpr uint32_t kScalarKinds = 1u << BTF_KIND_INT | 1u << BTF_KIND_ENUM | 1u << BTF_KIND_ENUM64 |
                                  1u << BTF_KIND_TYPEDEF | 1u << BTF_KIND_FWD | 1u << BTF_KIND_FLOAT;

// Bytes that follow the header of a type of each kind: fixed + per member. A kind beyond the table ends the index, since
// its size is unknown.
struct PayloadSize {
  uint8_t fixed, per_member;
};
constexpr PayloadSize kPayloads[] = {
    {0, 0},                   // unknown
    {4, 0},                   // int
    {0, 0},                   // pointer
    {sizeof(btf_array), 0},   // array
    {0, sizeof(btf_member)},  // struct
    {0, sizeof(btf_member)},  // union
    {0, sizeof(btf_enum)},    // enum
    {0, 0},                   // forward
    {0, 0},                   // typedef
    {0, 0},                   // volatile
    {0, 0},                   // const
    {0, 0},                   // restrict
    {0, 0},                   // function
    {0, sizeof(btf_param)},   // function prototype
    {sizeof(btf_var), 0},     // variable
    {0, sizeof(btf_var_secinfo)}, // data section
    {0, 0},                   // float
    {sizeof(btf_decl_tag), 0}, // declaration tag
    {0, 0},                   // type tag
    {0, sizeof(btf_enum64)},  // enum64
};

} // namespace

Result<std::unique_ptr<BtfImage>> BtfImage::open(FileBytes bytes, const BtfImage* base) {
  std::span<const std::byte> all = bytes.bytes();
  btf_header header{};
  if (all.size() < sizeof header) return fail("the BTF is too short");
  std::memcpy(&header, all.data(), sizeof header);
  if (header.magic != BTF_MAGIC) return fail("the BTF has another byte order, or is none");
  uint64_t types = uint64_t{header.hdr_len} + header.type_off;
  uint64_t strings = uint64_t{header.hdr_len} + header.str_off;
  bool fits = types + header.type_len <= all.size() && strings + header.str_len <= all.size() && types % 4 == 0;
  if (!fits || header.str_len == 0 || all[strings + header.str_len - 1] != std::byte{0}) return fail("the BTF is damaged");

  std::unique_ptr<BtfImage> image(new BtfImage(std::move(bytes), base));
  all = image->bytes_.bytes();
  image->types_ = all.subspan(types, header.type_len);
  image->strings_ = {reinterpret_cast<const char*>(all.data()) + strings, header.str_len};
  if (base) {
    image->first_id_ = base->first_id_ + static_cast<uint32_t>(base->offsets().size());
    image->first_string_ = base->first_string_ + static_cast<uint32_t>(base->strings_.size());
  }
  return image;
}

const btf_type* BtfImage::type(uint32_t id) const {
  if (id < first_id_) return base_ ? base_->type(id) : nullptr;
  const auto& offsets = this->offsets();
  return id - first_id_ < offsets.size() ? at(offsets[id - first_id_]) : nullptr;
}

std::string_view BtfImage::string(uint32_t offset) const {
  if (offset < first_string_) return base_ ? base_->string(offset) : std::string_view{};
  offset -= first_string_;
  return offset < strings_.size() ? std::string_view(strings_.data() + offset) : std::string_view{};
}

const btf_type* BtfImage::find(std::string_view name, uint32_t kinds) const {
  offsets();
  // Compared in place, without measuring every candidate's length first.
  auto named = [&](uint32_t offset) {
    if (offset < first_string_) return string(offset) == name;
    offset -= first_string_;
    return offset < strings_.size() && name.size() < strings_.size() - offset &&
           std::memcmp(strings_.data() + offset, name.data(), name.size()) == 0 && strings_[offset + name.size()] == '\0';
  };
  auto search = [&](const std::vector<Named>& candidates) -> const btf_type* {
    for (const Named& candidate : candidates) {
      if (!named(candidate.name)) continue;
      const btf_type* type = at(candidate.offset);
      if ((kinds >> BTF_INFO_KIND(type->info) & 1) != 0) return type;
    }
    return nullptr;
  };
  if ((kinds & kCompositeKinds) != 0) {
    if (const btf_type* type = search(composites_)) return type;
  }
  if ((kinds & kScalarKinds) != 0) return search(scalars_);
  const btf_type* found = nullptr;
  if ((kinds & kCompositeKinds) == 0) {
    each(kinds, [&](const btf_type* type) {
      if (named(type->name_off)) found = type;
      return found == nullptr;
    });
  }
  return found;
}

const std::vector<uint32_t>& BtfImage::offsets() const {
  if (!indexed_) index();
  return offsets_;
}

void BtfImage::index() const {
  indexed_ = true;
  offsets_.reserve(types_.size() / 24); // a type takes about 28 bytes
  for (size_t offset = 0; offset + sizeof(btf_type) <= types_.size();) {
    auto start = static_cast<uint32_t>(offset);
    const btf_type* type = at(start);
    uint32_t kind = BTF_INFO_KIND(type->info);
    if (kind == 0 || kind >= std::size(kPayloads)) return;
    offset += sizeof(btf_type) + kPayloads[kind].fixed + size_t{kPayloads[kind].per_member} * BTF_INFO_VLEN(type->info);
    if (offset > types_.size()) return;
    offsets_.push_back(start);
    if (type->name_off == 0) continue;
    if ((kCompositeKinds >> kind & 1) != 0) composites_.push_back({type->name_off, start});
    else if ((kScalarKinds >> kind & 1) != 0) scalars_.push_back({type->name_off, start});
  }
}

} // namespace trapline
