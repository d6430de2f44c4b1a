// The machine of the golden tests. Facts are copied from a real Linux 6.12 on x86-64, except that structs hold only the
// members that scripts like to read.
#include "system/fake.h"

#include <linux/bpf.h>

namespace trapline {

namespace {

constexpr std::string_view kBash = "/bin/bash";
constexpr std::string_view kLibc = "/lib/x86_64-linux-gnu/libc.so.6";
constexpr std::string_view kPthread = "/lib/x86_64-linux-gnu/libpthread.so.0";
constexpr std::string_view kUsdtSample = "/usr/bin/usdt_sample";

constexpr std::string_view kBasicTypes = R"(
  typedef struct { int counter; } atomic_t;
  typedef struct { s64 counter; } atomic64_t;
  typedef struct { uid_t val; } kuid_t;
  typedef struct { gid_t val; } kgid_t;
  typedef struct raw_spinlock { u32 slock; } spinlock_t;
  struct list_head { struct list_head *next; struct list_head *prev; };
  struct hlist_node { struct hlist_node *next; struct hlist_node **pprev; };
  struct rb_node { unsigned long __rb_parent_color; struct rb_node *rb_right; struct rb_node *rb_left; };
  struct callback_head { struct callback_head *next; void (*func)(struct callback_head *head); };
  struct kref { atomic_t refcount; };
  struct timespec { long tv_sec; long tv_nsec; };
  struct timespec64 { time64_t tv_sec; long tv_nsec; };
  struct __kernel_timespec { __kernel_time64_t tv_sec; long long tv_nsec; };
  struct timeval { long tv_sec; long tv_usec; };
  struct open_how { __u64 flags; __u64 mode; __u64 resolve; };
  struct pt_regs {
    unsigned long r15; unsigned long r14; unsigned long r13; unsigned long r12; unsigned long bp; unsigned long bx;
    unsigned long r11; unsigned long r10; unsigned long r9; unsigned long r8; unsigned long ax; unsigned long cx;
    unsigned long dx; unsigned long si; unsigned long di; unsigned long orig_ax; unsigned long ip; unsigned long cs;
    unsigned long flags; unsigned long sp; unsigned long ss;
  };
  enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };
  enum hrtimer_mode { HRTIMER_MODE_ABS = 0, HRTIMER_MODE_REL = 1, HRTIMER_MODE_PINNED = 2 };
  enum skb_drop_reason { SKB_NOT_DROPPED_YET = 0, SKB_CONSUMED, SKB_DROP_REASON_NOT_SPECIFIED, SKB_DROP_REASON_NO_SOCKET };
  enum { TCP_ESTABLISHED = 1, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_FIN_WAIT2, TCP_TIME_WAIT, TCP_CLOSE,
         TCP_CLOSE_WAIT, TCP_LAST_ACK, TCP_LISTEN, TCP_CLOSING };
)";

