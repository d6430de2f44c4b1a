// The live Resolver: symbols through libbcc_bpf, users, control groups. Everything is read when it is first printed.
#pragma once

#include "runtime/cgroups.h"
#include "runtime/generated_code.h"
#include "runtime/processes.h"
#include "runtime/resolver.h"

#include <map>
#include <memory>
#include <unordered_map>

namespace trapline::runtime {

class Symbolizer final : public Resolver {
public:
  explicit Symbolizer(bool demangle);
  ~Symbolizer() override;

  // What processes map: remembered, so that their addresses have names after they have gone.
  Processes& processes() { return processes_; }

  Symbol kernel_symbol(uint64_t address) override;
  Symbol user_symbol(uint64_t address, uint32_t tgid) override;
  std::string username(uint64_t uid) override;
  std::string cgroup_path(uint64_t id, std::string_view pattern) override;
  timespec wall_clock(uint64_t ns, Clock clock) override;

private:
  Symbol find_user_symbol(uint64_t address, uint32_t tgid);
  Symbol generated_symbol(uint64_t address, uint32_t tgid);
  std::string demangled(const std::string& name) const;

  bool demangle_;
  int64_t wall_minus_boot_ns_, wall_minus_tai_ns_;
  Processes processes_;
  std::map<std::pair<uint32_t, uint64_t>, Symbol> user_symbols_; // found since the last change of any process
  uint64_t changes_ = 0;
  void* kernel_ = nullptr; // libbcc_bpf's cache of /proc/kallsyms
  std::unordered_map<uint64_t, Symbol> kernel_symbols_;
  std::unordered_map<uint32_t, std::unique_ptr<GeneratedCode>> generated_;
  std::unordered_map<uint64_t, std::string> usernames_;
  Cgroups cgroups_;
};

} // namespace trapline::runtime
