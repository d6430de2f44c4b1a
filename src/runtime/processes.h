// What processes have mapped where, remembered beyond their end.
#pragma once

#include "runtime/mapping_events.h"
#include "runtime/module_symbols.h"

#include <cstdint>
#include <deque>
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
  uint32_t device_major = 0, device_minor = 0;
  bool executable = false;
  std::string_view path; // "", "[vdso]", "/usr/lib/libc.so.6"
};
void parse_maps(std::string_view text, const std::function<void(const MapsLine&)>& visit);

// Two sources: what the kernel tells (processes that began while we listened) and /proc (older ones, when looked at).
class Processes : private MappingListener {
public:
  // Listens to the kernel from now on. Without it only processes that live long enough are known.
  Result<void> listen();
  // Readable when heard() should be called before something is missed.
  std::vector<int> fds() const;
  void heard(); // any thread
  // Grows when an answer of find() may have become another; listens first. Main thread.
  uint64_t changes();

  // This process will be asked about: looks at it unless it is known already. Any thread.
  void look_at(uint32_t pid);
  // Looks at the processes there are now, or at many of them: one may end right after its first event.
  void look_at_all();

  struct Place {
    ModuleSymbols* module = nullptr; // nullptr: nothing known is mapped there
    uint64_t linked_address = 0;
    bool is_generated = false;       // code without a file: a just-in-time compiler's
  };
  // Where an address of a process lies. Results stay valid as long as this. Main thread.
  Place find(uint32_t pid, uint64_t address);

private:
  // An executable mapping.
  struct Region {
    uint64_t start = 0, end = 0, offset = 0;
    ModuleSymbols* module = nullptr; // nullptr: generated code
    bool operator==(const Region&) const = default;
  };
  using Regions = std::vector<Region>;
  struct Process {
    std::vector<Regions> images = std::vector<Regions>(1); // one per exec, the last is current
    bool complete = false;          // the current image has all its regions
    bool wanted = false;            // asked about: kept after its end
    uint32_t parent = 0;
    uint64_t looked_at_ns = 0;
  };

  static constexpr size_t kImages = 8;          // remembered per process
  static constexpr size_t kUnwantedKept = 1024; // processes that have gone and may still be asked about

  // All with the lock held.
  void on_mapping_event(const MappingEvent&) override;
  void on_exit(uint32_t pid);
  bool look_in_proc(Process&, uint32_t pid);
  void complete(Process&, uint32_t pid);
  static void add_image(Process&, Regions);
  static void add_region(Regions&, const Region&);
  ModuleSymbols* module_of(uint32_t pid, const MapsLine&);
  static Place find_in(const Process&, uint64_t address);

  std::mutex mutex_;
  std::unique_ptr<MappingEvents> events_;
  std::unordered_map<std::string, std::unique_ptr<ModuleSymbols>> modules_; // by device and inode
  std::unordered_map<uint32_t, Process> processes_;
  std::deque<uint32_t> gone_; // unwanted processes that have ended, oldest first
  uint64_t changes_ = 0;
};

} // namespace trapline::runtime
