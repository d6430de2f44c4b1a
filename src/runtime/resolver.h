// Names behind numbers: symbols, users, control groups, wall-clock time. Live asks the machine; tests are told.
#pragma once

#include "types/type.h"

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace trapline::runtime {

struct Symbol {
  bool known = false;
  std::string name;    // demangled if the script wants that
  std::string module;  // path of the file for a user address that lies in one, even when the name is not known
  uint64_t offset = 0; // bytes from the start of the symbol
};

class Resolver {
public:
  virtual ~Resolver() = default;
  virtual Symbol kernel_symbol(uint64_t address) = 0;
  virtual Symbol user_symbol(uint64_t address, uint32_t tgid) = 0;
  // The number as text when the user is not known.
  virtual std::string username(uint64_t uid) = 0;
  // "memory:/path,unified:/path": where the hierarchies that match `pattern` (`*`: any text; empty: all) have a group of this
  // id. The number as text when none has.
  virtual std::string cgroup_path(uint64_t id, std::string_view pattern) = 0;
  // What `clock` counted so many nanoseconds at.
  virtual timespec wall_clock(uint64_t ns, Clock clock) = 0;
};

} // namespace trapline::runtime
