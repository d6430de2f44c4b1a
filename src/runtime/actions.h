// Carries out what records ask for, in the order of the ring: print, clear, zero, time, system, exit.
#pragma once

#include "runtime/format.h"
#include "runtime/maps.h"
#include "runtime/print.h"

#include <optional>
#include <span>
#include <vector>

namespace trapline::runtime {

class Actions {
public:
  // Everything passed in must outlive this.
  Actions(const Context&, Maps&, Printer&);

  // A whole record with its header. Records that make no sense are ignored. After an Exit all are until accept_again(),
  // but for those of maps whose bank was left with them: what it holds would be lost.
  void run(std::span<const uint8_t> record);
  // An action that found the ring full: print, clear, zero, time or exit. `number`: what its record would have carried.
  void run_pending(uint32_t action, uint64_t number);

  // Status of the first exit().
  const std::optional<int>& exit_status() const { return exit_status_; }
  // END may speak although exit() was called.
  void accept_again() { discarding_ = false; }

private:
  void on_map(const Action&, uint64_t turn);
  void print_time(const Action&);
  void join(const Action&, std::span<const uint8_t> record);
  void cat(const std::string& path, const Action&);
  void system(const std::string& command);
  void exit(uint64_t status);
  const std::string& format(uint32_t action, const uint8_t* record);

  const Context& context_;
  Maps& maps_;
  Printer& printer_;
  std::vector<Format> formats_; // by action
  std::string text_;
  std::optional<int> exit_status_;
  bool discarding_ = false;
};

} // namespace trapline::runtime
