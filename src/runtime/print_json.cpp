// JSON output: one object per line, fields always in the same order.
#include "runtime/json_value.h"
#include "runtime/print.h"
#include "runtime/time_series.h"

#include <fmt/format.h>

namespace trapline::runtime {
namespace {

class JsonPrinter final : public Printer {
public:
  explicit JsonPrinter(const PrintTo& to) : to_(to) {}

  void attached(size_t probes) override;
  void message(MessageKind, std::string_view text) override;
  void value(const Type&, const uint8_t* bytes) override;
  void map(const MapView&) override;
  void script_message(Severity, Span, std::string_view text) override;
  void site(const Site&, const SiteCount&) override;
  void lost(std::string_view where, uint64_t events) override;
  void lost_total(uint64_t) override {} // the lines before it add up to it
  void end() override {}

private:
  template <typename Append> void append_map(std::string_view type, const MapView&, const Append& append_value);
  void append_value(std::string& out, const MapView&, const MapRow&) const;
  void append_histogram(std::string& out, const MapView&, const MapRow&) const;
  void append_place(std::string& out, Span) const;

  PrintTo to_;
};

std::string_view message_type(MessageKind kind) {
  switch (kind) {
    case MessageKind::Printf: return "printf";
    case MessageKind::Time: return "time";
    case MessageKind::Join: return "join";
    case MessageKind::Cat: return "cat";
    case MessageKind::System: return "syscall";
  }
  return "";
}

std::string_view map_type(const Type& value) {
  switch (value.kind) {
    case Kind::Hist:
    case Kind::LHist: return "hist";
    case Kind::Avg:
    case Kind::Stats: return "stats";
    case Kind::TSeries: return "tseries";
    default: return "map";
  }
}

void JsonPrinter::attached(size_t probes) {
  if (to_.quiet) return;
  to_.out.write(fmt::format("{{\"type\": \"attached_probes\", \"count\": {0}, \"data\": {{\"probes\": {0}}}}}\n", probes));
  to_.out.flush(); // who reads this waits for it
}

void JsonPrinter::message(MessageKind kind, std::string_view text) {
  std::string& out = to_.out.text();
  fmt::format_to(std::back_inserter(out), "{{\"type\": \"{}\", \"data\": ", message_type(kind));
  append_json_string(out, text);
  out += "}\n";
  to_.out.message_done();
}

void JsonPrinter::value(const Type& type, const uint8_t* bytes) {
  std::string& out = to_.out.text();
  out += "{\"type\": \"value\", \"data\": ";
  append_json(out, type, bytes, to_.context);
  out += "}\n";
  to_.out.message_done();
}

// {"p50": 12, "p99": 80}
void append_percentiles(std::string& out, const MapView& view, const MapRow& row) {
  const std::vector<HistogramRow> buckets = histogram_rows(view.spec->value, row.aggregate.buckets);
  const char* separator = "{";
  for (const uint32_t thousandths : view.print.percentiles) {
    const Percentile value = percentile(buckets, thousandths);
    fmt::format_to(std::back_inserter(out), "{}\"{}\": ", separator, percentile_name(thousandths));
    const bool is_text = value.bound == Percentile::Bound::Below || value.bound == Percentile::Bound::AtLeast;
    if (value.bound == Percentile::Bound::Exact) append_json_number(out, value.value);
    else fmt::format_to(std::back_inserter(out), "{0}{1}{0}", is_text ? "\"" : "", to_string(value));
    separator = ", ";
  }
  out += '}';
}

void JsonPrinter::map(const MapView& view) {
  if (view.rows.empty()) return;
  const bool is_histogram = view.spec->value.is_histogram();
  if (!is_histogram || !view.print.only_percentiles) {
    append_map(map_type(view.spec->value), view, [&](std::string& out, const MapRow& row) { append_value(out, view, row); });
  }
  if (!is_histogram || view.print.percentiles.empty()) return;
  append_map("quantile", view, [&](std::string& out, const MapRow& row) { append_percentiles(out, view, row); });
}

template <typename Append> void JsonPrinter::append_map(std::string_view type, const MapView& view, const Append& append_value) {
  std::string& out = to_.out.text();
  fmt::format_to(std::back_inserter(out), "{{\"type\": \"{}\", \"data\": {{", type);
  append_json_string(out, view.spec->name);
  out += ": ";
  if (!view.spec->keyed) {
    append_value(out, view.rows.front());
  } else {
    const char* separator = "{";
    for (const MapRow& row : view.rows) {
      out += separator;
      append_json_key(out, view.spec->key, row.key, to_.context);
      out += ": ";
      append_value(out, row);
      separator = ", ";
    }
    out += '}';
  }
  out += "}}\n";
  to_.out.message_done();
}

void JsonPrinter::append_value(std::string& out, const MapView& view, const MapRow& row) const {
  const Type& type = view.spec->value;
  if (type.is_histogram()) {
    append_histogram(out, view, row);
  } else if (type.is(Kind::TSeries)) {
    append_series_json(out, type, row.aggregate.points, to_.context);
  } else if (type.is(Kind::Stats)) {
    out += "{\"count\": ";
    append_json_number(out, {row.aggregate.count, false});
    out += ", \"average\": ";
    append_json_number(out, row.aggregate.number);
    out += ", \"total\": ";
    append_json_number(out, row.aggregate.total);
    out += '}';
  } else if (type.is_aggregate() || type.is(Kind::Int)) {
    append_json_number(out, displayed_number(view, row));
  } else {
    append_json(out, type, row.value, to_.context);
  }
}

void JsonPrinter::append_histogram(std::string& out, const MapView& view, const MapRow& row) const {
  const bool divides = view.spec->value.is(Kind::Hist);
  out += '[';
  const char* separator = "{";
  for (const HistogramRow& bucket : histogram_rows(view.spec->value, row.aggregate.buckets)) {
    out += separator;
    if (bucket.has_min) {
      out += "\"min\": ";
      append_json_number(out, bucket.min);
      out += ", ";
    }
    if (bucket.has_max) {
      out += "\"max\": ";
      append_json_number(out, bucket.max);
      out += ", ";
    }
    out += "\"count\": ";
    append_json_number(out, divides ? divide({bucket.count, false}, {static_cast<uint64_t>(view.print.divisor), true}) : Number{bucket.count});
    out += '}';
    separator = ",{";
  }
  out += ']';
}

void JsonPrinter::append_place(std::string& out, Span span) const {
  const Position at = to_.source.position(span.begin);
  out += ", \"filename\": ";
  append_json_string(out, to_.source.name_at(span.begin));
  fmt::format_to(std::back_inserter(out), ", \"line\": {}, \"col\": {}}}\n", at.line, at.column);
}

void JsonPrinter::script_message(Severity severity, Span span, std::string_view text) {
  if (severity == Severity::Warning && !to_.warnings) return;
  std::string& out = to_.out.text();
  out += "{\"type\": \"errorf\", \"msg\": ";
  append_json_string(out, text);
  append_place(out, span);
  to_.out.message_done();
}

void JsonPrinter::site(const Site& site, const SiteCount& seen) {
  if (!to_.warnings) return;
  const std::string_view helper = failed_helper(site);
  std::string& out = to_.out.text();
  fmt::format_to(std::back_inserter(out), "{{\"type\": \"{}\", \"msg\": ", helper.empty() ? "runtime_error" : "helper_error");
  append_json_string(out, describe_site(site, seen.code).message);
  if (!helper.empty()) {
    out += ", \"helper\": ";
    append_json_string(out, helper);
    fmt::format_to(std::back_inserter(out), ", \"retcode\": {}", seen.code);
  }
  fmt::format_to(std::back_inserter(out), ", \"count\": {}", seen.count);
  append_place(out, site.span);
  to_.out.message_done();
}

void JsonPrinter::lost(std::string_view where, uint64_t events) {
  std::string& out = to_.out.text();
  fmt::format_to(std::back_inserter(out), "{{\"type\": \"lost_events\", \"count\": {0}, \"data\": {{\"events\": {0}, \"probe\": ", events);
  append_json_string(out, where);
  out += "}}\n";
  to_.out.message_done();
}

} // namespace

std::unique_ptr<Printer> make_json_printer(const PrintTo& to) { return std::make_unique<JsonPrinter>(to); }

} // namespace trapline::runtime
