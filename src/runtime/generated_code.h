// Names of code that a just-in-time compiler made: /tmp/perf-PID.map, lines of "START SIZE NAME" in hexadecimal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace trapline::runtime {

class GeneratedCode {
public:
  // Finds the file where the process sees it; /tmp when it has gone.
  explicit GeneratedCode(uint32_t tgid);

  struct Function {
    uint64_t start = 0, size = 0;
    std::string name;
  };
  // nullptr if the file does not name the address; reads it again when it has grown.
  const Function* find(uint64_t address);
  const std::string& path() const { return path_; }

private:
  const Function* find_known(uint64_t address) const;
  void refresh();

  std::string path_;
  off_t read_size_ = -1;
  std::vector<Function> functions_; // by start
};

} // namespace trapline::runtime
