// Names of the kernel's memory allocation flags. Kernels from 6.10 on say in BTF which bit is which; in those before, the
// bits were where the table has them.
#include "builtins/gfp_flags.h"

#include <array>
#include <string_view>

namespace trapline::builtins {

namespace {

struct Bit {
  std::string_view name; // ___GFP_<name>_BIT
  uint32_t position;     // before 6.10
  bool is_plain = false; // GFP_<name>, not __GFP_<name>
};
constexpr auto kBits = std::to_array<Bit>({
    {"DMA", 0, true},       {"HIGHMEM", 1},         {"DMA32", 2, true},     {"MOVABLE", 3},        {"RECLAIMABLE", 4}, {"HIGH", 5},
    {"IO", 6},              {"FS", 7},              {"ZERO", 8},            {"DIRECT_RECLAIM", 10}, {"KSWAPD_RECLAIM", 11},
    {"WRITE", 12},          {"NOWARN", 13},         {"RETRY_MAYFAIL", 14},  {"NOFAIL", 15},        {"NORETRY", 16},    {"MEMALLOC", 17},
    {"COMP", 18},           {"NOMEMALLOC", 19},     {"HARDWALL", 20},       {"THISNODE", 21},      {"ACCOUNT", 22},    {"ZEROTAGS", 23},
});

// What a kernel has beside those above has no place that could be guessed.
constexpr auto kNewBits = std::to_array<std::string_view>({"SKIP_ZERO", "SKIP_KASAN", "NOLOCKDEP", "NO_OBJ_EXT"});

class Bits {
public:
  explicit Bits(const System& system) {
    if (auto known = system.types().enumerator("___GFP_DMA_BIT")) enumeration_ = known->second;
  }

  bool from_kernel() const { return enumeration_ != nullptr; }

  // 0 if there is none.
  uint64_t find(std::string_view name) const {
    if (!enumeration_) {
      for (const Bit& bit : kBits) {
        if (bit.name == name) return uint64_t{1} << bit.position;
      }
      return 0;
    }
    const std::string full = "___GFP_" + std::string(name) + "_BIT";
    for (const EnumType::Value& value : enumeration_->values) {
      if (value.name == full) return uint64_t{1} << value.value;
    }
    return 0;
  }

private:
  std::shared_ptr<const EnumType> enumeration_;
};

} // namespace

std::vector<FlagName> gfp_flag_names(const System& system) {
  const Bits bits(system);
  const uint64_t direct = bits.find("DIRECT_RECLAIM"), kswapd = bits.find("KSWAPD_RECLAIM");
  const uint64_t reclaim = direct | kswapd, io = bits.find("IO"), kernel = reclaim | io | bits.find("FS");
  const uint64_t user = kernel | bits.find("HARDWALL"), high_user = user | bits.find("HIGHMEM");
  const uint64_t movable = high_user | bits.find("MOVABLE") | bits.find("SKIP_KASAN");
  const uint64_t huge = (movable | bits.find("COMP") | bits.find("NOMEMALLOC") | bits.find("NOWARN")) & ~reclaim;
  std::vector<FlagName> names = {
      {"GFP_TRANSHUGE", huge | direct},
      {"GFP_TRANSHUGE_LIGHT", huge},
      {"GFP_HIGHUSER_MOVABLE", movable},
      {"GFP_HIGHUSER", high_user},
      {"GFP_USER", user},
      {"GFP_KERNEL_ACCOUNT", kernel | bits.find("ACCOUNT")},
      {"GFP_KERNEL", kernel},
      {"GFP_NOFS", reclaim | io},
      {"GFP_ATOMIC", bits.find("HIGH") | kswapd},
      {"GFP_NOIO", reclaim},
      {"GFP_NOWAIT", kswapd | (bits.from_kernel() ? bits.find("NOWARN") : 0)},
  };
  const auto add = [&](std::string_view prefix, std::string_view name) {
    if (const uint64_t bit = bits.find(name)) names.push_back({std::string(prefix) + std::string(name), bit});
  };
  for (const Bit& bit : kBits) add(bit.is_plain ? "GFP_" : "__GFP_", bit.name);
  for (const std::string_view name : kNewBits) add("__GFP_", name);
  return names;
}

} // namespace trapline::builtins
