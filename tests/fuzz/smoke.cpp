// fuzz_smoke [--seconds N] [--seed N] [FILE...]: compiles damaged scripts for some seconds, or the files once. It needs no
// instrumented build, so that every test run has it. Each input is compiled by a forked process, many in a row; when that
// process crashes or hangs, the input is kept and named.
#include "fuzz/compile_input.h"
#include "fuzz/mutate.h"
#include "support/closing_line.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr unsigned kSecondsPerInput = 10;
constexpr size_t kMaxInput = 1 << 16;

// What the child works on, seen by both processes.
struct Shared {
  size_t inputs;
  size_t size;
  char text[kMaxInput];
};

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> read_corpus() {
  std::vector<std::string> corpus;
  for (const char* folder : {"tests/golden", "scripts"})
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(fs::path(TRAPLINE_SOURCE_DIR) / folder))
      if (entry.path().extension() == ".bt" && entry.file_size() < 8192 && entry.file_size() > 0)
        corpus.push_back(read_file(entry.path()));
  return corpus;
}

void compile_shared(Shared& shared, const std::string& text) {
  shared.size = std::min(text.size(), kMaxInput);
  std::memcpy(shared.text, text.data(), shared.size);
  alarm(kSecondsPerInput);
  trapline::fuzz::compile_input({shared.text, shared.size});
  shared.inputs++;
}

// The child's work: until the time is over. Never returns.
[[noreturn]] void fuzz_until(Clock::time_point end, uint64_t seed, const std::vector<std::string>& corpus, Shared& shared) {
  std::mt19937_64 random(seed);
  while (Clock::now() < end) compile_shared(shared, trapline::fuzz::mutate(corpus, random));
  _exit(0);
}

std::string keep(const Shared& shared, int number) {
  const std::string path = fmt::format("/tmp/trapline-fuzz-{}-{}.bt", getpid(), number);
  std::ofstream(path, std::ios::binary).write(shared.text, static_cast<std::streamsize>(shared.size));
  return path;
}

int compile_files(int count, char** paths) {
  for (int i = 0; i < count; i++) trapline::fuzz::compile_input(read_file(paths[i]));
  return 0;
}

int smoke(long seconds, uint64_t seed) {
  const std::vector<std::string> corpus = read_corpus();
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || corpus.empty()) return 2;
  Shared& shared = *static_cast<Shared*>(memory);
  const Clock::time_point end = Clock::now() + std::chrono::seconds(seconds);
  int crashes = 0;
  fmt::print("seed {}, {} scripts\n", seed, corpus.size());
  std::fflush(stdout);
  while (Clock::now() < end && crashes < 10) {
    const pid_t child = fork();
    if (child == 0) fuzz_until(end, seed++, corpus, shared);
    seed++;
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    fmt::print("the compiler {} (signal {}): {}\n", signal == SIGALRM ? "hangs" : "crashes", signal, keep(shared, ++crashes));
  }
  fmt::print("{} inputs\n", shared.inputs);
  trapline::testing_support::print_closing_line("fuzz", crashes == 0 ? 1 : 0, crashes, 0);
  return crashes == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  long seconds = 10;
  uint64_t seed = static_cast<uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  int i = 1;
  for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atol(argv[i + 1]);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 0);
  }
  return i < argc ? compile_files(argc - i, argv + i) : smoke(seconds, seed);
}
