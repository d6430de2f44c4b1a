// The pcap format, as https://www.tcpdump.org/manpages/pcap-savefile.5.html describes it: a header, then each packet behind
// one of its own, in the machine's byte order.
#include "runtime/packets.h"

#include "program/object.h"

#include <algorithm>
#include <array>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/uio.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr size_t kPagesPerCpu = 64;

struct FileHeader {
  uint32_t magic = 0xa1b23c4d; // times in nanoseconds
  uint16_t major = 2, minor = 4;
  uint32_t reserved[2] = {};
  uint32_t longest = 65535;
  uint32_t link_type = 101; // LINKTYPE_RAW: an IP header comes first
};

struct PacketRecord {
  uint32_t seconds, nanoseconds, captured, length;
};

int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

void on_sample(void* packets, int /*cpu*/, void* data, uint32_t size) {
  static_cast<Packets*>(packets)->write({static_cast<const uint8_t*>(data), size});
}

} // namespace

Packets::Packets(const Program& program)
    : program_(program), wall_minus_boot_ns_(nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME)) {}

Packets::~Packets() { perf_buffer__free(buffer_); }

Result<std::unique_ptr<Packets>> Packets::open(const Program& program, int map_fd) {
  std::unique_ptr<Packets> packets(new Packets(program));
  for (const PacketFile& file : program.packet_files) {
    UniqueFd fd(::open(file.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    const FileHeader header;
    if (!fd || ::write(fd.get(), &header, sizeof header) != sizeof header) {
      return fail(fmt::format("cannot write `{}`: {}", file.path, std::strerror(errno)), {}, errno);
    }
    packets->files_.push_back({std::move(fd)});
  }
  const auto on_lost = [](void* self, int, __u64 count) { static_cast<Packets*>(self)->lost_ += count; };
  packets->buffer_ = perf_buffer__new(map_fd, kPagesPerCpu, on_sample, on_lost, packets.get(), nullptr);
  if (!packets->buffer_) return fail(fmt::format("the buffer for packets cannot be made: {}", std::strerror(errno)), {}, errno);
  return packets;
}

Result<void> Packets::take() {
  perf_buffer__consume(buffer_);
  const int error = std::exchange(error_, 0);
  if (error == 0) return {};
  return fail(fmt::format("packets cannot be written any more: {}", std::strerror(error)), {}, error);
}

uint64_t Packets::take_lost() { return std::exchange(lost_, 0); }

void Packets::write(std::span<const uint8_t> sample) {
  object::PacketHeader header;
  if (sample.size() < sizeof header) return;
  std::memcpy(&header, sample.data(), sizeof header);
  if (header.file >= files_.size() || files_[header.file].failed) return;
  const std::span<const uint8_t> whole = sample.subspan(sizeof header).first(std::min<size_t>(header.length, sample.size() - sizeof header));
  const std::span<const uint8_t> packet = whole.subspan(std::min<size_t>(program_.packet_files[header.file].offset, whole.size()));

  const int64_t wall = static_cast<int64_t>(header.ns) + wall_minus_boot_ns_;
  const auto length = static_cast<uint32_t>(packet.size());
  PacketRecord record{static_cast<uint32_t>(wall / 1'000'000'000), static_cast<uint32_t>(wall % 1'000'000'000), length, length};
  const std::array<iovec, 2> parts{{{&record, sizeof record}, {const_cast<uint8_t*>(packet.data()), packet.size()}}};
  const ssize_t written = writev(files_[header.file].fd.get(), parts.data(), parts.size());
  if (written == static_cast<ssize_t>(sizeof record + packet.size())) return;
  error_ = written < 0 ? errno : ENOSPC;
  files_[header.file].failed = true;
}

} // namespace trapline::runtime
