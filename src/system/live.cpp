// The machine we run on. Making one costs nothing; every fact is looked up when it is first asked for.
#include "system/live_binaries.h"
#include "system/live_btf.h"
#include "system/live_elf.h"
#include "system/live_imports.h"
#include "system/live_kernel.h"
#include "system/live_kernel_functions.h"
#include "system/live_tracefs.h"
#include "system/syscalls.h"
#include "system/system.h"

#include <cstdlib>
#include <unordered_map>

namespace trapline {

namespace {

std::string kernel_btf() {
  const char* other = std::getenv("BPFTRACE_BTF");
  return other && *other ? other : "/sys/kernel/btf/vmlinux";
}

// Looks a fact up once per path.
template <typename Value, typename Read>
const Value& cached(std::unordered_map<std::string, Value>& cache, const std::string& path, Read read) {
  auto known = cache.find(path);
  if (known == cache.end()) known = cache.emplace(path, read(path)).first;
  return known->second;
}

// --no-feature: as if the kernel had none of it.
void leave_out(KernelFeatures& features, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == "uprobe_multi") features.uprobe_multi = false;
  }
}

class LiveSystem final : public System {
public:
  explicit LiveSystem(const SystemOptions& options) : options_(options) {}

  Result<std::vector<std::string>> tracepoint_systems() const override { return tracefs_.systems(); }
  Result<std::vector<std::string>> tracepoint_events(std::string_view system) const override {
    return tracefs_.events(system);
  }
  std::optional<TracepointFormat> tracepoint_format(std::string_view system, std::string_view event) const override {
    return tracefs_.format(system, event);
  }
  std::vector<std::string> raw_tracepoints() const override;
  std::optional<int> syscall_number(std::string_view name) const override { return trapline::syscall_number(name); }
  const TypeSource& types() const override { return types_; }

  std::vector<std::string> resolve_binary(std::string_view name, std::optional<int> pid) const override {
    return trapline::resolve_binary(name, pid);
  }
  Result<std::vector<ElfSymbol>> elf_symbols(const std::string& path) const override {
    return cached(symbols_, path, [this](const std::string& file) { return read_symbols(file, "*", options_.debuginfo_dirs); });
  }
  Result<std::vector<ElfSymbol>> elf_symbols_matching(const std::string& path, const std::string& pattern) const override {
    return read_symbols(path, pattern, options_.debuginfo_dirs);
  }
  std::optional<uint64_t> elf_file_offset(const std::string& path, uint64_t address) const override {
    return read_file_offset(path, address);
  }
  Result<std::vector<UsdtSite>> usdt_sites(const std::string& path) const override {
    return cached(usdt_, path, read_usdt_sites);
  }
  bool process_exists(int pid) const override { return is_process(pid); }
  std::vector<std::string> mapped_executables(int pid) const override { return trapline::mapped_executables(pid); }
  Result<std::vector<ImportedFile>> read_import(const std::string& name, const std::string& from) const override {
    return read_import_files(name, from);
  }

  const KernelFeatures& features() const override {
    if (features_) return *features_;
    features_ = read_features(tracefs_);
    leave_out(*features_, options_.without_features);
    return *features_;
  }
  std::optional<uint64_t> kernel_symbol(std::string_view name) const override { return kernel_symbols_.find(name); }
  bool has_kernel_function(std::string_view name) const override { return types_.function_id(name) != 0; }
  bool may_call_kernel_function(std::string_view name, uint32_t program_type) const override {
    uint32_t id = types_.function_id(name);
    return id != 0 && try_kernel_function(id, types_, program_type);
  }
  std::optional<uint64_t> cgroup_id(const std::string& path) const override { return read_cgroup_id(path); }
  uint32_t possible_cpus() const override { return read_possible_cpus(); }
  std::optional<std::pair<uint64_t, uint64_t>> pid_namespace() const override { return read_pid_namespace(); }

private:
  SystemOptions options_;
  Tracefs tracefs_;
  BtfTypes types_{kernel_btf(), "/sys/kernel/btf"};
  KernelSymbols kernel_symbols_;
  mutable std::optional<KernelFeatures> features_;
  mutable std::unordered_map<std::string, Result<std::vector<ElfSymbol>>> symbols_;
  mutable std::unordered_map<std::string, Result<std::vector<UsdtSite>>> usdt_;
};

// Without BTF the tracing events are the best list there is: all but the system calls' own have a raw tracepoint.
std::vector<std::string> LiveSystem::raw_tracepoints() const {
  std::vector<std::string> names = types_.raw_tracepoint_names();
  if (!names.empty()) return names;
  for (const std::string& system : tracefs_.systems().value_or(std::vector<std::string>{})) {
    if (system == "syscalls") continue;
    for (std::string& event : tracefs_.events(system).value_or(std::vector<std::string>{})) names.push_back(std::move(event));
  }
  return names;
}

} // namespace

std::unique_ptr<System> make_live_system(const SystemOptions& options) { return std::make_unique<LiveSystem>(options); }

} // namespace trapline
