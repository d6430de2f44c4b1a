// The output formats, and the words for run-time mistakes that all of them use.
#include "runtime/print.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace trapline::runtime {

std::unique_ptr<Printer> make_printer(OutputFormat format, const PrintTo& to) {
  switch (format) {
    case OutputFormat::Json: return make_json_printer(to);
    case OutputFormat::Text: break;
  }
  return make_text_printer(to);
}

Diagnostic describe_site(const Site& site, int64_t code) {
  const DiagId id = [&] {
    switch (site.kind) {
      case SiteKind::MapFull: return code == 0 || code == -E2BIG ? DiagId::RunMapFull : DiagId::RunHelperFailure;
      case SiteKind::DeleteFailed: return DiagId::RunDeleteFailed;
      case SiteKind::DivisionByZero: return DiagId::RunDivisionByZero;
      case SiteKind::OutOfBounds: return DiagId::RunOutOfBounds;
      case SiteKind::HelperFailure: return DiagId::RunHelperFailure;
      case SiteKind::ScratchExhausted: return DiagId::RunScratchExhausted;
      case SiteKind::NoChild: return DiagId::RunNoChild;
      case SiteKind::MissingKey: break;
    }
    return DiagId::RunMissingKey;
  }();
  const DiagnosticRow& row = diagnostic_row(id);
  const std::string detail = id == DiagId::RunHelperFailure ? std::strerror(static_cast<int>(-code)) : site.detail;
  return {id, row.severity, site.span, fmt::vformat(row.text, fmt::make_format_args(detail)), {}, {}};
}

std::string_view failed_helper(const Site& site) {
  switch (site.kind) {
    case SiteKind::MapFull: return "map_update_elem";
    case SiteKind::DeleteFailed: return "map_delete_elem";
    case SiteKind::MissingKey: return "map_lookup_elem";
    case SiteKind::HelperFailure: return site.detail;
    default: return {};
  }
}

} // namespace trapline::runtime
