// /etc/ld.so.cache in the format that glibc has written since 2.2: a header of 48 bytes, entries of 24, then strings,
// whose offsets count from the header. Older systems put another table before it. The entries come in descending order,
// so that the first of several versions is the newest.
#include "system/live_binaries.h"

#include <cstdint>
#include <cstring>

namespace trapline {

namespace {

constexpr std::string_view kOldMagic = "ld.so-1.7.0";
constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";

struct Header {
  char magic[20];
  uint32_t count, strings;
  uint32_t unused[5];
};
static_assert(sizeof(Header) == 48);

struct Entry {
  int32_t flags;
  uint32_t name, path; // offsets from the header
  uint32_t os_version;
  uint64_t hardware;   // a variant for better processors when not 0
};
static_assert(sizeof(Entry) == 24);

#if defined(__x86_64__)
constexpr int32_t kNative = 0x0300;
#elif defined(__aarch64__)
constexpr int32_t kNative = 0x0a00;
#else
constexpr int32_t kNative = 0;
#endif

std::string_view string_at(std::string_view cache, uint32_t offset) {
  if (offset >= cache.size()) return {};
  return cache.substr(offset, cache.find('\0', offset) - offset);
}

// Skips the table of older systems: 16 bytes, then entries of 12, then padding to 8.
std::string_view skip_old(std::string_view cache) {
  if (!cache.starts_with(kOldMagic) || cache.size() < 16) return cache;
  uint32_t count = 0;
  std::memcpy(&count, cache.data() + 12, sizeof count);
  size_t size = (16 + size_t{count} * 12 + 7) / 8 * 8;
  return size < cache.size() ? cache.substr(size) : std::string_view{};
}

// "libc" means any version of it: libc.so or libc.so.6.
bool is_wanted(std::string_view soname, std::string_view library) {
  if (!soname.starts_with(library)) return false;
  std::string_view rest = soname.substr(library.size());
  if (library.find(".so") != std::string_view::npos) return rest.empty();
  return rest == ".so" || rest.starts_with(".so.");
}

} // namespace

std::string find_in_ld_cache(std::string_view cache, std::string_view library) {
  cache = skip_old(cache);
  Header header;
  if (!cache.starts_with(kMagic) || cache.size() < sizeof header) return {};
  std::memcpy(&header, cache.data(), sizeof header);
  if (header.count > (cache.size() - sizeof header) / sizeof(Entry)) return {};
  for (uint32_t i = 0; i < header.count; ++i) {
    Entry entry;
    std::memcpy(&entry, cache.data() + sizeof header + i * sizeof entry, sizeof entry);
    if ((entry.flags & 0xff00) != kNative || entry.hardware != 0) continue;
    if (is_wanted(string_at(cache, entry.name), library)) return std::string(string_at(cache, entry.path));
  }
  return {};
}

} // namespace trapline
