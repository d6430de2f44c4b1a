// Control actions that found the ring buffer full.
#include "runtime/pending.h"

#include <bpf/bpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace trapline::runtime {

Result<std::unique_ptr<Pending>> Pending::open(const Program& program, int map_fd, int value_fd) {
  const size_t count = program.actions.size();
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t bytes = (count * sizeof(uint64_t) + page - 1) / page * page;
  void* words = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
  if (words == MAP_FAILED) return fail(fmt::format("cannot map the notes of pending actions: {}", std::strerror(errno)), {}, errno);
  return std::unique_ptr<Pending>(new Pending(count, static_cast<uint64_t*>(words), bytes, value_fd));
}

Pending::~Pending() { munmap(words_, bytes_); }

void Pending::run(Actions& actions) {
  for (uint32_t action = 0; action < count_; action++) {
    if (__atomic_load_n(&words_[action], __ATOMIC_RELAXED) == 0) continue;
    __atomic_exchange_n(&words_[action], 0, __ATOMIC_ACQ_REL);
    uint64_t status = 0;
    if (value_fd_ >= 0) bpf_map_lookup_elem(value_fd_, &action, &status);
    actions.run_pending(action, status);
  }
}

} // namespace trapline::runtime
