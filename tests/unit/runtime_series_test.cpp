// Time series: merging the copies of all CPUs, the graph, JSON.
#include "runtime/time_series.h"
#include "runtime_fakes.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

using Slot = std::array<int64_t, 3>; // interval, value, extra

Aggregate merged(const Type& type, const std::vector<std::vector<Slot>>& cpus) {
  Bytes bytes;
  for (const std::vector<Slot>& cpu : cpus) {
    for (const Slot& slot : cpu) bytes.add(slot[0]).add(slot[1]).add(slot[2]);
  }
  return merge(type, bytes.data(), type.size, cpus.size());
}

std::vector<std::pair<uint64_t, int64_t>> points(const Aggregate& aggregate) {
  std::vector<std::pair<uint64_t, int64_t>> result;
  for (const SeriesPoint& point : aggregate.points) result.emplace_back(point.interval, static_cast<int64_t>(point.value.bits));
  return result;
}

using Points = std::vector<std::pair<uint64_t, int64_t>>;

TEST(SeriesTest, CpusOfOneInterval) {
  const auto series = [](SeriesOf of) { return Type::tseries(of, true, 1, 2); };
  const std::vector<std::vector<Slot>> cpus = {{{100, -6, 3}, {0, 0, 0}}, {{100, 4, 1}, {101, 9, 1}}};
  EXPECT_EQ(points(merged(series(SeriesOf::Sum), cpus)), (Points{{100, -2}, {101, 9}}));
  EXPECT_EQ(points(merged(series(SeriesOf::Avg), {{{100, -6, 3}, {0, 0, 0}}, {{100, 2, 1}, {0, 0, 0}}})), (Points{{100, -1}}));
  EXPECT_EQ(points(merged(series(SeriesOf::Max), cpus)), (Points{{100, 4}, {101, 9}}));
  EXPECT_EQ(points(merged(series(SeriesOf::Min), cpus)), (Points{{100, -6}, {101, 9}}));
  EXPECT_EQ(points(merged(series(SeriesOf::Last), cpus)), (Points{{100, -6}, {101, 9}})); // the later one, by its time
}

TEST(SeriesTest, EarlierRoundsAreForgotten) {
  const Type type = Type::tseries(SeriesOf::Sum, true, 1, 3);
  // On one CPU a slot is behind; another slot was not used for a whole round.
  EXPECT_EQ(points(merged(type, {{{9, 1, 1}, {10, 2, 1}, {5, 3, 1}}, {{12, 4, 1}, {7, 5, 1}, {0, 0, 0}}})), (Points{{10, 2}, {12, 4}}));
  EXPECT_FALSE(merged(type, {{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}}).present);
}

class SeriesPrintTest : public testing::Test {
protected:
  void SetUp() override {
    setenv("TZ", "UTC", 1);
    tzset();
  }
  std::string graph(const Type& type, const std::vector<SeriesPoint>& points) {
    std::string out;
    append_series_graph(out, type, points, context_);
    return out;
  }
  std::string json(const Type& type, const std::vector<SeriesPoint>& points) {
    std::string out;
    append_series_json(out, type, points, context_);
    return out;
  }

  Program program_;
  FakeResolver resolver_;
  Context context_{program_, resolver_};
};

constexpr int64_t kSecond = 1'000'000'000;

TEST_F(SeriesPrintTest, Graph) {
  EXPECT_EQ(graph(Type::tseries(SeriesOf::Last, true, kSecond, 10), {{3661, {2, true}}, {3663, {12, true}}, {3664, {7, true}}}),
            "         2                                                  12\n"
            "hh:mm:ss |___________________________________________________|\n"
            "01:01:01 |*                                                  | 2\n"
            "01:01:02 |                                                   | -\n"
            "01:01:03 |                                                  *| 12\n"
            "01:01:04 |                         *                         | 7\n"
            "         v___________________________________________________v\n"
            "         2                                                  12\n");
}

TEST_F(SeriesPrintTest, GraphWithZeroInside) {
  EXPECT_EQ(graph(Type::tseries(SeriesOf::Last, true, kSecond / 1000, 10), {{1500, {static_cast<uint64_t>(-5), true}}, {1502, {5, true}}}),
            "             -5                                                  5\n"
            "hh:mm:ss.ms  |___________________________________________________|\n"
            "00:00:01.500 |*                        .                         | -5\n"
            "00:00:01.501 |                         .                         | -\n"
            "00:00:01.502 |                         .                        *| 5\n"
            "             v___________________________________________________v\n"
            "             -5                                                  5\n");
}

TEST_F(SeriesPrintTest, OneValueIsInTheMiddle) {
  const std::string text = graph(Type::tseries(SeriesOf::Sum, false, kSecond, 10), {{1, {UINT64_MAX, false}}});
  EXPECT_TRUE(text.starts_with("         18446744073709551614             18446744073709551616\n")) << text;
  EXPECT_NE(text.find("00:00:01 |                         *                         | 18446744073709551615\n"), std::string::npos) << text;
}

TEST_F(SeriesPrintTest, NothingYet) {
  const Type type = Type::tseries(SeriesOf::Sum, false, kSecond, 10);
  EXPECT_EQ(graph(type, {}), "<no data>\n");
  EXPECT_EQ(json(type, {}), "[]");
}

TEST_F(SeriesPrintTest, Json) {
  EXPECT_EQ(json(Type::tseries(SeriesOf::Last, true, kSecond / 2, 10), {{3, {static_cast<uint64_t>(-1), true}}, {5, {UINT64_MAX, false}}}),
            "[{\"interval_start\":\"1970-01-01 00:00:01.500000000\",\"value\":-1},"
            "{\"interval_start\":\"1970-01-01 00:00:02.500000000\",\"value\":\"18446744073709551615\"}]");
}

TEST_F(SeriesPrintTest, AsAMap) {
  const MapSpec spec{.name = "@t", .value = Type::tseries(SeriesOf::Last, true, kSecond, 1), .value_size = kSeriesSlot};
  MapImage image{.spec = &spec, .count = 1, .stride = kSeriesSlot, .values = Bytes().add<int64_t>(1).add<int64_t>(5).add<int64_t>(9).vector()};
  const auto show = [&](OutputFormat format) { return print_with(format, {}, [&](Printer& p) { p.map(arrange(image, {})); }).out; };
  EXPECT_TRUE(show(OutputFormat::Text).starts_with("@t:\n         4  "));
  EXPECT_TRUE(show(OutputFormat::Text).ends_with("  6\n\n"));
  EXPECT_EQ(show(OutputFormat::Json),
            "{\"type\": \"tseries\", \"data\": {\"@t\": [{\"interval_start\":\"1970-01-01 00:00:01.000000000\",\"value\":5}]}}\n");
}

} // namespace
} // namespace trapline::runtime
