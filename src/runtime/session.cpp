// One run of a program: load, attach, take what it sends, detach, print.
#include "runtime/session.h"

#include "program/object.h"
#include "runtime/attach.h"
#include "runtime/banks.h"
#include "runtime/child.h"
#include "runtime/events.h"
#include "runtime/globals.h"
#include "runtime/limits.h"
#include "runtime/loader.h"
#include "runtime/notify.h"
#include "runtime/packets.h"
#include "runtime/pending.h"
#include "runtime/ring.h"
#include "runtime/sites.h"
#include "runtime/symbolize.h"
#include "support/color.h"
#include "runtime/verifier_log.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <cstdlib>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr uint32_t kLogBytes = 1'000'000; // for the verifier, unless log_size says otherwise
constexpr int kPendingMs = 100; // how long a control action that found the ring full may wait
constexpr int kSitesMs = 1000;  // how often mistakes and losses are looked for
constexpr int kRefusedStatus = 255; // the kernel did not take the program
constexpr uint64_t kMillisecond = 1'000'000;

class Session {
public:
  Session(const Program& program, const SourceFile& source, const RunOptions& options)
      : program_(program), source_(source), options_(options) {}

  Result<int> run();
  // Of the process when run() failed.
  int failure_status() const { return failure_status_; }
  // Where in the script the kernel refused it, if that is known.
  const std::optional<Diagnostic>& refusal() const { return refusal_; }

private:
  // In the order of a session.
  Result<void> open_output();
  Result<void> find_process();
  Result<void> load();
  Result<LoadedObject> load_with_places(const Error&);
  Result<void> open_ring();
  Result<void> attach();
  Result<void> trace();
  void detach();
  Result<void> run_end();
  void print_maps();
  Result<int> finish();

  void take_records();
  void handle(const Batch&);
  void run_pending();
  void take_packets();
  int poll_timeout() const;
  bool is_over() const; // --duration
  bool has_work() const; // something besides BEGIN and END
  void warn(const std::string& text);

  const Program& program_;
  const SourceFile& source_;
  const RunOptions& options_;

  Output err_{STDERR_FILENO, Buffering::None};
  std::unique_ptr<Output> out_;
  std::optional<Child> child_;
  UniqueFd watched_; // pidfd of -p
  std::string load_log_;
  std::optional<Diagnostic> refusal_;
  std::optional<LoadedObject> object_;
  std::unique_ptr<Symbolizer> symbols_;
  std::optional<Context> context_;
  std::unique_ptr<Banks> banks_;
  std::unique_ptr<Maps> maps_;
  std::unique_ptr<Printer> printer_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<Sites> sites_;
  std::unique_ptr<Pending> pending_;
  std::unique_ptr<Packets> packets_;
  std::optional<Events> events_;
  std::unique_ptr<RingReader> ring_;
  AttachedProbes attached_; // after the ring: detached before its reader ends
  Batch batch_;
  bool child_ended_ = false;
  std::optional<uint64_t> deadline_; // CLOCK_MONOTONIC
  int failure_status_ = 1;
};

Result<int> Session::run() {
  if (Result<void> r = open_output(); !r) return std::unexpected(r.error());
  if (Result<void> r = find_process(); !r) return std::unexpected(r.error());
  failure_status_ = kRefusedStatus;
  if (Result<void> r = load(); !r) return std::unexpected(r.error());
  set_globals(*object_, child_ ? static_cast<uint64_t>(child_->pid()) : 0);
  if (Result<void> r = open_ring(); !r) return std::unexpected(r.error());
  if (Result<void> r = run_special(program_, *object_, ProbeRole::Begin); !r) return std::unexpected(r.error());
  if (Result<void> r = attach(); !r) return std::unexpected(r.error());
  if (options_.dry_run) return 0;
  failure_status_ = 1;
  if (Result<void> r = trace(); !r) return std::unexpected(r.error());
  notify_manager("STOPPING=1");
  detach();
  failure_status_ = kRefusedStatus;
  if (Result<void> r = run_end(); !r) return std::unexpected(r.error());
  failure_status_ = 1;
  print_maps();
  return finish();
}

Result<void> Session::open_output() {
  if (!options_.output) {
    out_ = std::make_unique<Output>(STDOUT_FILENO, options_.buffering);
    return {};
  }
  Result<UniqueFd> file = open_output_file(*options_.output);
  if (!file) return std::unexpected(file.error());
  out_ = std::make_unique<Output>(std::move(*file), options_.buffering);
  return {};
}

Result<void> Session::find_process() {
  if (options_.command) {
    Result<Child> child = Child::prepare(*options_.command);
    if (!child) return std::unexpected(child.error());
    child_.emplace(std::move(*child));
  } else if (options_.pid) {
    Result<UniqueFd> fd = watch_process(*options_.pid);
    if (!fd) return std::unexpected(fd.error());
    watched_ = std::move(*fd);
  }
  return {};
}

