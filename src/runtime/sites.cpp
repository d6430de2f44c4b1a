#include "runtime/sites.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <numeric>

namespace trapline::runtime {
namespace {

// The copies of element `index` of a per-CPU array; false if there is none.
template <typename T> bool read_copies(int fd, uint32_t index, std::vector<T>& copies) {
  return bpf_map_lookup_elem(fd, &index, copies.data()) == 0;
}

object::SiteCounter sum(const std::vector<object::SiteCounter>& copies) {
  object::SiteCounter all{};
  for (const object::SiteCounter& copy : copies) {
    all.count += copy.count;
    if (copy.code != 0) all.code = copy.code;
  }
  return all;
}

} // namespace

Sites::Sites(const Program& program, int sites_fd, int losses_fd, Printer& printer)
    : program_(program), sites_fd_(sites_fd), losses_fd_(losses_fd), printer_(printer), told_(program.sites.size()),
      told_losses_(program.probe_names.size()) {}

Sites::Counts Sites::read() const {
  Counts counts;
  const auto cpus = static_cast<size_t>(std::max(libbpf_num_possible_cpus(), 1));
  if (sites_fd_ >= 0) {
    std::vector<object::SiteCounter> copies(cpus);
    counts.sites.resize(program_.sites.size());
    for (uint32_t i = 0; i < counts.sites.size(); i++) {
      if (read_copies(sites_fd_, i, copies)) counts.sites[i] = sum(copies);
    }
  }
  if (losses_fd_ >= 0) {
    std::vector<uint64_t> copies(cpus);
    counts.losses.resize(program_.probe_names.size());
    for (uint32_t i = 0; i < counts.losses.size(); i++) {
      if (read_copies(losses_fd_, i, copies)) counts.losses[i] = std::accumulate(copies.begin(), copies.end(), uint64_t{0});
    }
  }
  return counts;
}

void Sites::report() { report(read()); }

void Sites::report(const Counts& counts) {
  for (size_t i = 0; i < counts.sites.size(); i++) {
    const object::SiteCounter& now = counts.sites[i];
    if (now.count == 0 || told_[i] != 0) continue;
    printer_.site(program_.sites[i], {.count = now.count, .code = now.code});
    told_[i] = now.count;
  }
  for (size_t i = 0; i < counts.losses.size(); i++) {
    const uint64_t news = counts.losses[i] - told_losses_[i];
    if (news == 0) continue;
    printer_.lost(program_.probe_names[i], news);
    lost_ += news;
    told_losses_[i] = counts.losses[i];
  }
}

void Sites::report_final() { report_final(read()); }

void Sites::report_final(const Counts& counts) {
  report(counts);
  for (size_t i = 0; i < counts.sites.size(); i++) {
    const object::SiteCounter& now = counts.sites[i];
    if (now.count > told_[i]) printer_.site(program_.sites[i], {.count = now.count, .code = now.code, .total = true});
  }
  if (lost_ > 0) printer_.lost_total(lost_);
}

} // namespace trapline::runtime
