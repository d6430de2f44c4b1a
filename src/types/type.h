// The language's types as values. A Type says how many bytes a stored value takes and how they read; it knows nothing
// of LLVM, BPF maps or printing. Copying is cheap: nested parts are shared and immutable.
//
// Layout of stored values (map keys, map values, record arguments), little-endian, natural alignment, padding zeroed:
//   Int, Bool, Enum, Pointer      `size` bytes
//   String                        `size` bytes, NUL-terminated unless the text fills them
//   Buffer                        u32 length, then size-4 bytes
//   Array, Struct                 as in C
//   Tuple                         (also with named members, a record) as a C struct with these members, those that do not fit a register at multiples of 8
//   KStack                        u64 frame count, then `count` u64 addresses, innermost first, zero-filled
//   UStack                        u64 frame count, u32 pid (tgid), u32 zero, then `count` u64 addresses; in mode BuildId
//                                 `count` frames as the kernel's bpf_stack_build_id: s32 status (1: as follows, 2: only the
//                                 address is known), 20 bytes of build id, u64 offset in the file or address
//   KSym                          u64 address
//   USym                          u64 address, u32 pid (tgid), u32 zero
//   Probe                         u64 index into Program::probe_names
//   Inet                          u64 address family (AF_INET, AF_INET6), 16 bytes of address in network order
//   Mac                           6 bytes;  Username  u64 uid
//   CgroupPath                    u64 id, u32 index into Program::strings (a pattern for hierarchies, may be empty), u32 zero
//   Timestamp                     u64 ns since boot, u32 index into Program::strings (the strftime format), u32 Clock
//                                 (`ns since boot` holds for Clock::Boot)
// Aggregations exist only as map values, one copy per CPU:
//   Count                         u64 count
//   Sum                           i64 or u64 total, u64 number of updates
//   Min, Max                      i64 or u64 value, u64 set (0 or 1)
//   Avg, Stats                    i64 or u64 total, u64 count
//   Hist                          (see hist_buckets) u64 counts: [0] negatives, then buckets
//   LHist                         u64 counts: [0] below min, steps, [last] at or above max
//   TSeries                       `count` intervals of three words: which interval this is (its number since the TAI epoch;
//                                 0: none), i64 or u64 value, and for Avg how many, for Last when
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

enum class Kind : uint8_t {
  Error, // poison: an error was already reported; everything accepts it silently
  Void,
  Int,
  Bool,
  Enum,
  Pointer,
  String,
  Buffer,
  Array,
  Struct,
  Tuple,
  KStack,
  UStack,
  KSym,
  USym,
  Probe, // the builtin `probe`: an index in the kernel, a string everywhere else
  Inet,
  Mac,
  Username,
  CgroupPath,
  Timestamp,
  Count,
  Sum,
  Min,
  Max,
  Avg,
  Stats,
  Hist,
  LHist,
  TSeries,
};

// Where a pointer points, and so how it is read.
enum class AddressSpace : uint8_t {
  None,   // unknown: read as the probe type suggests
  Kernel, // bpf_probe_read_kernel
  User,   // bpf_probe_read_user
  Btf,    // a pointer the verifier tracks: plain loads. Only inside one expression; stored, it becomes Kernel
};

enum class StackMode : uint8_t { Bpftrace, Perf, Raw, BuildId };

// What a time series keeps of the values of one interval.
enum class SeriesOf : uint8_t { Last, Avg, Max, Min, Sum };

// What a number of nanoseconds counts from, for strftime().
enum class Clock : uint8_t { Boot, Monotonic, Tai };

struct Type;

struct EnumType {
  std::string name;
  struct Value {
    std::string name;
    int64_t value;
  };
  std::vector<Value> values;
  // A set of flags instead of one of the values: a number prints as the names of its bits, in the order of `values`, joined
  // by `|`. Values of several bits come before those of the bits alone. The bits of `field` are a number among the flags,
  // whose values come first.
  bool is_flags = false;
  uint64_t field = 0;
};

struct Field {
  std::string name; // empty for an anonymous struct or union member
  std::shared_ptr<const Type> type;
  uint32_t offset = 0;     // bytes from the start of the struct
  uint8_t bit_offset = 0;  // bit-fields: bits from `offset` (little-endian numbering)
  uint8_t bit_width = 0;   // 0: not a bit-field
};

// A struct or union. Fields are made on first use: kernel structs are large and mostly untouched.
class StructType {
public:
  virtual ~StructType() = default;
  virtual const std::string& name() const = 0; // with its keyword: "struct task_struct"
  virtual uint32_t size() const = 0;
  virtual uint32_t alignment() const = 0;
  virtual const std::vector<Field>& fields() const = 0;
};

// A struct whose fields are known up front: the script's own, a tuple of tracepoint fields, tests.
class PlainStruct final : public StructType {
public:
  PlainStruct(std::string name, uint32_t size, uint32_t alignment, std::vector<Field> fields)
      : name_(std::move(name)), size_(size), alignment_(alignment), fields_(std::move(fields)) {}
  const std::string& name() const override { return name_; }
  uint32_t size() const override { return size_; }
  uint32_t alignment() const override { return alignment_; }
  const std::vector<Field>& fields() const override { return fields_; }

private:
  std::string name_;
  uint32_t size_;
  uint32_t alignment_;
  std::vector<Field> fields_;
};

