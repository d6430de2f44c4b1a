// The ring buffer's reader: a thread that only copies records out, so that slow output does not make the kernel lose
// any. The session's thread takes them in batches, in the ring's order.
#pragma once

#include "program/program.h"
#include "support/result.h"
#include "support/unique_fd.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

struct ring_buffer;

namespace trapline::runtime {

// Records one after the other, each behind its length, at addresses divisible by 8.
class Batch {
public:
  void add(std::span<const uint8_t> record);
  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }
  void clear() { bytes_.clear(); }
  void swap(Batch& other) { bytes_.swap(other.bytes_); }
  void append(const Batch& other) { bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end()); }
  void for_each(const std::function<void(std::span<const uint8_t>)>& visit) const;

private:
  std::vector<uint8_t> bytes_;
};

class RingReader {
public:
  // What else the thread looks after; all is called there.
  struct Duties {
    std::function<void()> at_start;              // once, before the first record
    std::function<void(uint32_t tgid)> pid_seen; // for every PidSeen record, while the process is likely to be alive
    std::vector<int> fds;                        // other files to wait for
    std::function<void()> fds_ready;             // one of them is readable
  };

  static Result<std::unique_ptr<RingReader>> open(int map_fd, const Program&, Duties);
  ~RingReader();

  void start();
  // Ends the thread after it has copied what is in the ring.
  void stop();
  // Readable when take() has something.
  int ready_fd() const { return ready_.get(); }
  // Moves everything copied so far to `batch`, whose former contents are dropped.
  void take(Batch& batch);
  // Without the thread: copies what is in the ring now and takes it.
  void drain(Batch& batch);

private:
  static constexpr size_t kQueueLimit = 64 << 20; // bytes copied and not taken; beyond, the kernel's ring fills up

  RingReader(const Program& program, Duties duties) : program_(program), duties_(std::move(duties)) {}
  static int on_record(void* self, void* data, size_t size);
  void run();
  // Makes what was copied visible to take().
  void hand_over();

  struct FreeRing {
    void operator()(ring_buffer*) const;
  };

  const Program& program_;
  Duties duties_;
  std::unique_ptr<ring_buffer, FreeRing> ring_;
  UniqueFd ready_, stop_;
  Batch copied_; // reader's
  std::mutex mutex_;
  std::condition_variable taken_;
  Batch queue_;  // under mutex_
  bool stopping_ = false; // under mutex_
  std::thread thread_;
};

} // namespace trapline::runtime
