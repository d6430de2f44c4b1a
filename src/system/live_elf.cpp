// Opening ELF files and reading their symbol tables.
#include "system/live_elf.h"

#include "system/glob.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <tuple>

namespace trapline {

namespace {

constexpr uint16_t kHiddenVersion = 0x8000; // in .gnu.version: a symbol that only old programs link to

struct SymbolTable {
  Elf_Data* symbols = nullptr;
  Elf_Data* versions = nullptr; // may be absent
  size_t count = 0;
  uint32_t strings = 0;
};

// "memcpy@@GLIBC_2.14" as some .symtab write it: the default version; with one `@` an old one.
void split_version(ElfSymbol& symbol) {
  size_t at = symbol.name.find('@');
  if (at == std::string::npos || at == 0) return;
  symbol.is_default_version = symbol.name.compare(at, 2, "@@") == 0;
  symbol.name.resize(at);
}

std::optional<ElfSymbol> make_symbol(const ElfFile& file, const GElf_Sym& raw, const char* name) {
  unsigned char kind = GELF_ST_TYPE(raw.st_info);
  bool wanted = kind == STT_FUNC || kind == STT_GNU_IFUNC || kind == STT_OBJECT || kind == STT_NOTYPE;
  if (!wanted || raw.st_shndx == SHN_UNDEF || raw.st_shndx == SHN_ABS || raw.st_value == 0 || !*name)
    return std::nullopt;
  ElfSymbol symbol;
  symbol.name = name;
  symbol.address = raw.st_value;
  symbol.size = raw.st_size;
  symbol.is_function = kind == STT_FUNC || kind == STT_GNU_IFUNC;
  symbol.is_ifunc = kind == STT_GNU_IFUNC;
  symbol.file_offset = file.file_offset(raw.st_value, symbol.is_function).value_or(0);
  if (symbol.is_function && symbol.file_offset == 0) return std::nullopt;
  split_version(symbol);
  return symbol;
}

bool is_wanted(std::string_view name, std::string_view pattern) {
  if (pattern == "*") return true;
  if (size_t at = name.find('@'); at != 0) name = name.substr(0, at);
  return has_star(pattern) ? glob_match(pattern, name) : name == pattern;
}

struct Reading {
  const ElfFile& file; // whose segments say where an address lies
  const std::string& pattern;
  std::vector<ElfSymbol> symbols;
};

// `tables` may be a separate debug file; its addresses are those of the file itself.
void add_symbols(Reading& reading, const ElfFile& tables, const SymbolTable& table) {
  std::vector<ElfSymbol>& symbols = reading.symbols;
  if (reading.pattern == "*") symbols.reserve(symbols.size() + table.count);
  for (size_t i = 0; i < table.count; ++i) {
    GElf_Sym raw;
    if (!gelf_getsym(table.symbols, static_cast<int>(i), &raw)) break;
    const char* name = elf_strptr(tables.get(), table.strings, raw.st_name);
    if (!name || !is_wanted(name, reading.pattern)) continue;
    auto symbol = make_symbol(reading.file, raw, name);
    if (!symbol) continue;
    GElf_Versym version = 0;
    if (table.versions && gelf_getversym(table.versions, static_cast<int>(i), &version) && (version & kHiddenVersion) != 0)
      symbol->is_default_version = false;
    symbols.push_back(std::move(*symbol));
  }
}

// Finds the tables of type SHT_SYMTAB or SHT_DYNSYM. False when there is none.
bool add_tables(Reading& reading, const ElfFile& tables, uint32_t type) {
  std::vector<SymbolTable> found;
  Elf_Data* versions = nullptr;
  tables.each_section([&](Elf_Scn* section, const GElf_Shdr& header, const char*) {
    if (header.sh_type == SHT_GNU_versym && type == SHT_DYNSYM) versions = elf_getdata(section, nullptr);
    if (header.sh_type != type || header.sh_entsize == 0) return;
    if (Elf_Data* data = elf_getdata(section, nullptr))
      found.push_back({data, nullptr, header.sh_size / header.sh_entsize, header.sh_link});
  });
  for (SymbolTable& table : found) {
    table.versions = versions;
    add_symbols(reading, tables, table);
  }
  return !found.empty();
}

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

struct DebugLinks {
  std::string build_id; // "ab/cdef0123.debug"
  std::string name;     // of .gnu_debuglink
};

DebugLinks debug_links(const ElfFile& file) {
  DebugLinks links;
  file.each_section([&](Elf_Scn* section, const GElf_Shdr& header, const char* name) {
    bool is_id = header.sh_type == SHT_NOTE && std::strcmp(name, ".note.gnu.build-id") == 0;
    bool is_link = std::strcmp(name, ".gnu_debuglink") == 0;
    Elf_Data* data = is_id || is_link ? elf_getdata(section, nullptr) : nullptr;
    if (!data || !data->d_buf) return;
    if (is_link) {
      links.name.assign(static_cast<const char*>(data->d_buf), strnlen(static_cast<const char*>(data->d_buf), data->d_size));
      return;
    }
    GElf_Nhdr note;
    size_t name_at = 0, id_at = 0;
    if (gelf_getnote(data, 0, &note, &name_at, &id_at) == 0 || note.n_descsz < 2) return;
    const auto* id = static_cast<const unsigned char*>(data->d_buf) + id_at;
    links.build_id = fmt::format("{:02x}/", id[0]);
    for (size_t i = 1; i < note.n_descsz; ++i) links.build_id += fmt::format("{:02x}", id[i]);
    links.build_id += ".debug";
  });
  return links;
}

// Where a file's debug symbols may lie: the user's folders, then the usual places; by build id, then by the name in
// .gnu_debuglink. A leading `+` of a folder asks for a checksum test in other tools; a build id needs none.
std::vector<std::string> debug_files(const ElfFile& file, const std::vector<std::string>& debug_dirs) {
  const DebugLinks links = debug_links(file);
  const std::string directory = directory_of(file.path());
  std::vector<std::string> paths;
  for (std::string folder : debug_dirs) {
    if (folder.starts_with('+')) folder.erase(0, 1);
    if (!links.build_id.empty()) paths.push_back(folder + "/.build-id/" + links.build_id);
    if (links.name.empty()) continue;
    paths.push_back(folder + directory + links.name);
    paths.push_back(folder + "/" + links.name);
  }
  if (!links.build_id.empty()) paths.push_back("/usr/lib/debug/.build-id/" + links.build_id);
  if (links.name.empty()) return paths;
  paths.push_back(directory + ".debug/" + links.name);
  paths.push_back("/usr/lib/debug" + directory + links.name);
  return paths;
}

// The first eight bytes of a name as a number that orders like them.
uint64_t prefix_of(const std::string& name) {
  uint64_t word = 0;
  std::memcpy(&word, name.data(), std::min(name.size(), sizeof word));
  return __builtin_bswap64(word);
}

// Large libraries have tens of thousands of symbols: keys are sorted instead of symbols, and most differ in their prefix.
// Of those at one address the default version, then the larger comes first.
std::vector<ElfSymbol> sort_unique(std::vector<ElfSymbol> symbols) {
  struct Key {
    uint64_t prefix;
    ElfSymbol* symbol;
  };
  std::vector<Key> keys;
  keys.reserve(symbols.size());
  for (ElfSymbol& symbol : symbols) keys.push_back({prefix_of(symbol.name), &symbol});
  std::ranges::sort(keys, [](const Key& x, const Key& y) {
    if (x.prefix != y.prefix) return x.prefix < y.prefix;
    const ElfSymbol &a = *x.symbol, &b = *y.symbol;
    return std::tie(a.name, a.address, b.is_default_version, b.is_function, b.size) <
           std::tie(b.name, b.address, a.is_default_version, a.is_function, a.size);
  });
  auto identity = [](const ElfSymbol& s) {
    return std::tie(s.address, s.is_function, s.is_ifunc, s.is_default_version, s.name);
  };
  std::vector<ElfSymbol> sorted;
  sorted.reserve(symbols.size());
  for (const Key& key : keys) {
    if (sorted.empty() || identity(sorted.back()) != identity(*key.symbol)) sorted.push_back(std::move(*key.symbol));
  }
  return sorted;
}

} // namespace

Result<ElfFile> ElfFile::open(const std::string& path) {
  elf_version(EV_CURRENT);
  ElfFile file;
  file.path_ = path;
  file.fd_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.fd_) {
    int code = errno;
    return fail(fmt::format("cannot open {}: {}", path, std::strerror(code)), {}, code);
  }
  file.elf_.reset(elf_begin(file.fd_.get(), ELF_C_READ_MMAP, nullptr));
  if (!file.elf_ || elf_kind(file.elf_.get()) != ELF_K_ELF) return fail(fmt::format("{} is not an ELF file", path));
  size_t count = 0;
  if (elf_getphdrnum(file.elf_.get(), &count) != 0) return fail(fmt::format("{} has damaged program headers", path));
  for (size_t i = 0; i < count; ++i) {
    GElf_Phdr header;
    if (!gelf_getphdr(file.elf_.get(), static_cast<int>(i), &header) || header.p_type != PT_LOAD) continue;
    file.segments_.push_back({header.p_vaddr, header.p_offset, header.p_filesz, (header.p_flags & PF_X) != 0});
  }
  return file;
}

