// Aggregations: the copies of all CPUs as one value, and the rows that a histogram prints.
#include "runtime/aggregates.h"

#include <algorithm>
#include <cmath>
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

// Copies of an interval from several CPUs, newest interval first in line for the slot.
struct SeriesSlot {
  uint64_t interval = 0;
  Number value;
  uint64_t extra = 0; // Avg: how many; Last: when

  void add(SeriesOf series, const SeriesSlot& other) {
    if (other.interval < interval || other.interval == 0) return;
    if (other.interval > interval) {
      *this = other;
      return;
    }
    switch (series) {
      case SeriesOf::Last:
        if (other.extra > extra) *this = other;
        break;
      case SeriesOf::Avg:
      case SeriesOf::Sum:
        value.bits += other.value.bits;
        extra += other.extra;
        break;
      case SeriesOf::Max: value = value < other.value ? other.value : value; break;
      case SeriesOf::Min: value = other.value < value ? other.value : value; break;
    }
  }
};

void merge_series(Aggregate& result, const Type& type, const uint8_t* copies, size_t stride, size_t cpus) {
  for (uint32_t slot = 0; slot < type.count; slot++) {
    SeriesSlot merged;
    for (size_t cpu = 0; cpu < cpus; cpu++) {
      const uint8_t* bytes = copies + cpu * stride + size_t{slot} * kSeriesSlot;
      merged.add(type.series, {load(bytes, 8), load_number(bytes + 8, 8, type.is_signed), load(bytes + 16, 8)});
    }
    if (merged.interval == 0) continue;
    const bool is_average = type.series == SeriesOf::Avg;
    result.points.push_back({merged.interval, is_average ? divide(merged.value, {merged.extra, false}) : merged.value});
  }
  // A slot that was not used again holds an interval of an earlier round.
  uint64_t newest = 0;
  for (const SeriesPoint& point : result.points) newest = std::max(newest, point.interval);
  std::erase_if(result.points, [&](const SeriesPoint& point) { return point.interval + type.count <= newest; });
  std::sort(result.points.begin(), result.points.end(), [](const auto& a, const auto& b) { return a.interval < b.interval; });
  result.present = !result.points.empty();
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
    case Kind::TSeries: merge_series(result, type, copies, stride, cpus); break;
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

Percentile percentile(const std::vector<HistogramRow>& rows, uint32_t thousandths) {
  uint64_t total = 0;
  for (const HistogramRow& row : rows) total += row.count;
  if (total == 0) return {};
  constexpr uint32_t kWhole = 100'000;
  const long double wanted = static_cast<long double>(total) * std::min(thousandths, kWhole) / kWhole;
  long double before = 0;
  const HistogramRow* in = nullptr;
  for (const HistogramRow& row : rows) {
    if (row.count == 0) continue;
    if (in) before += static_cast<long double>(in->count);
    in = &row;
    if (before + static_cast<long double>(row.count) >= wanted) break;
  }
  if (!in->has_min) return {Percentile::Bound::Below, {in->max.bits + 1, in->max.is_signed}};
  if (!in->has_max) return {Percentile::Bound::AtLeast, in->min};
  const auto width = static_cast<long double>(in->max.bits - in->min.bits) + 1;
  const long double share = (wanted - before) / static_cast<long double>(in->count);
  const auto offset = static_cast<uint64_t>(std::min(std::floor(width * share), width - 1));
  return {Percentile::Bound::Exact, {in->min.bits + offset, in->min.is_signed}};
}

std::string to_string(const Percentile& percentile) {
  std::string text;
  switch (percentile.bound) {
    case Percentile::Bound::None: return "null";
    case Percentile::Bound::Below: text = "<"; break;
    case Percentile::Bound::AtLeast: text = ">="; break;
    case Percentile::Bound::Exact: break;
  }
  append_number(text, percentile.value);
  return text;
}

std::string percentile_name(uint32_t thousandths) { return fmt::format("p{}", thousandths / 1000.0); }

} // namespace trapline::runtime
