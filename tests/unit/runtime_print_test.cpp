// What the text and JSON printers write, byte for byte.
#include "runtime/sites.h"
#include "runtime_fakes.h"

#include <gtest/gtest.h>

namespace trapline::runtime {
namespace {

// A map with its elements.
struct Table {
  MapSpec spec;
  MapImage image;

  Table(MapSpec s, const Bytes& keys, const Bytes& values, size_t count) : spec(std::move(s)) {
    image.spec = &spec;
    image.count = count;
    image.stride = spec.value_size;
    image.keys = keys.vector();
    image.values = values.vector();
  }
  MapView view(int64_t divisor = 1) const { return arrange(image, {.divisor = divisor}); }
  MapView view(const MapPrint& print) const { return arrange(image, print); }
};

Table counts() {
  return {{.name = "@", .keyed = true, .key = Type::tuple({Type::integer(8, true), Type::string(8)}),
           .value = Type::aggregate(Kind::Count, false), .key_size = 16},
          Bytes().add<int64_t>(7).text("sh", 8).add<int64_t>(8).text("ls", 8), Bytes().add<uint64_t>(20).add<uint64_t>(3), 2};
}

Table histogram(bool keyed) {
  Bytes buckets;
  std::vector<uint64_t> slots(hist_slots(0));
  slots[hist_slot(0, 1, true)] = 1;
  slots[hist_slot(0, 5, true)] = 3;
  for (const uint64_t slot : slots) buckets.add(slot);
  MapSpec spec{.name = "@h", .keyed = keyed, .key = keyed ? Type::integer(8, true) : Type::void_(), .value = Type::hist(0)};
  spec.key_size = 8;
  spec.value_size = static_cast<uint32_t>(slots.size() * 8);
  return {spec, Bytes().add<int64_t>(4), buckets, 1};
}

std::string printed(OutputFormat format, const std::function<void(Printer&)>& use) { return print_with(format, {}, use).out; }

TEST(PrintTextTest, KeyedMap) {
  const Table table = counts();
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(table.view()); }), "@[8, ls]: 3\n@[7, sh]: 20\n");
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(table.view(10)); }), "@[8, ls]: 0\n@[7, sh]: 2\n");
}

TEST(PrintJsonTest, KeyedMap) {
  const Table table = counts();
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(table.view()); }),
            "{\"type\": \"map\", \"data\": {\"@\": {\"8,ls\": 3, \"7,sh\": 20}}}\n");
}

TEST(PrintTest, EmptyKeyedMapsPrintNothing) {
  Table table = counts();
  table.image.count = 0;
  for (const OutputFormat format : {OutputFormat::Text, OutputFormat::Json}) {
    EXPECT_EQ(printed(format, [&](Printer& p) { p.map(table.view()); }), "");
  }
}

constexpr std::string_view kRows = "[1]                    1 |@@@@@@@@@@@@@@@@@                                   |\n"
                                   "[2, 4)                 0 |                                                    |\n"
                                   "[4, 8)                 3 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n";

TEST(PrintTextTest, Histograms) {
  const Table scalar = histogram(false), keyed = histogram(true);
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(scalar.view()); }), fmt::format("@h:\n{}\n", kRows));
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(keyed.view()); }), fmt::format("@h[4]:\n{}\n", kRows));
}

TEST(PrintTextTest, PercentilesOfHistograms) {
  const Table scalar = histogram(false), keyed = histogram(true);
  const MapPrint under{.percentiles = {50'000, 99'900}}, alone{.percentiles = {50'000, 99'900}, .only_percentiles = true};
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(scalar.view(under)); }), fmt::format("@h:\n{}{{ .p50 = 5, .p99.9 = 7 }}\n\n", kRows));
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(scalar.view(alone)); }), "@h: { .p50 = 5, .p99.9 = 7 }\n");
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(keyed.view(alone)); }), "@h[4]: { .p50 = 5, .p99.9 = 7 }\n");
}

TEST(PrintJsonTest, PercentilesOfHistograms) {
  const Table scalar = histogram(false), keyed = histogram(true);
  const MapPrint under{.percentiles = {50'000, 99'900}}, alone{.percentiles = {50'000, 99'900}, .only_percentiles = true};
  const std::string line = printed(OutputFormat::Json, [&](Printer& p) { p.map(scalar.view(alone)); });
  EXPECT_EQ(line, "{\"type\": \"quantile\", \"data\": {\"@h\": {\"p50\": 5, \"p99.9\": 7}}}\n");
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(scalar.view(under)); }),
            printed(OutputFormat::Json, [&](Printer& p) { p.map(scalar.view()); }) + line);
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(keyed.view(alone)); }),
            "{\"type\": \"quantile\", \"data\": {\"@h\": {\"4\": {\"p50\": 5, \"p99.9\": 7}}}}\n");
}

