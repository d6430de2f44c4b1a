// Reading and mapping files.
#include "system/read_file.h"

#include "support/unique_fd.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <utility>

namespace trapline {

namespace {

std::unexpected<Error> refused(const std::string& path) {
  int code = errno;
  return fail(fmt::format("cannot read {}: {}", path, std::strerror(code)), {}, code);
}

// Appends to `buffer` (a string or a vector of bytes) until the end of the file.
template <typename Buffer> bool read_all(int fd, Buffer& buffer, size_t expected) {
  size_t filled = 0;
  buffer.resize(expected);
  while (true) {
    if (filled == buffer.size()) buffer.resize(buffer.size() * 2);
    ssize_t got = ::read(fd, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  buffer.resize(filled);
  return true;
}

} // namespace

Result<std::string> read_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return refused(path);
  std::string text;
  if (!read_all(fd.get(), text, 4096)) return refused(path);
  return text;
}

Result<FileBytes> FileBytes::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd || fstat(fd.get(), &info) != 0) return refused(path);
  auto size = static_cast<size_t>(info.st_size);
  if (size > 0) {
    void* mapping = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapping != MAP_FAILED) return FileBytes(mapping, size);
  }
  std::vector<std::byte> bytes;
  if (!read_all(fd.get(), bytes, size + 4096)) return refused(path);
  return FileBytes(std::move(bytes));
}

FileBytes::FileBytes(FileBytes&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)), mapped_(std::exchange(other.mapped_, 0)),
      owned_(std::move(other.owned_)) {}

FileBytes::~FileBytes() {
  if (mapping_) munmap(mapping_, mapped_);
}

} // namespace trapline
