// Listing tracefs and reading its format files.
#include "system/live_tracefs.h"

#include "support/unique_fd.h"
#include "system/common_types.h"
#include "system/read_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace trapline {

namespace {

constexpr std::array kMounts = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

uint32_t number(std::string_view text) {
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The text between `key` and the next `;`.
std::string_view value_of(std::string_view line, std::string_view key) {
  size_t begin = line.find(key);
  if (begin == std::string_view::npos) return {};
  begin += key.size();
  return line.substr(begin, line.find(';', begin) - begin);
}

// Elements of "type name[length]": older kernels write a macro's name as the length.
uint32_t array_length(const TracepointField& field, std::string_view element, std::string_view length) {
  if (field.is_data_loc || length.empty()) return 0;
  if (uint32_t count = number(length)) return count;
  Type type = common_type(element);
  return field.size / (type.is_error() || type.size == 0 ? 1 : type.size);
}

// "const char * filename", "char comm[16]", "__data_loc char[] name".
void parse_declaration(TracepointField& field, std::string_view declaration) {
  std::string_view element, length;
  if (declaration.ends_with(']')) {
    size_t open = declaration.rfind('[');
    length = declaration.substr(open + 1, declaration.size() - open - 2);
    declaration = trim(declaration.substr(0, open));
  }
  size_t split = declaration.find_last_of(" *");
  field.name = declaration.substr(split + 1);
  element = trim(declaration.substr(0, split + 1));
  field.type = element;
  field.is_data_loc = element.starts_with("__data_loc");
  field.array_length = array_length(field, element, length);
  if (!length.empty()) {
    field.type += field.array_length > 0 ? fmt::format("[{}]", field.array_length) : fmt::format("[{}]", length);
  }
}

std::optional<TracepointField> parse_field(std::string_view line) {
  std::string_view declaration = trim(value_of(line, "field:"));
  if (declaration.empty()) return std::nullopt;
  TracepointField field;
  field.offset = number(value_of(line, "offset:"));
  field.size = number(value_of(line, "size:"));
  field.is_signed = value_of(line, "signed:") == "1";
  parse_declaration(field, declaration);
  return field;
}

std::unexpected<Error> unreadable(const std::string& path) {
  int code = errno;
  std::string hint;
  if (code == EACCES || code == EPERM) hint = "run as root";
  return fail(fmt::format("cannot read {}: {}", path, std::strerror(code)), std::move(hint), code);
}

Result<std::vector<std::string>> subdirectories(const std::string& path) {
  DIR* directory = opendir(path.c_str());
  if (!directory) return unreadable(path);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory)) {
    bool is_directory = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
    if (is_directory && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(directory);
  std::ranges::sort(names);
  return names;
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos;
}

} // namespace

std::optional<TracepointFormat> parse_tracepoint_format(std::string_view system, std::string_view event,
                                                        std::string_view text) {
  TracepointFormat format;
  format.system = system;
  format.event = event;
  bool has_id = false;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("ID:")) {
      format.id = number(trim(line.substr(3)));
      has_id = true;
    } else if (line.starts_with("print fmt:")) {
      break;
    } else if (auto field = parse_field(line); field && !field->name.starts_with("common_")) {
      format.fields.push_back(std::move(*field));
    }
  }
  if (!has_id) return std::nullopt;
  return format;
}

Result<std::string> Tracefs::root() {
  int code = ENOENT;
  for (const char* mount : kMounts) {
    if (access(fmt::format("{}/events", mount).c_str(), R_OK | X_OK) == 0) return std::string(mount);
    if (errno != ENOENT) code = errno;
  }
  if (code == ENOENT)
    return fail("tracefs is not mounted", "mount it with `mount -t tracefs none /sys/kernel/tracing`", code);
  errno = code;
  return unreadable(kMounts.front());
}

Result<std::vector<std::string>> Tracefs::systems() const {
  auto mount = root();
  if (!mount) return std::unexpected(mount.error());
  return subdirectories(*mount + "/events");
}

Result<std::vector<std::string>> Tracefs::events(std::string_view system) const {
  auto mount = root();
  if (!mount) return std::unexpected(mount.error());
  if (!is_plain_name(system)) return std::vector<std::string>{};
  auto names = subdirectories(fmt::format("{}/events/{}", *mount, system));
  if (!names && names.error().code == ENOENT) return std::vector<std::string>{};
  return names;
}

std::optional<TracepointFormat> Tracefs::format(std::string_view system, std::string_view event) const {
  auto mount = root();
  if (!mount || !is_plain_name(system) || !is_plain_name(event)) return std::nullopt;
  auto text = read_file(fmt::format("{}/events/{}/{}/format", *mount, system, event));
  if (!text) return std::nullopt;
  return parse_tracepoint_format(system, event, *text);
}

bool Tracefs::has(std::string_view file) const {
  auto mount = root();
  return mount && access(fmt::format("{}/{}", *mount, file).c_str(), F_OK) == 0;
}

bool Tracefs::can_open(std::string_view file) const {
  auto mount = root();
  return mount && UniqueFd(open(fmt::format("{}/{}", *mount, file).c_str(), O_RDONLY | O_CLOEXEC));
}

} // namespace trapline
