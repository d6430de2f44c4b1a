// Aggregations: the copies of all CPUs as one value, and the rows that a histogram prints.
#pragma once

#include "runtime/values.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trapline::runtime {

struct Aggregate {
  bool present = false;  // some CPU has updated it
  Number number;         // Count, Sum, Min, Max; Avg and Stats: the average
  Number total;          // Stats
  uint64_t count = 0;    // Avg, Stats: updates; Hist, LHist: all buckets together
  std::vector<uint64_t> buckets; // Hist, LHist
};

// `copies` holds `cpus` values of `type`, `stride` bytes apart.
Aggregate merge(const Type& type, const uint8_t* copies, size_t stride, size_t cpus);

// One bucket, bounds as half-open text and as inclusive numbers.
struct HistogramRow {
  std::string label;
  bool has_min = true, has_max = true;
  Number min, max; // max is inclusive
  uint64_t count = 0;
};

// From the first bucket that holds something to the last; empty when none does.
std::vector<HistogramRow> histogram_rows(const Type& type, const std::vector<uint64_t>& buckets);

} // namespace trapline::runtime
