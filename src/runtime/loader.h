// The program's object in the kernel.
#pragma once

#include "program/program.h"
#include "support/result.h"

#include <memory>
#include <string>
#include <vector>

struct bpf_object;

namespace trapline::runtime {

// Of the libbpf that was linked: "v1.1".
const char* libbpf_version();

struct LoadOptions {
  // For the verifier's log; 0: libbpf asks for one when a program was refused.
  uint32_t log_bytes = 0;
  bool libbpf_log = false;   // libbpf's own messages go to standard error
  bool verifier_log = false; // also of programs that load
};

class LoadedObject {
public:
  // `log` receives libbpf's warnings and, of a refused program, the verifier's log, as explain_refusal() takes them.
  static Result<LoadedObject> load(const Program&, const LoadOptions&, std::string& log);

  int program_fd(const ProbeSpec&) const; // -1: none
  int map_fd(const char* name) const;     // -1: the program has no such map
  // By index of Program::maps.
  std::vector<int> map_fds(const Program&) const;

private:
  struct Close {
    void operator()(bpf_object*) const;
  };
  std::unique_ptr<bpf_object, Close> object_;
};

} // namespace trapline::runtime