constexpr std::string_view kTaskTypes = R"(
  struct thread_info { unsigned long flags; unsigned long syscall_work; u32 status; u32 cpu; };
  struct sched_entity { struct rb_node run_node; u64 exec_start; u64 sum_exec_runtime; u64 vruntime; };
  struct cred { atomic_t usage; kuid_t uid; kgid_t gid; kuid_t suid; kgid_t sgid; kuid_t euid; kgid_t egid; };
  struct upid { int nr; struct pid_namespace *ns; };
  struct pid { atomic_t count; unsigned int level; struct upid numbers[1]; };
  struct ns_common { atomic64_t stashed; unsigned int inum; };
  struct pid_namespace { struct ns_common ns; unsigned int level; struct pid_namespace *parent; };
  struct uts_namespace { struct ns_common ns; };
  struct nsproxy { atomic_t count; struct uts_namespace *uts_ns; struct pid_namespace *pid_ns_for_children; };
  struct mm_struct {
    struct {
      struct { atomic_t mm_count; };
      unsigned long mmap_base;
      unsigned long task_size;
      int map_count;
      unsigned long total_vm;
      unsigned long start_code; unsigned long end_code;
      unsigned long arg_start; unsigned long arg_end;
      struct task_struct *owner;
      struct file *exe_file;
    };
    unsigned long cpu_bitmap[0];
  };
  struct fdtable { unsigned int max_fds; struct file **fd; };
  struct files_struct { atomic_t count; struct fdtable *fdt; };
  struct signal_struct { atomic_t sigcnt; int nr_threads; int group_exit_code; struct pid *pids[4]; };
  struct task_struct {
    struct thread_info thread_info;
    unsigned int __state;
    void *stack;
    unsigned int flags;
    int on_cpu;
    int prio; int static_prio; int normal_prio;
    struct sched_entity se;
    unsigned int policy;
    struct list_head tasks;
    struct mm_struct *mm;
    struct mm_struct *active_mm;
    int exit_state; int exit_code; int exit_signal;
    unsigned int personality;
    unsigned sched_reset_on_fork:1;
    unsigned sched_contributes_to_load:1;
    unsigned in_execve:1;
    unsigned in_iowait:1;
    unsigned long atomic_flags;
    pid_t pid;
    pid_t tgid;
    unsigned long stack_canary;
    struct task_struct *real_parent;
    struct task_struct *parent;
    struct list_head children;
    struct task_struct *group_leader;
    struct pid *thread_pid;
    u64 utime; u64 stime;
    unsigned long nvcsw; unsigned long nivcsw;
    u64 start_time; u64 start_boottime;
    unsigned long min_flt; unsigned long maj_flt;
    const struct cred *real_cred;
    const struct cred *cred;
    char comm[16];
    struct files_struct *files;
    struct nsproxy *nsproxy;
    struct signal_struct *signal;
    int __user *set_child_tid;
  };
)";

constexpr std::string_view kFileTypes = R"(
  struct qstr { union { struct { u32 hash; u32 len; }; u64 hash_len; }; const unsigned char *name; };
  struct super_block { struct list_head s_list; dev_t s_dev; unsigned long s_blocksize; unsigned long s_magic; };
  struct inode {
    umode_t i_mode; unsigned short i_opflags; kuid_t i_uid; kgid_t i_gid; unsigned int i_flags;
    struct super_block *i_sb; unsigned long i_ino; dev_t i_rdev; loff_t i_size;
  };
  struct dentry {
    unsigned int d_flags; struct dentry *d_parent; struct qstr d_name; struct inode *d_inode; unsigned char d_iname[40];
    struct super_block *d_sb;
  };
  struct vfsmount { struct dentry *mnt_root; struct super_block *mnt_sb; int mnt_flags; };
  struct path { struct vfsmount *mnt; struct dentry *dentry; };
  struct file { unsigned int f_flags; fmode_t f_mode; loff_t f_pos; struct path f_path; struct inode *f_inode; };
  struct filename { const char *name; const char __user *uptr; int refcnt; };
  struct linux_binprm { struct mm_struct *mm; struct file *file; int argc; int envc; const char *filename; const char *interp; };
  struct gendisk { int major; int first_minor; int minors; char disk_name[32]; };
  struct block_device { sector_t bd_start_sect; dev_t bd_dev; struct gendisk *bd_disk; };
  struct request_queue { struct gendisk *disk; unsigned long queue_flags; };
  struct request {
    struct request_queue *q; blk_opf_t cmd_flags; unsigned int rq_flags; int tag; unsigned int timeout;
    unsigned int __data_len; sector_t __sector; struct block_device *part; u64 start_time_ns; u64 io_start_time_ns;
  };
)";