TEST(PrintTest, PercentilesOfAnEmptyHistogram) {
  Table table = histogram(false);
  std::fill(table.image.values.begin(), table.image.values.end(), 0);
  const MapPrint alone{.percentiles = {50'000}, .only_percentiles = true};
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(table.view(alone)); }), "@h: { .p50 = null }\n");
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(table.view(alone)); }),
            "{\"type\": \"quantile\", \"data\": {\"@h\": {\"p50\": null}}}\n");
}

TEST(PrintTextTest, ZeroedHistogramHasNoRows) {
  Table table = histogram(false);
  std::fill(table.image.values.begin(), table.image.values.end(), 0);
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(table.view()); }), "@h:\n\n");
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(table.view()); }), "{\"type\": \"hist\", \"data\": {\"@h\": []}}\n");
}

TEST(PrintJsonTest, Histograms) {
  const std::string rows = R"([{"min": 1, "max": 1, "count": 1},{"min": 2, "max": 3, "count": 0},{"min": 4, "max": 7, "count": 3}])";
  const Table scalar = histogram(false), keyed = histogram(true);
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(scalar.view()); }),
            "{\"type\": \"hist\", \"data\": {\"@h\": " + rows + "}}\n");
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(keyed.view()); }),
            "{\"type\": \"hist\", \"data\": {\"@h\": {\"4\": " + rows + "}}}\n");
}

TEST(PrintJsonTest, OpenEndedBucketsLackABound) {
  MapSpec spec{.name = "@l", .value = Type::lhist(10, 20, 10)};
  spec.value_size = lhist_slots(spec.value) * 8;
  const Table table(spec, {}, Bytes().add<uint64_t>(1).add<uint64_t>(2).add<uint64_t>(3), 1);
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(table.view()); }),
            "{\"type\": \"hist\", \"data\": {\"@l\": [{\"max\": 9, \"count\": 1},{\"min\": 10, \"max\": 19, \"count\": 2},"
            "{\"min\": 20, \"count\": 3}]}}\n");
}

TEST(PrintTest, Stats) {
  const MapSpec spec{.name = "@s", .value = Type::aggregate(Kind::Stats, true), .value_size = 16};
  const Table table(spec, {}, Bytes().add<int64_t>(7).add<uint64_t>(3), 1);
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(table.view()); }), "@s: { .count = 3, .average = 2, .total = 7 }\n");
  EXPECT_EQ(printed(OutputFormat::Json, [&](Printer& p) { p.map(table.view()); }),
            "{\"type\": \"stats\", \"data\": {\"@s\": {\"count\": 3, \"average\": 2, \"total\": 7}}}\n");
}

TEST(PrintTest, StackAsKey) {
  const MapSpec spec{.name = "@", .keyed = true, .key = Type::kstack(StackMode::Bpftrace, 1), .value = Type::integer(8, true), .key_size = 16};
  const Table table(spec, Bytes().add<uint64_t>(1).add<uint64_t>(0xffff0010), Bytes().add<int64_t>(5), 1);
  EXPECT_EQ(printed(OutputFormat::Text, [&](Printer& p) { p.map(table.view()); }), "@[\n        kernel_function+16\n]: 5\n");
}

TEST(PrintTest, Messages) {
  const auto messages = [](Printer& p) {
    p.message(MessageKind::Printf, "a\"b\n");
    p.message(MessageKind::Time, "12:00\n");
    p.message(MessageKind::Join, "ls -l");
    p.message(MessageKind::Cat, "text");
    p.message(MessageKind::System, "out\n");
    p.value(Type::integer(8, true), Bytes().add<int64_t>(-1).data());
    p.end();
  };
  EXPECT_EQ(printed(OutputFormat::Text, messages), "a\"b\n12:00\nls -l\ntextout\n\n-1\n\n\n");
  EXPECT_EQ(printed(OutputFormat::Json, messages),
            "{\"type\": \"printf\", \"data\": \"a\\\"b\\n\"}\n{\"type\": \"time\", \"data\": \"12:00\\n\"}\n"
            "{\"type\": \"join\", \"data\": \"ls -l\"}\n{\"type\": \"cat\", \"data\": \"text\"}\n"
            "{\"type\": \"syscall\", \"data\": \"out\\n\"}\n{\"type\": \"value\", \"data\": -1}\n");
}

