// Maps with two banks as the kernel has them: their words, their BPF maps, and the wait for running programs.
#pragma once

#include "program/program.h"
#include "runtime/loader.h"
#include "runtime/turning.h"
#include "support/result.h"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace trapline::runtime {

class Banks {
public:
  // nullptr: no map has two banks.
  static Result<std::unique_ptr<Banks>> open(const Program&, const LoadedObject&);
  ~Banks();

  Turning& turning() { return *turning_; }

  // Where the elements of a turn are.
  struct Bank {
    int fd = -1;
    uint32_t key = 0; // of a scalar map
  };
  Bank at(const MapSpec& map, uint64_t turn) const { return banks_[static_cast<size_t>(map.banks)][turn & 1]; }

private:
  Banks() = default;

  object::Banks* words_ = nullptr;
  size_t bytes_ = 0;
  std::vector<std::array<Bank, 2>> banks_; // by MapSpec::banks
  std::optional<Turning> turning_;
};

} // namespace trapline::runtime
