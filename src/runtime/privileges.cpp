// Whether this process may load BPF programs at all.
#include "runtime/session.h"

#include "support/unique_fd.h"

#include <array>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace trapline::runtime {

std::optional<std::string> missing_privilege() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return std::nullopt; // the kernel will tell
  const auto has = [&](unsigned capability) { return (data[capability / 32].effective >> (capability % 32) & 1) != 0; };
  if (has(CAP_SYS_ADMIN)) return std::nullopt;
  const char* missing = !has(CAP_BPF) ? "CAP_BPF" : !has(CAP_PERFMON) ? "CAP_PERFMON" : nullptr;
  if (!missing) return std::nullopt;
  return fmt::format("Missing {} capability, please run trapline as the root user.", missing);
}

bool is_locked_down() {
  const UniqueFd file(open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC));
  std::array<char, 128> text{};
  const ssize_t size = file ? read(file.get(), text.data(), text.size()) : 0;
  return size > 0 && std::string_view(text.data(), static_cast<size_t>(size)).find("[confidentiality]") != std::string_view::npos;
}

} // namespace trapline::runtime
