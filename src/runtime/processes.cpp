// What processes have mapped where, remembered beyond their end.
#include "runtime/processes.h"

#include "runtime/proc_text.h"

#include <algorithm>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

constexpr size_t kModulesLookedAt = 500; // files opened before anyone asks for them: each costs a descriptor
constexpr uint64_t kLookAgainNs = 20'000'000; // an address that nothing holds must not make us read maps all the time

uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// The very file that is mapped, also when its name is gone or means another file by now. For a process that has gone
// the name must still lead to the same inode.
UniqueFd open_mapped(uint32_t pid, const MapsLine& line, std::string_view path) {
  const std::string direct = fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, line.start, line.end);
  UniqueFd file(::open(direct.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) file = UniqueFd(::open(fmt::format("/proc/{}/root{}", pid, path).c_str(), O_RDONLY | O_CLOEXEC));
  if (file) return file;
  file = UniqueFd(::open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file || fstat(file.get(), &info) != 0 || info.st_ino != line.inode) return {};
  return file;
}

bool is_vdso(const MapsLine& line) { return line.path == "[vdso]"; }

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
    line.executable = permissions.size() > 2 && permissions[2] == 'x';
    line.offset = parse_number(next_word(rest), 16);
    const std::string_view device = next_word(rest);
    const size_t colon = std::min(device.find(':'), device.size());
    line.device_major = static_cast<uint32_t>(parse_number(device.substr(0, colon), 16));
    line.device_minor = static_cast<uint32_t>(parse_number(device.substr(std::min(colon + 1, device.size())), 16));
    line.inode = parse_number(next_word(rest), 10);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    line.path = rest;
    visit(line);
  }
}

Result<void> Processes::listen() {
  Result<std::unique_ptr<MappingEvents>> events = MappingEvents::open();
  if (!events) return std::unexpected(events.error());
  const std::lock_guard lock(mutex_);
  events_ = std::move(*events);
  return {};
}

std::vector<int> Processes::fds() const { return events_ ? events_->fds() : std::vector<int>(); }

void Processes::heard() {
  const std::lock_guard lock(mutex_);
  if (events_) events_->drain(*this);
}

uint64_t Processes::changes() {
  heard();
  const std::lock_guard lock(mutex_);
  return changes_;
}

void Processes::on_mapping_event(const MappingEvent& event) {
  changes_++;
  switch (event.kind) {
    case MappingEvent::Kind::Forked: {
      Process child;
      child.parent = event.parent;
      const auto parent = processes_.find(event.parent);
      if (parent != processes_.end() && parent->second.complete) {
        child.images = {parent->second.images.back()};
        child.complete = true;
      }
      Process& known = processes_[event.pid];
      if (known.wanted) { // the number is used again: keep what the former process had
        for (Regions& image : known.images) child.images.insert(child.images.end() - 1, std::move(image));
        child.wanted = true;
      }
      known = std::move(child);
      break;
    }
    case MappingEvent::Kind::Executed: {
      Process& process = processes_[event.pid];
      add_image(process, {});
      process.complete = true;
      break;
    }
    case MappingEvent::Kind::Mapped: {
      const auto process = processes_.find(event.pid);
      if (process == processes_.end() || !process->second.complete) break; // /proc will tell, if anyone asks
      const MapsLine line{.start = event.start, .end = event.start + event.size, .offset = event.offset, .inode = event.inode,
                          .device_major = event.device_major, .device_minor = event.device_minor, .executable = true, .path = event.path};
      add_region(process->second.images.back(), {line.start, line.end, line.offset, module_of(event.pid, line)});
      break;
    }
    case MappingEvent::Kind::Exited: on_exit(event.pid); break;
  }
}

void Processes::on_exit(uint32_t pid) {
  const auto process = processes_.find(pid);
  if (process == processes_.end() || process->second.wanted) return;
  gone_.push_back(pid);
  if (gone_.size() <= kUnwantedKept) return;
  const auto oldest = processes_.find(gone_.front());
  if (oldest != processes_.end() && !oldest->second.wanted) processes_.erase(oldest);
  gone_.pop_front();
}

