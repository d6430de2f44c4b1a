// The readers of the kernel's and the linker's texts and tables, each on text of our own.
#include "system/common_types.h"
#include "system/glob.h"
#include "system/live_binaries.h"
#include "system/live_kernel.h"
#include "system/live_tracefs.h"
#include "system/syscalls.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace trapline;

namespace {

TEST(TracepointFormat, FieldsOfEveryShape) {
  auto format = parse_tracepoint_format("x", "y", R"(name: y
ID: 42
format:
	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
	field:int common_pid;	offset:4;	size:4;	signed:1;

	field:char comm[16];	offset:8;	size:16;	signed:0;
	field:const char * filename;	offset:24;	size:8;	signed:0;
	field:const char *const * argv;	offset:32;	size:8;	signed:0;
	field:__data_loc char[] name;	offset:40;	size:4;	signed:0;
	field:unsigned long args[6];	offset:48;	size:48;	signed:0;
	field:char old[TASK_COMM_LEN];	offset:96;	size:16;	signed:1;
	field:u32 words[COUNT];	offset:112;	size:16;	signed:0;
	field:int ret;	offset:128;	size:4;	signed:1;

print fmt: "field:int no;	offset:1;", REC->comm
)");
  ASSERT_TRUE(format);
  EXPECT_EQ(format->id, 42u);
  ASSERT_EQ(format->fields.size(), 8u);
  const auto& f = format->fields;
  EXPECT_EQ(f[0].type, "char[16]");
  EXPECT_EQ(f[0].name, "comm");
  EXPECT_EQ(f[0].array_length, 16u);
  EXPECT_EQ(f[1].type, "const char *");
  EXPECT_EQ(f[1].offset, 24u);
  EXPECT_EQ(f[2].type, "const char *const *");
  EXPECT_EQ(f[2].name, "argv");
  EXPECT_TRUE(f[3].is_data_loc);
  EXPECT_EQ(f[3].type, "__data_loc char[]");
  EXPECT_EQ(f[3].name, "name");
  EXPECT_EQ(f[3].array_length, 0u);
  EXPECT_EQ(f[4].type, "unsigned long[6]");
  EXPECT_EQ(f[4].array_length, 6u);
  EXPECT_EQ(f[5].type, "char[16]");
  EXPECT_EQ(f[6].array_length, 4u);
  EXPECT_TRUE(f[7].is_signed);
}

TEST(TracepointFormat, OtherTextIsNone) { EXPECT_FALSE(parse_tracepoint_format("x", "y", "no format\n")); }

TEST(CommonType, WordsInAnyOrder) {
  EXPECT_EQ(to_string(common_type("unsigned long")), "uint64");
  EXPECT_EQ(to_string(common_type("long unsigned int")), "uint64");
  EXPECT_EQ(to_string(common_type("unsigned")), "uint32");
  EXPECT_EQ(to_string(common_type("long long int")), "int64");
  EXPECT_EQ(to_string(common_type("short unsigned int")), "uint16");
  EXPECT_EQ(to_string(common_type("signed char")), "int8");
  EXPECT_EQ(to_string(common_type("_Bool")), "bool");
  EXPECT_EQ(to_string(common_type("dev_t")), "uint32");
  EXPECT_EQ(to_string(common_type("pid_t")), "int32");
  for (const char* name : {"", "struct x", "long char", "bool int", "unsigned pid_t", "int int"})
    EXPECT_TRUE(common_type(name).is_error()) << name;
}

TEST(Glob, StarsMatchAnyText) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("sched_*", "sched_switch"));
  EXPECT_TRUE(glob_match("a*b*c", "a--b-bc"));
  EXPECT_FALSE(glob_match("a*b*c", "a--c"));
  EXPECT_TRUE(glob_match("pthread_*_lock", "pthread_mutex_lock"));
  EXPECT_FALSE(glob_match("lock", "unlock"));
  EXPECT_TRUE(glob_match("[", "["));
  EXPECT_FALSE(glob_match("?", "a"));
}

TEST(Glob, PathsOneComponentAtATime) {
  namespace fs = std::filesystem;
  fs::path root = fs::temp_directory_path() / ("trapline_glob_" + std::to_string(getpid()));
  fs::create_directories(root / "one/deep");
  fs::create_directories(root / "other");
  for (const char* file : {"one/x.so", "one/.hidden.so", "one/deep/x.so", "other/x.so", "other/y.so"}) std::ofstream(root / file);
  std::string base = root.string();
  EXPECT_EQ(glob_paths(base + "/*/x.so"), (std::vector{base + "/one/x.so", base + "/other/x.so"}));
  EXPECT_EQ(glob_paths(base + "/o*/*.so"), (std::vector{base + "/one/x.so", base + "/other/x.so", base + "/other/y.so"}));
  EXPECT_EQ(glob_paths(base + "/one/x.so"), std::vector{base + "/one/x.so"});
  EXPECT_TRUE(glob_paths(base + "/none/*").empty());
  fs::remove_all(root);
}

