// What the kernel tells about processes as it happens: executable mappings, forks, exec, exit. A process that lives for
// half a millisecond cannot be looked at in /proc; its mappings are known nevertheless.
#pragma once

#include "support/result.h"
#include "support/unique_fd.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace trapline::runtime {

struct MappingEvent {
  enum class Kind : uint8_t { Mapped, Forked, Executed, Exited };
  Kind kind = Kind::Mapped;
  uint32_t pid = 0;    // tgid
  uint32_t parent = 0; // Forked
  uint64_t start = 0, size = 0, offset = 0; // Mapped: executable memory
  uint32_t device_major = 0, device_minor = 0;
  uint64_t inode = 0;
  std::string_view path; // "//anon", "[vdso]", "/usr/lib/libc.so.6"; valid during the call
};

class MappingListener {
public:
  virtual ~MappingListener() = default;
  virtual void on_mapping_event(const MappingEvent&) = 0;
};

// A software perf event on every CPU, for all processes.
class MappingEvents {
public:
  static Result<std::unique_ptr<MappingEvents>> open();
  ~MappingEvents();

  // Readable when a buffer is half full.
  std::vector<int> fds() const;
  // Delivers what was recorded, oldest first over all CPUs.
  void drain(MappingListener&);

private:
  struct Buffer {
    UniqueFd fd;
    uint8_t* memory = nullptr;
  };
  MappingEvents() = default;
  void collect(Buffer&);

  std::vector<Buffer> buffers_;
  size_t data_bytes_ = 0, page_bytes_ = 0;
  std::vector<uint8_t> records_; // collected, one after the other
  struct Collected {
    uint64_t time;
    size_t at;
  };
  std::vector<Collected> order_;
};

} // namespace trapline::runtime