Result<void> Session::load() {
  raise_limits(program_, [this](const std::string& text) { warn(text); });
  const LoadOptions how{.libbpf_log = options_.libbpf_log, .verifier_log = options_.verifier_log};
  Result<LoadedObject> object = LoadedObject::load(program_, how, load_log_);
  if (!object) object = load_with_places(object.error());
  if (!object) {
    if (options_.verbose && !options_.libbpf_log) err_.write(load_log_);
    if (object.error().code == EPERM && is_locked_down()) {
      return fail("the kernel is locked down to `confidentiality`: BPF programs may not read its memory",
                  "start it with lockdown=integrity, or without; see /sys/kernel/security/lockdown", EPERM);
    }
    return std::unexpected(object.error());
  }
  object_ = std::move(*object);

  symbols_ = std::make_unique<Symbolizer>(program_.settings.cpp_demangle);
  context_.emplace(Context{program_, *symbols_});
  Result<std::unique_ptr<Banks>> banks = Banks::open(program_, *object_);
  if (!banks) return std::unexpected(banks.error());
  banks_ = std::move(*banks);
  maps_ = make_live_maps(program_, object_->map_fds(program_), banks_.get());
  printer_ = make_printer(options_.format, {*context_, source_, *out_, err_, options_.quiet, options_.warnings});
  actions_ = std::make_unique<Actions>(*context_, *maps_, *printer_);
  sites_ = std::make_unique<Sites>(program_, object_->map_fd(object::kSites), object_->map_fd(object::kLosses), *printer_);
  if (const int fd = object_->map_fd(object::kPending); fd >= 0) {
    Result<std::unique_ptr<Pending>> pending = Pending::open(program_, fd, object_->map_fd(object::kPendingValue));
    if (!pending) return std::unexpected(pending.error());
    pending_ = std::move(*pending);
  }
  if (const int fd = object_->map_fd(object::kPackets); fd >= 0) {
    Result<std::unique_ptr<Packets>> packets = Packets::open(program_, fd);
    if (!packets) {
      failure_status_ = 1;
      return std::unexpected(packets.error());
    }
    packets_ = std::move(*packets);
  }
  return {};
}

// Again, now with the script's places in the program, which the verifier's log then names.
Result<LoadedObject> Session::load_with_places(const Error& error) {
  if (!explain_refusal(load_log_, error.code, program_).from_verifier || !options_.with_line_info) return std::unexpected(error);
  const std::optional<Program> again = options_.with_line_info();
  if (!again) return std::unexpected(error);
  const LoadOptions how{.log_bytes = program_.settings.log_size == 0 ? kLogBytes : program_.settings.log_size, .libbpf_log = options_.libbpf_log, .verifier_log = options_.verifier_log};
  std::string log;
  Result<LoadedObject> object = LoadedObject::load(*again, how, log);
  if (object) return object;
  load_log_ = std::move(log);
  refusal_ = to_diagnostic(explain_refusal(load_log_, object.error().code, *again));
  return object;
}

Result<void> Session::open_ring() {
  Result<Events> events = Events::open();
  if (!events) return std::unexpected(events.error());
  events_ = std::move(*events);
  const int fd = object_->map_fd(object::kRing);
  if (fd < 0) return {};
  Processes& processes = symbols_->processes();
  if (program_.needs_user_symbols) {
    Result<void> listening = processes.listen();
    if (!listening && options_.verbose) warn(listening.error().message + ": names of short-lived processes may be missing");
  }
  RingReader::Duties duties{.at_start = [this, &processes] { if (program_.needs_user_symbols) processes.look_at_all(); },
                            .pid_seen = [&processes](uint32_t tgid) { processes.look_at(tgid); },
                            .fds = processes.fds(),
                            .fds_ready = [&processes] { processes.heard(); }};
  Result<std::unique_ptr<RingReader>> ring = RingReader::open(fd, program_, std::move(duties));
  if (!ring) return std::unexpected(ring.error());
  ring_ = std::move(*ring);
  ring_->start();
  return {};
}

void Session::warn(const std::string& text) {
  if (options_.warnings) err_.write(fmt::format("{}: {}\n", warning_label(), text));
}

Result<void> Session::attach() {
  AttachOptions how{.pid = options_.pid, .verbose = options_.verbose};
  if (child_) how.pid = child_->pid();
  Result<AttachedProbes> attached = attach_probes(program_, *object_, how, [this](const std::string& text) { warn(text); });
  if (!attached) return std::unexpected(attached.error());
  attached_ = std::move(*attached);
  if (attached_.count == 0) {
    failure_status_ = no_probes(options_);
    return fail({});
  }
  if (events_->wait(-1, -1, 0).signalled) return fail({}); // nobody waits for the rest
  printer_->attached(attached_.count);
  notify_manager("READY=1");
  // Test suites of bpftrace scripts wait for this line.
  if (std::getenv("__BPFTRACE_NOTIFY_PROBES_ATTACHED")) err_.write("__BPFTRACE_NOTIFY_PROBES_ATTACHED\n");
  return {};
}

bool Session::has_work() const {
  return std::any_of(program_.probes.begin(), program_.probes.end(), [](const ProbeSpec& p) {
    return p.role == ProbeRole::Normal || p.role == ProbeRole::Signal;
  });
}

