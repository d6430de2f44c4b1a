// Script text in messages.
#include "parser/quote.h"

#include <fmt/format.h>

namespace trapline {

namespace {

constexpr size_t kMaxQuoted = 40;

// The bytes of the well-formed UTF-8 character at the front of `text`; 0 if there is none.
size_t character_length(std::string_view text) {
  auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

bool is_printable(std::string_view character) { return character.size() > 1 || (character[0] >= ' ' && character[0] != 0x7f); }

} // namespace

std::string quote(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= kMaxQuoted) return out + "...";
    size_t length = character_length(text);
    if (length > 0 && is_printable(text.substr(0, length))) {
      out += text.substr(0, length);
    } else {
      length = 1;
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string describe_first_character(std::string_view text) {
  if (text[0] == '`') return "'`'";
  size_t length = character_length(text);
  if (length > 0 && is_printable(text.substr(0, length))) return fmt::format("`{}`", text.substr(0, length));
  return fmt::format("0x{:02x}", static_cast<unsigned char>(text[0]));
}

} // namespace trapline
