// USDT markers: notes of type 3 named "stapsdt" in .note.stapsdt. Each holds the marker's address, the address that
// .stapsdt.base had when the note was written, the address of its semaphore or 0, and three strings: provider, name,
// arguments. If the section has moved since (prelink), all addresses moved with it.
#include "system/live_elf.h"

#include <algorithm>
#include <cstring>

namespace trapline {

namespace {

constexpr uint32_t kStapsdtNote = 3;

struct Note {
  uint64_t location = 0, base = 0, semaphore = 0;
  std::string_view provider, name, arguments;
};

std::string_view take_string(std::string_view& text) {
  size_t end = std::min(text.find('\0'), text.size());
  std::string_view result = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return result;
}

template <typename Word> std::optional<Note> parse(std::string_view description) {
  Word words[3];
  if (description.size() < sizeof words) return std::nullopt;
  std::memcpy(words, description.data(), sizeof words);
  std::string_view text = description.substr(sizeof words);
  Note note{words[0], words[1], words[2], {}, {}, {}};
  note.provider = take_string(text);
  note.name = take_string(text);
  note.arguments = take_string(text);
  return note;
}

void add_sites(const ElfFile& file, Elf_Data* data, std::optional<uint64_t> base, std::vector<UsdtSite>& sites) {
  bool is_32 = gelf_getclass(file.get()) == ELFCLASS32;
  GElf_Nhdr header;
  size_t name_at = 0, description_at = 0;
  for (size_t offset = 0; (offset = gelf_getnote(data, offset, &header, &name_at, &description_at)) > 0;) {
    const char* bytes = static_cast<const char*>(data->d_buf);
    std::string_view owner(bytes + name_at, header.n_namesz);
    if (header.n_type != kStapsdtNote || owner != std::string_view("stapsdt", 8)) continue;
    std::string_view description(bytes + description_at, header.n_descsz);
    auto note = is_32 ? parse<uint32_t>(description) : parse<uint64_t>(description);
    if (!note) continue;
    uint64_t moved = base && note->base != 0 ? *base - note->base : 0;
    auto location = file.file_offset(note->location + moved, true);
    if (!location) continue;
    UsdtSite site;
    site.provider = note->provider;
    site.name = note->name;
    site.arguments = note->arguments;
    site.file_offset = *location;
    if (note->semaphore != 0) site.semaphore_offset = file.file_offset(note->semaphore + moved, false).value_or(0);
    sites.push_back(std::move(site));
  }
}

} // namespace

Result<std::vector<UsdtSite>> read_usdt_sites(const std::string& path) {
  auto file = ElfFile::open(path);
  if (!file) return std::unexpected(file.error());
  std::optional<uint64_t> base;
  std::vector<Elf_Data*> notes;
  file->each_section([&](Elf_Scn* section, const GElf_Shdr& header, const char* name) {
    if (std::strcmp(name, ".stapsdt.base") == 0) base = header.sh_addr;
    if (header.sh_type == SHT_NOTE && std::strcmp(name, ".note.stapsdt") == 0) {
      if (Elf_Data* data = elf_getdata(section, nullptr)) notes.push_back(data);
    }
  });
  std::vector<UsdtSite> sites;
  for (Elf_Data* data : notes) add_sites(*file, data, base, sites);
  return sites;
}

} // namespace trapline
