// Packets that skboutput() sent, written to their pcap files.
#pragma once

#include "program/program.h"
#include "support/result.h"
#include "support/unique_fd.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct perf_buffer;

namespace trapline::runtime {

class Packets {
public:
  // Makes the files anew. `map_fd` is that of object::kPackets.
  static Result<std::unique_ptr<Packets>> open(const Program&, int map_fd);
  Packets(const Packets&) = delete;
  Packets& operator=(const Packets&) = delete;
  ~Packets();

  // Writes what has come. An error once, when a file cannot be written any more.
  Result<void> take();
  // Packets that found the buffer full, since the last call.
  uint64_t take_lost();

  // A PacketHeader and what follows it.
  void write(std::span<const uint8_t> sample);

private:
  explicit Packets(const Program& program);

  struct File {
    UniqueFd fd;
    bool failed = false;
  };

  const Program& program_;
  int64_t wall_minus_boot_ns_;
  std::vector<File> files_; // by Program::packet_files
  perf_buffer* buffer_ = nullptr;
  uint64_t lost_ = 0;
  int error_ = 0;
};

} // namespace trapline::runtime
