// The numbers are those of the headers that this is compiled with, and so of this architecture.
#include "cdefs/constants.h"

#include <arpa/inet.h>
#include <cerrno>
#include <climits>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <linux/futex.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace trapline {

namespace {

struct Constant {
  std::string_view name;
  int64_t value;
};

#define ROW(name) {#name, static_cast<int64_t>(name)}

constexpr auto kConstants = [] {
  auto rows = std::to_array<Constant>({
      // families of sockets and their parts
      ROW(AF_UNSPEC), ROW(AF_UNIX), ROW(AF_LOCAL), ROW(AF_INET), ROW(AF_AX25), ROW(AF_IPX), ROW(AF_APPLETALK), ROW(AF_X25),
      ROW(AF_INET6), ROW(AF_KEY), ROW(AF_NETLINK), ROW(AF_PACKET), ROW(AF_RDS), ROW(AF_PPPOX), ROW(AF_TIPC), ROW(AF_BLUETOOTH),
      ROW(AF_ALG), ROW(AF_NFC), ROW(AF_VSOCK), ROW(AF_KCM), ROW(AF_QIPCRTR), ROW(AF_SMC), ROW(AF_XDP), ROW(AF_MAX), ROW(PF_UNSPEC),
      ROW(PF_UNIX), ROW(PF_LOCAL), ROW(PF_INET), ROW(PF_INET6), ROW(PF_KEY), ROW(PF_NETLINK), ROW(PF_PACKET), ROW(PF_VSOCK),
      ROW(SOCK_STREAM), ROW(SOCK_DGRAM), ROW(SOCK_RAW), ROW(SOCK_RDM), ROW(SOCK_SEQPACKET), ROW(SOCK_DCCP), ROW(SOCK_PACKET),
      ROW(SOCK_CLOEXEC), ROW(SOCK_NONBLOCK), ROW(SOL_SOCKET), ROW(SO_REUSEADDR), ROW(SO_KEEPALIVE), ROW(SO_REUSEPORT),
      ROW(SO_RCVBUF), ROW(SO_SNDBUF), ROW(SO_LINGER), ROW(SO_BROADCAST), ROW(MSG_PEEK), ROW(MSG_OOB), ROW(MSG_DONTWAIT),
      ROW(MSG_NOSIGNAL), ROW(MSG_WAITALL), ROW(MSG_TRUNC), ROW(SHUT_RD), ROW(SHUT_WR), ROW(SHUT_RDWR), ROW(INET_ADDRSTRLEN),
      ROW(INET6_ADDRSTRLEN),
      // protocols
      ROW(IPPROTO_IP), ROW(IPPROTO_ICMP), ROW(IPPROTO_IGMP), ROW(IPPROTO_IPIP), ROW(IPPROTO_TCP), ROW(IPPROTO_EGP), ROW(IPPROTO_PUP),
      ROW(IPPROTO_UDP), ROW(IPPROTO_IDP), ROW(IPPROTO_DCCP), ROW(IPPROTO_IPV6), ROW(IPPROTO_GRE), ROW(IPPROTO_ESP), ROW(IPPROTO_AH),
      ROW(IPPROTO_SCTP), ROW(IPPROTO_UDPLITE), ROW(IPPROTO_MPLS), ROW(IPPROTO_RAW), ROW(IPPROTO_ICMPV6), ROW(IPPROTO_FRAGMENT),
      ROW(IPPROTO_ROUTING), ROW(IPPROTO_NONE), ROW(IPPROTO_DSTOPTS), ROW(ETH_P_IP), ROW(ETH_P_IPV6), ROW(ETH_P_ARP), ROW(ETH_P_ALL),
      ROW(ETH_P_8021Q), ROW(ETH_ALEN),
      // files
      ROW(O_RDONLY), ROW(O_WRONLY), ROW(O_RDWR), ROW(O_ACCMODE), ROW(O_CREAT), ROW(O_EXCL), ROW(O_NOCTTY), ROW(O_TRUNC),
      ROW(O_APPEND), ROW(O_NONBLOCK), ROW(O_NDELAY), ROW(O_DSYNC), ROW(O_SYNC), ROW(O_RSYNC), ROW(O_ASYNC), ROW(O_DIRECT),
      ROW(O_DIRECTORY), ROW(O_NOFOLLOW), ROW(O_NOATIME), ROW(O_CLOEXEC), ROW(O_PATH), ROW(O_TMPFILE), ROW(AT_FDCWD),
      ROW(AT_SYMLINK_NOFOLLOW), ROW(AT_REMOVEDIR), ROW(AT_SYMLINK_FOLLOW), ROW(AT_EMPTY_PATH), ROW(F_DUPFD), ROW(F_GETFD),
      ROW(F_SETFD), ROW(F_GETFL), ROW(F_SETFL), ROW(F_GETLK), ROW(F_SETLK), ROW(F_SETLKW), ROW(F_RDLCK), ROW(F_WRLCK), ROW(F_UNLCK),
      ROW(FD_CLOEXEC), ROW(S_IFMT), ROW(S_IFSOCK), ROW(S_IFLNK), ROW(S_IFREG), ROW(S_IFBLK), ROW(S_IFDIR), ROW(S_IFCHR),
      ROW(S_IFIFO), ROW(S_ISUID), ROW(S_ISGID), ROW(S_ISVTX), ROW(S_IRWXU), ROW(S_IRUSR), ROW(S_IWUSR), ROW(S_IXUSR), ROW(S_IRWXG),
      ROW(S_IRGRP), ROW(S_IWGRP), ROW(S_IXGRP), ROW(S_IRWXO), ROW(S_IROTH), ROW(S_IWOTH), ROW(S_IXOTH), ROW(SEEK_SET), ROW(SEEK_CUR),
      ROW(SEEK_END), ROW(LOCK_SH), ROW(LOCK_EX), ROW(LOCK_NB), ROW(LOCK_UN), ROW(PATH_MAX), ROW(NAME_MAX),
      // errors
      ROW(EPERM), ROW(ENOENT), ROW(ESRCH), ROW(EINTR), ROW(EIO), ROW(ENXIO), ROW(E2BIG), ROW(ENOEXEC), ROW(EBADF), ROW(ECHILD),
      ROW(EAGAIN), ROW(EWOULDBLOCK), ROW(ENOMEM), ROW(EACCES), ROW(EFAULT), ROW(ENOTBLK), ROW(EBUSY), ROW(EEXIST), ROW(EXDEV),
      ROW(ENODEV), ROW(ENOTDIR), ROW(EISDIR), ROW(EINVAL), ROW(ENFILE), ROW(EMFILE), ROW(ENOTTY), ROW(ETXTBSY), ROW(EFBIG),
      ROW(ENOSPC), ROW(ESPIPE), ROW(EROFS), ROW(EMLINK), ROW(EPIPE), ROW(EDOM), ROW(ERANGE), ROW(EDEADLK), ROW(ENAMETOOLONG),
      ROW(ENOLCK), ROW(ENOSYS), ROW(ENOTEMPTY), ROW(ELOOP), ROW(ENODATA), ROW(ETIME), ROW(EPROTO), ROW(EBADMSG), ROW(EOVERFLOW),
      ROW(EILSEQ), ROW(EUSERS), ROW(ENOTSOCK), ROW(EDESTADDRREQ), ROW(EMSGSIZE), ROW(EPROTOTYPE), ROW(ENOPROTOOPT),
      ROW(EPROTONOSUPPORT), ROW(ESOCKTNOSUPPORT), ROW(EOPNOTSUPP), ROW(ENOTSUP), ROW(EPFNOSUPPORT), ROW(EAFNOSUPPORT),
      ROW(EADDRINUSE), ROW(EADDRNOTAVAIL), ROW(ENETDOWN), ROW(ENETUNREACH), ROW(ENETRESET), ROW(ECONNABORTED), ROW(ECONNRESET),
      ROW(ENOBUFS), ROW(EISCONN), ROW(ENOTCONN), ROW(ESHUTDOWN), ROW(ETIMEDOUT), ROW(ECONNREFUSED), ROW(EHOSTDOWN),
      ROW(EHOSTUNREACH), ROW(EALREADY), ROW(EINPROGRESS), ROW(ESTALE), ROW(EDQUOT), ROW(ECANCELED),
      // signals
      ROW(SIGHUP), ROW(SIGINT), ROW(SIGQUIT), ROW(SIGILL), ROW(SIGTRAP), ROW(SIGABRT), ROW(SIGBUS), ROW(SIGFPE), ROW(SIGKILL),
      ROW(SIGUSR1), ROW(SIGSEGV), ROW(SIGUSR2), ROW(SIGPIPE), ROW(SIGALRM), ROW(SIGTERM), ROW(SIGSTKFLT), ROW(SIGCHLD), ROW(SIGCONT),
      ROW(SIGSTOP), ROW(SIGTSTP), ROW(SIGTTIN), ROW(SIGTTOU), ROW(SIGURG), ROW(SIGXCPU), ROW(SIGXFSZ), ROW(SIGVTALRM), ROW(SIGPROF),
      ROW(SIGWINCH), ROW(SIGIO), ROW(SIGPOLL), ROW(SIGPWR), ROW(SIGSYS),
      // memory
      ROW(PROT_NONE), ROW(PROT_READ), ROW(PROT_WRITE), ROW(PROT_EXEC), ROW(MAP_SHARED), ROW(MAP_PRIVATE), ROW(MAP_FIXED),
      ROW(MAP_ANONYMOUS), ROW(MAP_ANON), ROW(MAP_GROWSDOWN), ROW(MAP_LOCKED), ROW(MAP_NORESERVE), ROW(MAP_POPULATE),
      ROW(MAP_NONBLOCK), ROW(MAP_STACK), ROW(MAP_HUGETLB), ROW(MADV_NORMAL), ROW(MADV_RANDOM), ROW(MADV_SEQUENTIAL),
      ROW(MADV_WILLNEED), ROW(MADV_DONTNEED), ROW(MADV_FREE), ROW(MADV_HUGEPAGE), ROW(MADV_NOHUGEPAGE),
      // tasks
      ROW(CLONE_VM), ROW(CLONE_FS), ROW(CLONE_FILES), ROW(CLONE_SIGHAND), ROW(CLONE_PTRACE), ROW(CLONE_VFORK), ROW(CLONE_PARENT),
      ROW(CLONE_THREAD), ROW(CLONE_NEWNS), ROW(CLONE_SYSVSEM), ROW(CLONE_SETTLS), ROW(CLONE_NEWCGROUP), ROW(CLONE_NEWUTS),
      ROW(CLONE_NEWIPC), ROW(CLONE_NEWUSER), ROW(CLONE_NEWPID), ROW(CLONE_NEWNET), ROW(CLONE_IO), ROW(SCHED_OTHER), ROW(SCHED_FIFO),
      ROW(SCHED_RR), ROW(SCHED_BATCH), ROW(SCHED_IDLE), ROW(FUTEX_WAIT), ROW(FUTEX_WAKE), ROW(FUTEX_REQUEUE), ROW(FUTEX_CMP_REQUEUE),
      ROW(FUTEX_WAKE_OP), ROW(FUTEX_LOCK_PI), ROW(FUTEX_UNLOCK_PI), ROW(FUTEX_WAIT_BITSET), ROW(FUTEX_WAKE_BITSET),
      ROW(FUTEX_PRIVATE_FLAG), ROW(FUTEX_CLOCK_REALTIME), ROW(CLOCK_REALTIME), ROW(CLOCK_MONOTONIC), ROW(CLOCK_PROCESS_CPUTIME_ID),
      ROW(CLOCK_THREAD_CPUTIME_ID), ROW(CLOCK_MONOTONIC_RAW), ROW(CLOCK_REALTIME_COARSE), ROW(CLOCK_MONOTONIC_COARSE),
      ROW(CLOCK_BOOTTIME), ROW(CLOCK_REALTIME_ALARM), ROW(CLOCK_BOOTTIME_ALARM), ROW(CLOCK_TAI), ROW(TIMER_ABSTIME), ROW(WNOHANG),
      ROW(WUNTRACED), ROW(WEXITED), ROW(WSTOPPED), ROW(WCONTINUED), ROW(WNOWAIT),
      // polling
      ROW(POLLIN), ROW(POLLPRI), ROW(POLLOUT), ROW(POLLERR), ROW(POLLHUP), ROW(POLLNVAL), ROW(EPOLLIN), ROW(EPOLLOUT), ROW(EPOLLERR),
      ROW(EPOLLHUP), ROW(EPOLLRDHUP), ROW(EPOLLONESHOT), ROW(EPOLLET), ROW(EPOLL_CTL_ADD), ROW(EPOLL_CTL_DEL), ROW(EPOLL_CTL_MOD),
  });
  std::ranges::sort(rows, {}, &Constant::name);
  return rows;
}();

#undef ROW

constexpr auto kHeaders = std::to_array<std::string_view>(
    {"arpa/inet.h", "errno.h", "fcntl.h", "netinet/in.h", "poll.h", "sched.h", "signal.h", "sys/epoll.h", "sys/file.h", "sys/mman.h",
     "sys/socket.h", "sys/stat.h", "sys/types.h", "sys/wait.h", "time.h", "unistd.h"});

constexpr auto kLibraryTypes = std::to_array<std::string_view>(
    {"cmsghdr",    "epoll_event", "flock",       "flock64",   "group_req",  "if_nameindex", "ifreq",     "in6_addr",     "in_addr",
     "iovec",      "ip_mreq",     "ip_mreqn",    "ipv6_mreq", "itimerspec", "itimerval",    "linger",    "mmsghdr",      "msghdr",
     "pollfd",     "rusage",      "sched_param", "sigaction", "sigevent",   "siginfo",      "siginfo_t", "sigset_t",     "sockaddr",
     "sockaddr_in", "sockaddr_in6", "sockaddr_storage", "sockaddr_un", "stack_t", "stat", "stat64", "statx", "timespec", "timeval",
     "timezone",   "tm",          "ucred",       "utsname"});

} // namespace

std::optional<int64_t> system_constant(std::string_view name) {
  auto found = std::ranges::lower_bound(kConstants, name, {}, &Constant::name);
  return found != kConstants.end() && found->name == name ? std::optional(found->value) : std::nullopt;
}

bool declares_system_interface(std::string_view header) { return std::ranges::find(kHeaders, header) != kHeaders.end(); }

bool is_library_type(std::string_view name) { return std::ranges::find(kLibraryTypes, name) != kLibraryTypes.end(); }

} // namespace trapline
