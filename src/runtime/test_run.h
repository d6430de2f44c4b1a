// --test and --bench: the script's tests and benchmarks, run by the kernel's test run, without attaching anything.
#pragma once

#include "program/program.h"
#include "runtime/session.h"
#include "support/source.h"

namespace trapline::runtime {

// All test blocks in order. One passes that returns 0, ends with no other status, and reports no error. The exit status:
// 1 if one failed, else 0.
int run_tests(const Program&, const SourceFile&, const RunOptions&);

// All benchmarks in order, each for a millisecond at least. One that returns a number other than 0 is left out; one that
// reports an error has failed. The exit status: 1 if one failed, else 0.
int run_benchmarks(const Program&, const SourceFile&, const RunOptions&);

} // namespace trapline::runtime
