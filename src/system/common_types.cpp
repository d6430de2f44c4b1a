// The table of well-known integer types, and C's many ways of writing its own.
#include "system/common_types.h"

#include <algorithm>
#include <array>

namespace trapline {

namespace {

struct CommonType {
  std::string_view name;
  uint8_t bytes;
  bool is_signed;
};

// Sorted by name. The sizes are the kernel's: its dev_t has 4 bytes.
constexpr auto kCommonTypes = std::to_array<CommonType>({
    {"__be16", 2, false},    {"__be32", 4, false},    {"__be64", 8, false},     {"__kernel_clockid_t", 4, true},
    {"__kernel_pid_t", 4, true}, {"__kernel_size_t", 8, false}, {"__kernel_time64_t", 8, true}, {"__le16", 2, false},
    {"__le32", 4, false},    {"__le64", 8, false},    {"__poll_t", 4, false},   {"__s16", 2, true},
    {"__s32", 4, true},      {"__s64", 8, true},      {"__s8", 1, true},        {"__sum16", 2, false},
    {"__u16", 2, false},     {"__u32", 4, false},     {"__u64", 8, false},      {"__u8", 1, false},
    {"__wsum", 4, false},    {"aio_context_t", 8, false}, {"blk_opf_t", 4, false}, {"blkcnt_t", 8, false},
    {"clockid_t", 4, true},  {"dev_t", 4, false},     {"dma_addr_t", 8, false}, {"fmode_t", 4, false},
    {"gfp_t", 4, false},     {"gid_t", 4, false},     {"ino_t", 8, false},      {"int16_t", 2, true},
    {"int32_t", 4, true},    {"int64_t", 8, true},    {"int8_t", 1, true},      {"key_t", 4, true},
    {"ktime_t", 8, true},    {"loff_t", 8, true},     {"mode_t", 4, false},     {"nlink_t", 4, false},
    {"off_t", 8, true},      {"pgoff_t", 8, false},   {"phys_addr_t", 8, false}, {"pid_t", 4, true},
    {"ptrdiff_t", 8, true},  {"qid_t", 4, false},     {"rwf_t", 4, true},       {"s16", 2, true},
    {"s32", 4, true},        {"s64", 8, true},        {"s8", 1, true},          {"sector_t", 8, false},
    {"size_t", 8, false},    {"ssize_t", 8, true},    {"suseconds_t", 8, true}, {"time64_t", 8, true},
    {"time_t", 8, true},     {"timer_t", 4, true},    {"u16", 2, false},        {"u32", 4, false},
    {"u64", 8, false},       {"u8", 1, false},        {"uid_t", 4, false},      {"uint", 4, false},
    {"uint16_t", 2, false},  {"uint32_t", 4, false},  {"uint64_t", 8, false},   {"uint8_t", 1, false},
    {"uintptr_t", 8, false}, {"ulong", 8, false},     {"umode_t", 2, false},    {"ushort", 2, false},
});
static_assert(std::ranges::is_sorted(kCommonTypes, {}, &CommonType::name));

// C lets the words of an integer type come in any order: "long unsigned int" is "unsigned long".
struct Words {
  int longs = 0, shorts = 0, chars = 0, ints = 0, bools = 0, is_signed = 0, is_unsigned = 0;
  int floats = 0, doubles = 0, wides = 0;
  bool unknown = false;

  void add(std::string_view word) {
    if (word == "long") ++longs;
    else if (word == "short") ++shorts;
    else if (word == "char") ++chars;
    else if (word == "int") ++ints;
    else if (word == "bool" || word == "_Bool") ++bools;
    else if (word == "float") ++floats;
    else if (word == "double") ++doubles;
    else if (word == "__int128") ++wides;
    else if (word == "signed") ++is_signed;
    else if (word == "unsigned") ++is_unsigned;
    else unknown = true;
  }
};

// Floating point is shown by its bits, what does not fit a register as words of 8 bytes.
Type wide_or_floating(const Words& words, int others) {
  const Type sixteen_bytes = Type::array(Type::integer(8, false), 2);
  bool is_one = words.floats + words.doubles + words.wides == 1 && !words.unknown;
  if (is_one && words.wides == 1) return others == words.is_signed + words.is_unsigned ? sixteen_bytes : Type::error();
  if (is_one && words.doubles == 1 && others == 1 && words.longs == 1) return sixteen_bytes;
  return is_one && others == 0 ? Type::integer(words.floats == 1 ? 4 : 8, false) : Type::error();
}

Type integer_of(const Words& words) {
  int all = words.longs + words.shorts + words.chars + words.ints + words.bools + words.is_signed + words.is_unsigned;
  if (words.floats + words.doubles + words.wides > 0) return wide_or_floating(words, all);
  if (words.unknown || all == 0 || words.longs > 2 || words.ints > 1) return Type::error();
  if (words.bools > 0) return all == 1 ? Type::boolean() : Type::error();
  if ((words.longs > 0) + (words.shorts > 0) + (words.chars > 0) > 1) return Type::error();
  bool is_signed = words.is_unsigned == 0;
  if (words.chars > 0) return Type::integer(1, is_signed);
  if (words.shorts > 0) return Type::integer(2, is_signed);
  return Type::integer(words.longs > 0 ? 8 : 4, is_signed);
}

} // namespace

Type common_type(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kCommonTypes, name, {}, &CommonType::name);
  if (found != kCommonTypes.end() && found->name == name) return Type::integer(found->bytes, found->is_signed);
  Words words;
  for (size_t begin = 0; begin < name.size();) {
    size_t end = std::min(name.find(' ', begin), name.size());
    if (end > begin) words.add(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return integer_of(words);
}

} // namespace trapline
