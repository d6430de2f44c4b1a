// A provider knows one probe type: its names, its specifications, what a script sees there, and how it attaches.
// One stateless object in one file; the registry lists them. Nothing outside probes/ switches over probe types.
#pragma once

#include "program/program.h"
#include "support/diagnostics.h"
#include "support/result.h"
#include "support/unique_fd.h"
#include "system/system.h"

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::probes {

// How to fetch a value from the program's context: data that codegen interprets.
struct Fetch {
  enum class How : uint8_t {
    None,
    Context,      // load `size` bytes at ctx + offset
    ContextDeref, // p = *(u64 *)(ctx + base); load `size` bytes of kernel memory at p + offset (bpf_probe_read_kernel)
    ContextAddress, // the address ctx + offset itself (kernel memory): arrays and strings inside a tracepoint record
    DataLocation, // the address ctx + (*(u32 *)(ctx + offset) & 0xffff)
    Constant,     // `offset` is the value
    UserMemory,   // p = *(u64 *)(ctx + base) + (index_base >= 0 ? *(u64 *)(ctx + index_base) * scale : 0) + offset;
                  // load `size` bytes of user memory at p
    ContextGather, // p = *(u64 *)(ctx + base); an array of u64 whose element i is the u64 of kernel memory at
                   // p + gather[i]: the arguments of a system call, which registers hold in no memory order
  };
  How how = How::None;
  int64_t offset = 0;
  int32_t base = 0;
  int32_t index_base = -1;
  uint32_t scale = 1;
  uint32_t size = 8; // bytes loaded, then extended to 64 bits by `is_signed`
  bool is_signed = false;
  std::array<int16_t, 6> gather{};

  bool operator==(const Fetch&) const = default;
};

// A member of `args`.
struct ArgsField {
  std::string name;
  Type type; // address spaces set
  Fetch fetch;
};

// What a block sees at a kind of attach point. Attach points of one block whose contexts differ become separate BPF
// programs; those that agree share one.
struct Context {
  ProgramType program_type = ProgramType::RawTracepoint;
  std::string provider;    // full name, for messages and `probetype`
  std::string probetype;   // what `probetype` prints, if not the provider's name
  AddressSpace default_space = AddressSpace::Kernel; // of pointers whose space is unknown
  bool has_args = false;   // `args` may be used
  bool user_args = false;
  std::vector<ArgsField> args;
  std::string args_note;   // when has_args is false: why, for the diagnostic
  std::vector<Fetch> arg_n; // arg0, arg1, ...
  std::optional<Fetch> retval;
  Type retval_type;        // default uint64
  int32_t registers = -1;  // offset in ctx where a struct pt_regs lies; -1: none; reg("ip") reads there
  bool has_context_pointer = false; // `ctx` may be used
  // Offset in ctx of the address `func` names; -1: `func` is refused. In a UprobeMulti program bpf_get_func_ip() is that
  // address instead, on return too, where the instruction pointer is the caller's.
  int32_t instruction_pointer = -1;
  bool user_function = false;       // `func` is a user symbol (usym), else a kernel one
  bool function_entry = false;      // at the first instruction of a user function: its caller is at *(sp), where no frame
                                    // pointer leads yet
  // The pid of -p, or of the child of -c (object::Globals::child_pid) when there is no -p, becomes a test at entry; else
  // attach filters, or nothing does.
  bool filter_pid_in_program = false;
  bool user_stack = true;
  bool cookie = false;     // bpf_get_attach_cookie tells which target fired; else there is exactly one target, or a dispatch
  // System calls by number over raw sys_enter/sys_exit: event number -> index into the group's targets.
  struct Dispatch {
    Fetch number;
    std::vector<int32_t> target_of; // by system call number; -1: not ours
    bool reject_compat = true;      // 32-bit system calls have other numbers: leave them out, as the tracepoints do
  };
  std::optional<Dispatch> dispatch;

  std::string signature() const; // equal strings: the same BPF program serves
};

// What the block's text uses, found before expansion: lets a provider choose the cheapest mechanism.
struct BlockUse {
  bool args = false;     // `args`
  bool arg_n = false;    // arg0...
  bool retval = false;
  bool context = false;  // ctx, reg()
  bool probe = false;    // probe, func
  bool tracked_args = false; // something takes arguments that the verifier must know: socket_cookie, skboutput
  bool kernel_stack = false; // kstack, stack
  bool user_stack = false;   // ustack
};

struct ExpandOptions {
  std::optional<int> pid;   // -p
  bool unsafe = false;
  bool missing_is_error = false, missing_is_warned = false, missing_is_silent = false; // config missing_probes
  bool has_child = false;   // -c: the pid is not known yet, but there will be one
};

// Attach points that share one context, and so one BPF program.
struct Group {
  Context context;
  std::string section; // libbpf section
  ProbeRole role = ProbeRole::Normal;
  std::vector<Target> targets; // cookies are filled in by the caller
};

// One attach point, split: "uprobe", {"/bin/x", "main"}.
struct Spec {
  std::string label;                // `name=provider:...`: what `probe` is there; else empty
  std::string provider;             // as written
  std::vector<std::string> parts;   // after the provider, split at ':' outside double quotes, quotes removed
  std::string text;
  Span span;
  Span part_span(size_t part) const;  // part 0 is the provider; empty parts get the whole span
  std::vector<Span> part_spans;
};

struct AttachRequest {
  int program_fd = -1;
  const ProbeSpec* probe = nullptr;
  std::optional<int> pid; // -p or the child of -c, where the provider filters when attaching
};

struct Refused {
  size_t target = 0; // index into ProbeSpec::targets
  Error error;       // the message is the reason alone: the target's name goes before it
};

struct Attached {
  std::vector<UniqueFd> links; // closing them detaches
  size_t count = 0;            // targets attached
  std::vector<Refused> refused;
};

// Which provider names a `*` in place of the provider stands for.
enum class WildcardFamily : uint8_t {
  None,   // must be named
  Kernel, // events of the kernel
  Files,  // when the next part is a path
};

class Provider {
public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  virtual std::vector<std::string_view> aliases() const = 0; // short ones are case-sensitive
  virtual std::string_view summary() const = 0;              // one line for the manual and --info
  virtual std::string_view form() const = 0;                 // "uprobe:FILE:FUNCTION[+OFFSET]", for diagnostics

  virtual WildcardFamily wildcard_family() const { return WildcardFamily::None; }

  // Turns a specification into groups. Reports what is wrong with it (unknown event, no match) with the nearest names;
  // then the result is empty. A wildcard that matches nothing is an error unless missing_is_silent.
  virtual std::vector<Group> expand(const Spec&, const BlockUse&, const ExpandOptions&, const System&, Diagnostics&) const = 0;

  // Calls `sink` with every probe that matches `pattern`, the parts after the provider ({"sched", "*"}; missing parts
  // match anything), and with its parameters ("    int pid") when `verbose`. Providers that list files need a path in
  // the pattern, or a pid.
  using ListSink = std::function<void(const std::string& name, const std::vector<std::string>& parameters)>;
  virtual void list(const std::vector<std::string>& pattern, bool verbose, const ExpandOptions&, const System&, const ListSink&) const = 0;

  // nullopt: this kernel can run it. Else one line: what is missing.
  virtual std::optional<std::string> unavailable(const System&) const { return std::nullopt; }

  // Attaches a loaded program to all its targets. An Error only when nothing could be tried; a target that the kernel
  // refuses is listed in `refused` and the rest is attached. Makes system calls; not for tests without a kernel.
  virtual Result<Attached> attach(const AttachRequest&) const = 0;
};

// All providers, in listing order.
std::span<const Provider* const> providers();
// By full name (any case) or alias (exact case).
const Provider* find_provider(std::string_view name);
// Wildcard match: `*` is any text, including none; everything else literal.
bool matches(std::string_view pattern, std::string_view text);
inline bool has_wildcard(std::string_view text) { return text.find('*') != std::string_view::npos; }
// Splits an attach point. Reports an unknown provider (nearest hint) and returns nullopt.
std::optional<Spec> parse_spec(std::string_view text, Span span, Diagnostics&);
// The provider name itself may hold `*`: the specs it stands for.
std::vector<Spec> expand_provider_wildcard(const Spec&);

} // namespace trapline::probes
