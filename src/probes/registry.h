// The provider objects, each made by its own file. To add a provider: write its file, declare it here, list it in
// registry.cpp.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

const Provider& begin_provider();
const Provider& end_provider();
const Provider& self_provider();
const Provider& test_provider();
const Provider& bench_provider();
const Provider& tracepoint_provider();
const Provider& rawtracepoint_provider();
const Provider& uprobe_provider();
const Provider& uretprobe_provider();
const Provider& usdt_provider();
const Provider& profile_provider();
const Provider& interval_provider();
const Provider& software_provider();
const Provider& hardware_provider();

// Probe types that scripts know and this version cannot trace: found by name, so that the answer is a reason and not
// "unknown probe type"; not part of providers().
std::span<const Provider* const> unsupported_providers();

} // namespace trapline::probes
