// Raw system calls: the installed libbpf may be older than the kernel and know neither raw tracepoint cookies nor
// uprobe_multi.
#include "probes/links.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

namespace trapline::probes {
namespace {

// What BPF_RAW_TRACEPOINT_OPEN reads of union bpf_attr, with the cookie that older headers lack.
struct RawTracepointAttributes {
  uint64_t name;
  uint32_t program_fd;
  uint32_t zero;
  uint64_t cookie;
};

std::string reason(int code) {
  constexpr int kNotSupported = 524; // ENOTSUPP, which user space has no name for
  switch (code) {
  case kNotSupported:
  case ENOEXEC: return "the kernel cannot probe the instruction there";
  case EPERM:
  case EACCES: return fmt::format("{} (the kernel's lockdown or a missing capability)", std::strerror(code));
  case EMFILE: return "too many open files (raise the limit with `ulimit -n`)";
  default: return std::strerror(code);
  }
}

// Bytes read from a small file of the kernel's, or -1.
ssize_t read_file(const std::string& path, char* to, size_t size) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file ? read(file.get(), to, size) : -1;
}

} // namespace

long bpf_call(int command, void* attributes, unsigned size) {
  const long result = syscall(SYS_bpf, command, attributes, size);
  return result < 0 ? -errno : result;
}

Error refusal(int code) { return {reason(code), {}, code}; }

Result<UniqueFd> open_perf_event(const perf_event_attr& attributes, int pid, int cpu) {
  const long fd = syscall(SYS_perf_event_open, &attributes, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) return std::unexpected(refusal(errno));
  return UniqueFd(int(fd));
}

Result<UniqueFd> open_perf_event_somewhere(const perf_event_attr& attributes) {
  Result<UniqueFd> event = open_perf_event(attributes, -1, 0);
  if (!event && event.error().code == ENODEV) return open_perf_event(attributes, -1, online_cpus().front());
  return event;
}

Result<UniqueFd> attach_raw_tracepoint(int program_fd, const std::string& name, uint64_t cookie) {
  RawTracepointAttributes attributes{reinterpret_cast<uint64_t>(name.c_str()), uint32_t(program_fd), 0, cookie};
  long fd = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attributes, sizeof attributes);
  if (cookie != 0 && (fd == -EINVAL || fd == -E2BIG)) {
    // No cookies before Linux 6.10, and no program there that asks for one (KernelFeatures::raw_tp_cookie).
    attributes.cookie = 0;
    fd = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attributes, offsetof(RawTracepointAttributes, cookie));
  }
  if (fd == -ENOENT) return fail(fmt::format("the kernel has no tracepoint `{}`", name), {}, ENOENT);
  if (fd < 0) return std::unexpected(refusal(int(-fd)));
  return UniqueFd(int(fd));
}

Result<UniqueFd> attach_tracing_program(int program_fd) {
  RawTracepointAttributes attributes{0, uint32_t(program_fd), 0, 0};
  const long fd = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attributes, offsetof(RawTracepointAttributes, cookie));
  if (fd < 0) return std::unexpected(refusal(int(-fd)));
  return UniqueFd(int(fd));
}

Result<UniqueFd> attach_perf_event(int program_fd, UniqueFd event, uint64_t cookie) {
  bpf_attr attributes;
  std::memset(&attributes, 0, sizeof attributes);
  attributes.link_create.prog_fd = uint32_t(program_fd);
  attributes.link_create.target_fd = uint32_t(event.get());
  attributes.link_create.attach_type = BPF_PERF_EVENT;
  attributes.link_create.perf_event.bpf_cookie = cookie;
  // The link keeps the event, so its own descriptor need not stay.
  const long link = bpf_call(BPF_LINK_CREATE, &attributes, sizeof attributes);
  if (link >= 0) {
    if (ioctl(event.get(), PERF_EVENT_IOC_ENABLE, 0) < 0) {
      const int code = errno;
      UniqueFd(int(link)).reset();
      return std::unexpected(refusal(code));
    }
    return UniqueFd(int(link));
  }
  if (link != -EINVAL && link != -E2BIG) return std::unexpected(refusal(int(-link)));
  // Before Linux 5.15 perf events had no links.
  if (ioctl(event.get(), PERF_EVENT_IOC_SET_BPF, program_fd) < 0 || ioctl(event.get(), PERF_EVENT_IOC_ENABLE, 0) < 0)
    return std::unexpected(refusal(errno));
  return event;
}

Result<uint64_t> tracepoint_id(const std::string& system, const std::string& event) {
  char text[32];
  for (const char* root : {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}) {
    const ssize_t length = read_file(fmt::format("{}/events/{}/{}/id", root, system, event), text, sizeof text);
    uint64_t id = 0;
    if (length > 0 && std::from_chars(text, text + length, id).ec == std::errc()) return id;
  }
  return fail(fmt::format("the kernel has no tracepoint `{}:{}`", system, event), {}, ENOENT);
}

std::vector<int> online_cpus() {
  char text[4096];
  const ssize_t length = read_file("/sys/devices/system/cpu/online", text, sizeof text);
  std::vector<int> cpus;
  const char* at = text;
  const char* const end = text + (length > 0 ? length : 0);
  while (at < end) { // "0-3,6,8-9"
    int first = 0;
    const auto low = std::from_chars(at, end, first);
    if (low.ec != std::errc()) break;
    int last = first;
    at = low.ptr;
    if (at < end && *at == '-') at = std::from_chars(at + 1, end, last).ptr;
    for (int cpu = first; cpu <= last; ++cpu) cpus.push_back(cpu);
    if (at < end && *at == ',') ++at;
  }
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

} // namespace trapline::probes
