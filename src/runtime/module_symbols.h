// Symbols of one ELF file (or of the vDSO), read on first use and shared by all processes that map it.
#pragma once

#include "support/unique_fd.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trapline::runtime {

class ModuleSymbols {
public:
  // Keeps the file open: it can be read after it was deleted or its process has gone. Without a descriptor there are no
  // symbols, unless the path is "[vdso]".
  ModuleSymbols(UniqueFd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  // As its processes know it.
  const std::string& path() const { return path_; }

  // The address, as linked, of the byte at `file_offset` of an executable segment that was mapped from there.
  uint64_t linked_address(uint64_t file_offset);
  // Whether an address as linked lies between the first and the last byte that is loaded.
  bool spans(uint64_t address);

  struct Found {
    const std::string* name = nullptr; // as in the file; nullptr: no symbol there
    uint64_t offset = 0;
  };
  // The function or object that holds an address as linked. Of several names for one place the plainest.
  Found find(uint64_t address);

private:
  struct Entry {
    uint64_t start;
    uint64_t size;
    uint32_t section, name; // where its name is
    uint32_t name_length;
    bool in_debug_file;
  };
  struct Segment {
    uint64_t address, offset, size;
    bool executable;
  };

  bool is_vdso() const { return path_ == "[vdso]"; }
  void read_segments();
  void read_symbols();
  std::string read_name(const Entry&) const;
  std::string file_path() const;

  static int on_symbol(size_t section, size_t name, size_t length, uint64_t start, uint64_t size, int debug_file, void* self);
  static int on_vdso_symbol(const char* name, uint64_t start, uint64_t size, void* self);

  UniqueFd file_;
  std::string path_;
  bool segments_read_ = false, symbols_read_ = false;
  std::vector<Segment> segments_; // by address
  std::vector<Entry> entries_; // by start
  std::vector<std::string> vdso_names_;
  std::unordered_map<uint64_t, std::string> names_; // found before, by start
};

// Of two names for one address the one people use: fewer leading underscores, then shorter, then alphabetical.
bool is_plainer(std::string_view a, std::string_view b);

} // namespace trapline::runtime
