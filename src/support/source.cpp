#include "support/source.h"

#include <algorithm>

namespace trapline {

SourceFile::SourceFile(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (uint32_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

Position SourceFile::position(uint32_t offset) const {
  auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  auto line = static_cast<uint32_t>(next - line_starts_.begin());
  return {line, offset - line_starts_[line - 1] + 1};
}

std::string_view SourceFile::line(uint32_t number) const {
  if (number == 0 || number > line_starts_.size()) return {};
  std::string_view rest = std::string_view(text_).substr(line_starts_[number - 1]);
  return rest.substr(0, rest.find('\n'));
}

std::string_view SourceFile::text_of(Span span) const {
  if (span.begin >= text_.size() || span.end < span.begin) return {};
  return std::string_view(text_).substr(span.begin, span.end - span.begin);
}

} // namespace trapline
