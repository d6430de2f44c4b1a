// Where tracing output goes: one file descriptor, our own buffer, large writes. A failed write is remembered and ends
// the session; nothing is dropped silently.
#pragma once

#include "support/result.h"
#include "support/unique_fd.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace trapline::runtime {

enum class Buffering : uint8_t {
  Line, // written when a batch of records has been handled: a line never waits for the next event
  Full, // written when the buffer is full and at the end
  None, // every message at once
};

class Output {
public:
  // Borrows `fd`.
  Output(int fd, Buffering buffering) : fd_(fd), buffering_(buffering) {}
  // Keeps everything until take().
  explicit Output(std::nullptr_t) : fd_(-1), buffering_(Buffering::Full), keeps_(true) {}
  // Owns `fd`.
  Output(UniqueFd fd, Buffering buffering) : owned_(std::move(fd)), fd_(owned_.get()), buffering_(buffering) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() { flush(); }

  // Append to this, then call message_done().
  std::string& text() { return buffer_; }
  void message_done();
  void write(std::string_view text);
  // The records at hand have been handled.
  void batch_done();
  void flush();
  // What was written and kept.
  std::string take() { return std::exchange(buffer_, {}); }
  // errno of the first write that failed; 0: none.
  int error() const { return error_; }

private:
  static constexpr size_t kLargeWrite = 64 * 1024;

  UniqueFd owned_;
  int fd_;
  Buffering buffering_;
  std::string buffer_;
  bool keeps_ = false;
  int error_ = 0;
};

// Creates or truncates the file.
Result<UniqueFd> open_output_file(const std::string& path);

} // namespace trapline::runtime
