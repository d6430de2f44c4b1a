// Text output. What is printed here is read by people and by their scripts: keep every space.
#include "runtime/print.h"
#include "runtime/text_value.h"
#include "runtime/time_series.h"
#include "support/color.h"

#include <fmt/format.h>

namespace trapline::runtime {
namespace {

constexpr size_t kBarWidth = 52;

class TextPrinter final : public Printer {
public:
  explicit TextPrinter(const PrintTo& to) : to_(to) {}

  void attached(size_t probes) override;
  void message(MessageKind, std::string_view text) override;
  void value(const Type&, const uint8_t* bytes) override;
  void map(const MapView&) override;
  void script_message(Severity, Span, std::string_view text) override;
  void site(const Site&, const SiteCount&) override;
  void lost(std::string_view where, uint64_t events) override;
  void lost_total(uint64_t events) override;
  void end() override;

private:
  void append_row(std::string& out, const MapView&, const MapRow&) const;
  void append_value(std::string& out, const MapView&, const MapRow&) const;
  static void append_histogram(std::string& out, const MapView&, const std::vector<HistogramRow>&);
  // To the operator, after what was printed before.
  void tell(std::string_view text);

  PrintTo to_;
};

// "{ .p50 = 12, .p99 = 80 }", as a record would print; on a line of its own under a histogram.
void append_percentiles(std::string& out, const MapPrint& print, const std::vector<HistogramRow>& buckets) {
  const char* separator = "{ .";
  for (const uint32_t thousandths : print.percentiles) {
    out += separator;
    out += fmt::format("{} = {}", percentile_name(thousandths), to_string(percentile(buckets, thousandths)));
    separator = ", .";
  }
  if (print.percentiles.empty()) return;
  out += print.only_percentiles ? " }" : " }\n";
}

void TextPrinter::tell(std::string_view text) {
  to_.out.flush();
  to_.err.write(text);
}

void TextPrinter::attached(size_t probes) {
  if (!to_.quiet) tell(fmt::format("Attached {} {}\n", probes, probes == 1 ? "probe" : "probes"));
}

void TextPrinter::message(MessageKind kind, std::string_view text) {
  std::string& out = to_.out.text();
  out += text;
  if (kind == MessageKind::Join || kind == MessageKind::System) out += '\n';
  to_.out.message_done();
}

void TextPrinter::value(const Type& type, const uint8_t* bytes) {
  std::string& out = to_.out.text();
  append_text(out, type, bytes, to_.context);
  out += '\n';
  to_.out.message_done();
}

void TextPrinter::map(const MapView& view) {
  for (const MapRow& row : view.rows) {
    append_row(to_.out.text(), view, row);
    to_.out.message_done();
  }
}

void TextPrinter::append_row(std::string& out, const MapView& view, const MapRow& row) const {
  out += view.spec->name;
  if (row.key) {
    out += '[';
    append_text_key(out, view.spec->key, row.key, to_.context);
    out += ']';
  }
  const Type& type = view.spec->value;
  if (type.is_histogram()) {
    const std::vector<HistogramRow> buckets = histogram_rows(type, row.aggregate.buckets);
    out += view.print.only_percentiles ? ": " : ":\n";
    if (!view.print.only_percentiles) append_histogram(out, view, buckets);
    append_percentiles(out, view.print, buckets);
  } else if (type.is(Kind::TSeries)) {
    out += ":\n";
    append_series_graph(out, type, row.aggregate.points, to_.context);
  } else {
    out += ": ";
    append_value(out, view, row);
  }
  out += '\n';
}

void TextPrinter::append_value(std::string& out, const MapView& view, const MapRow& row) const {
  const Type& type = view.spec->value;
  if (type.is(Kind::Stats)) {
    out += fmt::format("{{ .count = {}, .average = ", row.aggregate.count);
    append_number(out, row.aggregate.number);
    out += ", .total = ";
    append_number(out, row.aggregate.total);
    out += " }";
  } else if (type.is_aggregate() || type.is(Kind::Int)) {
    append_number(out, displayed_number(view, row));
  } else {
    append_text(out, type, row.value, to_.context);
  }
}

void TextPrinter::append_histogram(std::string& out, const MapView& view, const std::vector<HistogramRow>& rows) {
  const bool divides = view.spec->value.is(Kind::Hist);
  uint64_t most = 0;
  for (const HistogramRow& bucket : rows) most = bucket.count > most ? bucket.count : most;
  for (const HistogramRow& bucket : rows) {
    const float share = static_cast<float>(bucket.count) / static_cast<float>(most);
    const auto width = static_cast<size_t>(share * static_cast<float>(kBarWidth));
    const Number shown = divides ? divide({bucket.count, false}, {static_cast<uint64_t>(view.print.divisor), true}) : Number{bucket.count};
    fmt::format_to(std::back_inserter(out), "{:<16}{:>8} |{:<52}|\n", bucket.label, shown.bits,
                   std::string(width < kBarWidth ? width : kBarWidth, '@'));
  }
}

void TextPrinter::script_message(Severity severity, Span span, std::string_view text) {
  if (severity == Severity::Warning && !to_.warnings) return;
  const Position begin = to_.source.position(span.begin);
  const Position end = to_.source.position(span.end);
  const std::string place = begin.line == end.line
                                ? fmt::format("{}:{}:{}-{}", to_.source.name_at(span.begin), begin.line, begin.column, end.column)
                                : fmt::format("{}:{}-{}", to_.source.name_at(span.begin), begin.line, end.line);
  tell(fmt::format("{}: {}: {}\n", place, severity == Severity::Error ? error_label() : warning_label(), text) + render_expansions(span, to_.source));
}

void TextPrinter::site(const Site& site, const SiteCount& seen) {
  if (!to_.warnings) return;
  Diagnostic diagnostic = describe_site(site, seen.code);
  if (seen.total) {
    diagnostic.message += fmt::format(" ({} times in all)", seen.count);
  } else if (seen.count > 1) {
    diagnostic.message += fmt::format(" ({} times so far)", seen.count);
  }
  std::string text = render(diagnostic, to_.source);
  if (const std::string_view helper = failed_helper(site); !helper.empty()) {
    text += fmt::format("Additional Info - helper: {}, retcode: {}\n", helper, seen.code);
  }
  tell(text);
}

void TextPrinter::lost(std::string_view where, uint64_t events) {
  tell(fmt::format("Lost {} events ({})\n", events, where));
}

void TextPrinter::lost_total(uint64_t events) { tell(fmt::format("{}: Total lost event count: {}\n", warning_label(), events)); }

void TextPrinter::end() { to_.out.write("\n\n"); }

} // namespace

std::unique_ptr<Printer> make_text_printer(const PrintTo& to) { return std::make_unique<TextPrinter>(to); }

} // namespace trapline::runtime
