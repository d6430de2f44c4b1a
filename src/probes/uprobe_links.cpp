// Two mechanisms:
//
// uprobe_multi (Linux 6.6) takes all places of a file in one call, and refuses all when it cannot probe one of them,
// without saying which. A refused call costs 40 to 120 ms, an accepted one under 30 ms even with 2,000 places, so finding
// the culprit by halving takes a second. And the kernel looks at the instructions only where the file is mapped at that
// moment; in programs that start later the probe is missing in silence. So we look at the instructions ourselves first
// and refuse those that the kernel is known to refuse, or to get wrong; halving is left for what it refuses nevertheless.
//
// perf_event_open with the uprobe PMU takes one place a call.
#include "probes/uprobe_links.h"

#include "probes/links.h"
#include "probes/uprobe_instructions.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>
#include <tuple>

namespace trapline::probes {
namespace {

// Added to the kernel's headers by Linux 6.6.
constexpr uint32_t kTraceUprobeMulti = 48;      // BPF_TRACE_UPROBE_MULTI
constexpr uint32_t kUprobeMultiReturn = 1;      // BPF_F_UPROBE_MULTI_RETURN
struct UprobeMultiAttributes {
  uint32_t program_fd, target_fd, attach_type, flags;
  uint64_t path, offsets, ref_ctr_offsets, cookies;
  uint32_t count, multi_flags, pid, zero;
};

struct Place {
  const Target* target;
  size_t index; // in ProbeSpec::targets
};

// The code of one file after the other.
class CodeReader {
public:
  // Whether the kernel is known not to trace the instruction there.
  bool is_untraceable(const std::string& path, uint64_t offset) {
    if (!file_ || path != path_) {
      file_ = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      path_ = path;
    }
    unsigned char code[16];
    const ssize_t length = file_ ? pread(file_.get(), code, sizeof code, off_t(offset)) : -1;
    return length > 0 && is_untraceable_instruction({code, size_t(length)});
  }

private:
  std::string path_;
  UniqueFd file_;
};

// The whole call failed for a reason that has nothing to do with the places.
bool concerns_everything(int code) {
  constexpr int kCodes[] = {EPERM, EACCES, EBADF, ENOENT, ENOMEM, EMFILE, ENFILE, EINTR, E2BIG, EOPNOTSUPP, ESRCH, ENOTDIR};
  return std::ranges::find(kCodes, code) != std::end(kCodes);
}

// Attaches the places of one file.
class MultiAttacher {
public:
  MultiAttacher(const AttachRequest& request, const std::string& path, bool is_return, Attached& attached)
      : request_(request), path_(path), is_return_(is_return), attached_(attached) {}

  void attach(std::span<const Place> places) {
    if (places.empty()) return;
    const long link = create_link(places);
    if (link >= 0) {
      attached_.links.emplace_back(int(link));
      attached_.count += places.size();
      return;
    }
    const int code = int(-link);
    if (places.size() == 1 || concerns_everything(code)) {
      for (const Place& place : places) attached_.refused.push_back({place.index, refusal(code)});
      return;
    }
    attach(places.first(places.size() / 2));
    attach(places.subspan(places.size() / 2));
  }

private:
  long create_link(std::span<const Place> places) const {
    std::vector<uint64_t> offsets, counters, cookies;
    bool has_counter = false;
    for (const Place& place : places) {
      offsets.push_back(place.target->offset);
      counters.push_back(place.target->ref_ctr_offset);
      cookies.push_back(place.target->cookie);
      has_counter |= place.target->ref_ctr_offset != 0;
    }
    UprobeMultiAttributes attributes{};
    attributes.program_fd = uint32_t(request_.program_fd);
    attributes.attach_type = kTraceUprobeMulti;
    attributes.path = reinterpret_cast<uint64_t>(path_.c_str());
    attributes.offsets = reinterpret_cast<uint64_t>(offsets.data());
    attributes.ref_ctr_offsets = has_counter ? reinterpret_cast<uint64_t>(counters.data()) : 0;
    attributes.cookies = reinterpret_cast<uint64_t>(cookies.data());
    attributes.count = uint32_t(places.size());
    attributes.multi_flags = is_return_ ? kUprobeMultiReturn : 0;
    attributes.pid = uint32_t(request_.pid.value_or(0));
    return bpf_call(BPF_LINK_CREATE, &attributes, sizeof attributes);
  }