struct Type {
  Kind kind = Kind::Error;
  bool is_signed = false; // Int, Enum, and the aggregations that keep values
  AddressSpace space = AddressSpace::None;
  StackMode stack_mode = StackMode::Bpftrace;
  Clock clock = Clock::Boot; // Int: if it is a time. No part of what the type is: equal types may differ
  uint32_t size = 0;  // bytes of a stored value
  uint32_t count = 0; // Array: elements (0: flexible); KStack, UStack: frames at most; Hist: bits (buckets per power of two = 1 << bits); TSeries: intervals
  int64_t min = 0, max = 0, step = 0; // LHist; TSeries: step is the length of an interval in ns
  SeriesOf series = SeriesOf::Last;   // TSeries
  std::shared_ptr<const Type> element;               // Pointer: pointee; Array: element
  std::shared_ptr<const StructType> record;          // Struct (also unions)
  std::shared_ptr<const std::vector<Type>> members;  // Tuple
  std::shared_ptr<const std::vector<std::string>> names; // Tuple: of its members, if it is a record; else null
  std::shared_ptr<const EnumType> enumeration;       // Enum

  static Type error() { return {}; }
  static Type void_();
  static Type integer(uint32_t bytes, bool is_signed);
  static Type boolean();
  static Type string(uint32_t capacity); // capacity counts the NUL
  static Type buffer(uint32_t bytes);    // bytes of data; the length word is added
  static Type pointer(Type pointee, AddressSpace space);
  static Type array(Type element, uint32_t count);
  static Type structure(std::shared_ptr<const StructType>);
  static Type tuple(std::vector<Type> members);
  static Type named_tuple(std::vector<std::string> names, std::vector<Type> members); // a record
  // This tuple or record with other member types.
  Type with_members(std::vector<Type> members) const;
  static Type enumerated(std::shared_ptr<const EnumType>, uint32_t bytes, bool is_signed);
  static Type kstack(StackMode, uint32_t frames);
  static Type ustack(StackMode, uint32_t frames);
  static Type simple(Kind kind); // KSym USym Probe Inet Mac Username CgroupPath Timestamp
  static Type aggregate(Kind kind, bool is_signed); // Count Sum Min Max Avg Stats
  static Type hist(uint32_t bits);
  static Type lhist(int64_t min, int64_t max, int64_t step);
  static Type tseries(SeriesOf, bool is_signed, int64_t interval_ns, uint32_t intervals);

  bool is(Kind k) const { return kind == k; }
  bool is_error() const { return kind == Kind::Error; }
  bool is_integral() const { return kind == Kind::Int || kind == Kind::Bool || kind == Kind::Enum; }
  // Held in a register as 64 bits; everything else lives in memory.
  bool is_scalar() const { return is_integral() || kind == Kind::Pointer || kind == Kind::Probe || kind == Kind::KSym ||
                                  kind == Kind::Username; }
  bool is_aggregate() const { return kind >= Kind::Count; }
  bool is_castable_aggregate() const { return kind >= Kind::Count && kind <= Kind::Avg; }
  bool is_histogram() const { return kind == Kind::Hist || kind == Kind::LHist; }
  bool is_stack() const { return kind == Kind::KStack || kind == Kind::UStack; }
  // Kept per CPU and merged when read.
  bool is_per_cpu() const { return is_aggregate(); }
  bool is_named_tuple() const { return kind == Kind::Tuple && names; }
  // Of a record's member by name.
  std::optional<uint32_t> member_index(std::string_view name) const;
  uint32_t alignment() const;
};

// Structural equality, ignoring address spaces and, for strings and buffers, nothing else.
bool operator==(const Type& a, const Type& b);

// As diagnostics and dumps print it: int64, string[64], struct task_struct *, (uint32, string[16]), hist_t.
std::string to_string(const Type&);

// Byte offset of each tuple member.
std::vector<uint32_t> tuple_offsets(const Type& tuple);

// How many u64 slots a Hist with 2^bits buckets per power of two has. Slot 0 counts negatives; a value v below 2^bits
// is in slot v+1; a larger one, with e = floor(log2 v), in slot 1 + ((e - bits) << bits) + (v >> (e - bits)).
uint32_t hist_slots(uint32_t bits);
uint32_t hist_slot(uint32_t bits, int64_t value, bool is_signed);
// Smallest value in a slot other than 0.
uint64_t hist_slot_floor(uint32_t bits, uint32_t slot);
uint32_t lhist_slots(const Type& lhist);
// Bytes of one interval of a TSeries, and of one frame of a stack.
inline constexpr uint32_t kSeriesSlot = 24;
uint32_t frame_bytes(StackMode);

// A member of a struct by name, anonymous structs and unions looked through (offsets added up).
std::optional<Field> find_field(const StructType&, std::string_view name);
// All the names find_field knows, for suggestions.
std::vector<std::string_view> field_names(const StructType&);

} // namespace trapline
