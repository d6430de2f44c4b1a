// Whether this process may load BPF programs at all.
#include "runtime/session.h"

#include <array>
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
  std::string missing;
  if (!has(CAP_BPF)) missing = "CAP_BPF";
  if (!has(CAP_PERFMON)) missing += missing.empty() ? "CAP_PERFMON" : " and CAP_PERFMON";
  if (missing.empty()) return std::nullopt;
  return fmt::format("needs root ({} missing)", missing);
}

} // namespace trapline::runtime
