#include "runtime/banks.h"

#include "support/unique_fd.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace trapline::runtime {
namespace {

// The kernel replaces a map in a map only when all programs that run have ended (maybe_wait_bpf_programs in
// kernel/bpf/syscall.c). membarrier(2) waits likewise, but not with nohz_full, nor on one CPU.
class WaitForPrograms {
public:
  void operator()() {
    if (!outer_) make();
    const uint32_t zero_key = 0;
    const int inner = inner_.get();
    bpf_map_update_elem(outer_.get(), &zero_key, &inner, BPF_ANY);
  }

private:
  void make() {
    inner_ = UniqueFd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "wait_inner", 4, 8, 1, nullptr));
    bpf_map_create_opts options{};
    options.sz = sizeof options;
    options.inner_map_fd = static_cast<uint32_t>(inner_.get());
    outer_ = UniqueFd(bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "wait", 4, 4, 1, &options));
  }

  UniqueFd inner_, outer_;
};

} // namespace

Result<std::unique_ptr<Banks>> Banks::open(const Program& program, const LoadedObject& object) {
  const auto count = static_cast<size_t>(std::count_if(program.maps.begin(), program.maps.end(), [](const MapSpec& m) { return m.banks >= 0; }));
  const int words_fd = object.map_fd(object::kBanks);
  if (count == 0 || words_fd < 0) return nullptr;
  std::unique_ptr<Banks> banks(new Banks);

  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t bytes = (count * sizeof(object::Banks) + page - 1) / page * page;
  void* words = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, words_fd, 0);
  if (words == MAP_FAILED) return fail(fmt::format("cannot map the turns of maps that are cleared: {}", std::strerror(errno)), {}, errno);
  banks->words_ = static_cast<object::Banks*>(words);
  banks->bytes_ = bytes;

  banks->banks_.resize(count);
  for (const MapSpec& map : program.maps) {
    if (map.banks < 0) continue;
    const int first = object.map_fd(map.bpf_name.c_str());
    const int second = map.keyed ? object.map_fd(object::second_bank(map.bpf_name).c_str()) : first;
    banks->banks_[static_cast<size_t>(map.banks)] = {Bank{first, 0}, Bank{second, map.keyed ? 0u : 1u}};
  }
  auto wait = std::make_shared<WaitForPrograms>();
  banks->turning_.emplace(std::span(banks->words_, count), [wait] { (*wait)(); });
  return banks;
}

Banks::~Banks() {
  if (words_) munmap(words_, bytes_);
}

} // namespace trapline::runtime