constexpr std::string_view kSocketTypes = R"(
  struct in_addr { __be32 s_addr; };
  struct in6_addr { union { __u8 u6_addr8[16]; __be16 u6_addr16[8]; __be32 u6_addr32[4]; } in6_u; };
  struct sockaddr { unsigned short sa_family; char sa_data[14]; };
  struct sockaddr_in { unsigned short sin_family; __be16 sin_port; struct in_addr sin_addr; unsigned char __pad[8]; };
  struct sockaddr_in6 {
    unsigned short sin6_family; __be16 sin6_port; __be32 sin6_flowinfo; struct in6_addr sin6_addr; __u32 sin6_scope_id;
  };
  struct sock_common {
    union { __u64 skc_addrpair; struct { __be32 skc_daddr; __be32 skc_rcv_saddr; }; };
    unsigned int skc_hash;
    union { u32 skc_portpair; struct { __be16 skc_dport; __u16 skc_num; }; };
    unsigned short skc_family;
    volatile unsigned char skc_state;
    unsigned char skc_reuse:4;
    unsigned char skc_reuseport:1;
    int skc_bound_dev_if;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
  };
  struct sock {
    struct sock_common __sk_common;
    spinlock_t sk_lock;
    int sk_rcvbuf; int sk_sndbuf;
    u32 sk_ack_backlog; u32 sk_max_ack_backlog;
    u16 sk_type; u16 sk_protocol;
    struct socket *sk_socket;
  };
  struct socket { short type; unsigned long flags; struct file *file; struct sock *sk; };
  struct net_device { char name[16]; unsigned int mtu; int ifindex; unsigned char dev_addr[32]; };
  struct sk_buff {
    struct sk_buff *next; struct sk_buff *prev; struct sock *sk; struct net_device *dev;
    unsigned int len; unsigned int data_len; __be16 protocol; unsigned char *head; unsigned char *data;
  };
)";

void add_syscalls(FakeSystem& system) {
  system.add_syscall("read", {"unsigned int fd", "char * buf", "size_t count"});
  system.add_syscall("write", {"unsigned int fd", "const char * buf", "size_t count"});
  system.add_syscall("open", {"const char * filename", "int flags", "umode_t mode"});
  system.add_syscall("openat", {"int dfd", "const char * filename", "int flags", "umode_t mode"});
  system.add_syscall("openat2", {"int dfd", "const char * filename", "struct open_how * how", "size_t usize"});
  system.add_syscall("close", {"unsigned int fd"});
  system.add_syscall("newstat", {"const char * filename", "struct stat * statbuf"});
  system.add_syscall("mmap", {"unsigned long addr", "unsigned long len", "unsigned long prot", "unsigned long flags",
                              "unsigned long fd", "unsigned long off"});
  system.add_syscall("nanosleep", {"struct __kernel_timespec * rqtp", "struct __kernel_timespec * rmtp"});
  system.add_syscall("clock_nanosleep", {"const clockid_t which_clock", "int flags",
                                         "const struct __kernel_timespec * rqtp", "struct __kernel_timespec * rmtp"});
  system.add_syscall("execve", {"const char * filename", "const char *const * argv", "const char *const * envp"});
  system.add_syscall("execveat", {"int fd", "const char * filename", "const char *const * argv",
                                  "const char *const * envp", "int flags"});
  system.add_syscall("exit_group", {"int error_code"});
  system.add_syscall("kill", {"pid_t pid", "int sig"});
  system.add_syscall("tgkill", {"pid_t tgid", "pid_t pid", "int sig"});
  system.add_syscall("futex", {"u32 * uaddr", "int op", "u32 val", "const struct __kernel_timespec * utime",
                               "u32 * uaddr2", "u32 val3"});
  system.add_syscall("connect", {"int fd", "struct sockaddr * uservaddr", "int addrlen"});
  system.add_tracepoint("raw_syscalls", "sys_enter", {"long id", "unsigned long args[6]"});
  system.add_tracepoint("raw_syscalls", "sys_exit", {"long id", "long ret"});
}

void add_task_events(FakeSystem& system) {
  system.add_tracepoint("sched", "sched_switch",
                        {"char prev_comm[16]", "pid_t prev_pid", "int prev_prio", "long prev_state", "char next_comm[16]",
                         "pid_t next_pid", "int next_prio"});
  system.add_tracepoint("sched", "sched_wakeup", {"char comm[16]", "pid_t pid", "int prio", "int target_cpu"});
  system.add_tracepoint("sched", "sched_wakeup_new", {"char comm[16]", "pid_t pid", "int prio", "int target_cpu"});
  system.add_tracepoint("sched", "sched_process_exec", {"__data_loc char[] filename", "pid_t pid", "pid_t old_pid"});
  system.add_tracepoint("sched", "sched_process_exit", {"char comm[16]", "pid_t pid", "int prio", "bool group_dead"});
  system.add_tracepoint("sched", "sched_process_fork",
                        {"__data_loc char[] parent_comm", "pid_t parent_pid", "__data_loc char[] child_comm", "pid_t child_pid"});
  system.add_tracepoint("sched", "sched_stat_runtime", {"__data_loc char[] comm", "pid_t pid", "u64 runtime"});
  system.add_tracepoint("task", "task_rename", {"pid_t pid", "char oldcomm[16]", "char newcomm[16]", "short oom_score_adj"});
  system.add_tracepoint("signal", "signal_generate",
                        {"int sig", "int errno", "int code", "char comm[16]", "pid_t pid", "int group", "int result"});
  system.add_tracepoint("signal", "signal_deliver",
                        {"int sig", "int errno", "int code", "unsigned long sa_handler", "unsigned long sa_flags"});
  system.add_tracepoint("timer", "hrtimer_start", {"void * hrtimer", "void * function", "s64 expires", "s64 softexpires",
                                                   "enum hrtimer_mode mode", "bool was_armed"});
  system.add_tracepoint("timer", "hrtimer_expire_entry", {"void * hrtimer", "s64 now", "void * function"});
  system.add_tracepoint("irq", "softirq_entry", {"unsigned int vec"});
  system.add_tracepoint("irq", "softirq_exit", {"unsigned int vec"});
}

