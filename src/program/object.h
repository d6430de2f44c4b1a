// The contract between codegen and the runtime about the BPF object: names and layouts of what is not in Program::maps.
#pragma once

#include <cstdint>
#include <string>

namespace trapline::object {

// Internal maps, present only when the program needs them.
inline constexpr const char* kRing = "ring";          // RINGBUF: records (program.h, RecordHeader)
inline constexpr const char* kSites = "sites";        // PERCPU_ARRAY of SiteCounter, by index of Program::sites
inline constexpr const char* kLosses = "losses";      // PERCPU_ARRAY of u64, by RecordHeader::probe: records that found no room
inline constexpr const char* kPending = "pending";    // ARRAY of u64, BPF_F_MMAPABLE: how often action i found the ring
                                                      // full and must still be carried out (print, clear, zero, exit)
inline constexpr const char* kPendingValue = "pending_value"; // ARRAY of u64: exit status of a pending Exit action
inline constexpr const char* kScratch = "scratch";    // PERCPU_ARRAY of kScratchSlots slots; each starts with a busy word
inline constexpr const char* kSeenPids = "seen_pids"; // LRU_HASH u32 tgid -> u32: processes announced by PidSeen records
inline constexpr const char* kBanks = ".data.banks";  // Banks of each map that is cleared or zeroed while probes run, below
inline constexpr const char* kGlobals = "globals";    // ARRAY of one Globals, BPF_F_MMAPABLE

inline constexpr const char* kPackets = "packets";    // PERF_EVENT_ARRAY: a PacketHeader and the packet

inline constexpr uint32_t kScratchSlots = 8; // programs that may nest or preempt each other on one CPU

// How often something went wrong at one place of the script, and what the helper returned the last time.
struct SiteCounter {
  uint64_t count;
  int64_t code; // negative errno; 0: no helper was asked
};

// A map that is cleared or zeroed while probes run has two banks. Programs use bank `turn & 1`: entry 0 or 1 of a scalar
// map; of a keyed one the map MapSpec::bpf_name, or a second one like it. To clear, zero, or print in one step with either, a program
// turns to the other bank, so that what comes later in its own run or on another CPU is counted anew; the runtime
// waits until no program uses the old bank any more, reads it, and empties it for the next turn. Whoever takes the 1 out
// of `ready` may turn; the runtime puts it back when the other bank is empty. A program that finds 0 sends its
// record without having turned, and the runtime turns for it.
struct Banks {
  uint64_t turn = 0;
  uint64_t ready = 1;
};

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
// The name of the map that is the second bank.
inline std::string second_bank(const std::string& bpf_name) { return "b2" + bpf_name.substr(2); }

// Records after the header:
//   Printf, Errorf, Warnf, PrintValue, Cat, System: Action::arguments at their offsets
//   PrintMap, Clear, Zero: of a map with two banks, u64 `turn`: for PrintMap alone the current one, else the one the program
//     turned to, 0 if it did not turn. Of others nothing
//   Time: nothing
//   Exit: u64 status
//   PidSeen: u64 tgid
//   Join: u64 number of strings, then that many strings of kJoinLength bytes each (kJoinMax at most), NUL-terminated
inline constexpr uint32_t kJoinMax = 16, kJoinLength = 1024;

} // namespace trapline::object
