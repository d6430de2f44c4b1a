// What ends a session from outside: signals, the end of the traced process.
#include "runtime/events.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

std::atomic<int> wake_fd = -1, user_fd = -1; // what a handler may know
std::atomic<int64_t> first_signal_ms = 0;

// timeout(1) and shells may send one signal twice, to the process and to its group; only one that comes later is a user
// who does not want to wait for the maps.
constexpr int64_t kImpatientMs = 1000;

int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void on_signal(int number) {
  const int saved = errno;
  int64_t none = 0;
  if (!first_signal_ms.compare_exchange_strong(none, now_ms()) && now_ms() - none > kImpatientMs) {
    signal(number, SIG_DFL);
    raise(number);
  }
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_fd.load(), &one, sizeof one);
  errno = saved;
}

void on_user_signal(int) {
  const int saved = errno;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(user_fd.load(), &one, sizeof one);
  errno = saved;
}

} // namespace

Result<Events> Events::open() {
  Events events;
  events.user_signals_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  events.signalled_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!events.signalled_ || !events.user_signals_) return fail(fmt::format("cannot wait for signals: {}", std::strerror(errno)), {}, errno);
  wake_fd = events.signalled_.get();
  user_fd = events.user_signals_.get();
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = on_user_signal; // a handler also where no block waits: the signal must not end us
  sigaction(SIGUSR1, &action, nullptr);
  signal(SIGPIPE, SIG_IGN); // a closed pipe is a failed write
  return events;
}

Events::~Events() {
  // The handlers stay: a signal that comes while we are ending anyway must not change the exit status.
  if (signalled_) wake_fd = user_fd = -1;
}

Events::Seen Events::wait(int process_fd, int ready_fd, int timeout_ms) {
  // poll() skips negative descriptors.
  std::array<pollfd, 4> fds{{{signalled_.get(), POLLIN, 0}, {process_fd, POLLIN, 0}, {ready_fd, POLLIN, 0}, {user_signals_.get(), POLLIN, 0}}};
  if (::poll(fds.data(), fds.size(), timeout_ms) <= 0) return {};
  uint64_t user_signals = 0;
  if (fds[3].revents != 0 && ::read(user_signals_.get(), &user_signals, sizeof user_signals) < 0) user_signals = 0;
  return {fds[0].revents != 0, fds[1].revents != 0, fds[2].revents != 0, user_signals};
}

} // namespace trapline::runtime
