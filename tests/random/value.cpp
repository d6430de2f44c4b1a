#include "random/value.h"

#include "random/arithmetic.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace trapline::random_programs {

Value Value::number(uint64_t bits, const Type& type) { return {type, cut(bits, type), {}, {}}; }

Value Value::zero(const Type& type) {
  Value value{type, 0, {}, {}};
  if (type.kind == Kind::Tuple) {
    for (const Type& member : type.members) value.members.push_back(zero(member));
  } else if (type.kind == Kind::Array) {
    value.members.assign(type.size, zero(type.members[0]));
  }
  return value;
}

bool Value::same(const Value& other) const {
  if (bits != other.bits || text != other.text || members.size() != other.members.size()) return false;
  return std::equal(members.begin(), members.end(), other.members.begin(), [](const Value& a, const Value& b) { return a.same(b); });
}

Value convert(const Value& from, const Type& to) {
  if (to.is_number()) return Value::number(from.bits, to);
  Value result = from;
  result.type = to;
  if (to.kind == Kind::Tuple) {
    for (size_t i = 0; i < result.members.size(); ++i) result.members[i] = convert(from.members[i], to.members[i]);
  }
  return result;
}

std::string shown(const Value& value) {
  switch (value.type.kind) {
  case Kind::Bool: return value.bits ? "true" : "false";
  case Kind::Int: return value.type.is_signed ? fmt::format("{}", static_cast<int64_t>(value.bits)) : fmt::format("{}", value.bits);
  case Kind::String: return value.text;
  default: break;
  }
  bool is_tuple = value.type.kind == Kind::Tuple;
  std::string text;
  for (size_t i = 0; i < value.members.size(); ++i) text += (i == 0 ? "" : is_tuple ? ", " : ",") + shown(value.members[i]);
  return is_tuple ? "(" + text + ")" : "[" + text + "]";
}

namespace {

template <typename T> std::string with_c(const std::string& conversion, T value) {
  char buffer[512];
  int length = snprintf(buffer, sizeof buffer, conversion.c_str(), value);
  return {buffer, static_cast<size_t>(std::clamp(length, 0, static_cast<int>(sizeof buffer) - 1))};
}

// The number that C would pass: smaller ones as int, then cut to what the length says.
std::string integer(const std::string& flags, const std::string& length, char conversion, const Value& value) {
  uint64_t bits = value.bits;
  bool is_signed = conversion == 'd' || conversion == 'i';
  uint32_t bytes = std::max(4U, value.type.size);
  if (length == "hh") bytes = 1;
  else if (length == "h") bytes = 2;
  else if (!length.empty()) bytes = 8;
  bits = cut(bits, Type::integer(bytes, is_signed));
  std::string spec = flags + "ll" + conversion;
  if (is_signed) return with_c(spec, static_cast<long long>(bits));
  return with_c(spec, static_cast<unsigned long long>(bits));
}

std::string text(std::string flags, const std::string& text) { return with_c(flags + "s", text.c_str()); }

} // namespace

std::string formatted(const std::string& format, const std::vector<Value>& arguments) {
  std::string out;
  size_t next = 0;
  for (size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') {
      out += format[at];
      continue;
    }
    if (format[++at] == '%') {
      out += '%';
      continue;
    }
    std::string flags = "%", length;
    for (; std::string_view("-+ #0123456789.*").find(format[at]) != std::string_view::npos; ++at) {
      if (format[at] == '*') flags += fmt::format("{}", static_cast<int64_t>(arguments[next++].bits));
      else flags += format[at];
    }
    for (; std::string_view("hlLjzt").find(format[at]) != std::string_view::npos; ++at) length += format[at];
    const Value& value = arguments[next++];
    char conversion = format[at];
    if (conversion == 's') out += text(flags, shown(value));
    else if (conversion == 'c') out += with_c(flags + "c", static_cast<int>(value.bits));
    else if (conversion == 'p') out += text(flags, fmt::format("{:#x}", value.bits));
    else out += integer(flags, length, conversion, value);
  }
  return out;
}

} // namespace trapline::random_programs