TEST(PrintTest, AttachedProbes) {
  const auto attached = [](size_t count) { return [count](Printer& p) { p.attached(count); }; };
  EXPECT_EQ(print_with(OutputFormat::Text, {}, attached(1)).err, "Attached 1 probe\n");
  EXPECT_EQ(print_with(OutputFormat::Text, {}, attached(2)).err, "Attached 2 probes\n");
  EXPECT_EQ(printed(OutputFormat::Json, attached(2)), "{\"type\": \"attached_probes\", \"count\": 2, \"data\": {\"probes\": 2}}\n");
}

TEST(PrintTest, MessagesOfTheScriptNameTheirPlace) {
  const auto warn = [](Printer& p) { p.script_message(Severity::Warning, {8, 10}, "careful"); };
  EXPECT_EQ(print_with(OutputFormat::Text, {}, warn).err, "script.bt:1:9-11: WARNING: careful\n");
  EXPECT_EQ(printed(OutputFormat::Json, warn),
            "{\"type\": \"errorf\", \"msg\": \"careful\", \"filename\": \"script.bt\", \"line\": 1, \"col\": 9}\n");
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) count++;
  return count;
}

TEST(SitesTest, MistakesAreToldOnceAndLossesByProbe) {
  Program program;
  program.probes = {{.provider = "interval", .targets = {{.name = "interval:s:1"}}, .block = 0}};
  program.probe_names = {"interval:s:1", "uprobe:/bin/x:f"};
  program.sites = {{SiteKind::DivisionByZero, "", 0, {13, 18}}, {SiteKind::HelperFailure, "send_signal", 0, {13, 18}}};
  const auto report = [&](Printer& printer) {
    Sites sites(program, -1, -1, printer);
    sites.report({.sites = {{1, 0}, {0, 0}}, .losses = {5, 0}});
    sites.report({.sites = {{9, 0}, {0, 0}}, .losses = {6, 0}});
    sites.report_final({.sites = {{10, 0}, {1, -22}}, .losses = {6, 3}});
  };
  const std::string err = print_with(OutputFormat::Text, program, report).err;
  EXPECT_NE(err.find("Lost 5 events (interval:s:1)\n"), std::string::npos) << err;
  EXPECT_NE(err.find("Lost 1 events (interval:s:1)\n"), std::string::npos) << err;
  EXPECT_NE(err.find("WARNING: Total lost event count: 9\n"), std::string::npos) << err;
  EXPECT_NE(err.find("script.bt:1:14-19: WARNING: division by zero"), std::string::npos) << err;
  EXPECT_NE(err.find("Lost 3 events (uprobe:/bin/x:f)\n"), std::string::npos) << err;
  EXPECT_EQ(count_of(err, "division by zero"), 2u) << "when it occurs, and in the end: " << err;
  EXPECT_NE(err.find("is taken as the result (10 times in all)\n"), std::string::npos) << err;
  EXPECT_EQ(count_of(err, "Invalid argument"), 1u) << err;
  EXPECT_NE(err.find("Additional Info - helper: send_signal, retcode: -22\n"), std::string::npos) << err;
  EXPECT_NE(printed(OutputFormat::Json, report).find("{\"type\": \"lost_events\", \"count\": 5, \"data\": {\"events\": 5, "), std::string::npos);
}

TEST(SitesTest, EveryKindHasItsWords) {
  const std::vector<std::pair<SiteKind, DiagId>> kinds = {
      {SiteKind::MissingKey, DiagId::RunMissingKey},       {SiteKind::MapFull, DiagId::RunMapFull},
      {SiteKind::DivisionByZero, DiagId::RunDivisionByZero}, {SiteKind::OutOfBounds, DiagId::RunOutOfBounds},
      {SiteKind::HelperFailure, DiagId::RunHelperFailure}, {SiteKind::ScratchExhausted, DiagId::RunScratchExhausted},
      {SiteKind::DeleteFailed, DiagId::RunDeleteFailed}};
  for (const auto& [kind, id] : kinds) EXPECT_EQ(describe_site({kind, "@x", 0, {}}).id, id);
  EXPECT_NE(describe_site({SiteKind::MapFull, "@x", 0, {}}).message.find("Map full; can't update element."), std::string::npos);
}

TEST(PrintJsonTest, HelperErrors) {
  const auto failed = [](Printer& p) { p.site({SiteKind::HelperFailure, "probe_read_user", 0, {8, 10}}, {.count = 2, .code = -14}); };
  EXPECT_EQ(printed(OutputFormat::Json, failed), "{\"type\": \"helper_error\", \"msg\": \"Bad address\", \"helper\": "
                                               "\"probe_read_user\", \"retcode\": -14, \"count\": 2, \"filename\": \"script.bt\", \"line\": 1, \"col\": 9}\n");
}

} // namespace
} // namespace trapline::runtime
