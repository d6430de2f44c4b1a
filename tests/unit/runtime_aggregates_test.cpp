// Merging per-CPU copies, histogram rows, printing order.
#include "runtime/aggregates.h"
#include "runtime_fakes.h"

#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

TEST(MergeTest, CountsAndSumsAddUp) {
  const Bytes counts = Bytes().add<uint64_t>(2).add<uint64_t>(3);
  EXPECT_EQ(merge(Type::aggregate(Kind::Count, false), counts.data(), 8, 2).number.bits, 5u);
  const Bytes sums = Bytes().add<int64_t>(-10).add<uint64_t>(1).add<int64_t>(4).add<uint64_t>(2);
  const Aggregate sum = merge(Type::aggregate(Kind::Sum, true), sums.data(), 16, 2);
  EXPECT_EQ(static_cast<int64_t>(sum.number.bits), -6);
  EXPECT_TRUE(sum.present);
}

TEST(MergeTest, TheLastCpuCounts) {
  Bytes copies;
  for (uint64_t cpu = 0; cpu < 8; cpu++) copies.add<uint64_t>(cpu == 7 ? 100 : 0);
  EXPECT_EQ(merge(Type::aggregate(Kind::Count, false), copies.data(), 8, 8).number.bits, 100u);
}

TEST(MergeTest, ExtremesOfNegativeValues) {
  const Bytes copies = Bytes().add<int64_t>(-5).add<uint64_t>(1).add<int64_t>(0).add<uint64_t>(0).add<int64_t>(-7).add<uint64_t>(1);
  EXPECT_EQ(static_cast<int64_t>(merge(Type::aggregate(Kind::Min, true), copies.data(), 16, 3).number.bits), -7);
  EXPECT_EQ(static_cast<int64_t>(merge(Type::aggregate(Kind::Max, true), copies.data(), 16, 3).number.bits), -5);
  EXPECT_FALSE(merge(Type::aggregate(Kind::Max, true), Bytes().zeros(48).data(), 16, 3).present);
}

TEST(MergeTest, AveragesAreTruncated) {
  const Bytes copies = Bytes().add<int64_t>(-5).add<uint64_t>(1).add<int64_t>(-2).add<uint64_t>(1);
  const Aggregate stats = merge(Type::aggregate(Kind::Stats, true), copies.data(), 16, 2);
  EXPECT_EQ(static_cast<int64_t>(stats.number.bits), -3);
  EXPECT_EQ(static_cast<int64_t>(stats.total.bits), -7);
  EXPECT_EQ(stats.count, 2u);
}

std::vector<std::string> labels(const Type& type, const std::vector<std::pair<uint32_t, uint64_t>>& filled, size_t slots) {
  std::vector<uint64_t> buckets(slots);
  for (const auto& [slot, count] : filled) buckets[slot] = count;
  std::vector<std::string> result;
  for (const HistogramRow& row : histogram_rows(type, buckets)) result.push_back(row.label);
  return result;
}

TEST(HistogramTest, LabelsOfPowersOfTwo) {
  const Type type = Type::hist(0);
  const auto slot = [](int64_t value) { return hist_slot(0, value, true); };
  const size_t slots = hist_slots(0);
  EXPECT_EQ(labels(type, {{slot(-1), 1}, {slot(2), 1}}, slots), (std::vector<std::string>{"(..., 0)", "[0]", "[1]", "[2, 4)"}));
  EXPECT_EQ(labels(type, {{slot(512), 1}, {slot(1024), 1}}, slots), (std::vector<std::string>{"[512, 1K)", "[1K, 2K)"}));
  EXPECT_EQ(labels(type, {{slot(1ll << 20), 1}}, slots), (std::vector<std::string>{"[1M, 2M)"}));
  EXPECT_EQ(labels(type, {{slot(INT64_MAX), 1}}, slots), (std::vector<std::string>{"[4E, 8E)"}));
  EXPECT_EQ(labels(type, {{hist_slot(0, -1, false), 1}}, slots), (std::vector<std::string>{"[8E, 16E)"}));
  EXPECT_TRUE(labels(type, {}, slots).empty());
}

TEST(HistogramTest, FinerBuckets) {
  const Type type = Type::hist(2);
  EXPECT_EQ(labels(type, {{hist_slot(2, 1280, true), 1}}, hist_slots(2)), (std::vector<std::string>{"[1280, 1536)"}));
  EXPECT_EQ(labels(type, {{hist_slot(2, 5, true), 1}}, hist_slots(2)), (std::vector<std::string>{"[5]"}));
}