void add_other_events(FakeSystem& system) {
  system.add_tracepoint("block", "block_rq_issue",
                        {"dev_t dev", "sector_t sector", "unsigned int nr_sector", "unsigned int bytes",
                         "unsigned short ioprio", "char rwbs[10]", "char comm[16]", "__data_loc char[] cmd"});
  system.add_tracepoint("block", "block_rq_insert",
                        {"dev_t dev", "sector_t sector", "unsigned int nr_sector", "unsigned int bytes",
                         "unsigned short ioprio", "char rwbs[10]", "char comm[16]", "__data_loc char[] cmd"});
  system.add_tracepoint("block", "block_rq_complete",
                        {"dev_t dev", "sector_t sector", "unsigned int nr_sector", "int error", "unsigned short ioprio",
                         "char rwbs[10]", "__data_loc char[] cmd"});
  system.add_tracepoint("skb", "kfree_skb", {"void * skbaddr", "void * location", "void * rx_sk", "unsigned short protocol",
                                             "enum skb_drop_reason reason"});
  system.add_tracepoint("sock", "inet_sock_set_state",
                        {"const void * skaddr", "int oldstate", "int newstate", "__u16 sport", "__u16 dport", "__u16 family",
                         "__u16 protocol", "__u8 saddr[4]", "__u8 daddr[4]", "__u8 saddr_v6[16]", "__u8 daddr_v6[16]"});
  system.add_tracepoint("kmem", "kmalloc", {"unsigned long call_site", "const void * ptr", "size_t bytes_req",
                                            "size_t bytes_alloc", "unsigned long gfp_flags", "int node"});
  system.add_tracepoint("kmem", "kfree", {"unsigned long call_site", "const void * ptr"});
  system.add_tracepoint("vmscan", "mm_vmscan_direct_reclaim_begin", {"int order", "unsigned long gfp_flags"});
}

void add_raw_tracepoints(FakeTypes& types) {
  types.declare_raw_tracepoint("sys_enter", "struct pt_regs *regs, long id");
  types.declare_raw_tracepoint("sys_exit", "struct pt_regs *regs, long ret");
  types.declare_raw_tracepoint("sched_switch", "bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state");
  types.declare_raw_tracepoint("sched_wakeup", "struct task_struct *p");
  types.declare_raw_tracepoint("sched_wakeup_new", "struct task_struct *p");
  types.declare_raw_tracepoint("sched_process_exec", "struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm");
  types.declare_raw_tracepoint("sched_process_exit", "struct task_struct *p, bool group_dead");
  types.declare_raw_tracepoint("sched_process_fork", "struct task_struct *parent, struct task_struct *child");
  types.declare_raw_tracepoint("signal_generate", "int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result");
  types.declare_raw_tracepoint("signal_deliver", "int sig, struct kernel_siginfo *info, struct k_sigaction *ka");
  types.declare_raw_tracepoint("block_rq_issue", "struct request *rq");
  types.declare_raw_tracepoint("block_rq_insert", "struct request *rq");
  types.declare_raw_tracepoint("block_rq_complete", "struct request *rq, u8 error, unsigned int nr_bytes");
  types.declare_raw_tracepoint("kfree_skb", "struct sk_buff *skb, void *location, enum skb_drop_reason reason, struct sock *rx_sk");
  types.declare_raw_tracepoint("inet_sock_set_state", "const struct sock *sk, const int oldstate, const int newstate");
  types.declare_raw_tracepoint("hrtimer_start", "struct hrtimer *hrtimer, enum hrtimer_mode mode, bool was_armed");
  types.declare_raw_tracepoint("softirq_entry", "unsigned int vec_nr");
  types.declare_raw_tracepoint("task_rename", "struct task_struct *task, const char *comm");
}