TEST(Release, ReadsWhatDistributionsWrite) {
  EXPECT_EQ(parse_release("6.18.44-fc-v669"), 0x06122cu);
  EXPECT_EQ(parse_release("5.10.0-28-amd64"), 0x050a00u);
  EXPECT_EQ(parse_release("4.19.325"), 0x0413ffu);
  EXPECT_EQ(parse_release("6.1"), 0x060100u);
  EXPECT_EQ(parse_release("strange"), 0u);
}

TEST(Cpus, ListsAreCounted) {
  EXPECT_EQ(count_cpus("0-3\n"), 4u);
  EXPECT_EQ(count_cpus("0-1,4,8-9"), 5u);
  EXPECT_EQ(count_cpus("0\n"), 1u);
  EXPECT_EQ(count_cpus(""), 0u);
}

TEST(Syscalls, NamesAndNumbers) {
  EXPECT_EQ(syscall_number("read"), 0);
  EXPECT_EQ(syscall_number("newstat"), 4);
  EXPECT_EQ(syscall_number("stat"), 4);
  EXPECT_EQ(syscall_number("umount"), 166);
  EXPECT_EQ(syscall_number("newuname"), 63);
  EXPECT_EQ(syscall_number("sendfile64"), 40);
  EXPECT_EQ(syscall_number("futex_waitv"), 449);
  EXPECT_EQ(syscall_number("file_setattr"), 469);
  EXPECT_FALSE(syscall_number("nosuch"));
  EXPECT_EQ(syscall_name(0), "read");
  EXPECT_EQ(syscall_name(4), "stat");
  EXPECT_EQ(syscall_name(231), "exit_group");
  EXPECT_EQ(syscall_name(400), "");
  EXPECT_EQ(syscall_name(-1), "");
}

struct CacheEntry {
  int32_t flags;
  std::string name, path;
  uint64_t hardware = 0;
};

void append(std::string& bytes, const void* value, size_t size) { bytes.append(static_cast<const char*>(value), size); }

std::string make_ld_cache(const std::vector<CacheEntry>& entries, std::string before = {}) {
  std::string head = "glibc-ld.so.cache1.1", body, strings;
  auto count = static_cast<uint32_t>(entries.size());
  uint32_t words[7] = {count, 0, 0, 0, 0, 0, 0};
  append(head, words, sizeof words);
  size_t strings_at = head.size() + 24 * entries.size();
  for (const CacheEntry& entry : entries) {
    uint32_t name = static_cast<uint32_t>(strings_at + strings.size());
    strings += entry.name + '\0';
    uint32_t path = static_cast<uint32_t>(strings_at + strings.size());
    strings += entry.path + '\0';
    uint32_t os = 0;
    append(body, &entry.flags, 4);
    append(body, &name, 4);
    append(body, &path, 4);
    append(body, &os, 4);
    append(body, &entry.hardware, 8);
  }
  return before + head + body + strings;
}

#if defined(__x86_64__)
TEST(LdCache, LibrariesByNameAndSoname) {
  std::string cache = make_ld_cache({{0x0003, "libc.so.6", "/lib32/libc.so.6"},
                                     {0x0303, "libssl.so.3", "/lib/libssl.so.3"},
                                     {0x0303, "libssl.so.1.1", "/lib/libssl.so.1.1"},
                                     {0x0303, "libc.so.6", "/lib/x86-64-v3/libc.so.6", 1ull << 62},
                                     {0x0303, "libc.so.6", "/lib/libc.so.6"},
                                     {0x0303, "libcap.so.2", "/lib/libcap.so.2"}});
  EXPECT_EQ(find_in_ld_cache(cache, "libc"), "/lib/libc.so.6");
  EXPECT_EQ(find_in_ld_cache(cache, "libc.so.6"), "/lib/libc.so.6");
  EXPECT_EQ(find_in_ld_cache(cache, "libssl"), "/lib/libssl.so.3");
  EXPECT_EQ(find_in_ld_cache(cache, "libssl.so.1.1"), "/lib/libssl.so.1.1");
  EXPECT_EQ(find_in_ld_cache(cache, "libc.so"), "");
  EXPECT_EQ(find_in_ld_cache(cache, "libnone"), "");
  EXPECT_EQ(find_in_ld_cache(cache.substr(0, 100), "libc"), "");
  EXPECT_EQ(find_in_ld_cache("", "libc"), "");
}

TEST(LdCache, TheTableOfOlderSystemsIsSkipped) {
  std::string old = "ld.so-1.7.0";
  old += '\0';
  uint32_t count = 1;
  append(old, &count, 4);
  old += std::string(12 + 4, '\0'); // one entry, padded to 8
  EXPECT_EQ(find_in_ld_cache(make_ld_cache({{0x0303, "libz.so.1", "/lib/libz.so.1"}}, old), "libz"), "/lib/libz.so.1");
}
#endif

} // namespace
