// Any value as JSON. Written by hand: the order and spacing of what is printed are part of the format.
#include "runtime/json_value.h"

#include "runtime/text_value.h"

#include <fmt/format.h>

namespace trapline::runtime {
namespace {

// Length of the UTF-8 sequence at the start of `text`, 0 if there is none (RFC 3629: no overlong forms, no surrogates).
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : 0u; };
  const auto continues = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint32_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool in_range = !(first == 0xe0 && byte(1) < 0xa0) && !(first == 0xed && byte(1) > 0x9f);
    return in_range && continues(1) && continues(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool in_range = !(first == 0xf0 && byte(1) < 0x90) && !(first == 0xf4 && byte(1) > 0x8f);
    return in_range && continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\b': out += "\\b"; break;
    case '\f': out += "\\f"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<uint8_t>(c)); break;
  }
}

template <typename Append> void append_list(std::string& out, size_t count, Append&& append) {
  out += '[';
  for (size_t i = 0; i < count; i++) {
    if (i > 0) out += ',';
    append(i);
  }
  out += ']';
}

template <typename Append> void append_object(std::string& out, const std::vector<std::string>& names, Append&& append) {
  out += '{';
  for (size_t i = 0; i < names.size(); i++) {
    if (i > 0) out += ", ";
    append_json_string(out, names[i]);
    out += ": ";
    append(i);
  }
  out += '}';
}

void append_json_scalar(std::string& out, const Type& type, Number number) {
  if (type.kind == Kind::Bool) {
    out += number.bits ? "true" : "false";
  } else if (type.kind == Kind::Enum && type.enumeration && type.enumeration->is_flags) {
    std::string names;
    append_flags(names, *type.enumeration, number.bits);
    append_json_string(out, names);
  } else {
    append_json_number(out, number);
  }
}

void append_json_record(std::string& out, const StructType& record, const uint8_t* bytes, const Context& context) {
  const char* separator = "{";
  for (const Field& field : flat_fields(record)) {
    out += separator;
    append_json_string(out, field.name);
    out += ": ";
    if (field.bit_width > 0) {
      append_json_scalar(out, *field.type, load_bit_field(field, bytes));
    } else {
      append_json(out, *field.type, bytes + field.offset, context);
    }
    separator = ", ";
  }
  out += *separator == '{' ? "{}" : "}";
}

// Nested tuples keep their parentheses.
void append_key_text(std::string& out, const Type& type, const uint8_t* bytes, const Context& context, bool outermost) {
  if (type.kind != Kind::Tuple || type.is_named_tuple()) {
    append_text(out, type, bytes, context);
    return;
  }
  const std::vector<uint32_t> offsets = tuple_offsets(type);
  if (!outermost) out += '(';
  for (size_t i = 0; i < offsets.size(); i++) {
    if (i > 0) out += ',';
    append_key_text(out, (*type.members)[i], bytes + offsets[i], context, false);
  }
  if (!outermost) out += ')';
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\\ufffd";
    } else if (length == 1 && (static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\' || c == 0x7f)) {
      append_escaped(out, c);
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

void append_json_number(std::string& out, Number number) {
  // A double holds 53 bits: what remains after the trailing zeros must fit.
  uint64_t magnitude = number.is_negative() ? -number.bits : number.bits;
  if (magnitude != 0) magnitude >>= __builtin_ctzll(magnitude);
  const bool exact = magnitude < (1ull << 53);
  if (!exact) out += '"';
  append_number(out, number);
  if (!exact) out += '"';
}

void append_json(std::string& out, const Type& type, const uint8_t* bytes, const Context& context) {
  switch (type.kind) {
    case Kind::Int:
    case Kind::Bool:
    case Kind::Enum:
    case Kind::Pointer: append_json_scalar(out, type, load_scalar(type, bytes)); break;
    case Kind::Buffer: {
      const std::span<const uint8_t> data = load_buffer(type, bytes);
      append_list(out, data.size(), [&](size_t i) { append_number(out, load_number(&data[i], 1, true)); });
      break;
    }
    case Kind::Array:
      append_list(out, type.count, [&](size_t i) { append_json(out, *type.element, bytes + i * type.element->size, context); });
      break;
    case Kind::Tuple: {
      const std::vector<uint32_t> offsets = tuple_offsets(type);
      if (type.is_named_tuple()) {
        append_object(out, *type.names, [&](size_t i) { append_json(out, (*type.members)[i], bytes + offsets[i], context); });
        break;
      }
      append_list(out, offsets.size(), [&](size_t i) { append_json(out, (*type.members)[i], bytes + offsets[i], context); });
      break;
    }
    case Kind::Struct: append_json_record(out, *type.record, bytes, context); break;
    case Kind::Error:
    case Kind::Void: out += "null"; break;
    default: {
      std::string text;
      append_text(text, type, bytes, context);
      append_json_string(out, text);
      break;
    }
  }
}

void append_json_key(std::string& out, const Type& type, const uint8_t* bytes, const Context& context) {
  std::string text;
  append_key_text(text, type, bytes, context, true);
  append_json_string(out, text);
}

} // namespace trapline::runtime
