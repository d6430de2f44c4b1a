#include "runtime/block_runner.h"

#include "program/object.h"
#include "runtime/globals.h"
#include "runtime/limits.h"

#include <array>
#include <bpf/bpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

// How long a program ran in the kernel, and how often; zeros where it does not count.
struct RunTime {
  uint64_t nanoseconds = 0, runs = 0;
};

RunTime run_time(int program_fd) {
  bpf_prog_info info{};
  uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program_fd, &info, &size) != 0) return {};
  return {info.run_time_ns, info.run_cnt};
}

} // namespace

Result<void> BlockRunner::load() {
  raise_limits(program_, [](const std::string&) {}); // nothing is attached: what matters will be refused
  std::string log;
  const LoadOptions how{.libbpf_log = options_.libbpf_log, .verifier_log = options_.verifier_log};
  Result<LoadedObject> object = LoadedObject::load(program_, how, log);
  if (!object) {
    if (options_.verbose && !options_.libbpf_log) fmt::print(stderr, "{}", log);
    return std::unexpected(object.error());
  }
  object_ = std::move(*object);
  set_globals(*object_, 0);
  Result<std::unique_ptr<Banks>> banks = Banks::open(program_, *object_);
  if (!banks) return std::unexpected(banks.error());
  banks_ = std::move(*banks);
  maps_ = make_live_maps(program_, object_->map_fds(program_), banks_.get());
  printer_ = make_text_printer({context_, source_, kept_, kept_, true, options_.warnings});
  sites_ = std::make_unique<Sites>(program_, object_->map_fd(object::kSites), object_->map_fd(object::kLosses), *printer_);
  if (const int fd = object_->map_fd(object::kPending); fd >= 0) {
    Result<std::unique_ptr<Pending>> pending = Pending::open(program_, fd, object_->map_fd(object::kPendingValue));
    if (!pending) return std::unexpected(pending.error());
    pending_ = std::move(*pending);
  }
  if (const int fd = object_->map_fd(object::kRing); fd >= 0) {
    Result<std::unique_ptr<RingReader>> ring = RingReader::open(fd, program_, {});
    if (!ring) return std::unexpected(ring.error());
    ring_ = std::move(*ring);
  }
  statistics_ = UniqueFd(bpf_enable_stats(BPF_STATS_RUN_TIME)); // without it (before 5.8) we look at our own clock
  return {};
}

Result<uint32_t> BlockRunner::run_once(int program_fd) {
  std::array<uint64_t, 12> context{}; // as many arguments as a raw tracepoint may have
  bpf_test_run_opts options{};
  options.sz = sizeof options;
  options.ctx_in = context.data();
  options.ctx_size_in = sizeof context;
  if (bpf_prog_test_run_opts(program_fd, &options) != 0) return fail(std::strerror(errno), {}, errno);
  return options.retval;
}

Result<BlockRunner::Outcome> BlockRunner::run(const ProbeSpec& probe, uint64_t times) {
  constexpr uint64_t kRunsPerDrain = 64; // what they print must fit the ring
  Outcome outcome;
  Actions actions(context_, *maps_, *printer_);
  const int fd = object_->program_fd(probe);
  const Sites::Counts before = sites_->read();
  const RunTime counted_before = run_time(fd);
  uint64_t clocked = 0;
  while (outcome.runs < times && !outcome.failed()) {
    for (uint64_t i = 0; i < kRunsPerDrain && outcome.runs < times && outcome.returned == 0; i++) {
      const uint64_t start = nanoseconds(CLOCK_MONOTONIC);
      const Result<uint32_t> returned = run_once(fd);
      clocked += nanoseconds(CLOCK_MONOTONIC) - start;
      if (!returned) return std::unexpected(returned.error());
      outcome.returned = *returned;
      outcome.runs++;
    }
    take_records(outcome, actions);
  }
  const RunTime counted = run_time(fd);
  const bool has_counted = counted.runs - counted_before.runs == outcome.runs;
  outcome.nanoseconds = has_counted ? counted.nanoseconds - counted_before.nanoseconds : clocked;
  take_mistakes(outcome, before);
  outcome.output = kept_.take();
  return outcome;
}

void BlockRunner::take_records(Outcome& outcome, Actions& actions) {
  if (ring_) {
    ring_->drain(batch_);
    batch_.for_each([&](std::span<const uint8_t> record) {
      RecordHeader header{};
      std::memcpy(&header, record.data(), std::min(record.size(), sizeof header));
      const bool known = header.action < program_.actions.size();
      if (known && !actions.exit_status() && program_.actions[header.action].kind == ActionKind::Errorf) outcome.reported_error = true;
      actions.run(record);
    });
  }
  if (pending_) pending_->run(actions);
  outcome.exit_status = actions.exit_status().value_or(0);
}

// A lost record says nothing about what the block did.
void BlockRunner::take_mistakes(Outcome& outcome, const Sites::Counts& before) {
  const Sites::Counts after = sites_->read();
  for (size_t i = 0; i < after.sites.size() && i < before.sites.size(); i++) {
    const uint64_t more = after.sites[i].count - before.sites[i].count;
    if (more == 0) continue;
    outcome.reported_error = true;
    printer_->site(program_.sites[i], {.count = more, .code = after.sites[i].code});
  }
}

} // namespace trapline::runtime
