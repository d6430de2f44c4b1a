#include "runtime/globals.h"

#include "program/object.h"

#include <bpf/bpf.h>
#include <unistd.h>

namespace trapline::runtime {

uint64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

void set_globals(const LoadedObject& object, uint64_t child_pid) {
  const int fd = object.map_fd(object::kGlobals);
  if (fd < 0) return;
  const uint64_t boot = nanoseconds(CLOCK_BOOTTIME);
  const object::Globals globals{.start_ns = boot,
                                .child_pid = child_pid,
                                .tai_offset_ns = nanoseconds(CLOCK_TAI) - boot,
                                .own_pid = static_cast<uint64_t>(getpid())};
  const uint32_t zero_key = 0;
  bpf_map_update_elem(fd, &zero_key, &globals, BPF_ANY);
}

} // namespace trapline::runtime
