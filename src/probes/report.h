// Diagnostics that several providers share.
#pragma once

#include "probes/provider.h"

namespace trapline::probes {

// The specification does not have the provider's form.
void report_malformed(const Provider&, const Spec&, Span, std::string_view problem, Diagnostics&);
// Nothing matches a wildcard. Silent when the options say so.
void report_no_match(const Spec&, Span, const ExpandOptions&, Diagnostics&);
// What the machine refused.
void report_refused(const Error&, Span, Diagnostics&);
// "did you mean `x`?", when there is something near.
void hint_nearest(Diagnostic&, std::string_view word, const std::vector<std::string_view>& candidates,
                  std::string_view prefix = {});

} // namespace trapline::probes
