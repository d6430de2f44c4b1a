// The families of builtins: each file offers its rows, registry.cpp gathers them. And what their checks share.
#pragma once

#include "builtins/builtin.h"

#include <string>
#include <vector>

namespace trapline::builtins {

std::vector<Builtin> context_rows();     // pid, comm, nsecs, args, ...
std::vector<Builtin> output_rows();      // printf, time, join, ...
std::vector<Builtin> printing_rows();    // print, quantile
std::vector<Builtin> control_rows();     // exit, clear, delete, signal, ...
std::vector<Builtin> aggregation_rows(); // count, hist, ...
std::vector<Builtin> series_rows();      // tseries
std::vector<Builtin> stack_rows();       // kstack, usym, reg, ...
std::vector<Builtin> string_rows();      // str, buf, strncmp, ...
std::vector<Builtin> network_rows();     // ntop, macaddr, bswap

// Reports that `name` makes no sense at this kind of probe; `why` may be empty or start with ": ".
Type not_in_probe(const Check&, std::string_view why = {});

} // namespace trapline::builtins
