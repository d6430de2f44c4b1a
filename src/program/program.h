// What the compiler hands to the runtime: plain data, no LLVM, no libbpf, no syntax tree.
#pragma once

#include "support/source.h"
#include "types/type.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trapline {

// --- maps

enum class MapKind : uint8_t { Hash, PerCpuHash, Array, PerCpuArray, LruHash, LruPerCpuHash, RingBuffer };

// One of the script's maps. The BPF map of the same index is named `bpf_name` in the object.
//   scalar maps (keyed == false): Array or PerCpuArray of one entry. Value layout: the value padded to 8 bytes, then for
//     Array a u64 that is 1 once the map was assigned (0: the map does not exist and is not printed). PerCpuArray
//     aggregations have no such word: a copy is present if its count/updates/set/any slot is not 0.
//   keyed maps: Hash or PerCpuHash (or LRU); key layout per types/type.h, padded to 8 bytes if larger than 8.
struct MapSpec {
  std::string name;     // "@x", "@"
  std::string bpf_name; // at most 15 characters
  MapKind kind = MapKind::Hash;
  bool keyed = false;
  Type key;             // a Tuple when several keys were written; Void when scalar
  Type value;
  uint32_t key_size = 4, value_size = 8; // bytes of the BPF map's key and value
  uint32_t max_entries = 1;
  uint32_t flags = 0;   // BPF_F_*
  bool internal = false; // not the script's: never printed
  int32_t banks = -1;    // cleared or zeroed while probes run: index of its words in object::kBanks; -1: it has one bank
  Span span;            // first use
};

// --- probes

enum class ProgramType : uint8_t { RawTracepoint, Tracepoint, Kprobe, PerfEvent, RawTracepointBtf, UprobeMulti };

// One thing a program is attached to. Which fields count is the provider's business (probes/<provider>.cpp).
struct Target {
  std::string name;     // what `probe` prints: "tracepoint:sched:sched_switch"
  std::string function; // what `func` prints where it is known at compile time
  std::string path;     // file, tracepoint system
  std::string event;    // symbol, tracepoint, software event
  uint64_t offset = 0;  // file offset of a uprobe; config of a perf event
  uint64_t ref_ctr_offset = 0; // USDT semaphore
  uint64_t period = 0;  // perf events: nanoseconds, or a frequency when `is_frequency`, or a count
  uint64_t cookie = 0;  // index into Program::probe_names, read back by bpf_get_attach_cookie
  bool is_return = false;
  bool is_frequency = false;
};

enum class ProbeRole : uint8_t {
  Normal,    // attached
  Begin, End, // run once, before and after
  Signal,    // run when trapline gets the signal
  Test, Benchmark,
};

struct ProbeSpec {
  std::string provider;      // registry name
  std::string function_name; // symbol in the object, unique
  std::string section;       // libbpf section name
  ProgramType type = ProgramType::RawTracepoint;
  ProbeRole role = ProbeRole::Normal;
  std::vector<Target> targets;
  uint32_t block = 0; // index of the script's block, in source order
  Span span;
};

// --- actions

enum class ActionKind : uint8_t {
  Printf, Errorf, Warnf, PrintValue, PrintMap, Clear, Zero, Time, Join, Cat, System, Exit,
  PidSeen, // a process is about to be needed for symbols: look at it while it lives
};

// One step of the arithmetic that a %f conversion does in user space, in reverse Polish order.
struct FormulaStep {
  enum class Kind : uint8_t { Argument, Number, Negate, Add, Subtract, Multiply, Divide, Choose };
  Kind kind = Kind::Argument; // Argument: the next one of the record. Choose: condition, then, otherwise
  uint64_t bits = 0;          // Number
  bool is_signed = false;
};

// A name of some bits, for %gr.
struct FlagName {
  std::string name;
  uint64_t bits = 0;
};

// One piece of a printf format.
struct FormatPiece {
  std::string literal; // text before the conversion, `%%` already resolved
  bool has_conversion = false;
  bool left = false, zero = false, alternate = false, plus = false, space = false;
  int width = -1;     // -1: none
  int precision = -1; // -1: none
  bool width_argument = false, precision_argument = false; // `*`: taken from the arguments, before the value
  std::string length; // hh h l ll j z t
  std::string conversion; // d i u x X o c s p r rx rh gr a e f g A E F G
  std::vector<FormulaStep> formula;   // a e f g: how the value follows from the arguments; at least one step
  std::vector<FlagName> flag_names;   // gr: names of several bits before those of one
};

