// clang's complaints, each put where the script has it or includes it.
#include "cdefs/clang_definitions.h"

#include <algorithm>
#include <fmt/format.h>

namespace trapline::clang {

namespace {

constexpr size_t kMostErrors = 20;

// "'x.h' file not found"
std::string missing_header(const std::string& message) {
  size_t end = message.find("' file not found");
  return message.starts_with('\'') && end != std::string::npos ? message.substr(1, end - 1) : std::string();
}

// clang quotes code in single quotes, this project in backticks.
std::string in_backticks(std::string message) {
  std::ranges::replace(message, '\'', '`');
  return message;
}

} // namespace

Definitions::Place Definitions::place_of(CXSourceLocation location) const {
  CXFile file = nullptr;
  Place place;
  clang_.getFileLocation(location, &file, &place.line, nullptr, &place.offset);
  if (file) place.file = clang_.text(clang_.getFileName(file));
  return place;
}

void Definitions::read_errors() {
  unsigned count = clang_.getNumDiagnostics(unit_);
  for (unsigned i = 0; i < count && errors_.size() < kMostErrors; ++i) {
    CXDiagnostic diagnostic = clang_.getDiagnostic(unit_, i);
    if (clang_.getDiagnosticSeverity(diagnostic) >= kSeverityError) add_error(diagnostic);
    clang_.disposeDiagnostic(diagnostic);
  }
}

void Definitions::add_error(CXDiagnostic diagnostic) {
  Place place = place_of(clang_.getDiagnosticLocation(diagnostic));
  std::string message = clang_.text(clang_.getDiagnosticSpelling(diagnostic));
  CError error;
  error.missing_header = missing_header(message);
  error.message = in_backticks(std::move(message));
  // Lines about macros that turned out to be no values, after the script's text.
  if (place.file.starts_with(kMainFile) && error.missing_header.empty()) return;
  if (place.file == script_) {
    error.span = span_in_script(diagnostic, place.offset);
  } else if (!place.file.empty() && !place.file.starts_with(kMainFile)) {
    error.span = include_of(place.file);
    error.message = fmt::format("{}:{}: {}", place.file, place.line, error.message);
  }
  errors_.push_back(std::move(error));
}

// What clang underlines, or else one character.
Span Definitions::span_in_script(CXDiagnostic diagnostic, unsigned offset) const {
  Span span{offset, offset + 1};
  for (unsigned i = 0; i < clang_.getDiagnosticNumRanges(diagnostic); ++i) {
    CXSourceRange range = clang_.getDiagnosticRange(diagnostic, i);
    Place begin = place_of(clang_.getRangeStart(range)), end = place_of(clang_.getRangeEnd(range));
    if (begin.file == script_ && end.file == script_ && begin.offset < end.offset) span = join(span, {begin.offset, end.offset});
  }
  return span;
}

// The script's line through which the header came.
Span Definitions::include_of(const std::string& header) const {
  struct Search {
    const Definitions& self;
    const std::string& header;
    Span found;
  } search{*this, header, {}};
  auto visit = [](CXFile file, CXSourceLocation* stack, unsigned depth, void* data) {
    auto& search = *static_cast<Search*>(data);
    if (search.self.clang_.text(search.self.clang_.getFileName(file)) != search.header) return;
    for (unsigned i = 0; i < depth; ++i) {
      Place place = search.self.place_of(stack[i]);
      if (place.file == search.self.script_) search.found = {place.offset, place.offset + 1};
    }
  };
  clang_.getInclusions(unit_, visit, &search);
  return search.found;
}

std::vector<Span> Definitions::skipped() const {
  std::vector<Span> spans;
  CXFile file = clang_.getFile(unit_, script_.c_str());
  CXSourceRangeList* list = file ? clang_.getSkippedRanges(unit_, file) : nullptr;
  for (unsigned i = 0; list && i < list->count; ++i)
    spans.push_back({place_of(clang_.getRangeStart(list->ranges[i])).offset, place_of(clang_.getRangeEnd(list->ranges[i])).offset});
  if (list) clang_.disposeSourceRangeList(list);
  return spans;
}

} // namespace trapline::clang
