// Aggregations: the copies of all CPUs as one value, and the rows that a histogram prints.
#include "runtime/aggregates.h"

#include <fmt/format.h>

namespace trapline::runtime {
namespace {

// Totals of Avg and Stats: two words, both added up.
void merge_average(Aggregate& result, bool is_signed, const uint8_t* copies, size_t stride, size_t cpus) {
  result.total.is_signed = is_signed;
  for (size_t cpu = 0; cpu < cpus; cpu++) {
    result.total.bits += load(copies + cpu * stride, 8);
    result.count += load(copies + cpu * stride + 8, 8);
  }
  result.present = result.count != 0;
  result.number = divide(result.total, {result.count, false});
}

void merge_extreme(Aggregate& result, const Type& type, const uint8_t* copies, size_t stride, size_t cpus) {
  result.number.is_signed = type.is_signed;
  for (size_t cpu = 0; cpu < cpus; cpu++) {
    const Number value = load_number(copies + cpu * stride, 8, type.is_signed);
    if (load(copies + cpu * stride + 8, 8) == 0) continue;
    const bool better = type.kind == Kind::Min ? value < result.number : result.number < value;
    if (!result.present || better) result.number = value;
    result.present = true;
  }
}

void merge_buckets(Aggregate& result, size_t slots, const uint8_t* copies, size_t stride, size_t cpus) {
  result.buckets.assign(slots, 0);
  for (size_t cpu = 0; cpu < cpus; cpu++) {
    for (size_t slot = 0; slot < slots; slot++) result.buckets[slot] += load(copies + cpu * stride + 8 * slot, 8);
  }
  for (const uint64_t bucket : result.buckets) result.count += bucket;
  result.present = result.count != 0;
}

// The largest unit that divides the number: 2048 is 2K, 1280 stays.
std::string hist_label(uint64_t bound) {
  size_t unit = 0;
  while (bound != 0 && bound % 1024 == 0 && unit < 6) {
    bound /= 1024;
    unit++;
  }
  return unit == 0 ? fmt::format("{}", bound) : fmt::format("{}{}", bound, "KMGTPE"[unit - 1]);
}

HistogramRow hist_row(const Type& type, uint32_t slot, uint64_t count) {
  if (slot == 0) return {.label = "(..., 0)", .has_min = false, .max = {static_cast<uint64_t>(-1), true}, .count = count};
  const bool is_last = slot + 1 >= hist_slots(type.count);
  const uint64_t floor = hist_slot_floor(type.count, slot);
  const uint64_t next = is_last ? 0 : hist_slot_floor(type.count, slot + 1); // 0 stands for 2^64
  HistogramRow row{.min = {floor, false}, .max = {next - 1, false}, .count = count};
  row.label = next - floor == 1 ? fmt::format("[{}]", floor)
                                : fmt::format("[{}, {})", hist_label(floor), next == 0 ? "16E" : hist_label(next));
  return row;
}

// Units only when every bound can have one.
std::string lhist_label(int64_t bound, int64_t step) {
  constexpr int64_t kKilo = 1024, kMega = 1024 * 1024;
  if (step % kKilo != 0 || bound == 0) return fmt::format("{}", bound);
  if (bound % kMega == 0) return fmt::format("{}M", bound / kMega);
  if (bound % kKilo == 0) return fmt::format("{}K", bound / kKilo);
  return fmt::format("{}", bound);
}

HistogramRow lhist_row(const Type& type, uint32_t slot, uint32_t slots, uint64_t count) {
  const auto number = [](int64_t value) { return Number{static_cast<uint64_t>(value), true}; };
  const auto label = [&](int64_t value) { return lhist_label(value, type.step); };
  if (slot == 0) {
    return {.label = fmt::format("(..., {})", label(type.min)), .has_min = false, .max = number(type.min - 1), .count = count};
  }
  if (slot + 1 == slots) {
    return {.label = fmt::format("[{}, ...)", label(type.max)), .has_max = false, .min = number(type.max), .count = count};
  }
  const int64_t low = type.min + (static_cast<int64_t>(slot) - 1) * type.step;
  const int64_t high = low + type.step;
  return {.label = fmt::format("[{}, {})", label(low), label(high)), .min = number(low), .max = number(high - 1), .count = count};
}

} // namespace

Aggregate merge(const Type& type, const uint8_t* copies, size_t stride, size_t cpus) {
  Aggregate result;
  switch (type.kind) {
    case Kind::Count:
      for (size_t cpu = 0; cpu < cpus; cpu++) result.number.bits += load(copies + cpu * stride, 8);
      result.present = result.number.bits != 0;
      break;
    case Kind::Sum:
      merge_average(result, type.is_signed, copies, stride, cpus);
      result.number = result.total;
      break;
    case Kind::Avg:
    case Kind::Stats: merge_average(result, type.is_signed, copies, stride, cpus); break;
    case Kind::Min:
    case Kind::Max: merge_extreme(result, type, copies, stride, cpus); break;
    case Kind::Hist: merge_buckets(result, hist_slots(type.count), copies, stride, cpus); break;
    case Kind::LHist: merge_buckets(result, lhist_slots(type), copies, stride, cpus); break;
    default: break;
  }
  return result;
}

std::vector<HistogramRow> histogram_rows(const Type& type, const std::vector<uint64_t>& buckets) {
  uint32_t first = 0, last = 0;
  bool any = false;
  for (uint32_t slot = 0; slot < buckets.size(); slot++) {
    if (buckets[slot] == 0) continue;
    if (!any) first = slot;
    any = true;
    last = slot;
  }
  std::vector<HistogramRow> rows;
  for (uint32_t slot = first; any && slot <= last; slot++) {
    rows.push_back(type.kind == Kind::LHist ? lhist_row(type, slot, static_cast<uint32_t>(buckets.size()), buckets[slot])
                                            : hist_row(type, slot, buckets[slot]));
  }
  return rows;
}

} // namespace trapline::runtime
