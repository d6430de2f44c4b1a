#include "support/source.h"

#include <algorithm>
#include <cassert>

namespace trapline {

SourceFile::SourceFile(std::string name, std::string text) { append(std::move(name), std::move(text)); }

Span SourceFile::append(std::string name, std::string text) {
  assert(expansions_.empty());
  if (!files_.empty()) text_ += '\n';
  auto begin = static_cast<uint32_t>(text_.size());
  files_.push_back({std::move(name), begin, static_cast<uint32_t>(line_starts_.size())});
  text_ += text;
  line_starts_.push_back(begin);
  for (uint32_t i = begin; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
  }
  return {begin, static_cast<uint32_t>(text_.size())};
}

uint32_t SourceFile::expand(Span definition, Span use) {
  uint32_t begin = kFirstExpansion;
  if (!expansions_.empty()) {
    const Expansion& last = expansions_.back();
    begin = last.begin + (last.definition.end - last.definition.begin) + 1;
  }
  expansions_.push_back({begin, definition, use});
  return begin;
}

const SourceFile::Expansion* SourceFile::expansion_at(uint32_t offset) const {
  if (offset < kFirstExpansion) return nullptr;
  auto next = std::upper_bound(expansions_.begin(), expansions_.end(), offset, [](uint32_t o, const Expansion& e) { return o < e.begin; });
  return next == expansions_.begin() ? nullptr : &*(next - 1);
}

std::optional<Span> SourceFile::expanded_from(uint32_t offset) const {
  const Expansion* expansion = expansion_at(offset);
  return expansion ? std::optional(expansion->use) : std::nullopt;
}

// What an expansion copies may itself come from one.
uint32_t SourceFile::real(uint32_t offset) const {
  while (const Expansion* expansion = expansion_at(offset)) offset = offset - expansion->begin + expansion->definition.begin;
  return offset;
}

const SourceFile::File& SourceFile::file_at(uint32_t offset) const {
  offset = real(offset);
  auto next = std::upper_bound(files_.begin(), files_.end(), offset, [](uint32_t o, const File& f) { return o < f.begin; });
  return *(next == files_.begin() ? next : next - 1);
}

Span SourceFile::file_span(uint32_t offset) const {
  const File& file = file_at(offset);
  bool is_last = &file == &files_.back();
  return {file.begin, is_last ? static_cast<uint32_t>(text_.size()) : (&file)[1].begin - 1};
}

size_t SourceFile::line_index(uint32_t offset) const {
  auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<size_t>(next - line_starts_.begin()) - 1;
}

Position SourceFile::position(uint32_t offset) const {
  offset = real(offset);
  size_t index = line_index(offset);
  return {static_cast<uint32_t>(index) - file_at(offset).first_line + 1, offset - line_starts_[index] + 1};
}

std::string_view SourceFile::line_at(uint32_t offset) const {
  std::string_view rest = std::string_view(text_).substr(line_starts_[line_index(real(offset))]);
  return rest.substr(0, rest.find('\n'));
}

std::string_view SourceFile::text_of(Span span) const {
  uint32_t begin = real(span.begin);
  if (begin >= text_.size() || span.end < span.begin) return {};
  return std::string_view(text_).substr(begin, span.end - span.begin);
}

} // namespace trapline
