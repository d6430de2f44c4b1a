// A machine made up of what a test tells it. Nothing of the real one is looked at.
#pragma once

#include "system/fake_types.h"

#include <map>
#include <set>

namespace trapline {

class FakeSystem final : public System {
public:
  // --- what a test fills
  FakeTypes fake_types;
  std::map<std::string, std::map<std::string, TracepointFormat>, std::less<>> tracepoints; // by system, event
  bool has_tracefs = true;
  std::map<std::string, std::vector<ElfSymbol>, std::less<>> files;   // by path; a file without symbols is there too
  std::map<std::string, std::vector<UsdtSite>, std::less<>> markers;  // by path
  std::map<std::string, std::string, std::less<>> names;              // "bash" -> "/bin/bash", "libc" -> ...
  std::map<int, std::vector<std::string>> processes;                  // mapped files by pid
  std::map<std::string, std::string> scripts; // by the name that imports them; a name that ends in / is a folder's
  std::map<std::string, uint64_t, std::less<>> kernel_symbols;
  std::map<std::string, uint64_t, std::less<>> cgroups;               // ids by path
  std::map<std::string, std::set<uint32_t>, std::less<>> kernel_functions; // the program types that may call them
  KernelFeatures kernel_features;
  uint32_t cpus = 4;
  std::optional<std::pair<uint64_t, uint64_t>> namespace_of_pids;

  // Fields as a format file declares them: "char comm[16]", "__data_loc char[] name". Offsets start at 8 and are
  // aligned as in C; ids count from 100 in the order of the calls.
  void add_tracepoint(const std::string& system, const std::string& event, const std::vector<std::string>& fields);
  // syscalls:sys_enter_NAME and sys_exit_NAME.
  void add_syscall(const std::string& name, const std::vector<std::string>& arguments);
  // A function of 0x40 bytes at the file's next free address, which starts at 0x1000 and equals the file offset.
  ElfSymbol& add_function(const std::string& path, const std::string& name);
  void add_marker(const std::string& path, const std::string& provider, const std::string& name,
                  const std::string& arguments, uint64_t semaphore_offset = 0);

  // --- System
  Result<std::vector<std::string>> tracepoint_systems() const override;
  Result<std::vector<std::string>> tracepoint_events(std::string_view system) const override;
  std::optional<TracepointFormat> tracepoint_format(std::string_view system, std::string_view event) const override;
  std::vector<std::string> raw_tracepoints() const override { return fake_types.raw_tracepoint_names(); }
  std::optional<int> syscall_number(std::string_view name) const override;
  const TypeSource& types() const override { return fake_types; }
  std::vector<std::string> resolve_binary(std::string_view name, std::optional<int> pid) const override;
  Result<std::vector<ElfSymbol>> elf_symbols(const std::string& path) const override;
  Result<std::vector<ElfSymbol>> elf_symbols_matching(const std::string& path, const std::string& pattern) const override;
  std::optional<uint64_t> elf_file_offset(const std::string& path, uint64_t address) const override;
  Result<std::vector<UsdtSite>> usdt_sites(const std::string& path) const override;
  bool process_exists(int pid) const override { return processes.contains(pid); }
  Result<std::vector<ImportedFile>> read_import(const std::string& name, const std::string& from) const override;
  std::vector<std::string> mapped_executables(int pid) const override;
  const KernelFeatures& features() const override { return kernel_features; }
  std::optional<uint64_t> kernel_symbol(std::string_view name) const override;
  bool has_kernel_function(std::string_view name) const override { return kernel_functions.find(name) != kernel_functions.end(); }
  bool may_call_kernel_function(std::string_view name, uint32_t program_type) const override;
  std::optional<uint64_t> cgroup_id(const std::string& path) const override;
  uint32_t possible_cpus() const override { return cpus; }
  std::optional<std::pair<uint64_t, uint64_t>> pid_namespace() const override { return namespace_of_pids; }

private:
  uint64_t next_id_ = 100;
};

// The machine of the golden tests: a Linux 6.12 that can do everything.
//   tracepoints      syscalls (openat openat2 open execve execveat nanosleep clock_nanosleep kill tgkill read write futex
//                    exit_group close connect newstat mmap), raw_syscalls, sched (switch wakeup process_exec process_exit
//                    process_fork stat_runtime), signal (generate deliver), block (rq_issue rq_complete rq_insert), timer
//                    (hrtimer_start hrtimer_expire_entry), irq (softirq_entry softirq_exit), skb:kfree_skb,
//                    sock:inet_sock_set_state, kmem (kmalloc kfree), task:task_rename, vmscan:mm_vmscan_direct_reclaim_begin
//   raw tracepoints  of the same names in sched, signal, block, sys_enter, sys_exit, kfree_skb, ...
//   types            task_struct, mm_struct, cred, files and paths, sockets, timespecs, request, list_head and so on;
//                    typedefs atomic_t, kuid_t, spinlock_t; enums pid_type, hrtimer_mode, skb_drop_reason, and TCP_*
//   /bin/bash                                readline, main, execute_command, sh_malloc  ("bash")
//   /lib/x86_64-linux-gnu/libc.so.6          malloc, calloc, realloc, free, pthread_mutex_*, pthread_cond_*, getaddrinfo,
//                                            nanosleep, strlen (ifunc), memcpy in two versions ("libc", "libc.so.6")
//   /lib/x86_64-linux-gnu/libpthread.so.0    empty                   ("libpthread", "libpthread.so.0")
//   /usr/bin/usdt_sample                     main; markers sample:start, sample:work (two sites, semaphore), other:work
//   processes        1, 1234 (bash and libc mapped), 4321 (usdt_sample)
//   kernel symbols   schedule, vfs_read, jiffies;  cgroups "/sys/fs/cgroup" 1, "/sys/fs/cgroup/user.slice" 42;
//                    functions vfs_read and bpf_task_from_pid, which programs at tracepoints may call (but not raw ones)
std::unique_ptr<FakeSystem> make_sample_system();

} // namespace trapline
