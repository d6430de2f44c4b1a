// One run of a program: load, attach, take what it sends, detach, print.
#include "runtime/session.h"

#include "program/object.h"
#include "runtime/attach.h"
#include "runtime/child.h"
#include "runtime/events.h"
#include "runtime/loader.h"
#include "runtime/pending.h"
#include "runtime/ring.h"
#include "runtime/sites.h"
#include "runtime/symbolize.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr int kPendingMs = 100; // how long a control action that found the ring full may wait
constexpr int kSitesMs = 1000;  // how often mistakes and losses are looked for

uint64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// Links, mapped files and sockets of hundreds of probes need more than the usual 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

class Session {
public:
  Session(const Program& program, const SourceFile& source, const RunOptions& options)
      : program_(program), source_(source), options_(options) {}

  Result<int> run();

private:
  // In the order of a session.
  Result<void> open_output();
  Result<void> find_process();
  Result<void> load();
  void set_globals();
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
  int poll_timeout() const;
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
  std::optional<LoadedObject> object_;
  std::unique_ptr<Symbolizer> symbols_;
  std::optional<Context> context_;
  std::unique_ptr<Maps> maps_;
  std::unique_ptr<Printer> printer_;
  std::unique_ptr<Actions> actions_;
  std::unique_ptr<Sites> sites_;
  std::unique_ptr<Pending> pending_;
  std::optional<Events> events_;
  std::unique_ptr<RingReader> ring_;
  AttachedProbes attached_; // after the ring: detached before its reader ends
  Batch batch_;
  bool child_ended_ = false;
};

Result<int> Session::run() {
  if (Result<void> r = open_output(); !r) return std::unexpected(r.error());
  if (Result<void> r = find_process(); !r) return std::unexpected(r.error());
  if (Result<void> r = load(); !r) return std::unexpected(r.error());
  set_globals();
  if (Result<void> r = open_ring(); !r) return std::unexpected(r.error());
  if (Result<void> r = run_special(program_, *object_, ProbeRole::Begin); !r) return std::unexpected(r.error());
  if (Result<void> r = attach(); !r) return std::unexpected(r.error());
  if (options_.dry_run) return 0;
  if (Result<void> r = trace(); !r) return std::unexpected(r.error());
  detach();
  if (Result<void> r = run_end(); !r) return std::unexpected(r.error());
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
  raise_descriptor_limit();
  const LoadOptions how{.libbpf_log = options_.libbpf_log, .verifier_log = options_.verifier_log};
  Result<LoadedObject> object = LoadedObject::load(program_, how, load_log_);
  if (!object) {
    if (options_.verbose && !options_.libbpf_log) err_.write(load_log_);
    return std::unexpected(object.error());
  }
  object_ = std::move(*object);

  symbols_ = std::make_unique<Symbolizer>(program_.settings.cpp_demangle);
  context_.emplace(Context{program_, *symbols_});
  maps_ = make_live_maps(program_, object_->map_fds(program_));
  printer_ = make_printer(options_.format, {*context_, source_, *out_, err_, options_.quiet, options_.warnings});
  actions_ = std::make_unique<Actions>(*context_, *maps_, *printer_);
  sites_ = std::make_unique<Sites>(program_, object_->map_fd(object::kSites), *printer_);
  if (const int fd = object_->map_fd(object::kPending); fd >= 0) {
    Result<std::unique_ptr<Pending>> pending = Pending::open(program_, fd, object_->map_fd(object::kPendingValue));
    if (!pending) return std::unexpected(pending.error());
    pending_ = std::move(*pending);
  }
  return {};
}

void Session::set_globals() {
  const int fd = object_->map_fd(object::kGlobals);
  if (fd < 0) return;
  const uint64_t boot = nanoseconds(CLOCK_BOOTTIME);
  const object::Globals globals{.start_ns = boot,
                                .child_pid = child_ ? static_cast<uint64_t>(child_->pid()) : 0,
                                .tai_offset_ns = nanoseconds(CLOCK_TAI) - boot,
                                .own_pid = static_cast<uint64_t>(getpid())};
  const uint32_t zero_key = 0;
  bpf_map_update_elem(fd, &zero_key, &globals, BPF_ANY);
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
  if (options_.warnings) err_.write(fmt::format("WARNING: {}\n", text));
}

Result<void> Session::attach() {
  AttachOptions how{.pid = options_.pid, .verbose = options_.verbose};
  if (child_) how.pid = child_->pid();
  Result<AttachedProbes> attached = attach_probes(program_, *object_, how, [this](const std::string& text) { warn(text); });
  if (!attached) return std::unexpected(attached.error());
  attached_ = std::move(*attached);
  if (attached_.count == 0) return fail("No probes to attach");
  printer_->attached(attached_.count);
  return {};
}

bool Session::has_work() const {
  return std::any_of(program_.probes.begin(), program_.probes.end(), [](const ProbeSpec& p) { return p.role == ProbeRole::Normal; });
}

int Session::poll_timeout() const {
  if (pending_) return kPendingMs;
  return program_.sites.empty() ? -1 : kSitesMs;
}

Result<void> Session::trace() {
  if (child_) {
    if (Result<void> r = child_->start(); !r) return r;
  }
  const int process_fd = child_ ? child_->pidfd() : watched_.get();
  const int ready_fd = ring_ ? ring_->ready_fd() : -1;
  uint64_t looked_at_sites = nanoseconds(CLOCK_MONOTONIC);
  if (!has_work()) return {}; // BEGIN alone: what it sent is taken when detaching

  for (;;) {
    const Events::Seen seen = events_->wait(process_fd, ready_fd, poll_timeout());
    if (seen.records) take_records();
    run_pending();
    out_->batch_done();
    child_ended_ = child_ && seen.process_ended;
    if (seen.signalled || seen.process_ended || actions_->exit_status() || out_->error() != 0) return {};
    const uint64_t now = nanoseconds(CLOCK_MONOTONIC);
    if (now - looked_at_sites >= kSitesMs * uint64_t{1'000'000}) {
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

void Session::detach() {
  attached_.links.clear();
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

int run(const Program& program, const SourceFile& source, const RunOptions& options) {
  Result<int> status = Session(program, source, options).run();
  if (status) return *status;
  fmt::print(stderr, "{}", render_error(status.error()));
  return 1;
}

std::string render_error(const Error& error) {
  std::string text = fmt::format("ERROR: {}\n", error.message);
  if (!error.hint.empty()) text += fmt::format("HINT: {}\n", error.hint);
  return text;
}

} // namespace trapline::runtime
