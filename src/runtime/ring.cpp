// The ring buffer's reader: a thread that only copies records out.
#include "runtime/ring.h"

#include <algorithm>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>

namespace trapline::runtime {
namespace {

constexpr size_t kHandOver = 256 * 1024; // copied bytes that are handed over while more records wait
constexpr int kPollMs = 100;              // programs may leave a record without waking the reader

void signal_event(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

void reset_event(int fd) {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd, &count, sizeof count);
}

} // namespace

void Batch::add(std::span<const uint8_t> record) {
  const uint64_t length = record.size();
  const size_t at = bytes_.size();
  bytes_.resize(at + sizeof length + ((record.size() + 7) & ~size_t{7}));
  std::memcpy(bytes_.data() + at, &length, sizeof length);
  std::memcpy(bytes_.data() + at + sizeof length, record.data(), record.size());
}

void Batch::for_each(const std::function<void(std::span<const uint8_t>)>& visit) const {
  for (size_t at = 0; at < bytes_.size();) {
    uint64_t length = 0;
    std::memcpy(&length, bytes_.data() + at, sizeof length);
    at += sizeof length;
    visit({bytes_.data() + at, length});
    at += (length + 7) & ~uint64_t{7};
  }
}

void RingReader::FreeRing::operator()(ring_buffer* ring) const { ring_buffer__free(ring); }

Result<std::unique_ptr<RingReader>> RingReader::open(int map_fd, const Program& program, Duties duties) {
  std::unique_ptr<RingReader> reader(new RingReader(program, std::move(duties)));
  reader->ring_.reset(ring_buffer__new(map_fd, on_record, reader.get(), nullptr));
  reader->ready_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  reader->stop_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!reader->ring_ || !reader->ready_ || !reader->stop_) {
    return fail(fmt::format("cannot read the ring buffer: {}", std::strerror(errno)), {}, errno);
  }
  return reader;
}

RingReader::~RingReader() { stop(); }

int RingReader::on_record(void* self, void* data, size_t size) {
  auto* reader = static_cast<RingReader*>(self);
  const std::span<const uint8_t> record(static_cast<const uint8_t*>(data), size);
  RecordHeader header{};
  if (size < sizeof header) return 0;
  std::memcpy(&header, data, sizeof header);
  const std::vector<Action>& actions = reader->program_.actions;
  if (header.action < actions.size() && actions[header.action].kind == ActionKind::PidSeen) {
    uint32_t tgid = 0;
    if (size >= sizeof header + sizeof tgid) std::memcpy(&tgid, record.data() + sizeof header, sizeof tgid);
    reader->duties_.pid_seen(tgid);
    return 0;
  }
  reader->copied_.add(record);
  if (reader->copied_.size() >= kHandOver) reader->hand_over();
  return 0;
}

void RingReader::hand_over() {
  if (copied_.empty()) return;
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [this] { return queue_.size() < kQueueLimit || stopping_; });
  const bool was_empty = queue_.empty();
  if (was_empty) {
    queue_.swap(copied_);
  } else {
    queue_.append(copied_);
  }
  copied_.clear();
  lock.unlock();
  if (was_empty) signal_event(ready_.get());
}

void RingReader::start() {
  thread_ = std::thread([this] { run(); });
}

void RingReader::run() {
  if (duties_.at_start) duties_.at_start();
  std::vector<pollfd> wait = {{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                              {.fd = ring_buffer__epoll_fd(ring_.get()), .events = POLLIN, .revents = 0}};
  for (const int fd : duties_.fds) wait.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  for (;;) {
    ring_buffer__consume(ring_.get());
    hand_over();
    if (wait[0].revents != 0) return;
    if (std::any_of(wait.begin() + 2, wait.end(), [](const pollfd& other) { return other.revents != 0; })) duties_.fds_ready();
    if (::poll(wait.data(), wait.size(), kPollMs) < 0 && errno != EINTR) return;
  }
}

void RingReader::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  taken_.notify_one();
  signal_event(stop_.get());
  thread_.join();
}

void RingReader::take(Batch& batch) {
  reset_event(ready_.get());
  batch.clear();
  {
    const std::lock_guard lock(mutex_);
    batch.swap(queue_);
  }
  taken_.notify_one();
}

void RingReader::drain(Batch& batch) {
  ring_buffer__consume(ring_.get());
  hand_over();
  take(batch);
}

} // namespace trapline::runtime
