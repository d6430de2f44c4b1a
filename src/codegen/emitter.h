// LLVM, wrapped once: what BPF code needs, in BPF's terms. No other header knows LLVM.
//
// Every scalar is an i64, extended from its stored size when loaded; a Value is either such a scalar or a pointer.
// Instructions go to the current block of the current function.
#pragma once

#include "program/program.h"
#include "support/source.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace llvm {
class Value;
class BasicBlock;
} // namespace llvm

namespace trapline::codegen {

struct Value {
  llvm::Value* raw = nullptr;
  explicit operator bool() const { return raw != nullptr; }
};

struct Label {
  llvm::BasicBlock* raw = nullptr;
};

// Signed and unsigned forms differ where C's do. Comparisons give 0 or 1.
enum class Op : uint8_t { Add, Sub, Mul, UDiv, SDiv, UMod, SMod, And, Or, Xor, Shl, LShr, AShr, Eq, Ne, ULt, ULe, UGt, UGe, SLt, SLe, SGt, SGe };

enum class Likely : uint8_t { Unknown, True, False };

// Helper numbers from include/uapi/linux/bpf.h.
enum class Helper : uint32_t {
  MapLookupElem = 1, MapUpdateElem = 2, MapDeleteElem = 3, ProbeRead = 4, KtimeGetNs = 5, TracePrintk = 6, GetPrandomU32 = 7, GetSmpProcessorId = 8,
  GetCurrentPidTgid = 14, GetCurrentUidGid = 15, GetCurrentComm = 16, GetStackid = 27, GetCurrentTask = 35, ProbeWriteUser = 36, GetNumaNodeId = 42,
  GetSocketCookie = 46, OverrideReturn = 58,
  GetStack = 67, GetCurrentCgroupId = 80, SkbOutput = 111, SendSignal = 109, ProbeReadUser = 112, ProbeReadKernel = 113, ProbeReadUserStr = 114,
  ProbeReadKernelStr = 115, SendSignalThread = 117, Jiffies64 = 118, GetNsCurrentPidTgid = 120, KtimeGetBootNs = 125,
  RingbufOutput = 130, RingbufReserve = 131, RingbufSubmit = 132, RingbufDiscard = 133, RingbufQuery = 134, GetTaskStack = 141, DPath = 147,
  GetCurrentTaskBtf = 158, KtimeGetCoarseNs = 160, ForEachMapElem = 164, GetFuncIp = 173, GetAttachCookie = 174, TaskPtRegs = 175,
  Loop = 181, Strncmp = 182, MapLookupPercpuElem = 195, KtimeGetTaiNs = 208,
};

struct ObjectOptions {
  int cpu_version = 3; // -mcpu=vN
  bool line_info = false;
  bool function_info = false; // BTF of functions: the kernel wants it where a program passes a callback
  const SourceFile* source = nullptr; // for line info
  std::string license = "GPL";
};

class Emitter {
public:
  explicit Emitter(const ObjectOptions&);
  ~Emitter();
  Emitter(const Emitter&) = delete;
  Emitter& operator=(const Emitter&) = delete;

  // --- the object
  // Declares a map by name; the index is Emitter's own. Its shape may be known only later: define_map() must be called
  // once before the object is made.
  uint32_t declare_map(const std::string& name);
  struct MapShape {
    uint32_t kind = 0; // BPF_MAP_TYPE_*
    uint32_t key_size = 4, value_size = 8, max_entries = 1, flags = 0;
  };
  void define_map(uint32_t index, const MapShape&);
  Value map(uint32_t index);
  // Address of read-only bytes; equal bytes are shared.
  Value constant_bytes(std::string_view bytes, uint32_t alignment = 8);
  // Address of 64-bit words that programs and user space share, in a section (and map) of this name: ".data.x".
  Value shared_words(const std::string& section, const std::vector<uint64_t>& initial);

