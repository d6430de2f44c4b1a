// Runs blocks in trapline's own context and watches what they do: for tests and benchmarks.
#pragma once

#include "runtime/actions.h"
#include "runtime/banks.h"
#include "runtime/loader.h"
#include "runtime/pending.h"
#include "runtime/ring.h"
#include "runtime/session.h"
#include "runtime/sites.h"
#include "runtime/symbolize.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trapline::runtime {

class BlockRunner {
public:
  BlockRunner(const Program& program, const SourceFile& source, const RunOptions& options)
      : program_(program), source_(source), options_(options), symbols_(program.settings.cpp_demangle), context_{program, symbols_} {}

  Result<void> load();

  // Of one or several runs.
  struct Outcome {
    uint64_t runs = 0;
    uint64_t nanoseconds = 0; // of all runs, inside the kernel
    uint32_t returned = 0;    // the first value that is not 0
    int exit_status = 0;
    bool reported_error = false; // errorf(), or a mistake at run time
    std::string output;

    bool failed() const { return returned != 0 || exit_status != 0 || reported_error; }
  };
  // Runs it `times` times, or until something is wrong. What it prints is kept.
  Result<Outcome> run(const ProbeSpec&, uint64_t times);

private:
  Result<uint32_t> run_once(int program_fd);
  void take_records(Outcome&, Actions&);
  void take_mistakes(Outcome&, const Sites::Counts& before);

  const Program& program_;
  const SourceFile& source_;
  const RunOptions& options_;
  Symbolizer symbols_;
  Context context_;
  Output kept_{nullptr};
  std::optional<LoadedObject> object_;
  std::unique_ptr<Banks> banks_;
  std::unique_ptr<Maps> maps_;
  std::unique_ptr<Printer> printer_;
  std::unique_ptr<Sites> sites_;
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<RingReader> ring_;
  UniqueFd statistics_; // while open the kernel counts the time that programs take
  Batch batch_;
};

} // namespace trapline::runtime
