// The program's object in the kernel, through libbpf.
#include "runtime/loader.h"

#include "runtime/verifier_log.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>

namespace trapline::runtime {

const char* libbpf_version() { return libbpf_version_string(); }
namespace {

constexpr int kUprobeMulti = 48; // BPF_TRACE_UPROBE_MULTI, newer than the installed <linux/bpf.h>
constexpr uint32_t kWholeLogBytes = 8 << 20; // of -d verifier
constexpr uint32_t kLeastLogBytes = 4096, kMostLogBytes = UINT32_MAX >> 8; // what kernels take

// libbpf's print function has no user argument.
struct Listener {
  std::string* warnings = nullptr;
  bool echo = false;
};
Listener listener;

int on_libbpf_message(libbpf_print_level level, const char* format, va_list arguments) {
  const bool wanted = level == LIBBPF_WARN && listener.warnings;
  if (!wanted && !listener.echo) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  std::string text(static_cast<size_t>(length) + 1, '\0');
  vsnprintf(text.data(), text.size(), format, arguments);
  text.pop_back();
  if (listener.echo) fmt::print(stderr, "{}", text);
  if (wanted) *listener.warnings += text;
  return length;
}

void set_attach_types(bpf_object* object, const Program& program) {
  for (const ProbeSpec& probe : program.probes) {
    if (probe.type != ProgramType::UprobeMulti) continue;
    bpf_program* loaded = bpf_object__find_program_by_name(object, probe.function_name.c_str());
    if (loaded) bpf_program__set_expected_attach_type(loaded, static_cast<bpf_attach_type>(kUprobeMulti));
  }
}

} // namespace

void LoadedObject::Close::operator()(bpf_object* object) const { bpf_object__close(object); }

Result<LoadedObject> LoadedObject::load(const Program& program, const LoadOptions& options, std::string& log) {
  listener = {.warnings = &log, .echo = options.libbpf_log};
  libbpf_set_print(on_libbpf_message);

  std::vector<char> verifier_log;
  bpf_object_open_opts open{};
  open.sz = sizeof open;
  open.object_name = "trapline";
  if (options.verifier_log || options.log_bytes > 0) {
    verifier_log.resize(std::clamp<uint32_t>(options.verifier_log ? kWholeLogBytes : options.log_bytes, kLeastLogBytes, kMostLogBytes));
    open.kernel_log_buf = verifier_log.data();
    open.kernel_log_size = verifier_log.size();
    open.kernel_log_level = 1;
  }
  LoadedObject loaded;
  loaded.object_.reset(bpf_object__open_mem(program.object.data(), program.object.size(), &open));
  if (!loaded.object_) {
    const int error = errno;
    listener.warnings = nullptr;
    return fail(fmt::format("the BPF object cannot be read: {}", std::strerror(error)), {}, error);
  }
  set_attach_types(loaded.object_.get(), program);
  const int failed = bpf_object__load(loaded.object_.get());
  listener.warnings = nullptr;
  if (options.verifier_log) fmt::print(stderr, "{}", verifier_log.data());
  if (failed == 0) return loaded;
  // As libbpf prints a log in a buffer of its own.
  if (!verifier_log.empty() && verifier_log[0] != '\0') {
    log += fmt::format("-- BEGIN PROG LOAD LOG --\n{}-- END PROG LOAD LOG --\n", verifier_log.data());
  }
  Error error = to_error(explain_refusal(log, -failed, program));
  error.code = -failed;
  return std::unexpected(std::move(error));
}

int LoadedObject::program_fd(const ProbeSpec& probe) const {
  const bpf_program* program = bpf_object__find_program_by_name(object_.get(), probe.function_name.c_str());
  return program ? bpf_program__fd(program) : -1;
}

int LoadedObject::map_fd(const char* name) const {
  const bpf_map* map = bpf_object__find_map_by_name(object_.get(), name);
  return map ? bpf_map__fd(map) : -1;
}

std::vector<int> LoadedObject::map_fds(const Program& program) const {
  std::vector<int> fds;
  for (const MapSpec& map : program.maps) fds.push_back(map_fd(map.bpf_name.c_str()));
  return fds;
}

} // namespace trapline::runtime