std::optional<uint64_t> ElfFile::file_offset(uint64_t address, bool executable_only) const {
  for (const ElfSegment& segment : segments_) {
    if (executable_only && !segment.is_executable) continue;
    if (address >= segment.address && address - segment.address < segment.file_size)
      return address - segment.address + segment.file_offset;
  }
  return std::nullopt;
}

Result<std::vector<ElfSymbol>> read_symbols(const std::string& path, const std::string& pattern, const std::vector<std::string>& debug_dirs) {
  auto file = ElfFile::open(path);
  if (!file) return std::unexpected(file.error());
  Reading reading{*file, pattern, {}};
  add_tables(reading, *file, SHT_DYNSYM);
  bool complete = add_tables(reading, *file, SHT_SYMTAB) || (!reading.symbols.empty() && !has_star(pattern));
  for (const std::string& debug : complete ? std::vector<std::string>{} : debug_files(*file, debug_dirs)) {
    auto tables = ElfFile::open(debug);
    if (tables && add_tables(reading, *tables, SHT_SYMTAB)) break;
  }
  return sort_unique(std::move(reading.symbols));
}

std::optional<uint64_t> read_file_offset(const std::string& path, uint64_t address) {
  auto file = ElfFile::open(path);
  return file ? file->file_offset(address, true) : std::nullopt;
}

} // namespace trapline
