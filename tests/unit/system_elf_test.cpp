// Symbols, offsets and markers of the running test program itself.
#include "system/live_elf.h"
#include "system/system.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>

using namespace trapline;

extern "C" {
[[gnu::noinline, gnu::used]] int trapline_test_function(int x) { return x * 3 + 1; }
extern unsigned short trapline_test_semaphore;
}

#if defined(__x86_64__)
// A marker as <sys/sdt.h> writes one: a nop, and a note that tells where it is.
asm(R"asm(
  .pushsection .probes, "aw", @progbits
  .globl trapline_test_semaphore
  .balign 2
trapline_test_semaphore: .2byte 0
  .popsection
  .pushsection .stapsdt.base, "aG", @progbits, .stapsdt.base, comdat
  .weak _.stapsdt.base
_.stapsdt.base: .space 1
  .size _.stapsdt.base, 1
  .popsection
  .text
  .globl trapline_test_marker
  .type trapline_test_marker, @function
trapline_test_marker:
990: nop
  ret
  .size trapline_test_marker, . - trapline_test_marker
  .pushsection .note.stapsdt, "?", @note
  .balign 4
  .4byte 992f - 991f, 994f - 993f, 3
991: .asciz "stapsdt"
992: .balign 4
993: .8byte 990b, _.stapsdt.base, trapline_test_semaphore
  .asciz "trapline"
  .asciz "tested"
  .asciz "-4@%edi 8@-16(%rbp)"
994: .balign 4
  .popsection
)asm");
extern "C" void trapline_test_marker();
#endif

namespace {

const std::string kSelf = "/proc/self/exe";

std::string file_bytes(uint64_t offset, size_t count) {
  std::ifstream file(kSelf, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  return bytes;
}

TEST(Elf, OffsetsPointAtTheCode) {
  auto system = make_live_system();
  auto symbols = system->elf_symbols(kSelf);
  ASSERT_TRUE(symbols);
  auto symbol = std::ranges::find(*symbols, "trapline_test_function", &ElfSymbol::name);
  ASSERT_NE(symbol, symbols->end());
  EXPECT_TRUE(symbol->is_function);
  EXPECT_TRUE(symbol->is_default_version);
  EXPECT_FALSE(symbol->is_ifunc);
  ASSERT_GT(symbol->size, 0u);
  auto* code = reinterpret_cast<const char*>(&trapline_test_function);
  EXPECT_EQ(file_bytes(symbol->file_offset, symbol->size), std::string(code, symbol->size));
  EXPECT_EQ(system->elf_file_offset(kSelf, symbol->address + 1), symbol->file_offset + 1);
  EXPECT_FALSE(system->elf_file_offset(kSelf, 1));
}

TEST(Elf, SymbolsAreSortedAndUnique) {
  auto symbols = read_symbols(kSelf);
  ASSERT_TRUE(symbols);
  EXPECT_TRUE(std::ranges::is_sorted(*symbols, {}, &ElfSymbol::name));
  auto same = [](const ElfSymbol& a, const ElfSymbol& b) {
    return a.name == b.name && a.address == b.address && a.is_function == b.is_function &&
           a.is_default_version == b.is_default_version && a.is_ifunc == b.is_ifunc;
  };
  EXPECT_EQ(std::ranges::adjacent_find(*symbols, same), symbols->end());
}

TEST(Elf, PatternsGiveWhatTheWholeListHas) {
  auto all = read_symbols(kSelf), some = read_symbols(kSelf, "trapline_test_*");
  ASSERT_TRUE(all && some);
  auto is_ours = [](const ElfSymbol& symbol) { return symbol.name.starts_with("trapline_test_"); };
  EXPECT_EQ(some->size(), static_cast<size_t>(std::ranges::count_if(*all, is_ours)));
  EXPECT_TRUE(std::ranges::all_of(*some, is_ours));
  EXPECT_EQ(read_symbols(kSelf, "trapline_test_function")->size(), 1u);
  EXPECT_TRUE(read_symbols(kSelf, "trapline_test_functio")->empty());
}

#if defined(__x86_64__)
TEST(Elf, MarkersAreFound) {
  trapline_test_marker(); // keeps the linker from dropping it
  ASSERT_EQ(trapline_test_semaphore, 0);
  auto sites = make_live_system()->usdt_sites(kSelf);
  ASSERT_TRUE(sites);
  auto site = std::ranges::find(*sites, "trapline", &UsdtSite::provider);
  ASSERT_NE(site, sites->end());
  EXPECT_EQ(site->name, "tested");
  EXPECT_EQ(site->arguments, "-4@%edi 8@-16(%rbp)");
  EXPECT_EQ(file_bytes(site->file_offset, 2), "\x90\xc3");
  auto marker = read_symbols(kSelf, "trapline_test_marker");
  ASSERT_EQ(marker->size(), 1u);
  EXPECT_EQ(site->file_offset, marker->at(0).file_offset);
  auto semaphore = read_symbols(kSelf, "trapline_test_semaphore");
  ASSERT_EQ(semaphore->size(), 1u);
  EXPECT_FALSE(semaphore->at(0).is_function);
  EXPECT_EQ(site->semaphore_offset, semaphore->at(0).file_offset);
  EXPECT_NE(site->semaphore_offset, 0u);
}
#endif

TEST(Elf, OtherFilesAreRefused) {
  auto missing = read_symbols("/nonexistent");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "cannot open /nonexistent: No such file or directory");
  auto text = read_symbols("/proc/self/cmdline");
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("not an ELF file"), std::string::npos);
  EXPECT_FALSE(read_usdt_sites("/nonexistent"));
}

} // namespace
