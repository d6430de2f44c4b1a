#include "support/diagnostics.h"

#include "support/color.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace trapline {

namespace {

constexpr std::array kRows = {
#define DIAG(id, severity, text) DiagnosticRow{#id, Severity::severity, text},
#include "support/diagnostics.def"
#undef DIAG
};

// Columns that a terminal gives the text: wide characters take two. fmt counts them when it pads.
size_t display_width(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return text.size();
  const size_t padded = fmt::formatted_size("{:<{}}", text, text.size());
  return 2 * text.size() - padded;
}

// A caret and tildes below part of a line.
std::string underline(std::string_view line, uint32_t column, uint32_t width) {
  const std::string_view before = line.substr(0, std::min<size_t>(column - 1, line.size()));
  std::string out;
  for (size_t begin = 0; begin <= before.size();) { // tabs stay tabs, whatever their width
    const size_t tab = std::min(before.find('\t', begin), before.size());
    out.append(display_width(before.substr(begin, tab - begin)), ' ');
    if (tab < before.size()) out += '\t';
    begin = tab + 1;
  }
  const std::string_view marked = line.substr(before.size(), width);
  const size_t columns = marked.size() < width ? width : display_width(marked);
  out += '^';
  if (columns > 1) out.append(columns - 1, '~');
  return out;
}

// `FILE:L:C1-C2`, or `FILE:L1-L2` for what goes over several lines.
std::string place_of(Span span, const SourceFile& source) {
  const Position begin = source.position(span.begin), end = source.position(std::max(span.end, span.begin));
  if (begin.line != end.line) return fmt::format("{}:{}-{}", source.name_at(span.begin), begin.line, end.line);
  return fmt::format("{}:{}:{}-{}", source.name_at(span.begin), begin.line, begin.column, std::max(end.column, begin.column + 1));
}

// The place, a label and the message, then the line with its caret; of several lines the first.
std::string render_at(Span span, std::string_view label, std::string_view message, const SourceFile& source) {
  if (span.is_none()) return fmt::format("{}: {}\n", label, message);
  const Position begin = source.position(span.begin), end = source.position(std::max(span.end, span.begin));
  const std::string_view line = source.line_at(span.begin);
  const uint32_t last = end.line == begin.line ? end.column : static_cast<uint32_t>(line.size()) + 1;
  const uint32_t width = last > begin.column ? last - begin.column : 1;
  std::string out = fmt::format("{}: {}: {}\n", place_of(span, source), label, message);
  if (!line.empty()) out += fmt::format("{}\n{}\n", line, underline(line, begin.column, width));
  return out;
}

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

// How many letters to insert, delete, replace or swap with their neighbour.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> older(b.size() + 1), previous(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    older.swap(previous);
    previous.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = previous[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

} // namespace

std::string render_expansions(Span span, const SourceFile& source) {
  std::string out;
  if (span.is_none()) return out;
  for (auto use = source.expanded_from(span.begin); use; use = source.expanded_from(use->begin)) out += render_at(*use, "NOTE", "expanded from here", source);
  return out;
}

const DiagnosticRow& diagnostic_row(DiagId id) { return kRows[static_cast<size_t>(id)]; }
size_t diagnostic_count() { return kRows.size(); }

Diagnostic& Diagnostics::add(DiagId id, Span span, std::string message) {
  for (Diagnostic& seen : all_) {
    if (seen.id == id && seen.span.begin == span.begin && seen.span.end == span.end && seen.message == message) {
      static thread_local Diagnostic ignored;
      ignored = seen;
      return ignored;
    }
  }
  Severity severity = diagnostic_row(id).severity;
  if (severity == Severity::Error) ++errors_;
  return all_.emplace_back(Diagnostic{id, severity, span, std::move(message), {}, {}});
}

bool Diagnostics::has(DiagId id) const {
  return std::any_of(all_.begin(), all_.end(), [id](const Diagnostic& d) { return d.id == id; });
}

std::string render(const Diagnostic& diagnostic, const SourceFile& source) {
  const std::string label = diagnostic.severity == Severity::Error ? error_label() : warning_label();
  std::string out = render_at(diagnostic.span, label, diagnostic.message, source);
  out += render_expansions(diagnostic.span, source);
  for (const Diagnostic::Note& note : diagnostic.notes) out += render_at(note.span, "NOTE", note.message, source);
  for (const std::string& hint : diagnostic.hints) out += fmt::format("HINT: {}\n", hint);
  return out;
}

std::string render_all(const Diagnostics& diagnostics, const SourceFile& source, bool with_warnings) {
  std::vector<const Diagnostic*> sorted;
  for (const Diagnostic& d : diagnostics.all()) {
    if (d.severity == Severity::Error || with_warnings) sorted.push_back(&d);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const Diagnostic* a, const Diagnostic* b) {
    if (a->severity != b->severity) return a->severity == Severity::Error;
    return a->span.begin < b->span.begin;
  });
  std::string out;
  for (const Diagnostic* d : sorted) out += render(*d, source);
  return out;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  if (word.size() < 2) return best; // one letter is as near to any other
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    size_t longer = std::max(candidate.size(), word.size());
    size_t shorter = std::min(candidate.size(), word.size());
    if (longer - shorter >= best_distance) continue;
    size_t distance = edit_distance(word, candidate);
    // Of two as close, the one with as many letters: swapped letters are more likely than one too many.
    const bool is_likelier = distance == best_distance && candidate.size() == word.size() && best.size() != word.size();
    if (distance < best_distance || (is_likelier && !best.empty())) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

} // namespace trapline
