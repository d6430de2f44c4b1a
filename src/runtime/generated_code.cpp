// Names of code that a just-in-time compiler made.
#include "runtime/generated_code.h"

#include "runtime/proc_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>

namespace trapline::runtime {

GeneratedCode::GeneratedCode(uint32_t tgid) : path_(fmt::format("/tmp/perf-{}.map", tgid)) {
  const std::string status = read_proc_file(fmt::format("/proc/{}/status", tgid));
  const size_t at = status.find("\nNStgid:");
  if (at == std::string::npos) return;
  // The last number is the process's own idea of its id.
  std::string_view line = std::string_view(status).substr(at + 8);
  line = line.substr(0, line.find('\n'));
  const size_t last = line.find_last_of("\t ");
  path_ = fmt::format("/proc/{}/root/tmp/perf-{}.map", tgid, line.substr(last == line.npos ? 0 : last + 1));
}

const GeneratedCode::Function* GeneratedCode::find(uint64_t address) {
  if (const Function* known = find_known(address)) return known;
  refresh();
  return find_known(address);
}

const GeneratedCode::Function* GeneratedCode::find_known(uint64_t address) const {
  auto after = std::upper_bound(functions_.begin(), functions_.end(), address,
                                [](uint64_t wanted, const Function& function) { return wanted < function.start; });
  if (after == functions_.begin() || address - (after - 1)->start >= (after - 1)->size) return nullptr;
  return &*(after - 1);
}

void GeneratedCode::refresh() {
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0 || info.st_size == read_size_) return;
  read_size_ = info.st_size;
  functions_.clear();
  const std::string text = read_proc_file(path_);
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = next_line(rest);
    const uint64_t start = parse_number(next_word(line), 16);
    const uint64_t size = parse_number(next_word(line), 16);
    line.remove_prefix(std::min<size_t>(line.size(), 1));
    if (size != 0) functions_.push_back({start, size, std::string(line)});
  }
  std::sort(functions_.begin(), functions_.end(), [](const Function& a, const Function& b) { return a.start < b.start; });
}

} // namespace trapline::runtime
