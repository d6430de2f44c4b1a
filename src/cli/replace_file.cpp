#include "cli/replace_file.h"

#include "support/unique_fd.h"

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trapline::cli {

namespace {

std::unexpected<Error> cannot_write(const std::string& path, int code) {
  return fail(fmt::format("cannot write `{}`: {}", path, std::strerror(code)), {}, code);
}

// errno, or 0.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

// Fills the temporary file and gives it the mode and owner of `old`, if there is such a file. errno, or 0.
int fill(int fd, std::string_view text, const struct stat* old) {
  if (const int code = write_all(fd, text)) return code;
  if (old && ::fchown(fd, old->st_uid, old->st_gid) != 0 && errno != EPERM) return errno;
  if (::fchmod(fd, old ? old->st_mode & 07777 : mode_of_new_files()) != 0) return errno;
  return ::fsync(fd) != 0 ? errno : 0;
}

} // namespace

Result<void> replace_file(const std::string& path, std::string_view text) {
  struct stat old {};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const int code = file ? write_all(file.get(), text) : errno;
    return code == 0 ? Result<void>() : cannot_write(path, code);
  }
  std::string target = path;
  char resolved[PATH_MAX];
  if (exists && ::realpath(path.c_str(), resolved)) target = resolved;

  std::string temporary = target + ".XXXXXX";
  UniqueFd file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return cannot_write(path, errno);
  int code = fill(file.get(), text, exists ? &old : nullptr);
  if (code == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) code = errno;
  if (code == 0) return {};
  ::unlink(temporary.c_str());
  return cannot_write(path, code);
}

} // namespace trapline::cli
