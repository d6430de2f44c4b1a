// Counters of what went wrong in the kernel, and what is said about them: mistakes by place of the script, lost records by
// probe.
#pragma once

#include "program/object.h"
#include "program/program.h"
#include "runtime/print.h"

#include <cstdint>
#include <vector>

namespace trapline::runtime {

class Sites {
public:
  // `sites_fd` and `losses_fd`: the program's maps object::kSites and object::kLosses; -1: it has none.
  Sites(const Program&, int sites_fd, int losses_fd, Printer&);

  // Reports losses since the last call, and mistakes seen for the first time.
  void report();
  // The same, then how often each mistake was made if more than was told, and the total of what was lost.
  void report_final();

  // What the kernel counted so far, over all CPUs.
  struct Counts {
    std::vector<object::SiteCounter> sites; // by Program::sites
    std::vector<uint64_t> losses;           // by Program::probe_names
  };
  // report() and report_final() with given counts.
  void report(const Counts&);
  void report_final(const Counts&);

  Counts read() const;

private:
  const Program& program_;
  int sites_fd_, losses_fd_;
  Printer& printer_;
  std::vector<uint64_t> told_; // by site: the count when it was told
  std::vector<uint64_t> told_losses_;
  uint64_t lost_ = 0;
};

} // namespace trapline::runtime