void Processes::add_image(Process& process, Regions regions) {
  if (process.images.back() == regions) return;
  if (process.images.back().empty()) process.images.pop_back();
  if (process.images.size() == kImages) process.images.erase(process.images.begin());
  process.images.push_back(std::move(regions));
}

void Processes::add_region(Regions& regions, const Region& region) {
  std::erase_if(regions, [&](const Region& old) { return old.start < region.end && region.start < old.end; });
  regions.push_back(region);
}

ModuleSymbols* Processes::module_of(uint32_t pid, const MapsLine& line) {
  if (line.inode == 0 && !is_vdso(line)) return nullptr;
  const std::string key =
      is_vdso(line) ? std::string("[vdso]") : fmt::format("{}:{} {}", line.device_major, line.device_minor, line.inode);
  auto [at, is_new] = modules_.try_emplace(key);
  if (is_new) {
    constexpr std::string_view kDeleted = " (deleted)";
    std::string_view path = line.path;
    if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
    at->second = std::make_unique<ModuleSymbols>(is_vdso(line) ? UniqueFd() : open_mapped(pid, line, path), std::string(path));
  }
  return at->second.get();
}

bool Processes::look_in_proc(Process& process, uint32_t pid) {
  Regions regions;
  parse_maps(read_proc_file(fmt::format("/proc/{}/maps", pid)), [&](const MapsLine& line) {
    if (line.executable) regions.push_back({line.start, line.end, line.offset, module_of(pid, line)});
  });
  process.looked_at_ns = now_ns();
  if (regions.empty()) return false; // it has gone
  changes_++;
  add_image(process, std::move(regions));
  return true;
}

// A child that ended before it could be looked at had what its parent has.
void Processes::complete(Process& process, uint32_t pid) {
  if (process.complete) return;
  process.complete = look_in_proc(process, pid) || (process.parent != 0 && look_in_proc(process, process.parent));
}

void Processes::look_at(uint32_t pid) {
  const std::lock_guard lock(mutex_);
  if (events_) events_->drain(*this);
  Process& process = processes_[pid];
  process.wanted = true;
  if (!events_) process.complete = false; // it may have changed without our hearing of it
  complete(process, pid);
}

void Processes::look_at_all() {
  std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir("/proc"), closedir);
  while (const dirent* entry = proc ? readdir(proc.get()) : nullptr) {
    const auto pid = static_cast<uint32_t>(parse_number(entry->d_name, 10));
    if (pid == 0) continue;
    const std::lock_guard lock(mutex_);
    if (modules_.size() >= kModulesLookedAt) return;
    complete(processes_[pid], pid);
  }
}

Processes::Place Processes::find_in(const Process& process, uint64_t address) {
  const auto place_in = [&](const Region& region) {
    return Place{region.module, address - (region.start - region.module->linked_address(region.offset)), false};
  };
  for (auto image = process.images.rbegin(); image != process.images.rend(); ++image) {
    for (const Region& region : *image) {
      if (address < region.start || address >= region.end) continue;
      return region.module ? place_in(region) : Place{.is_generated = true};
    }
  }
  // Data lies beside the code of its file.
  for (auto image = process.images.rbegin(); image != process.images.rend(); ++image) {
    for (const Region& region : *image) {
      if (!region.module) continue;
      const Place place = place_in(region);
      if (region.module->spans(place.linked_address)) return place;
    }
  }
  return {};
}

Processes::Place Processes::find(uint32_t pid, uint64_t address) {
  const std::lock_guard lock(mutex_);
  if (events_) events_->drain(*this);
  Process& process = processes_[pid];
  process.wanted = true;
  complete(process, pid);
  Place place = find_in(process, address);
  if (!place.module && !place.is_generated && now_ns() - process.looked_at_ns > kLookAgainNs && look_in_proc(process, pid)) {
    place = find_in(process, address);
  }
  return place;
}

} // namespace trapline::runtime
