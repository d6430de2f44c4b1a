// Starting, listening to and ending processes.
#include "support/process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>

using namespace std::chrono_literals;

namespace trapline::testing_support {

namespace {

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return fail(fmt::format("pipe: {}", strerror(errno)), {}, errno);
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

// In the child: never returns. `failure` closes when the program runs, or receives why it does not.
[[noreturn]] void become(const Process::Start& start, int input, int out, int err, int failure) {
  // A runner that is killed takes its processes along.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL);
  if (input >= 0) dup2(input, STDIN_FILENO);
  if (out >= 0) dup2(out, STDOUT_FILENO);
  if (err >= 0) dup2(err, STDERR_FILENO);
  for (const std::string& variable : start.environment) putenv(const_cast<char*>(variable.c_str()));
  std::vector<char*> words;
  for (const std::string& word : start.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  const int code = errno;
  _exit(write(failure, &code, sizeof code) == sizeof code ? 127 : 126);
}

} // namespace

Result<Process> Process::start(const Start& start) {
  Result<Pipe> input = make_pipe(), out = make_pipe(), err = make_pipe(), failure = make_pipe();
  for (const Result<Pipe>* pipe : {&input, &out, &err, &failure})
    if (!*pipe) return std::unexpected(pipe->error());
  Process process;
  process.pid_ = fork();
  if (process.pid_ < 0) return fail(fmt::format("fork: {}", strerror(errno)), {}, errno);
  if (process.pid_ == 0) {
    become(start, input->read.get(), start.capture ? out->write.get() : -1, start.capture ? err->write.get() : -1,
           failure->write.get());
  }
  failure->write.reset();
  if (int code = 0; read(failure->read.get(), &code, sizeof code) == sizeof code)
    return fail(fmt::format("cannot run {}: {}", start.words[0], strerror(code)), {}, code);
  if (start.keep_input) process.input_ = std::move(input->write);
  if (start.capture) {
    process.out_ = std::move(out->read);
    process.err_ = std::move(err->read);
    fcntl(process.out_.get(), F_SETFL, O_NONBLOCK);
    fcntl(process.err_.get(), F_SETFL, O_NONBLOCK);
  }
  return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), input_(std::move(other.input_)), out_(std::move(other.out_)),
      err_(std::move(other.err_)), output_(std::move(other.output_)), error_output_(std::move(other.error_output_)),
      ended_(other.ended_), wait_status_(other.wait_status_), max_rss_kib_(other.max_rss_kib_) {}

Process::~Process() { kill(); }

void Process::give_input(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(input_.get(), text.data(), text.size());
    if (n <= 0) break;
    text.remove_prefix(static_cast<size_t>(n));
  }
  input_.reset();
}

void Process::send(int signal) const {
  if (pid_ > 0 && !ended_) ::kill(pid_, signal);
}

bool Process::wait_until_asleep(std::chrono::milliseconds limit) const {
  const std::string path = fmt::format("/proc/{}/stat", pid_);
  for (const auto deadline = Clock::now() + limit; Clock::now() < deadline; std::this_thread::sleep_for(1ms)) {
    std::ifstream in(path);
    std::string stat;
    std::getline(in, stat);
    // "pid (comm) state ..."
    if (const size_t name_end = stat.rfind(") "); name_end != std::string::npos && stat[name_end + 2] == 'S') return true;
  }
  return false;
}

void Process::kill() {
  if (pid_ <= 0 || ended_) return;
  send(SIGKILL);
  reap(0);
}

bool Process::reap(int options) {
  rusage usage{};
  if (!ended_ && wait4(pid_, &wait_status_, options, &usage) == pid_) {
    ended_ = true;
    max_rss_kib_ = usage.ru_maxrss;
  }
  return ended_;
}

void Process::drain(UniqueFd& fd, std::string& into) {
  char buffer[65536];
  while (fd) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n > 0) {
      into.append(buffer, static_cast<size_t>(n));
    } else {
      if (n == 0) fd.reset();
      return;
    }
  }
}

bool Process::pump(std::chrono::milliseconds wait) {
  // Without output to wait for, or with a process that closed it, look for its end every few milliseconds.
  const auto deadline = Clock::now() + wait;
  do {
    pollfd fds[2] = {{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    const int ready = poll(fds, 2, static_cast<int>(std::clamp<long>(left, 0, 5)));
    reap(WNOHANG);
    drain(out_, output_);
    drain(err_, error_output_);
    // What it left in the pipes was read after it ended; a child of its own may hold them open.
    if (ended_ || ready > 0) break;
  } while (Clock::now() < deadline);
  return ended_;
}

bool Process::exited() const { return ended_ && WIFEXITED(wait_status_); }

int Process::status() const { return WIFEXITED(wait_status_) ? WEXITSTATUS(wait_status_) : WTERMSIG(wait_status_); }

void adopt_orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGPIPE, SIG_IGN);
}

void kill_orphans() {
  const std::string path = fmt::format("/proc/self/task/{}/children", getpid());
  for (int attempt = 0; attempt < 100; attempt++) {
    std::ifstream in(path);
    pid_t child = 0;
    bool found = false;
    while (in >> child) {
      found = true;
      ::kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
    if (!found) return;
  }
}

} // namespace trapline::testing_support