// How a map is printed.
struct MapPrint {
  enum class By : uint8_t { Usual, Key, Value };
  int64_t top = 0, divisor = 1; // top: the largest ones; 0 is all
  By by = By::Usual;            // Usual: numbers and aggregations by value, everything else by key
  bool descending = false;
  std::vector<uint32_t> percentiles; // of histograms, in thousandths of a percent
  bool only_percentiles = false;     // and not the histogram
};

struct Action {
  struct Argument {
    Type type;
    uint32_t offset = 0; // bytes from the start of the record
    // How many bytes are really there, when the record is shorter than the type's size: strings are written at their
    // capacity.
  };
  ActionKind kind = ActionKind::Printf;
  std::vector<FormatPiece> format;   // Printf, Errorf, Warnf, Cat, System; Time: one literal, the strftime format
  std::vector<Argument> arguments;
  uint32_t map = 0;      // PrintMap, Clear, Zero: index into Program::maps
  MapPrint print;        // PrintMap
  // PrintMap: nothing, or the Clear or Zero of the same map that the script does next; one step then, in which no update
  // is lost or counted twice.
  enum class Then : uint8_t { Nothing, Clear, Zero } then = Then::Nothing;
  std::string separator; // Join
  uint32_t record_size = 8; // bytes, including the header
  Span span;
};

// Every record starts so.
struct RecordHeader {
  uint32_t action; // index into Program::actions
  uint32_t probe;  // index into Program::probe_names of the event
};
static_assert(sizeof(RecordHeader) == 8);

// --- run-time errors: counted per site in the internal map object::kSites

enum class SiteKind : uint8_t { MapFull, DivisionByZero, OutOfBounds, HelperFailure, ScratchExhausted, DeleteFailed, MissingKey, NoChild };

struct Site {
  SiteKind kind = SiteKind::HelperFailure;
  std::string detail; // map name, helper name without `bpf_`
  uint32_t probe_block = 0;
  Span span;
};

// Where skboutput() writes packets to: a pcap file of packets that begin with their IP header.
struct PacketFile {
  std::string path;
  uint64_t offset = 0; // bytes left out at the start of each packet
  bool operator==(const PacketFile&) const = default;
};

struct Program {
  std::string object; // ELF bytes
  std::vector<MapSpec> maps; // the script's, in name order
  std::vector<ProbeSpec> probes; // in attach order
  std::vector<std::string> probe_names; // attach points, by cookie
  std::vector<Action> actions;
  std::vector<std::string> strings; // interned
  std::vector<Site> sites;
  std::vector<PacketFile> packet_files;
  // Bits 0.. of `pending` in the internal array map "pending": actions that found the ring buffer full and must still
  // be carried out; the runtime polls them.
  bool uses_ring_buffer = false;
  bool uses_elapsed = false;  // global `start_ns` in .data must be set before BEGIN
  uint32_t ring_buffer_bytes = 0;
  bool needs_user_symbols = false, needs_kernel_symbols = false;
  // Settings of the config block and environment that the runtime follows.
  struct Settings {
    uint32_t max_strlen = 1024, max_cat_bytes = 10240, max_map_keys = 4096;
    std::string str_trunc_trailer = "..";
    bool print_maps_on_exit = true, cpp_demangle = true;
    // config missing_probes. None set: a wildcard's refused targets are left out with a warning, a probe attached nowhere
    // is an error. error: every refused target is one; warn: none is, with warnings; ignore: without.
    bool missing_probes_error = false, missing_probes_warn = false, missing_probes_silent = false;
    uint32_t max_probes = 1024, max_bpf_progs = 1024; // attach points and BPF programs at most
    std::string license = "GPL";
    uint32_t log_size = 0;       // bytes of the verifier's log; 0: ample
    uint32_t on_stack_limit = 0; // larger objects leave the BPF stack; 0: as code generation likes
    StackMode stack_mode = StackMode::Bpftrace; // of kstack and ustack without a mode
    uint32_t perf_rb_pages = 0;                 // pages of the ring buffer; 0: our default
    std::vector<uint32_t> hist_percentiles;     // printed under every histogram, in thousandths of a percent
  } settings;
};

// Readable text, what --dump=program prints. Without the object's bytes.
std::string dump(const Program&);

} // namespace trapline
