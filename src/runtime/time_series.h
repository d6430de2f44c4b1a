// A time series as a graph and as JSON.
#pragma once

#include "runtime/aggregates.h"

#include <string>
#include <vector>

namespace trapline::runtime {

// A row an interval from the first with a value to the last, time downwards; "<no data>" if there is none.
void append_series_graph(std::string& out, const Type&, const std::vector<SeriesPoint>&, const Context&);
// [{"interval_start":"2026-01-31 12:00:00.000000000","value":5},...]; intervals without a value are left out.
void append_series_json(std::string& out, const Type&, const std::vector<SeriesPoint>&, const Context&);

} // namespace trapline::runtime
