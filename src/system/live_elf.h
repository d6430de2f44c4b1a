// What uprobes and USDT need of ELF files: symbols, file offsets and notes.
#pragma once

#include "support/unique_fd.h"
#include "system/system.h"

#include <libelf.h>
#include <gelf.h>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace trapline {

// A part of the file that is mapped when the program is loaded.
struct ElfSegment {
  uint64_t address = 0, file_offset = 0, file_size = 0;
  bool is_executable = false;
};

// An ELF file open for reading, mapped by libelf.
class ElfFile {
public:
  static Result<ElfFile> open(const std::string& path);

  Elf* get() const { return elf_.get(); }
  const std::string& path() const { return path_; }
  const std::vector<ElfSegment>& segments() const { return segments_; }
  // Where an address lies in the file; nullopt when no segment (or no executable one) holds it.
  std::optional<uint64_t> file_offset(uint64_t address, bool executable_only) const;
  // Calls visit(Elf_Scn*, const GElf_Shdr&, const char* name) for every section.
  template <typename Visit> void each_section(Visit visit) const {
    size_t names = 0;
    if (elf_getshdrstrndx(elf_.get(), &names) != 0) return;
    for (Elf_Scn* section = elf_nextscn(elf_.get(), nullptr); section; section = elf_nextscn(elf_.get(), section)) {
      GElf_Shdr header;
      if (!gelf_getshdr(section, &header)) continue;
      const char* name = elf_strptr(elf_.get(), names, header.sh_name);
      visit(section, header, name ? name : "");
    }
  }

private:
  struct End {
    void operator()(Elf* elf) const { elf_end(elf); }
  };

  std::string path_;
  UniqueFd fd_;
  std::unique_ptr<Elf, End> elf_;
  std::vector<ElfSegment> segments_;
};

// Defined functions and objects of .symtab and .dynsym, of the separate debug file where the file itself has no .symtab;
// sorted by name, each once. Only names that match `pattern` (`*`: any text).
// `debug_dirs` are searched for debug files before the usual places.
Result<std::vector<ElfSymbol>> read_symbols(const std::string& path, const std::string& pattern = "*",
                                            const std::vector<std::string>& debug_dirs = {});
std::optional<uint64_t> read_file_offset(const std::string& path, uint64_t address);
// The sites of the .note.stapsdt sections, in file order.
Result<std::vector<UsdtSite>> read_usdt_sites(const std::string& path);

} // namespace trapline