TEST(HistogramTest, LinearLabels) {
  const Type plain = Type::lhist(0, 100, 10);
  const size_t slots = lhist_slots(plain);
  EXPECT_EQ(labels(plain, {{0, 1}, {2, 1}}, slots), (std::vector<std::string>{"(..., 0)", "[0, 10)", "[10, 20)"}));
  EXPECT_EQ(labels(plain, {{static_cast<uint32_t>(slots) - 1, 1}}, slots), (std::vector<std::string>{"[100, ...)"}));
  const Type kilo = Type::lhist(0, 4096, 1024);
  EXPECT_EQ(labels(kilo, {{1, 1}, {2, 1}}, lhist_slots(kilo)), (std::vector<std::string>{"[0, 1K)", "[1K, 2K)"}));
  const Type odd = Type::lhist(0, 3000, 1000);
  EXPECT_EQ(labels(odd, {{3, 1}}, lhist_slots(odd)), (std::vector<std::string>{"[2000, 3000)"}));
}

TEST(HistogramTest, BoundsAreInclusive) {
  std::vector<uint64_t> buckets(hist_slots(0));
  buckets[hist_slot(0, 5, true)] = 3;
  const HistogramRow row = histogram_rows(Type::hist(0), buckets).at(0);
  EXPECT_EQ(row.min.bits, 4u);
  EXPECT_EQ(row.max.bits, 7u);
  EXPECT_EQ(row.count, 3u);
}

MapImage image_of(const MapSpec& spec, const Bytes& keys, const Bytes& values, size_t count, size_t copies = 1) {
  MapImage image;
  image.spec = &spec;
  image.count = count;
  image.copies = copies;
  image.stride = spec.value_size;
  image.keys = keys.vector();
  image.values = values.vector();
  return image;
}

std::vector<int64_t> keys_in_order(const MapView& view) {
  std::vector<int64_t> keys;
  for (const MapRow& row : view.rows) keys.push_back(static_cast<int64_t>(load(row.key, 8)));
  return keys;
}

TEST(ArrangeTest, ValuesAscendingThenKeys) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::integer(8, true), .value = Type::integer(8, true), .key_size = 8};
  const Bytes keys = Bytes().add<int64_t>(3).add<int64_t>(1).add<int64_t>(2);
  EXPECT_EQ(keys_in_order(arrange(image_of(spec, keys, Bytes().add<int64_t>(-1).add<int64_t>(5).add<int64_t>(5), 3), 0, 1)),
            (std::vector<int64_t>{3, 1, 2}));
  EXPECT_EQ(keys_in_order(arrange(image_of(spec, keys, Bytes().add<int64_t>(-1).add<int64_t>(5).add<int64_t>(5), 3), 2, 1)),
            (std::vector<int64_t>{1, 2}));
}

TEST(ArrangeTest, OtherValuesByKey) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::integer(8, true), .value = Type::string(8), .key_size = 8};
  const Bytes keys = Bytes().add<int64_t>(3).add<int64_t>(-1).add<int64_t>(2);
  EXPECT_EQ(keys_in_order(arrange(image_of(spec, keys, Bytes().zeros(24), 3), 0, 1)), (std::vector<int64_t>{-1, 2, 3}));
}

TEST(ArrangeTest, StringKeysByBytes) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::string(8), .value = Type::boolean(), .key_size = 8, .value_size = 1};
  const Bytes keys = Bytes().text("b", 8).text("abc", 8).text("ab", 8);
  const MapImage image = image_of(spec, keys, Bytes().zeros(3), 3);
  const MapView view = arrange(image, 0, 1);
  EXPECT_EQ(load_string(spec.key, view.rows[0].key), "ab");
  EXPECT_EQ(load_string(spec.key, view.rows[2].key), "b");
}

TEST(ArrangeTest, AggregationsByMergedValue) {
  MapSpec spec{.name = "@x", .kind = MapKind::PerCpuHash, .keyed = true, .key = Type::integer(8, true),
               .value = Type::aggregate(Kind::Count, false), .key_size = 8};
  const Bytes keys = Bytes().add<int64_t>(1).add<int64_t>(2);
  const Bytes values = Bytes().add<uint64_t>(9).add<uint64_t>(0).add<uint64_t>(4).add<uint64_t>(4);
  const MapImage image = image_of(spec, keys, values, 2, 2);
  const MapView view = arrange(image, 0, 2);
  EXPECT_EQ(keys_in_order(view), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(displayed_number(view, view.rows[0]).bits, 4u);
  EXPECT_EQ(displayed_number(view, view.rows[1]).bits, 4u); // 9 / 2
}

} // namespace
} // namespace trapline::runtime