// In milliseconds; -1: until something happens.
int Session::poll_timeout() const {
  const int regular = pending_ || packets_ ? kPendingMs : program_.sites.empty() && !ring_ ? -1 : kSitesMs;
  if (!deadline_) return regular;
  const uint64_t now = nanoseconds(CLOCK_MONOTONIC);
  const uint64_t left = now < *deadline_ ? (*deadline_ - now + kMillisecond - 1) / kMillisecond : 0;
  const uint64_t most = regular < 0 ? uint64_t{INT_MAX} : static_cast<uint64_t>(regular);
  return static_cast<int>(std::min(left, most));
}

// Without a call to the clock when there is no --duration.
bool Session::is_over() const { return deadline_ && nanoseconds(CLOCK_MONOTONIC) >= *deadline_; }

Result<void> Session::trace() {
  if (child_) {
    if (Result<void> r = child_->start(); !r) return r;
  }
  const int process_fd = child_ ? child_->pidfd() : watched_.get();
  const int ready_fd = ring_ ? ring_->ready_fd() : -1;
  uint64_t looked_at_sites = nanoseconds(CLOCK_MONOTONIC);
  if (!has_work()) return {}; // BEGIN alone: what it sent is taken when detaching
  if (options_.duration_ns) deadline_ = looked_at_sites + *options_.duration_ns;

  for (;;) {
    const Events::Seen seen = events_->wait(process_fd, ready_fd, poll_timeout());
    for (uint64_t i = 0; i < seen.user_signals; i++) {
      if (Result<void> r = run_special(program_, *object_, ProbeRole::Signal); !r) return r;
    }
    if (seen.records) take_records();
    run_pending();
    take_packets();
    out_->batch_done();
    child_ended_ = child_ && seen.process_ended;
    if (seen.signalled || seen.process_ended || actions_->exit_status() || out_->error() != 0 || is_over()) return {};
    const uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    if (now - looked_at_sites >= kSitesMs * kMillisecond) {
      sites_->report();
      looked_at_sites = now;
    }
  }
}

void Session::take_records() {
  ring_->take(batch_);
  handle(batch_);
}

void Session::handle(const Batch& batch) {
  batch.for_each([this](std::span<const uint8_t> record) {
    RecordHeader header{};
    std::memcpy(&header, record.data(), std::min(record.size(), sizeof header));
    // A print that found no room comes before a clear that did.
    if (pending_ && header.action < program_.actions.size()) {
      const ActionKind kind = program_.actions[header.action].kind;
      if (kind == ActionKind::PrintMap || kind == ActionKind::Clear || kind == ActionKind::Zero) run_pending();
    }
    actions_->run(record);
  });
}

void Session::run_pending() {
  if (pending_) pending_->run(*actions_);
}

void Session::take_packets() {
  if (!packets_) return;
  if (Result<void> r = packets_->take(); !r) warn(r.error().message);
  if (const uint64_t lost = packets_->take_lost(); lost > 0) printer_->lost("skboutput", lost);
}

void Session::detach() {
  attached_.links.clear();
  take_packets();
  if (ring_) {
    ring_->stop();
    take_records();
  }
  run_pending();
}

Result<void> Session::run_end() {
  actions_->accept_again();
  if (Result<void> r = run_special(program_, *object_, ProbeRole::End); !r) return r;
  if (ring_) {
    ring_->drain(batch_);
    handle(batch_);
  }
  run_pending();
  return {};
}

void Session::print_maps() {
  sites_->report_final();
  printer_->end();
  if (!program_.settings.print_maps_on_exit) return;
  for (uint32_t map = 0; map < program_.maps.size(); map++) {
    if (program_.maps[map].internal) continue;
    const MapImage image = maps_->read(map);
    if (image.present) printer_->map(arrange(image, {.percentiles = program_.settings.hist_percentiles}));
  }
}

Result<int> Session::finish() {
  out_->flush();
  if (child_ended_ && options_.verbose) err_.write(fmt::format("process {} ended\n", child_->pid()));
  if (out_->error() != 0) return fail(fmt::format("cannot write the output: {}", std::strerror(out_->error())), {}, out_->error());
  return actions_->exit_status().value_or(0);
}

} // namespace

int no_probes(const RunOptions& options) {
  if (!options.quiet) fmt::print(stderr, "No probes to attach\n");
  return 1;
}

int run(const Program& program, const SourceFile& source, const RunOptions& options) {
  if (program.probes.empty()) return no_probes(options);
  Session session(program, source, options);
  Result<int> status = session.run();
  if (status) return *status;
  if (session.refusal()) fmt::print(stderr, "{}", render(*session.refusal(), source));
  else if (!status.error().message.empty()) fmt::print(stderr, "{}", render_error(status.error()));
  return session.failure_status();
}

std::string render_error(const Error& error) {
  std::string text = fmt::format("{}: {}\n", error_label(), error.message);
  if (!error.hint.empty()) text += fmt::format("HINT: {}\n", error.hint);
  return text;
}

} // namespace trapline::runtime