  const AttachRequest& request_;
  const std::string& path_;
  bool is_return_;
  Attached& attached_;
};

void attach_file(const AttachRequest& request, std::span<const Place> places, Attached& attached) {
  const Target& first = *places.front().target;
  std::vector<Place> likely;
  CodeReader code;
  for (const Place& place : places) {
    if (code.is_untraceable(first.path, place.target->offset))
      attached.refused.push_back({place.index, refusal(ENOEXEC)});
    else
      likely.push_back(place);
  }
  MultiAttacher(request, first.path, first.is_return, attached).attach(likely);
}

Attached attach_multi(const AttachRequest& request) {
  std::vector<Place> places;
  for (size_t i = 0; i < request.probe->targets.size(); ++i) places.push_back({&request.probe->targets[i], i});
  auto file_of = [](const Place& place) { return std::tuple(std::string_view(place.target->path), place.target->is_return); };
  std::ranges::sort(places, {}, [&](const Place& place) { return std::tuple_cat(file_of(place), std::tuple(place.index)); });
  Attached attached;
  for (size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    while (end < places.size() && file_of(places[end]) == file_of(places[begin])) ++end;
    attach_file(request, std::span(places).subspan(begin, end - begin), attached);
  }
  return attached;
}

// The dynamic number of the uprobe PMU, read once.
Result<uint32_t> uprobe_pmu() {
  static const Result<uint32_t> type = []() -> Result<uint32_t> {
    char text[16];
    const UniqueFd file(open("/sys/bus/event_source/devices/uprobe/type", O_RDONLY | O_CLOEXEC));
    const ssize_t length = file ? read(file.get(), text, sizeof text) : -1;
    uint32_t number = 0;
    if (length <= 0 || std::from_chars(text, text + length, number).ec != std::errc())
      return fail("this kernel has no uprobes (CONFIG_UPROBE_EVENTS)", {}, ENOENT);
    return number;
  }();
  return type;
}

Result<UniqueFd> attach_one(const AttachRequest& request, const Target& target, uint32_t pmu) {
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = pmu;
  attributes.config = (target.is_return ? 1 : 0) | target.ref_ctr_offset << 32;
  attributes.config1 = reinterpret_cast<uint64_t>(target.path.c_str());
  attributes.config2 = target.offset;
  attributes.sample_period = 1;
  // Without a pid the event is opened on one CPU, and the program still runs on all: it hangs on the probe.
  Result<UniqueFd> event = request.pid ? open_perf_event(attributes, *request.pid, -1) : open_perf_event_somewhere(attributes);
  if (!event) return std::unexpected(event.error());
  return attach_perf_event(request.program_fd, std::move(*event), target.cookie);
}

} // namespace

Result<Attached> attach_uprobes(const AttachRequest& request) {
  if (request.probe->type == ProgramType::UprobeMulti) return attach_multi(request);
  const Result<uint32_t> pmu = uprobe_pmu();
  if (!pmu) return std::unexpected(pmu.error());
  Attached attached;
  CodeReader code;
  for (size_t i = 0; i < request.probe->targets.size(); ++i) {
    const Target& target = request.probe->targets[i];
    Result<UniqueFd> link = code.is_untraceable(target.path, target.offset) ? std::unexpected(refusal(ENOEXEC))
                                                                            : attach_one(request, target, *pmu);
    if (link) {
      attached.links.push_back(std::move(*link));
      ++attached.count;
    } else {
      attached.refused.push_back({i, std::move(link.error())});
    }
  }
  return attached;
}

} // namespace trapline::probes
