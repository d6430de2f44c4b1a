// Processes we start: the command of -c, held back until the probes are attached, and the shells of system().
#include "runtime/child.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (access(name.c_str(), X_OK) == 0) return name;
    return fail(fmt::format("cannot run `{}`: {}", name, std::strerror(errno)), {}, errno);
  }
  const char* path = getenv("PATH");
  std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  while (true) {
    const size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    std::string candidate = folder.empty() ? name : fmt::format("{}/{}", folder, name);
    struct stat info {};
    if (stat(candidate.c_str(), &info) == 0 && S_ISREG(info.st_mode) && access(candidate.c_str(), X_OK) == 0) return candidate;
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
  }
  return fail(fmt::format("cannot run `{}`: not found in PATH", name), {}, ENOENT);
}

// What this process changed for itself must not be inherited.
void restore_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
}

// In the child: wait for the gate, then become the program. Only system calls from here on.
[[noreturn]] void wait_and_execute(int gate, int failure, const char* program, char* const* arguments) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  char go = 0;
  ssize_t got;
  do {
    got = read(gate, &go, 1);
  } while (got < 0 && errno == EINTR);
  if (got != 1) _exit(0); // tracing did not begin
  restore_signals();
  execv(program, arguments);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failure, &error, sizeof error);
  _exit(127);
}

} // namespace

Result<std::vector<std::string>> split_command(std::string_view command) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = '\0';
  for (size_t i = 0; i < command.size(); i++) {
    const char c = command[i];
    const char next = i + 1 < command.size() ? command[i + 1] : '\0';
    if (quote != '\0') {
      const bool escapes = quote == '"' && c == '\\' && (next == '"' || next == '\\' || next == '$' || next == '`');
      if (escapes) {
        word += next;
        i++;
      } else if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == '\\' && next != '\0') {
      word += next;
      in_word = true;
      i++;
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != '\0') return fail(fmt::format("the command `{}` ends inside a quote ({})", command, quote));
  if (in_word) words.push_back(std::move(word));
  if (words.empty()) return fail("the command of -c is empty");
  return words;
}

Result<Child> Child::prepare(std::string_view command) {
  Result<std::vector<std::string>> words = split_command(command);
  if (!words) return std::unexpected(words.error());
  Result<std::string> program = find_program(words->front());
  if (!program) return std::unexpected(program.error());

  std::array<int, 2> gate{}, failure{};
  if (pipe2(gate.data(), O_CLOEXEC) != 0) return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)), {}, errno);
  UniqueFd gate_read(gate[0]), gate_write(gate[1]);
  if (pipe2(failure.data(), O_CLOEXEC) != 0) return fail(fmt::format("cannot make a pipe: {}", std::strerror(errno)), {}, errno);
  UniqueFd failure_read(failure[0]), failure_write(failure[1]);

  std::vector<char*> arguments;
  for (std::string& word : *words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  const pid_t pid = fork();
  if (pid < 0) return fail(fmt::format("cannot start `{}`: {}", *program, std::strerror(errno)), {}, errno);
  if (pid == 0) {
    close(gate[1]); // else the child would keep its own gate open
    wait_and_execute(gate[0], failure[1], program->c_str(), arguments.data());
  }

  Child child;
  child.program_ = *program;
  child.pid_ = pid;
  child.gate_ = std::move(gate_write);
  child.failure_ = std::move(failure_read);
  Result<UniqueFd> pidfd = watch_process(pid);
  if (!pidfd) return std::unexpected(pidfd.error());
  child.pidfd_ = std::move(*pidfd);
  return child;
}

Child::~Child() {
  if (!pidfd_) return; // moved from
  gate_.reset();
  syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGTERM, nullptr, 0);
  waitpid(pid_, nullptr, WNOHANG);
}

Result<void> Child::start() {
  const char go = 1;
  if (write(gate_.get(), &go, 1) != 1) return fail(fmt::format("cannot start `{}`: it is gone", program_));
  gate_.reset();
  int error = 0;
  ssize_t got;
  do {
    got = read(failure_.get(), &error, sizeof error); // ends when exec closes the other end
  } while (got < 0 && errno == EINTR);
  failure_.reset();
  if (got == sizeof error) return fail(fmt::format("cannot run `{}`: {}", program_, std::strerror(error)), {}, error);
  return {};
}

Result<UniqueFd> watch_process(int pid) {
  UniqueFd fd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) return fail(fmt::format("cannot watch process {}: {}", pid, std::strerror(errno)), {}, errno);
  return fd;
}

std::string run_shell(const std::string& command) {
  std::array<int, 2> pipe_ends{};
  if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return {};
  UniqueFd read_end(pipe_ends[0]), write_end(pipe_ends[1]);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, write_end.get(), STDOUT_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::string shell = "sh", option = "-c", text = command;
  std::array<char*, 4> arguments{shell.data(), option.data(), text.data(), nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, "/bin/sh", &files, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  write_end.reset();
  if (failed != 0) return {};

  std::string output;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(read_end.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    output.append(buffer.data(), static_cast<size_t>(got));
  }
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return output;
}

} // namespace trapline::runtime
