// The live Resolver: symbols through libbcc_bpf, users, control groups.
#include "runtime/symbolize.h"

#include <bcc/bcc_syms.h>
#include <cstdlib>
#include <cxxabi.h>
#include <fmt/format.h>
#include <pwd.h>

namespace trapline::runtime {
namespace {


int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

// A whole number of them; 0 where nothing told the kernel.
int64_t leap_seconds() { return (static_cast<int64_t>(nanoseconds(CLOCK_TAI) - nanoseconds(CLOCK_REALTIME)) + 500'000'000) / 1'000'000'000; }

} // namespace

Symbolizer::Symbolizer(bool demangle)
    : demangle_(demangle), wall_minus_boot_ns_(nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME)),
      wall_minus_tai_ns_(leap_seconds() * -1'000'000'000) {}

Symbolizer::~Symbolizer() {
  if (kernel_) bcc_free_symcache(kernel_, -1);
}

Symbol Symbolizer::kernel_symbol(uint64_t address) {
  auto [known, is_new] = kernel_symbols_.try_emplace(address);
  if (!is_new) return known->second;
  if (!kernel_) kernel_ = bcc_symcache_new(-1, nullptr);
  bcc_symbol found{};
  if (kernel_ && bcc_symcache_resolve_no_demangle(kernel_, address, &found) == 0 && found.name) {
    known->second = {true, found.name, found.module ? found.module : "", found.offset};
  }
  return known->second;
}

Symbol Symbolizer::user_symbol(uint64_t address, uint32_t tgid) {
  if (const uint64_t changes = processes_.changes(); changes != changes_) {
    user_symbols_.clear();
    changes_ = changes;
  }
  const auto [known, is_new] = user_symbols_.try_emplace({tgid, address});
  if (is_new) known->second = find_user_symbol(address, tgid);
  return known->second;
}

Symbol Symbolizer::find_user_symbol(uint64_t address, uint32_t tgid) {
  const Processes::Place place = processes_.find(tgid, address);
  if (place.is_generated) return generated_symbol(address, tgid);
  if (!place.module) return {};
  Symbol symbol{.known = false, .name = {}, .module = place.module->path(), .offset = 0};
  const ModuleSymbols::Found found = place.module->find(place.linked_address);
  if (found.name) {
    symbol.known = true;
    symbol.name = demangled(*found.name);
    symbol.offset = found.offset;
  }
  return symbol;
}

Symbol Symbolizer::generated_symbol(uint64_t address, uint32_t tgid) {
  std::unique_ptr<GeneratedCode>& code = generated_[tgid];
  if (!code) code = std::make_unique<GeneratedCode>(tgid);
  const GeneratedCode::Function* function = code->find(address);
  if (!function) return {};
  return {true, demangled(function->name), code->path(), address - function->start};
}

std::string Symbolizer::demangled(const std::string& name) const {
  if (!demangle_ || !name.starts_with("_Z")) return name;
  int status = 0;
  char* plain = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = status == 0 && plain ? plain : name;
  std::free(plain);
  return result;
}

std::string Symbolizer::username(uint64_t uid) {
  auto [known, is_new] = usernames_.try_emplace(uid);
  if (is_new) {
    const passwd* user = getpwuid(static_cast<uid_t>(uid));
    known->second = user ? user->pw_name : fmt::format("{}", uid);
  }
  return known->second;
}

std::string Symbolizer::cgroup_path(uint64_t id, std::string_view pattern) { return cgroups_.path(id, pattern); }

timespec Symbolizer::wall_clock(uint64_t ns, Clock clock) {
  const int64_t wall = static_cast<int64_t>(ns) + (clock == Clock::Tai ? wall_minus_tai_ns_ : wall_minus_boot_ns_);
  return {.tv_sec = wall / 1'000'000'000, .tv_nsec = wall % 1'000'000'000};
}

} // namespace trapline::runtime
