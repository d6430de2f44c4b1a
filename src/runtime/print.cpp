// The output formats, and the words for run-time mistakes that all of them use.
#include "runtime/print.h"

#include <fmt/format.h>

namespace trapline::runtime {

std::unique_ptr<Printer> make_printer(OutputFormat format, const PrintTo& to) {
  switch (format) {
    case OutputFormat::Json: return make_json_printer(to);
    case OutputFormat::Text: break;
  }
  return make_text_printer(to);
}

Diagnostic describe_site(const Site& site) {
  const DiagId id = [&] {
    switch (site.kind) {
      case SiteKind::MapFull: return DiagId::RunMapFull;
      case SiteKind::DeleteFailed: return DiagId::RunDeleteFailed;
      case SiteKind::DivisionByZero: return DiagId::RunDivisionByZero;
      case SiteKind::OutOfBounds: return DiagId::RunOutOfBounds;
      case SiteKind::HelperFailure: return DiagId::RunHelperFailure;
      case SiteKind::ScratchExhausted: return DiagId::RunScratchExhausted;
      case SiteKind::NoChild: return DiagId::RunNoChild;
      case SiteKind::LostRecord: break;
    }
    return DiagId::RunRecordLost;
  }();
  const DiagnosticRow& row = diagnostic_row(id);
  return {id, row.severity, site.span, fmt::vformat(row.text, fmt::make_format_args(site.detail)), {}, {}};
}

} // namespace trapline::runtime
