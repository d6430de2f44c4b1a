// What the kernel tells about processes as it happens.
#include "runtime/mapping_events.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <tuple>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr size_t kDataPages = 16; // per CPU; must be a power of two
constexpr size_t kTrailer = 16;   // sample_id of every record: u32 pid, u32 tid, u64 time

template <typename T> T read_at(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

UniqueFd open_on(int cpu, uint32_t watermark) {
  perf_event_attr attributes{};
  attributes.type = PERF_TYPE_SOFTWARE;
  attributes.size = sizeof attributes;
  attributes.config = PERF_COUNT_SW_DUMMY;
  attributes.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  attributes.sample_id_all = 1;
  attributes.mmap = attributes.mmap2 = 1;
  attributes.comm = attributes.comm_exec = 1;
  attributes.task = 1;
  attributes.watermark = 1;
  attributes.wakeup_watermark = watermark;
  return UniqueFd(static_cast<int>(syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC)));
}

// The records of <linux/perf_event.h> that matter; false for the others.
bool decode(const uint8_t* record, MappingEvent& event) {
  const auto header = read_at<perf_event_header>(record);
  const uint8_t* body = record + sizeof header;
  switch (header.type) {
    case PERF_RECORD_MMAP2:
      event.kind = MappingEvent::Kind::Mapped;
      event.pid = read_at<uint32_t>(body);
      event.start = read_at<uint64_t>(body + 8);
      event.size = read_at<uint64_t>(body + 16);
      event.offset = read_at<uint64_t>(body + 24);
      event.device_major = read_at<uint32_t>(body + 32);
      event.device_minor = read_at<uint32_t>(body + 36);
      event.inode = read_at<uint64_t>(body + 40);
      event.path = reinterpret_cast<const char*>(body + 64); // after the inode's generation, protection and flags
      return true;
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT: { // u32 pid, ppid, tid, ptid
      const auto pid = read_at<uint32_t>(body), tid = read_at<uint32_t>(body + 8);
      event.kind = header.type == PERF_RECORD_FORK ? MappingEvent::Kind::Forked : MappingEvent::Kind::Exited;
      event.pid = pid;
      event.parent = read_at<uint32_t>(body + 4);
      return pid == tid; // not a thread
    }
    case PERF_RECORD_COMM:
      event.kind = MappingEvent::Kind::Executed;
      event.pid = read_at<uint32_t>(body);
      return (header.misc & PERF_RECORD_MISC_COMM_EXEC) != 0;
    default: return false;
  }
}

} // namespace

Result<std::unique_ptr<MappingEvents>> MappingEvents::open() {
  std::unique_ptr<MappingEvents> events(new MappingEvents);
  events->page_bytes_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  events->data_bytes_ = kDataPages * events->page_bytes_;
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (int cpu = 0; cpu < cpus; cpu++) {
    Buffer buffer{.fd = open_on(cpu, static_cast<uint32_t>(events->data_bytes_ / 2))};
    if (!buffer.fd && errno == ENODEV) continue; // offline
    if (!buffer.fd) return fail(fmt::format("cannot watch mappings: {}", std::strerror(errno)), {}, errno);
    void* memory = mmap(nullptr, events->data_bytes_ + events->page_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd.get(), 0);
    if (memory == MAP_FAILED) return fail(fmt::format("cannot watch mappings: {}", std::strerror(errno)), {}, errno);
    buffer.memory = static_cast<uint8_t*>(memory);
    events->buffers_.push_back(std::move(buffer));
  }
  return events;
}

MappingEvents::~MappingEvents() {
  for (const Buffer& buffer : buffers_) munmap(buffer.memory, data_bytes_ + page_bytes_);
}

std::vector<int> MappingEvents::fds() const {
  std::vector<int> fds;
  for (const Buffer& buffer : buffers_) fds.push_back(buffer.fd.get());
  return fds;
}

void MappingEvents::collect(Buffer& buffer) {
  auto* control = reinterpret_cast<perf_event_mmap_page*>(buffer.memory);
  const uint64_t head = __atomic_load_n(&control->data_head, __ATOMIC_ACQUIRE);
  uint64_t tail = control->data_tail;
  const uint8_t* data = buffer.memory + page_bytes_;
  while (tail < head) {
    const size_t from = tail % data_bytes_;
    const auto header = read_at<perf_event_header>(data + from); // 8 bytes, never split: records are aligned to 8
    if (header.size < sizeof header) break;
    const size_t at = records_.size();
    records_.resize(at + header.size + 1); // a NUL ends a path in any case
    const size_t first = std::min<size_t>(header.size, data_bytes_ - from);
    std::memcpy(records_.data() + at, data + from, first);
    std::memcpy(records_.data() + at + first, data, header.size - first);
    if (header.size >= sizeof header + kTrailer) order_.push_back({read_at<uint64_t>(records_.data() + at + header.size - 8), at});
    tail += header.size;
  }
  __atomic_store_n(&control->data_tail, head, __ATOMIC_RELEASE);
}

void MappingEvents::drain(MappingListener& listener) {
  for (Buffer& buffer : buffers_) collect(buffer);
  if (order_.empty()) return;
  std::sort(order_.begin(), order_.end(), [](const Collected& a, const Collected& b) { return std::tie(a.time, a.at) < std::tie(b.time, b.at); });
  for (const Collected& collected : order_) {
    MappingEvent event;
    if (decode(records_.data() + collected.at, event)) listener.on_mapping_event(event);
  }
  order_.clear();
  records_.clear();
}

} // namespace trapline::runtime
