// Wording that several providers share.
#include "probes/report.h"

namespace trapline::probes {

void report_malformed(const Provider& provider, const Spec& spec, Span span, std::string_view problem, Diagnostics& diags) {
  diags.report(DiagId::MalformedProbe, span, spec.text, problem).hint(fmt::format("the form is `{}`", provider.form()));
}

void report_no_match(const Spec& spec, Span span, const ExpandOptions& options, Diagnostics& diags) {
  if (options.missing_is_silent) return;
  Diagnostic& diag = diags.report(DiagId::NoMatch, span, spec.text);
  const size_t last_part = spec.text.rfind(':');
  if (last_part != std::string::npos) diag.hint(fmt::format("`trapline -l '{}:*'` lists what there is", spec.text.substr(0, last_part)));
}

void report_refused(const Error& error, Span span, Diagnostics& diags) {
  Diagnostic& diag = diags.report(DiagId::MachineRefused, span, error.message);
  if (!error.hint.empty()) diag.hint(error.hint);
}

void hint_nearest(Diagnostic& diag, std::string_view word, const std::vector<std::string_view>& candidates,
                  std::string_view prefix) {
  if (const std::string_view near = nearest(word, candidates); !near.empty())
    diag.hint(fmt::format("did you mean `{}{}`?", prefix, near));
}

} // namespace trapline::probes
