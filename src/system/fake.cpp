// Answers from what the test filled in.
#include "system/fake.h"

#include "system/common_types.h"
#include "system/glob.h"
#include "system/live_tracefs.h"
#include "system/syscalls.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>
#include <tuple>

namespace trapline {

namespace {

struct Shape {
  uint32_t size, alignment;
  bool is_signed;
};

// Of "const char * filename", "char comm[16]", "__data_loc char[] name", "enum hrtimer_mode mode".
Shape shape_of(std::string_view declaration) {
  if (declaration.starts_with("__data_loc")) return {4, 4, false};
  size_t open = declaration.find('[');
  if (declaration.find('*') != std::string_view::npos) return {8, 8, false};
  if (declaration.starts_with("enum ")) return {4, 4, false};
  std::string_view element = declaration.substr(0, declaration.rfind(' ', open));
  Type type = common_type(element);
  uint32_t count = open == std::string_view::npos ? 1 : static_cast<uint32_t>(std::atoi(declaration.data() + open + 1));
  return {type.size * count, std::max(type.size, 1u), type.is_signed && count == 1};
}

} // namespace

void FakeSystem::add_tracepoint(const std::string& system, const std::string& event, const std::vector<std::string>& fields) {
  std::string text = fmt::format("ID: {}\n", next_id_++);
  uint32_t offset = 8;
  bool is_syscall = system == "syscalls"; // each argument takes 8 bytes there
  for (const std::string& field : fields) {
    auto [size, alignment, is_signed] = shape_of(field);
    bool is_argument = is_syscall && !field.ends_with("__syscall_nr");
    if (is_argument) {
      is_signed = is_signed && field == "long ret";
      size = alignment = 8;
    }
    offset = (offset + alignment - 1) / alignment * alignment;
    text += fmt::format("\tfield:{};\toffset:{};\tsize:{};\tsigned:{};\n", field, offset, size, is_signed ? 1 : 0);
    offset += size;
  }
  tracepoints[system][event] = parse_tracepoint_format(system, event, text).value_or(TracepointFormat{});
}

void FakeSystem::add_syscall(const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> fields{"int __syscall_nr"};
  fields.insert(fields.end(), arguments.begin(), arguments.end());
  add_tracepoint("syscalls", "sys_enter_" + name, fields);
  add_tracepoint("syscalls", "sys_exit_" + name, {"int __syscall_nr", "long ret"});
}

ElfSymbol& FakeSystem::add_function(const std::string& path, const std::string& name) {
  auto& symbols = files[path];
  ElfSymbol symbol;
  symbol.name = name;
  symbol.address = symbol.file_offset = 0x1000 + 0x40 * symbols.size();
  symbol.size = 0x40;
  symbols.push_back(std::move(symbol));
  return symbols.back();
}

void FakeSystem::add_marker(const std::string& path, const std::string& provider, const std::string& name,
                            const std::string& arguments, uint64_t semaphore_offset) {
  auto& sites = markers[path];
  sites.push_back({provider, name, arguments, 0x1004 + 0x10 * sites.size(), semaphore_offset});
}

Result<std::vector<std::string>> FakeSystem::tracepoint_systems() const {
  if (!has_tracefs)
    return fail("tracefs is not mounted", "mount it with `mount -t tracefs none /sys/kernel/tracing`", ENOENT);
  std::vector<std::string> result;
  for (const auto& [system, events] : tracepoints) result.push_back(system);
  return result;
}

Result<std::vector<std::string>> FakeSystem::tracepoint_events(std::string_view system) const {
  if (!has_tracefs) return std::unexpected(tracepoint_systems().error());
  std::vector<std::string> result;
  if (auto found = tracepoints.find(system); found != tracepoints.end()) {
    for (const auto& [event, format] : found->second) result.push_back(event);
  }
  return result;
}

std::optional<TracepointFormat> FakeSystem::tracepoint_format(std::string_view system, std::string_view event) const {
  auto found = tracepoints.find(system);
  if (!has_tracefs || found == tracepoints.end()) return std::nullopt;
  auto format = found->second.find(std::string(event));
  if (format == found->second.end()) return std::nullopt;
  return format->second;
}

std::optional<int> FakeSystem::syscall_number(std::string_view name) const { return trapline::syscall_number(name); }

std::vector<std::string> FakeSystem::resolve_binary(std::string_view name, std::optional<int> pid) const {
  if (name == "*" && pid) return mapped_executables(*pid);
  std::vector<std::string> result;
  if (name.find('/') == std::string_view::npos) {
    for (const auto& [known, path] : names) {
      if (glob_match(name, known) && std::ranges::find(result, path) == result.end()) result.push_back(path);
    }
    return result;
  }
  for (const auto& [path, symbols] : files) {
    if (glob_match(name, path)) result.push_back(path);
  }
  return result;
}

Result<std::vector<ElfSymbol>> FakeSystem::elf_symbols(const std::string& path) const {
  auto found = files.find(path);
  if (found == files.end()) return fail(fmt::format("cannot open {}: No such file or directory", path), {}, ENOENT);
  std::vector<ElfSymbol> symbols = found->second;
  std::ranges::sort(symbols, {}, [](const ElfSymbol& symbol) { return std::tie(symbol.name, symbol.address); });
  return symbols;
}

Result<std::vector<ElfSymbol>> FakeSystem::elf_symbols_matching(const std::string& path, const std::string& pattern) const {
  auto symbols = elf_symbols(path);
  if (symbols) std::erase_if(*symbols, [&](const ElfSymbol& symbol) { return !glob_match(pattern, symbol.name); });
  return symbols;
}

std::optional<uint64_t> FakeSystem::elf_file_offset(const std::string& path, uint64_t address) const {
  auto found = files.find(path);
  if (found == files.end()) return std::nullopt;
  for (const ElfSymbol& symbol : found->second) {
    if (address >= symbol.address && address < symbol.address + symbol.size)
      return address - symbol.address + symbol.file_offset;
  }
  return std::nullopt;
}

Result<std::vector<UsdtSite>> FakeSystem::usdt_sites(const std::string& path) const {
  if (!files.contains(path)) return fail(fmt::format("cannot open {}: No such file or directory", path), {}, ENOENT);
  auto found = markers.find(path);
  return found == markers.end() ? std::vector<UsdtSite>{} : found->second;
}

std::vector<std::string> FakeSystem::mapped_executables(int pid) const {
  auto found = processes.find(pid);
  return found == processes.end() ? std::vector<std::string>{} : found->second;
}

std::optional<uint64_t> FakeSystem::kernel_symbol(std::string_view name) const {
  auto found = kernel_symbols.find(name);
  return found == kernel_symbols.end() ? std::nullopt : std::optional(found->second);
}

bool FakeSystem::may_call_kernel_function(std::string_view name, uint32_t program_type) const {
  auto found = kernel_functions.find(name);
  return found != kernel_functions.end() && found->second.contains(program_type);
}

std::optional<uint64_t> FakeSystem::cgroup_id(const std::string& path) const {
  auto found = cgroups.find(path);
  return found == cgroups.end() ? std::nullopt : std::optional(found->second);
}

Result<std::vector<System::ImportedFile>> FakeSystem::read_import(const std::string& name, const std::string&) const {
  std::vector<ImportedFile> files;
  for (const auto& [path, text] : scripts) {
    if (path == name || path.starts_with(name + "/")) files.push_back({path, path, text});
  }
  if (files.empty()) return fail("cannot import `" + name + "`: No such file or directory");
  return files;
}

} // namespace trapline
