// Finds control groups: the id is the inode number, and the kernel opens files of kernfs by it (fs/kernfs/mount.c).
#include "runtime/cgroups.h"

#include "probes/provider.h"

#include <array>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <mntent.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr int kKernfsHandle = 0xfe; // FILEID_KERNFS

// Path inside of the hierarchy, "/" for its root.
std::optional<std::string> path_in(const UniqueFd& root, const std::string& mount, uint64_t id) {
  alignas(file_handle) std::array<char, sizeof(file_handle) + sizeof id> storage{};
  auto* handle = reinterpret_cast<file_handle*>(storage.data());
  handle->handle_bytes = sizeof id;
  handle->handle_type = kKernfsHandle;
  std::memcpy(handle->f_handle, &id, sizeof id);
  const UniqueFd group(open_by_handle_at(root.get(), handle, O_PATH | O_CLOEXEC));
  if (!group) return std::nullopt;
  std::array<char, 4096> path{};
  const ssize_t length = readlink(fmt::format("/proc/self/fd/{}", group.get()).c_str(), path.data(), path.size());
  if (length < static_cast<ssize_t>(mount.size())) return std::nullopt;
  const std::string inside(path.data() + mount.size(), static_cast<size_t>(length) - mount.size());
  return inside.empty() ? "/" : inside;
}

} // namespace

void Cgroups::read_mounts() {
  read_ = true;
  const std::unique_ptr<FILE, int (*)(FILE*)> mounts(setmntent("/proc/self/mounts", "re"), endmntent);
  if (!mounts) return;
  mntent entry{};
  std::array<char, 8192> line{};
  while (getmntent_r(mounts.get(), &entry, line.data(), static_cast<int>(line.size()))) {
    const std::string_view type = entry.mnt_type, mount = entry.mnt_dir;
    if (type != "cgroup" && type != "cgroup2") continue;
    UniqueFd root(::open(entry.mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) continue;
    const std::string_view folder = mount.substr(mount.rfind('/') + 1);
    hierarchies_.push_back({std::string(type == "cgroup2" ? "unified" : folder), std::string(mount), std::move(root)});
  }
}

std::string Cgroups::find(uint64_t id, std::string_view pattern) {
  if (!read_) read_mounts();
  std::string text;
  for (const Hierarchy& hierarchy : hierarchies_) {
    if (!pattern.empty() && !probes::matches(pattern, hierarchy.name)) continue;
    const std::optional<std::string> path = path_in(hierarchy.root, hierarchy.mount, id);
    if (path) text += fmt::format("{}{}:{}", text.empty() ? "" : ",", hierarchy.name, *path);
  }
  return text.empty() ? fmt::format("{}", id) : text;
}

std::string Cgroups::path(uint64_t id, std::string_view pattern) {
  auto [known, is_new] = known_.try_emplace({id, std::string(pattern)});
  if (is_new) known->second = find(id, pattern);
  return known->second;
}

} // namespace trapline::runtime
