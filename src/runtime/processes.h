// What processes have mapped where, remembered beyond their end.
#pragma once

#include "runtime/module_symbols.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace trapline::runtime {

// One line of /proc/PID/maps.
struct MapsLine {
  uint64_t start = 0, end = 0, offset = 0, inode = 0;
  std::string_view device;
  bool writable = false, executable = false;
  std::string_view path; // "", "[vdso]", "/usr/lib/libc.so.6"
};
void parse_maps(std::string_view text, const std::function<void(const MapsLine&)>& visit);

class Processes {
public:
  // Looks at a process while it lives. Any thread.
  void look_at(uint32_t pid);

  struct Place {
    ModuleSymbols* module = nullptr; // nullptr: nothing known is mapped there
    uint64_t linked_address = 0;
    bool is_generated = false;       // code without a file: a just-in-time compiler's
  };
  // Where an address of a process lies. Looks again at a live process whose mappings do not hold it. Results stay valid
  // as long as this. Main thread.
  Place find(uint32_t pid, uint64_t address);

private:
  // One file mapped at consecutive addresses: its segments and the zero-initialised data behind them.
  struct Region {
    uint64_t start = 0, end = 0;
    uint64_t code_start = 0, code_offset = 0; // the executable mapping: address and offset in the file
    ModuleSymbols* module = nullptr;          // nullptr: generated code
    bool operator==(const Region&) const = default;
  };
  using Regions = std::vector<Region>; // by address
  struct Process {
    std::vector<Regions> seen; // oldest first: exec and dlopen change them
    uint64_t looked_at_ns = 0;
  };
  class RegionBuilder;

  static constexpr size_t kKept = 8; // mappings of one process that are remembered

  // With the lock held.
  Regions read_regions(uint32_t pid);
  ModuleSymbols* module_of(uint32_t pid, const MapsLine&);
  const Region* find_region(const Process&, uint64_t address) const;
  void remember(Process&, Regions);

  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<ModuleSymbols>> modules_; // by device and inode
  std::unordered_map<uint32_t, Process> processes_;
};

} // namespace trapline::runtime
