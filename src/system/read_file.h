// Files as bytes.
#pragma once

#include "support/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace trapline {

// The whole of a file whose size need not be known (/proc, /sys).
Result<std::string> read_file(const std::string& path);

// A file's bytes, mapped where the kernel allows it, else read. Movable; the bytes stay where they are.
class FileBytes {
public:
  static Result<FileBytes> open(const std::string& path);
  explicit FileBytes(std::vector<std::byte> bytes) : owned_(std::move(bytes)) {}
  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&&) = delete;
  ~FileBytes();

  std::span<const std::byte> bytes() const {
    return mapping_ ? std::span(static_cast<const std::byte*>(mapping_), mapped_) : std::span<const std::byte>(owned_);
  }

private:
  FileBytes(void* mapping, size_t size) : mapping_(mapping), mapped_(size) {}

  void* mapping_ = nullptr;
  size_t mapped_ = 0;
  std::vector<std::byte> owned_;
};

} // namespace trapline
