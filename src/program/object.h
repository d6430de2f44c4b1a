// The contract between codegen and the runtime about the BPF object: names and layouts of what is not in Program::maps.
#pragma once

#include <cstdint>

namespace trapline::object {

// Internal maps, present only when the program needs them.
inline constexpr const char* kRing = "ring";          // RINGBUF: records (program.h, RecordHeader)
inline constexpr const char* kSites = "sites";        // PERCPU_ARRAY of u64: how often Program::sites[i] happened
inline constexpr const char* kPending = "pending";    // ARRAY of u64, BPF_F_MMAPABLE: how often action i found the ring
                                                      // full and must still be carried out (print, clear, zero, exit)
inline constexpr const char* kPendingValue = "pending_value"; // ARRAY of u64: exit status of a pending Exit action
inline constexpr const char* kScratch = "scratch";    // PERCPU_ARRAY of kScratchSlots slots; each starts with a busy word
inline constexpr const char* kSeenPids = "seen_pids"; // LRU_HASH u32 tgid -> u32: processes announced by PidSeen records
inline constexpr const char* kGlobals = "globals";    // ARRAY of one Globals, BPF_F_MMAPABLE

inline constexpr const char* kPackets = "packets";    // PERF_EVENT_ARRAY: a PacketHeader and the packet

inline constexpr uint32_t kScratchSlots = 8; // programs that may nest or preempt each other on one CPU

struct Globals {
  uint64_t start_ns;      // CLOCK_BOOTTIME when tracing began, for `elapsed`; set by the runtime before BEGIN
  uint64_t child_pid;     // of -c, for `cpid`
  uint64_t tai_offset_ns; // CLOCK_TAI minus CLOCK_BOOTTIME
  uint64_t own_pid;       // of trapline
};

struct PacketHeader {
  uint32_t file;   // index into Program::packet_files
  uint32_t length; // bytes of the packet that follow; more is padding
  uint64_t ns;     // since boot
};

// Records after the header:
//   Printf, Errorf, Warnf, PrintValue, Cat, System: Action::arguments at their offsets
//   PrintMap, Clear, Zero, Time: nothing
//   Exit: u64 status
//   PidSeen: u64 tgid
//   Join: u64 number of strings, then that many strings of kJoinLength bytes each (kJoinMax at most), NUL-terminated
inline constexpr uint32_t kJoinMax = 16, kJoinLength = 1024;

} // namespace trapline::object
