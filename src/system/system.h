// Facts about the machine that compiling a script needs, behind an interface: Live reads them, Fake is told them.
// Everything is const, lazy and cached inside; nothing here attaches or loads.
#pragma once

#include "support/result.h"
#include "types/type.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// A field of a tracepoint's record, from events/SYSTEM/EVENT/format.
struct TracepointField {
  std::string type; // as written: "const char *", "char[16]", "__data_loc char[]", "pid_t"
  std::string name;
  uint32_t offset = 0, size = 0;
  bool is_signed = false;
  bool is_data_loc = false; // offset holds a u32: low 16 bits where, high 16 bits how long
  uint32_t array_length = 0; // elements, 0 when not an array
};

struct TracepointFormat {
  std::string system, event;
  uint64_t id = 0;
  std::vector<TracepointField> fields; // without the common_ ones
};

struct ElfSymbol {
  std::string name;
  uint64_t address = 0;     // virtual, as linked
  uint64_t size = 0;
  uint64_t file_offset = 0; // where the kernel wants a uprobe
  bool is_function = true;
  bool is_ifunc = false;    // address is the resolver's
  bool is_default_version = true; // false: foo@OLD
};

// One site of a USDT marker.
struct UsdtSite {
  std::string provider, name, arguments; // arguments as in the note: "-4@%edi 8@-16(%rbp)"
  uint64_t file_offset = 0;
  uint64_t semaphore_offset = 0; // file offset, 0: none
};

struct KernelFeatures {
  bool btf = false;
  bool ring_buffer = false;      // 5.8
  bool attach_cookie = false;    // 5.15: bpf_get_attach_cookie for perf-based probes
  bool raw_tp_cookie = false;    // 6.10
  bool uprobe_multi = false;     // 6.6
  bool bpf_loop = false;         // 5.17
  bool open_coded_iterators = false; // 6.4: bpf_iter_num_*
  bool kprobes = false;
  bool fentry = false;
  bool hardware_counters = false;
  int cpu_version = 3;           // best -mcpu: 1..4
  uint32_t release = 0;          // KERNEL_VERSION(a, b, c)
};

// BTF by name. Types it returns stay valid as long as the System.
class TypeSource {
public:
  virtual ~TypeSource() = default;
  // "task_struct": the struct or union (tag chooses); nullptr if there is none.
  virtual std::shared_ptr<const StructType> structure(std::string_view name, bool is_union) const = 0;
  virtual std::shared_ptr<const EnumType> enumeration(std::string_view name) const = 0;
  // A typedef or base type by name ("u64", "pid_t", "size_t"), resolved; Error kind if unknown.
  virtual Type named(std::string_view name) const = 0;
  // An enumerator of any enum ("TCP_ESTABLISHED").
  virtual std::optional<std::pair<int64_t, std::shared_ptr<const EnumType>>> enumerator(std::string_view name) const = 0;
  // Parameters of the raw tracepoint (btf_trace_NAME) without the leading void *; nullopt when unknown.
  struct Parameter {
    std::string name;
    Type type;
  };
  virtual std::optional<std::vector<Parameter>> raw_tracepoint(std::string_view name) const = 0;
  virtual std::vector<std::string> struct_names() const = 0; // for suggestions
  // Of "struct task_struct" in the kernel's BTF; 0 if it has none.
  virtual uint32_t id_of(std::string_view /*tagged_name*/) const { return 0; }
  // Named types of a tag ("struct", "union", "enum") that match a pattern, by name, with their C definitions if wanted.
  struct Listed {
    std::string name, module; // "vmlinux" or a module's
    std::string definition;   // lines, without a newline at the end
  };
  virtual std::vector<Listed> list(std::string_view tag, std::string_view pattern, bool with_definition) const = 0;
};

class System {
public:
  virtual ~System() = default;

  // --- tracing events
  // Error when tracefs cannot be read (says how to mount it).
  virtual Result<std::vector<std::string>> tracepoint_systems() const = 0;
  virtual Result<std::vector<std::string>> tracepoint_events(std::string_view system) const = 0;
  virtual std::optional<TracepointFormat> tracepoint_format(std::string_view system, std::string_view event) const = 0;
  virtual std::vector<std::string> raw_tracepoints() const = 0; // names

  // --- system calls of this machine's native ABI
  virtual std::optional<int> syscall_number(std::string_view name) const = 0; // by tracepoint name: "newstat"
  virtual const TypeSource& types() const = 0;

  // --- files and processes
  // A path, a bare name looked up in PATH, "libc"/"libc.so.6" as the dynamic linker would find it; may hold `*`. With
  // `pid` paths are seen from that process's mount namespace. Empty: nothing matches.
  virtual std::vector<std::string> resolve_binary(std::string_view name, std::optional<int> pid) const = 0;
  virtual Result<std::vector<ElfSymbol>> elf_symbols(const std::string& path) const = 0;
  // Only those whose name matches `pattern` (`*`: any text): a tenth of the work for a large library. For a name without
  // `*` that the file itself has, separate debug symbols are not looked at.
  virtual Result<std::vector<ElfSymbol>> elf_symbols_matching(const std::string& path, const std::string& pattern) const = 0;
  // File offset of a virtual address, nullopt when no executable segment holds it.
  virtual std::optional<uint64_t> elf_file_offset(const std::string& path, uint64_t address) const = 0;
  virtual Result<std::vector<UsdtSite>> usdt_sites(const std::string& path) const = 0;
  virtual bool process_exists(int pid) const = 0;
  virtual std::vector<std::string> mapped_executables(int pid) const = 0; // paths, for targets omitted with -p

  // --- scripts
  struct ImportedFile {
    std::string path; // as messages print it
    std::string identity; // the same for the same file, however it is named
    std::string text;
  };
  // What `import "name"` means in the script `from` (a path; "stdin": the working directory): a file, or all .bt files of a
  // folder by name. Error: one line, why it cannot be read.
  virtual Result<std::vector<ImportedFile>> read_import(const std::string& name, const std::string& from) const = 0;

  // --- kernel
  virtual const KernelFeatures& features() const = 0;
  virtual std::optional<uint64_t> kernel_symbol(std::string_view name) const = 0;
  // Whether the kernel proper (no module) has a function, by its BTF.
  virtual bool has_kernel_function(std::string_view name) const = 0;
  // Whether programs of this type (BPF_PROG_TYPE_*) may call it. Asks the verifier: takes a program load.
  virtual bool may_call_kernel_function(std::string_view name, uint32_t program_type) const = 0;
  virtual std::optional<uint64_t> cgroup_id(const std::string& path) const = 0;
  virtual uint32_t possible_cpus() const = 0;
  // Device and inode of our pid namespace; nullopt in the initial one, where helpers need no translation.
  virtual std::optional<std::pair<uint64_t, uint64_t>> pid_namespace() const = 0;
};

// What the command line changes about the machine.
struct SystemOptions {
  std::vector<std::string> debuginfo_dirs;   // searched for separate debug files before the usual places
  std::string traceable_functions;           // a file in place of tracefs's available_filter_functions; empty: none
  std::vector<std::string> without_features; // members of KernelFeatures that are not to be used
};

std::unique_ptr<System> make_live_system(const SystemOptions& options = {});

} // namespace trapline
