// What processes have mapped where, remembered beyond their end.
#include "runtime/processes.h"

#include "runtime/proc_text.h"

#include <algorithm>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr uint64_t kLookAgainNs = 20'000'000; // an address that nothing holds must not make us read maps all the time

uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// The very file that is mapped, also when its name is gone or means another file by now.
UniqueFd open_mapped(uint32_t pid, const MapsLine& line) {
  const std::string direct = fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, line.start, line.end);
  UniqueFd file(::open(direct.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) file = UniqueFd(::open(fmt::format("/proc/{}/root{}", pid, line.path).c_str(), O_RDONLY | O_CLOEXEC));
  return file;
}

} // namespace

void parse_maps(std::string_view text, const std::function<void(const MapsLine&)>& visit) {
  while (!text.empty()) {
    std::string_view rest = next_line(text);
    MapsLine line;
    const std::string_view range = next_word(rest);
    const size_t dash = range.find('-');
    if (dash == std::string_view::npos) continue;
    line.start = parse_number(range.substr(0, dash), 16);
    line.end = parse_number(range.substr(dash + 1), 16);
    const std::string_view permissions = next_word(rest);
    line.writable = permissions.size() > 1 && permissions[1] == 'w';
    line.executable = permissions.size() > 2 && permissions[2] == 'x';
    line.offset = parse_number(next_word(rest), 16);
    line.device = next_word(rest);
    line.inode = parse_number(next_word(rest), 10);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    line.path = rest;
    visit(line);
  }
}

// Joins the lines of one file, and the nameless memory right behind its data, to a region.
class Processes::RegionBuilder {
public:
  using FindModule = std::function<ModuleSymbols*(const MapsLine&)>;
  explicit RegionBuilder(FindModule find_module) : find_module_(std::move(find_module)) {}

  void add(const MapsLine& line) {
    const bool is_file = line.inode != 0;
    const bool same_file = is_file && is_open_ && line.inode == last_.inode && line.device == last_.device && line.offset >= last_.offset;
    const bool zero_data = !is_file && line.path.empty() && is_open_ && last_.writable && line.start == region_.end && !line.executable;
    if (!same_file && !zero_data) {
      close();
      region_ = {.start = line.start, .end = line.end};
      is_open_ = true;
    }
    region_.end = line.end;
    if (line.executable && !has_code_) {
      has_code_ = true;
      region_.code_start = line.start;
      region_.code_offset = line.offset;
      region_.module = is_file || line.path == "[vdso]" ? find_module_(line) : nullptr;
    }
    if (is_file) last_ = line;
    if (!is_file && !zero_data) last_ = {};
  }

  Regions finish() {
    close();
    return std::move(regions_);
  }

private:
  void close() {
    if (is_open_ && has_code_) regions_.push_back(region_);
    is_open_ = has_code_ = false;
  }

  FindModule find_module_;
  Regions regions_;
  Region region_;
  MapsLine last_;
  bool is_open_ = false, has_code_ = false;
};

ModuleSymbols* Processes::module_of(uint32_t pid, const MapsLine& line) {
  const bool is_vdso = line.inode == 0;
  auto [at, is_new] = modules_.try_emplace(is_vdso ? std::string("[vdso]") : fmt::format("{} {}", line.device, line.inode));
  if (is_new) {
    constexpr std::string_view kDeleted = " (deleted)";
    std::string_view path = line.path;
    if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
    at->second = std::make_unique<ModuleSymbols>(is_vdso ? UniqueFd() : open_mapped(pid, line), std::string(path));
  }
  return at->second.get();
}

Processes::Regions Processes::read_regions(uint32_t pid) {
  const std::string text = read_proc_file(fmt::format("/proc/{}/maps", pid));
  RegionBuilder builder([&](const MapsLine& line) { return module_of(pid, line); });
  parse_maps(text, [&](const MapsLine& line) { builder.add(line); });
  return builder.finish();
}

void Processes::remember(Process& process, Regions regions) {
  if (regions.empty()) return; // it has gone
  if (!process.seen.empty() && process.seen.back() == regions) return;
  if (process.seen.size() == kKept) process.seen.erase(process.seen.begin());
  process.seen.push_back(std::move(regions));
}

void Processes::look_at(uint32_t pid) {
  const std::lock_guard lock(mutex_);
  Process& process = processes_[pid];
  remember(process, read_regions(pid));
  process.looked_at_ns = now_ns();
}

const Processes::Region* Processes::find_region(const Process& process, uint64_t address) const {
  for (auto regions = process.seen.rbegin(); regions != process.seen.rend(); ++regions) {
    auto after = std::upper_bound(regions->begin(), regions->end(), address,
                                  [](uint64_t wanted, const Region& region) { return wanted < region.start; });
    if (after != regions->begin() && address < (after - 1)->end) return &*(after - 1);
  }
  return nullptr;
}

Processes::Place Processes::find(uint32_t pid, uint64_t address) {
  const std::lock_guard lock(mutex_);
  Process& process = processes_[pid];
  const Region* region = find_region(process, address);
  if (!region && now_ns() - process.looked_at_ns > kLookAgainNs) {
    remember(process, read_regions(pid));
    process.looked_at_ns = now_ns();
    region = find_region(process, address);
  }
  if (!region) return {};
  if (!region->module) return {.is_generated = true};
  const uint64_t bias = region->code_start - region->module->linked_address(region->code_offset);
  return {region->module, address - bias, false};
}

} // namespace trapline::runtime
