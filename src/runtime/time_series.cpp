// A time series as a graph and as JSON.
#include "runtime/time_series.h"

#include "runtime/json_value.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace trapline::runtime {
namespace {

constexpr size_t kColumns = 51; // between the two borders

// What the scale runs over. Wider than 64 bits: the values may be signed or not, and it reaches one beyond equal ones.
struct Scale {
  __int128 min = 0, max = 0;

  static __int128 wide(Number n) { return n.is_negative() ? __int128{static_cast<int64_t>(n.bits)} : __int128{n.bits}; }

  explicit Scale(const std::vector<SeriesPoint>& points) {
    min = max = wide(points.front().value);
    for (const SeriesPoint& point : points) {
      min = std::min(min, wide(point.value));
      max = std::max(max, wide(point.value));
    }
    if (min == max) {
      min -= 1;
      max += 1;
    }
  }

  bool crosses_zero() const { return min < 0 && max > 0; }
  size_t column(__int128 value) const {
    const auto share = static_cast<long double>(value - min) / static_cast<long double>(max - min);
    return static_cast<size_t>(std::lround(share * (kColumns - 1)));
  }
};

// Times are shown as finely as the intervals need.
struct Clock {
  std::string_view heading, format;
};
Clock clock_of(int64_t interval_ns) {
  if (interval_ns % 1'000'000'000 == 0) return {"hh:mm:ss", "%H:%M:%S"};
  if (interval_ns % 1'000'000 == 0) return {"hh:mm:ss.ms", "%H:%M:%S.%l"};
  if (interval_ns % 1'000 == 0) return {"hh:mm:ss.us", "%H:%M:%S.%f"};
  return {"hh:mm:ss.ns", "%H:%M:%S.%k"};
}

timespec start_of(const Type& type, uint64_t interval, const Context& context) {
  return context.resolver.wall_clock(interval * static_cast<uint64_t>(type.step), trapline::Clock::Tai);
}

void append_scale(std::string& out, size_t indent, const Scale& scale) {
  const std::string min = fmt::format("{}", scale.min), max = fmt::format("{}", scale.max);
  const size_t gap = kColumns + 2 > min.size() + max.size() ? kColumns + 2 - min.size() - max.size() : 1;
  out.append(indent, ' ');
  out += min;
  out.append(gap, ' ');
  out += max;
  out += '\n';
}

} // namespace

void append_series_graph(std::string& out, const Type& type, const std::vector<SeriesPoint>& points, const Context& context) {
  if (points.empty()) {
    out += "<no data>\n";
    return;
  }
  const Scale scale(points);
  const Clock clock = clock_of(type.step);
  const size_t width = std::max(clock.heading.size(), format_time(clock.format, start_of(type, points[0].interval, context)).size());
  append_scale(out, width + 1, scale);
  fmt::format_to(std::back_inserter(out), "{:<{}} |{}|\n", clock.heading, width, std::string(kColumns, '_'));
  auto point = points.begin();
  for (uint64_t interval = points.front().interval; interval <= points.back().interval; interval++) {
    std::string row(kColumns, ' '), value = "-";
    if (scale.crosses_zero()) row[scale.column(0)] = '.';
    if (point->interval == interval) {
      row[scale.column(Scale::wide(point->value))] = '*';
      value.clear();
      append_number(value, point->value);
      ++point;
    }
    const std::string time = format_time(clock.format, start_of(type, interval, context));
    fmt::format_to(std::back_inserter(out), "{:<{}} |{}| {}\n", time, width, row, value);
  }
  out.append(width + 1, ' ');
  out += 'v' + std::string(kColumns, '_') + "v\n";
  append_scale(out, width + 1, scale);
}

void append_series_json(std::string& out, const Type& type, const std::vector<SeriesPoint>& points, const Context& context) {
  out += '[';
  const char* separator = "";
  for (const SeriesPoint& point : points) {
    out += separator;
    out += "{\"interval_start\":";
    append_json_string(out, format_time("%Y-%m-%d %H:%M:%S.%k", start_of(type, point.interval, context)));
    out += ",\"value\":";
    append_json_number(out, point.value);
    out += '}';
    separator = ",";
  }
  out += ']';
}

} // namespace trapline::runtime