void add_files(FakeSystem& system) {
  std::string bash(kBash), libc(kLibc), pthread(kPthread), sample(kUsdtSample);
  for (const char* name : {"main", "readline", "execute_command", "sh_malloc"}) system.add_function(bash, name);
  for (const char* name :
       {"malloc", "calloc", "realloc", "free", "nanosleep", "getaddrinfo", "pthread_create", "pthread_mutex_init",
        "pthread_mutex_lock", "pthread_mutex_trylock", "pthread_mutex_timedlock", "pthread_mutex_unlock",
        "pthread_mutex_destroy", "pthread_cond_wait", "pthread_cond_timedwait", "pthread_cond_signal",
        "pthread_cond_broadcast", "pthread_cond_init", "pthread_cond_destroy"})
    system.add_function(libc, name);
  system.add_function(libc, "strlen").is_ifunc = true;
  system.add_function(libc, "memcpy");
  system.add_function(libc, "memcpy").is_default_version = false;
  system.add_function(libc, "environ").is_function = false;
  system.files[pthread];
  system.add_function(sample, "main");
  system.add_marker(sample, "sample", "start", "");
  system.add_marker(sample, "sample", "work", "-4@%edi 8@%rsi", 0x4010);
  system.add_marker(sample, "sample", "work", "-4@-20(%rbp) 8@-16(%rbp)", 0x4010);
  system.add_marker(sample, "other", "work", "8@$42");
  system.names = {{"bash", bash},           {"libc", libc},           {"libc.so.6", libc},
                  {"libpthread", pthread}, {"libpthread.so.0", pthread}, {"usdt_sample", sample}};
  system.processes = {{1, {bash}}, {1234, {bash, libc}}, {4321, {sample, libc}}};
}

} // namespace

std::unique_ptr<FakeSystem> make_sample_system() {
  auto system = std::make_unique<FakeSystem>();
  for (std::string_view types : {kBasicTypes, kTaskTypes, kFileTypes, kSocketTypes}) system->fake_types.declare(types);
  add_raw_tracepoints(system->fake_types);
  add_syscalls(*system);
  add_task_events(*system);
  add_other_events(*system);
  add_files(*system);
  system->kernel_symbols = {{"schedule", 0xffffffff81a00000}, {"vfs_read", 0xffffffff81400000}, {"jiffies", 0xffffffff82a05000}};
  system->scripts = {{"lib.bt", "macro twice(x) { x * 2 }\nfn half($x : int64) : int64 { return $x / 2; }\nBEGIN { printf(\"lib\\n\"); }\n"},
                     {"folder/a.bt", "macro in_folder(x) { x + missing }\n"},
                     {"configured.bt", "config = { max_strlen = 64 }\n"}};
  system->kernel_symbols["__per_cpu_offset"] = 0xffffffff82600000;
  system->kernel_symbols["process_counts"] = 0x1d000;
  system->kernel_functions = {{"vfs_read", {}}, {"bpf_task_from_pid", {BPF_PROG_TYPE_TRACEPOINT, BPF_PROG_TYPE_PERF_EVENT, BPF_PROG_TYPE_TRACING}}};
  system->cgroups = {{"/sys/fs/cgroup", 1}, {"/sys/fs/cgroup/user.slice", 42}};
  KernelFeatures& features = system->kernel_features;
  features.btf = features.ring_buffer = features.attach_cookie = features.raw_tp_cookie = features.uprobe_multi = true;
  features.bpf_loop = features.open_coded_iterators = features.kprobes = features.fentry = true;
  features.hardware_counters = true;
  features.cpu_version = 4;
  features.release = 6 << 16 | 12 << 8;
  return system;
}

} // namespace trapline
