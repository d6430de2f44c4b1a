// Where tracing output goes: one file descriptor, our own buffer, large writes.
#include "runtime/output.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace trapline::runtime {

void Output::message_done() {
  if (buffering_ == Buffering::None || buffer_.size() >= kLargeWrite) flush();
}

void Output::write(std::string_view text) {
  buffer_ += text;
  message_done();
}

void Output::batch_done() {
  if (buffering_ == Buffering::Line) flush();
}

void Output::flush() {
  if (keeps_) return;
  std::string_view rest = buffer_;
  while (!rest.empty() && error_ == 0) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN) { // somebody else's non-blocking pipe or terminal
      pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  buffer_.clear();
}

Result<UniqueFd> open_output_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return fail(fmt::format("cannot write `{}`: {}", path, std::strerror(errno)), {}, errno);
  return fd;
}

} // namespace trapline::runtime
