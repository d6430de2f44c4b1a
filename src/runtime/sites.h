// Counters of what went wrong in the kernel, and what is said about them.
#pragma once

#include "program/program.h"
#include "runtime/print.h"

#include <cstdint>
#include <vector>

namespace trapline::runtime {

class Sites {
public:
  // `map_fd`: the program's "sites" map; -1: it has none.
  Sites(const Program&, int map_fd, Printer&);

  // Reports losses since the last call, and mistakes seen for the first time.
  void report();
  // The same, then the total of what was lost.
  void report_final();

  // How often each site happened, over all CPUs. Empty: cannot be read.
  std::vector<uint64_t> read() const;
  // report() with given counts.
  void report(const std::vector<uint64_t>& counts);

private:
  std::string where(const Site&) const;

  const Program& program_;
  int map_fd_;
  Printer& printer_;
  std::vector<uint64_t> reported_; // losses reported, or nonzero: mistake reported
  uint64_t lost_ = 0;
};

} // namespace trapline::runtime
