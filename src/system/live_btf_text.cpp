#include "system/live_btf_text.h"

#include "system/glob.h"

#include <algorithm>
#include <bpf/btf.h>
#include <cstdarg>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <set>
#include <utility>

namespace trapline {
namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
  void operator()(btf_dump* dump) const { btf_dump__free(dump); }
};
using Btf = std::unique_ptr<btf, FreeBtf>;
using Dump = std::unique_ptr<btf_dump, FreeBtf>;

void append(void* text, const char* format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return;
  std::string piece(static_cast<size_t>(length) + 1, '\0');
  vsnprintf(piece.data(), piece.size(), format, arguments);
  piece.pop_back();
  *static_cast<std::string*>(text) += piece;
}

// One BTF file and what writes its types as C.
struct Image {
  std::string module;
  Btf types;
  std::string text; // what `dump` writes
  Dump dump;

  static std::unique_ptr<Image> open(const std::string& path, std::string module, btf* base) {
    auto image = std::make_unique<Image>();
    image->module = std::move(module);
    image->types.reset(base ? btf__parse_split(path.c_str(), base) : btf__parse(path.c_str(), nullptr));
    if (!image->types) return nullptr;
    image->dump.reset(btf_dump__new(image->types.get(), append, &image->text, nullptr));
    return image->dump ? std::move(image) : nullptr;
  }

  const char* string(uint32_t offset) const { return btf__name_by_offset(types.get(), offset); }

  std::string declare(uint32_t type, const char* name) {
    text.clear();
    btf_dump_emit_type_decl_opts options{};
    options.sz = sizeof options;
    options.field_name = name;
    options.indent_level = 1;
    btf_dump__emit_type_decl(dump.get(), type, &options);
    return std::exchange(text, {});
  }

  std::string members(const btf_type* type) {
    std::string out;
    const btf_member* member = btf_members(type);
    for (uint32_t i = 0; i < btf_vlen(type); i++) {
      const uint32_t bits = btf_member_bitfield_size(type, i);
      const std::string declaration = declare(member[i].type, string(member[i].name_off));
      out += fmt::format("\t{}{};\n", declaration, bits > 0 ? fmt::format(": {}", bits) : "");
    }
    return out;
  }

  std::string enumerators(const btf_type* type) {
    std::string out;
    for (uint32_t i = 0; i < btf_vlen(type); i++) {
      if (btf_is_enum64(type)) {
        const struct btf_enum64& value = btf_enum64(type)[i];
        out += fmt::format("\t{} = {},\n", string(value.name_off), static_cast<int64_t>(btf_enum64_value(&value)));
      } else {
        const struct btf_enum& value = btf_enum(type)[i];
        out += fmt::format("\t{} = {},\n", string(value.name_off), value.val);
      }
    }
    return out;
  }

  std::string definition(const btf_type* type, std::string_view tag, std::string_view name) {
    return fmt::format("{} {} {{\n{}}};", tag, name, tag == "enum" ? enumerators(type) : members(type));
  }
};

bool has_tag(const btf_type* type, std::string_view tag) {
  if (tag == "struct") return btf_is_struct(type);
  if (tag == "union") return btf_is_union(type);
  return tag == "enum" && (btf_is_enum(type) || btf_is_enum64(type));
}

} // namespace

std::vector<TypeSource::Listed> list_btf_types(const std::string& kernel, const std::string& modules, std::string_view tag,
                                               std::string_view pattern, bool with_definition) {
  std::vector<TypeSource::Listed> found;
  std::set<std::string> seen;
  const auto take = [&](Image& image, uint32_t first) {
    for (uint32_t id = first; id < btf__type_cnt(image.types.get()); id++) {
      const btf_type* type = btf__type_by_id(image.types.get(), id);
      if (!has_tag(type, tag)) continue;
      const std::string name = image.string(type->name_off);
      if (name.empty() || btf_vlen(type) == 0 || !glob_match(pattern, name) || !seen.insert(name).second) continue;
      found.push_back({name, image.module, with_definition ? image.definition(type, tag, name) : std::string()});
    }
  };
  const std::unique_ptr<Image> base = Image::open(kernel, "vmlinux", nullptr);
  if (!base) return found;
  take(*base, 1);
  const uint32_t first = btf__type_cnt(base->types.get());
  for (const std::string& name : modules.empty() ? std::vector<std::string>{} : directory_names(modules)) {
    if (name == "vmlinux") continue;
    if (const std::unique_ptr<Image> module = Image::open(modules + '/' + name, name, base->types.get())) take(*module, first);
  }
  std::ranges::sort(found, {}, &TypeSource::Listed::name);
  return found;
}

} // namespace trapline
