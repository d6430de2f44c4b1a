// Symbols of one ELF file, read through libbcc_bpf.
#include "runtime/module_symbols.h"

#include <algorithm>
#include <bcc/bcc_elf.h>
#include <bcc/bcc_syms.h>
#include <gelf.h>
#include <fmt/format.h>
#include <libelf.h>

namespace trapline::runtime {
namespace {

// Functions, and the objects that usym() of a lock or a buffer names.
constexpr uint32_t kSymbolTypes = (1u << STT_FUNC) | (1u << STT_GNU_IFUNC) | (1u << STT_OBJECT);
constexpr uint64_t kPageMask = ~uint64_t{4095};
constexpr size_t kNesting = 64; // symbols looked back at for one that is long enough

} // namespace

bool is_plainer(std::string_view a, std::string_view b) {
  const size_t left = std::min(a.find_first_not_of('_'), a.size());
  const size_t right = std::min(b.find_first_not_of('_'), b.size());
  if (left != right) return left < right;
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::string ModuleSymbols::file_path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }

int ModuleSymbols::on_symbol(size_t section, size_t name, size_t length, uint64_t start, uint64_t size, int debug_file, void* self) {
  auto* module = static_cast<ModuleSymbols*>(self);
  module->entries_.push_back({start, size, static_cast<uint32_t>(section), static_cast<uint32_t>(name),
                              static_cast<uint32_t>(length), debug_file != 0});
  return 0;
}

int ModuleSymbols::on_vdso_symbol(const char* name, uint64_t start, uint64_t size, void* self) {
  auto* module = static_cast<ModuleSymbols*>(self);
  module->entries_.push_back({start, size, 0, static_cast<uint32_t>(module->vdso_names_.size()), 0, false});
  module->vdso_names_.emplace_back(name);
  return 0;
}

void ModuleSymbols::read_segments() {
  if (segments_read_) return;
  segments_read_ = true;
  if (!file_ || elf_version(EV_CURRENT) == EV_NONE) return;
  Elf* elf = elf_begin(file_.get(), ELF_C_READ, nullptr);
  size_t count = 0;
  if (elf && elf_kind(elf) == ELF_K_ELF && elf_getphdrnum(elf, &count) == 0) {
    for (size_t i = 0; i < count; i++) {
      GElf_Phdr header;
      if (!gelf_getphdr(elf, static_cast<int>(i), &header) || header.p_type != PT_LOAD) continue;
      segments_.push_back({header.p_vaddr, header.p_offset, header.p_memsz, (header.p_flags & PF_X) != 0});
    }
  }
  elf_end(elf);
}

void ModuleSymbols::read_symbols() {
  if (symbols_read_) return;
  symbols_read_ = true;
  if (is_vdso()) {
    bcc_elf_foreach_vdso_sym(on_vdso_symbol, this);
  } else if (file_) {
    bcc_symbol_option option{.use_debug_file = 1, .check_debug_file_crc = 1, .lazy_symbolize = 1, .use_symbol_type = kSymbolTypes};
    bcc_elf_foreach_sym_lazy(file_path().c_str(), on_symbol, &option, this);
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.start < b.start; });
}

uint64_t ModuleSymbols::linked_address(uint64_t file_offset) {
  read_segments();
  // A mapping begins at a page; the segment may begin inside it.
  const Segment* before = nullptr;
  for (const Segment& segment : segments_) {
    if (!segment.executable) continue;
    if ((segment.offset & kPageMask) == file_offset) return segment.address - (segment.offset - file_offset);
    if (segment.offset <= file_offset) before = &segment;
  }
  return before ? before->address + (file_offset - before->offset) : file_offset;
}

bool ModuleSymbols::spans(uint64_t address) {
  read_segments();
  if (segments_.empty()) return false;
  return address >= segments_.front().address && address < segments_.back().address + segments_.back().size;
}

std::string ModuleSymbols::read_name(const Entry& entry) const {
  if (is_vdso()) return vdso_names_[entry.name];
  std::string name(entry.name_length + 1, '\0');
  bcc_elf_symbol_str(file_path().c_str(), entry.section, entry.name, name.data(), name.size(), entry.in_debug_file);
  name.resize(std::min(name.find('\0'), name.size()));
  return name;
}

ModuleSymbols::Found ModuleSymbols::find(uint64_t address) {
  read_symbols();
  auto after = std::upper_bound(entries_.begin(), entries_.end(), address,
                                [](uint64_t wanted, const Entry& entry) { return wanted < entry.start; });
  auto at = after;
  size_t looked = 0;
  while (at != entries_.begin() && looked++ < kNesting) {
    --at;
    if (address - at->start < at->size) break;
    if (at == entries_.begin() || looked == kNesting) return {};
  }
  if (at == after) return {};

  const uint64_t start = at->start;
  auto [known, is_new] = names_.try_emplace(start);
  if (is_new) {
    for (; at->start == start; --at) {
      if (address - start < at->size) {
        std::string name = read_name(*at);
        if (!name.empty() && (known->second.empty() || is_plainer(name, known->second))) known->second = std::move(name);
      }
      if (at == entries_.begin()) break;
    }
  }
  return {known->second.empty() ? nullptr : &known->second, address - start};
}

} // namespace trapline::runtime
