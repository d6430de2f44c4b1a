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

Percentile percentile_of(const Type& type, const std::vector<std::pair<uint32_t, uint64_t>>& filled, uint32_t thousandths) {
  std::vector<uint64_t> buckets(type.is(Kind::Hist) ? hist_slots(type.count) : lhist_slots(type));
  for (const auto& [slot, count] : filled) buckets[slot] = count;
  return percentile(histogram_rows(type, buckets), thousandths);
}

TEST(PercentileTest, EvenlyInsideABucket) {
  const Type type = Type::lhist(0, 100, 10);
  // Ten values in [10, 20), ten in [50, 60).
  const std::vector<std::pair<uint32_t, uint64_t>> filled = {{2, 10}, {6, 10}};
  const auto at = [&](uint32_t thousandths) { return percentile_of(type, filled, thousandths).value.bits; };
  EXPECT_EQ(at(0), 10u);
  EXPECT_EQ(at(5'000), 11u);
  EXPECT_EQ(at(25'000), 15u);
  EXPECT_EQ(at(50'000), 19u);
  EXPECT_EQ(at(55'000), 51u);
  EXPECT_EQ(at(75'000), 55u);
  EXPECT_EQ(at(100'000), 59u);
}

TEST(PercentileTest, BucketsOfOneValueAreExact) {
  for (const uint32_t thousandths : {0u, 50'000u, 99'999u, 100'000u})
    EXPECT_EQ(percentile_of(Type::hist(5), {{hist_slot(5, 7, true), 1000}}, thousandths).value.bits, 7u);
  EXPECT_EQ(percentile_of(Type::hist(0), {{hist_slot(0, INT64_MAX, true), 1}}, 100'000).value.bits, uint64_t{INT64_MAX});
}

TEST(PercentileTest, BucketsWithoutAnEnd) {
  const Type type = Type::lhist(10, 20, 10);
  EXPECT_EQ(to_string(percentile_of(type, {{0, 1}, {1, 1}, {2, 1}}, 10'000)), "<10");
  EXPECT_EQ(to_string(percentile_of(type, {{0, 1}, {1, 1}, {2, 1}}, 50'000)), "15");
  EXPECT_EQ(to_string(percentile_of(type, {{0, 1}, {1, 1}, {2, 1}}, 90'000)), ">=20");
  EXPECT_EQ(to_string(percentile_of(Type::hist(0), {{0, 1}}, 90'000)), "<0");
  EXPECT_EQ(to_string(percentile_of(Type::hist(0), {}, 90'000)), "null");
}

TEST(PercentileTest, Names) {
  EXPECT_EQ(percentile_name(50'000), "p50");
  EXPECT_EQ(percentile_name(99'900), "p99.9");
  EXPECT_EQ(percentile_name(99'999), "p99.999");
  EXPECT_EQ(percentile_name(0), "p0");
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
  EXPECT_EQ(keys_in_order(arrange(image_of(spec, keys, Bytes().add<int64_t>(-1).add<int64_t>(5).add<int64_t>(5), 3), {})),
            (std::vector<int64_t>{3, 1, 2}));
  EXPECT_EQ(keys_in_order(arrange(image_of(spec, keys, Bytes().add<int64_t>(-1).add<int64_t>(5).add<int64_t>(5), 3), {.top = 2})),
            (std::vector<int64_t>{1, 2}));
}

TEST(ArrangeTest, AsAskedAndTiesByKey) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::integer(8, true), .value = Type::integer(8, true), .key_size = 8};
  const Bytes keys = Bytes().add<int64_t>(3).add<int64_t>(1).add<int64_t>(2).add<int64_t>(4);
  const MapImage image = image_of(spec, keys, Bytes().add<int64_t>(-1).add<int64_t>(5).add<int64_t>(5).add<int64_t>(2), 4);
  using By = MapPrint::By;
  const auto order = [&](const MapPrint& print) { return keys_in_order(arrange(image, print)); };
  using Keys = std::vector<int64_t>;
  EXPECT_EQ(order({}), (Keys{3, 4, 1, 2}));
  EXPECT_EQ(order({.by = By::Value}), (Keys{3, 4, 1, 2}));
  EXPECT_EQ(order({.descending = true}), (Keys{1, 2, 4, 3}));
  EXPECT_EQ(order({.by = By::Key}), (Keys{1, 2, 3, 4}));
  EXPECT_EQ(order({.by = By::Key, .descending = true}), (Keys{4, 3, 2, 1}));
  // The largest ones, in either direction.
  EXPECT_EQ(order({.top = 3, .descending = true}), (Keys{1, 2, 4}));
  EXPECT_EQ(order({.top = 2, .by = By::Key}), (Keys{3, 4}));
  EXPECT_EQ(order({.top = 2, .by = By::Key, .descending = true}), (Keys{4, 3}));
}

TEST(ArrangeTest, TextByValue) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::integer(8, true), .value = Type::string(8), .key_size = 8};
  const MapImage image = image_of(spec, Bytes().add<int64_t>(1).add<int64_t>(2).add<int64_t>(3), Bytes().text("b", 8).text("c", 8).text("a", 8), 3);
  EXPECT_EQ(keys_in_order(arrange(image, {.by = MapPrint::By::Value})), (std::vector<int64_t>{3, 1, 2}));
  EXPECT_EQ(keys_in_order(arrange(image, {.descending = true})), (std::vector<int64_t>{3, 2, 1})); // still by key
}

TEST(ArrangeTest, KeysOfMembersByTheirMembers) {
  const Type word = Type::integer(4, true);
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::array(word, 2), .value = Type::string(1), .key_size = 8, .value_size = 1};
  const Bytes keys = Bytes().add<int32_t>(256).add<int32_t>(0).add<int32_t>(1).add<int32_t>(-1).add<int32_t>(1).add<int32_t>(-2);
  const auto second = [&](const Type& key) {
    spec.key = key;
    const MapImage image = image_of(spec, keys, Bytes().zeros(3), 3);
    std::vector<int64_t> result;
    for (const MapRow& row : arrange(image, {}).rows) result.push_back(static_cast<int64_t>(load_number(row.key + 4, 4, true).bits));
    return result;
  };
  EXPECT_EQ(second(Type::array(word, 2)), (std::vector<int64_t>{-2, -1, 0}));
  const auto member = std::make_shared<Type>(word);
  const auto pair = std::make_shared<PlainStruct>("struct pair", 8, 4, std::vector<Field>{{"a", member, 0}, {"b", member, 4}});
  EXPECT_EQ(second(Type::structure(pair)), (std::vector<int64_t>{-2, -1, 0}));
}

TEST(ArrangeTest, OtherValuesByKey) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::integer(8, true), .value = Type::string(8), .key_size = 8};
  const Bytes keys = Bytes().add<int64_t>(3).add<int64_t>(-1).add<int64_t>(2);
  EXPECT_EQ(keys_in_order(arrange(image_of(spec, keys, Bytes().zeros(24), 3), {})), (std::vector<int64_t>{-1, 2, 3}));
}

TEST(ArrangeTest, StringKeysByBytes) {
  MapSpec spec{.name = "@x", .keyed = true, .key = Type::string(8), .value = Type::boolean(), .key_size = 8, .value_size = 1};
  const Bytes keys = Bytes().text("b", 8).text("abc", 8).text("ab", 8);
  const MapImage image = image_of(spec, keys, Bytes().zeros(3), 3);
  const MapView view = arrange(image, {});
  EXPECT_EQ(load_string(spec.key, view.rows[0].key), "ab");
  EXPECT_EQ(load_string(spec.key, view.rows[2].key), "b");
}

TEST(ArrangeTest, AggregationsByMergedValue) {
  MapSpec spec{.name = "@x", .kind = MapKind::PerCpuHash, .keyed = true, .key = Type::integer(8, true),
               .value = Type::aggregate(Kind::Count, false), .key_size = 8};
  const Bytes keys = Bytes().add<int64_t>(1).add<int64_t>(2);
  const Bytes values = Bytes().add<uint64_t>(9).add<uint64_t>(0).add<uint64_t>(4).add<uint64_t>(4);
  const MapImage image = image_of(spec, keys, values, 2, 2);
  const MapView view = arrange(image, {.divisor = 2});
  EXPECT_EQ(keys_in_order(view), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(displayed_number(view, view.rows[0]).bits, 4u);
  EXPECT_EQ(displayed_number(view, view.rows[1]).bits, 4u); // 9 / 2
}

} // namespace
} // namespace trapline::runtime
