// What a session has to say, in an output format. One file per format; to add one, write it and name it in print.cpp.
#pragma once

#include "program/program.h"
#include "runtime/maps.h"
#include "runtime/output.h"
#include "runtime/values.h"
#include "support/diagnostics.h"

#include <memory>
#include <string>
#include <string_view>

namespace trapline::runtime {

enum class MessageKind : uint8_t { Printf, Time, Join, Cat, System };

struct PrintTo {
  Context context;
  const SourceFile& source;
  Output& out; // tracing output
  Output& err; // for the operator
  bool quiet = false;    // no "Attached N probes"
  bool warnings = true;  // warnf and run-time warnings are shown
};

// How often a run-time mistake was made so far.
struct SiteCount {
  uint64_t count = 0;
  int64_t code = 0; // what the helper returned the last time
  bool total = false; // tracing has ended
};

class Printer {
public:
  virtual ~Printer() = default;
  virtual void attached(size_t probes) = 0;
  virtual void message(MessageKind, std::string_view text) = 0;
  virtual void value(const Type&, const uint8_t* bytes) = 0;
  virtual void map(const MapView&) = 0;
  // errorf and warnf.
  virtual void script_message(Severity, Span, std::string_view text) = 0;
  // A run-time mistake at a place of the script: when it was seen first, and in the end if there was more of it.
  virtual void site(const Site&, const SiteCount&) = 0;
  // `events` more of `where` ("tracepoint:sched:sched_switch") were lost.
  virtual void lost(std::string_view where, uint64_t events) = 0;
  virtual void lost_total(uint64_t events) = 0;
  // Tracing has ended: the maps follow.
  virtual void end() = 0;
};

enum class OutputFormat : uint8_t { Text, Json };

std::unique_ptr<Printer> make_text_printer(const PrintTo&);
std::unique_ptr<Printer> make_json_printer(const PrintTo&);
std::unique_ptr<Printer> make_printer(OutputFormat, const PrintTo&);

// What a site's count means, as a diagnostic. `code` as in SiteCount.
Diagnostic describe_site(const Site&, int64_t code = 0);
// The helper that failed there, without `bpf_`; empty: none did.
std::string_view failed_helper(const Site&);

} // namespace trapline::runtime