  // --- functions
  // Begins a program `u64 name(void *ctx)` in `section`.
  void begin_program(const std::string& name, const std::string& section);
  Value context();
  // What context() is in the present function from now on.
  void set_context(Value);
  // Ends it: every path that falls through returns 0.
  void end_program();
  void ret(Value);
  void set_location(Span);
  // A static function `u64 name(...)` beside the programs; each character of `parameters` is one: `p` a pointer, `n` a
  // number. Instructions go to it until end_function(), and then to where they went before.
  Value begin_function(const std::string& name, std::string_view parameters);
  Value parameter(unsigned index);
  void end_function();
  Value call_function(Value function, std::span<const Value> arguments);

  // --- blocks
  Label block(std::string_view name);
  void place(Label);
  void jump(Label);
  void branch(Value condition, Label then, Label otherwise, Likely = Likely::Unknown);
  bool terminated() const; // the current block ended with a jump, branch or return

  // Keeps LLVM from making one of code that ends alike here and where another number is given.
  void keep_apart(uint64_t);

  // --- scalars
  Value number(uint64_t);
  Value operate(Op, Value, Value);
  Value negate(Value);
  Value complement(Value);
  Value is_zero(Value);
  Value select(Value condition, Value then, Value otherwise);
  Value truncate(Value, uint32_t bytes, bool is_signed); // keep `bytes` low bytes, extended by sign
  Value byte_swap(Value, uint32_t bytes);

  // --- memory. Sizes are 1, 2, 4 or 8; a pointer is anything pointer-valued or an i64 turned into one.
  Value load(Value pointer, int64_t offset, uint32_t size, bool is_signed);
  Value load_pointer(Value pointer, int64_t offset); // the loaded word stays a pointer the verifier tracks
  void store(Value pointer, int64_t offset, uint32_t size, Value);
  void add_in_place(Value pointer, int64_t offset, Value, bool atomic = false);
  Value exchange(Value pointer, int64_t offset, Value); // atomic 64-bit xchg
  Value offset(Value pointer, int64_t bytes);
  Value offset(Value pointer, Value bytes);
  Value to_number(Value pointer);
  Value is_null(Value pointer);
  // `size` is a constant; short areas by unrolled stores, long ones by bpf_probe_read_kernel.
  void zero(Value pointer, uint32_t size);
  void copy(Value to, Value from, uint32_t size);

  // --- locals: register-like variables (promoted to SSA), and stack memory; both are allocated in the entry block
  Value local(std::string_view name);         // the address of an i64 for load/store; undefined until stored
  Value local_pointer(std::string_view name); // the address of a pointer; use load_pointer/store
  Value stack(uint32_t size);                 // 8-byte aligned
  void resize_stack(Value& memory, uint32_t size); // before end_program, when the need is known; 0 removes unused memory
  // Runs `body` with instructions going to the start of the function, before everything else.
  void at_entry(const std::function<void()>& body);
  // 0, but not to the verifier, who must not follow a counter turn by turn.
  Value unknown_zero();
  // A table of 16-bit numbers in read-only memory; entry `index` (checked to be in range by the caller).
  Value table_entry(const std::vector<int16_t>& table, Value index);

  // --- calls
  Value call(Helper, std::initializer_list<Value>);         // i64 result
  Value call_pointer(Helper, std::initializer_list<Value>); // pointer result
  // The kernel's numeric iterator (kfuncs bpf_iter_num_*, 6.4): `storage` is 8 bytes of stack.
  void iterator_new(Value storage, Value first, Value last);
  Value iterator_next(Value storage); // null at the end
  void iterator_destroy(Value storage);

  // Elements in a hash map (kfunc bpf_map_sum_elem_count, 6.6).
  Value count_elements(Value map);
  // The task with this id, or null (kfuncs bpf_task_from_pid, bpf_task_release, 6.2): must be released unless null.
  Value task_from_pid(Value pid);
  void task_release(Value task);

  // --- results
  std::string ir() const;
  // What LLVM's verifier has against the module; empty: nothing. Before optimize().
  std::string fault();
  void optimize();
  std::string object();   // ELF
  std::string assembly(); // BPF assembler text
  // The name of a function that LLVM could not make code for within 512 bytes of stack; empty: there is none.
  const std::string& too_large_frame() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace trapline::codegen
