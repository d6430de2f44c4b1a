// Resolving the FILE part of attach points.
#include "system/live_binaries.h"

#include "support/unique_fd.h"
#include "system/glob.h"
#include "system/read_file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace trapline {

namespace {

// Looked through when the cache does not know a library.
constexpr std::array kLibraryDirectories = {"/lib64", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu",
                                            "/lib",   "/usr/lib",   "/usr/local/lib"};

std::string link_target(const std::string& path) {
  char buffer[256];
  ssize_t size = readlink(path.c_str(), buffer, sizeof buffer);
  return size > 0 ? std::string(buffer, static_cast<size_t>(size)) : std::string{};
}

// What to put before absolute paths of a process that sees other mounts or another root than we do.
std::string root_of(std::optional<int> pid) {
  if (!pid) return {};
  std::string theirs = fmt::format("/proc/{}", *pid);
  bool same = link_target(theirs + "/ns/mnt") == link_target("/proc/self/ns/mnt") &&
              link_target(theirs + "/root") == link_target("/proc/self/root");
  return same ? std::string{} : theirs + "/root";
}

bool is_file(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

std::string absolute(std::string_view path) {
  if (path.starts_with('/')) return std::string(path);
  while (path.starts_with("./")) path.remove_prefix(2);
  char* directory = getcwd(nullptr, 0);
  std::string result = fmt::format("{}/{}", directory ? directory : "", path);
  std::free(directory);
  return result;
}

bool is_elf(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char magic[SELFMAG];
  return fd && read(fd.get(), magic, SELFMAG) == SELFMAG && std::memcmp(magic, ELFMAG, SELFMAG) == 0;
}

// A wildcard gives ELF files only, and of several names of one file the first: a probe must not fire twice.
std::vector<std::string> existing_files(const std::string& pattern) {
  std::vector<std::string> paths = glob_paths(pattern);
  std::set<std::pair<dev_t, ino_t>> seen;
  std::erase_if(paths, [&](const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return true;
    return !seen.emplace(info.st_dev, info.st_ino).second || !is_elf(path);
  });
  return paths;
}

bool names_library(std::string_view name) { return name.starts_with("lib") || name.find(".so") != std::string_view::npos; }

// "libc" is any version of it.
std::string library_pattern(std::string_view name) {
  bool versioned = name.find(".so") != std::string_view::npos;
  return versioned ? std::string(name) : fmt::format("{}.so*", name);
}

std::string find_mapped_library(std::string_view name, int pid) {
  std::string pattern = library_pattern(name);
  for (const std::string& path : mapped_executables(pid)) {
    if (glob_match(pattern, std::string_view(path).substr(path.rfind('/') + 1))) return path;
  }
  return {};
}

std::vector<std::string> find_library(std::string_view name, std::optional<int> pid, const std::string& root) {
  if (pid) {
    std::string mapped = find_mapped_library(name, *pid);
    if (!mapped.empty()) return {mapped};
  }
  if (auto cache = FileBytes::open(root + "/etc/ld.so.cache")) {
    std::string_view text(reinterpret_cast<const char*>(cache->bytes().data()), cache->bytes().size());
    std::string path = find_in_ld_cache(text, name);
    if (!path.empty() && is_file(root + path)) return {root + path};
  }
  for (const char* directory : kLibraryDirectories) {
    // A library without a cache entry; of several versions the last in order is the newest.
    std::vector<std::string> found = existing_files(fmt::format("{}{}/{}", root, directory, library_pattern(name)));
    if (!found.empty()) return {found.back()};
  }
  return {};
}

// All directories for a wildcard, else the first that has it.
std::vector<std::string> find_program(std::string_view name, const std::string& root) {
  const char* variable = std::getenv("PATH");
  std::string_view rest = variable ? variable : "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";
  std::vector<std::string> result;
  while (!rest.empty()) {
    size_t end = std::min(rest.find(':'), rest.size());
    std::string_view directory = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!directory.starts_with('/')) continue;
    std::string path = fmt::format("{}{}/{}", root, directory, name);
    if (has_star(name)) std::ranges::move(existing_files(path), std::back_inserter(result));
    else if (is_file(path) && access(path.c_str(), X_OK) == 0) return {path};
  }
  std::ranges::sort(result);
  result.erase(std::ranges::unique(result).begin(), result.end());
  return result;
}

} // namespace

std::vector<std::string> resolve_binary(std::string_view name, std::optional<int> pid) {
  if (name.empty()) return {};
  if (name == "*" && pid) return mapped_executables(*pid);
  std::string root = root_of(pid);
  if (name.find('/') != std::string_view::npos) {
    std::string path = absolute(name);
    if (!root.empty() && !path.starts_with("/proc/")) path = root + path;
    if (has_star(name)) return existing_files(path);
    return is_file(path) ? std::vector{path} : std::vector<std::string>{};
  }
  if (names_library(name) && !has_star(name)) {
    auto found = find_library(name, pid, root);
    if (!found.empty()) return found;
  }
  return find_program(name, root);
}

std::vector<std::string> mapped_executables(int pid) {
  std::vector<std::string> paths;
  auto maps = read_file(fmt::format("/proc/{}/maps", pid));
  if (!maps) return paths;
  std::string root = root_of(pid);
  std::string_view rest = *maps;
  while (!rest.empty()) {
    size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    size_t permissions = line.find(' ');
    size_t path = line.find('/');
    if (path == std::string_view::npos || line.size() < permissions + 5 || line[permissions + 3] != 'x') continue;
    if (line.ends_with(" (deleted)") || line.compare(path, 8, "/memfd:") == 0) continue;
    std::string full = root + std::string(line.substr(path));
    if (std::ranges::find(paths, full) == paths.end()) paths.push_back(std::move(full));
  }
  return paths;
}

} // namespace trapline
