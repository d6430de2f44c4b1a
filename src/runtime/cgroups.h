// Where control groups are, by id, in all hierarchies that are mounted.
#pragma once

#include "support/unique_fd.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::runtime {

class Cgroups {
public:
  // See Resolver::cgroup_path. The mounts are read when first asked; answers are remembered.
  std::string path(uint64_t id, std::string_view pattern);

private:
  struct Hierarchy {
    std::string name;  // "unified" for version 2, the folder's name ("memory", "cpu,cpuacct") for version 1
    std::string mount; // "/sys/fs/cgroup/memory"
    UniqueFd root;
  };

  void read_mounts();
  std::string find(uint64_t id, std::string_view pattern);

  bool read_ = false;
  std::vector<Hierarchy> hierarchies_; // in the order of their mounts
  std::map<std::pair<uint64_t, std::string>, std::string, std::less<>> known_;
};

} // namespace trapline::runtime
