// Aggregations: the copies of all CPUs as one value, and the rows that a histogram prints.
#pragma once

#include "runtime/values.h"

#include <cstdint>
#include <string>
#include <vector>

namespace trapline::runtime {

// One interval of a time series.
struct SeriesPoint {
  uint64_t interval = 0; // its number since the TAI epoch
  Number value;
};

struct Aggregate {
  bool present = false;  // some CPU has updated it
  Number number;         // Count, Sum, Min, Max; Avg and Stats: the average
  Number total;          // Stats
  uint64_t count = 0;    // Avg, Stats: updates; Hist, LHist: all buckets together
  std::vector<uint64_t> buckets; // Hist, LHist
  std::vector<SeriesPoint> points; // TSeries, by time; intervals without a value left out
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

// The value that `thousandths` of a percent of all values do not exceed, as far as buckets tell: values are taken to be
// spread evenly over their bucket. A bucket without a bound tells only on which side of the other bound it is.
struct Percentile {
  enum class Bound : uint8_t { Exact, Below, AtLeast, None }; // None: there are no values
  Bound bound = Bound::None;
  Number value;
};
Percentile percentile(const std::vector<HistogramRow>&, uint32_t thousandths);
// "12", "<0", ">=100" or "null".
std::string to_string(const Percentile&);
// "p50", "p99.9".
std::string percentile_name(uint32_t thousandths);

// From the first bucket that holds something to the last; empty when none does.
std::vector<HistogramRow> histogram_rows(const Type& type, const std::vector<uint64_t>& buckets);

} // namespace trapline::runtime
