// Reading values from the bytes that types/type.h lays out, and the texts that text and JSON output share.
#include "runtime/values.h"

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <fmt/format.h>

namespace trapline::runtime {

bool operator<(Number a, Number b) {
  if (a.is_negative() != b.is_negative()) return a.is_negative();
  return a.bits < b.bits;
}

void append_number(std::string& out, Number number) {
  const fmt::format_int text = number.is_signed ? fmt::format_int(static_cast<int64_t>(number.bits)) : fmt::format_int(number.bits);
  out.append(text.data(), text.size());
}

Number divide(Number a, Number b) {
  if (b.bits == 0) return {0, a.is_signed};
  const bool negative = a.is_negative() != b.is_negative();
  const uint64_t magnitude = (a.is_negative() ? -a.bits : a.bits) / (b.is_negative() ? -b.bits : b.bits);
  return {negative ? -magnitude : magnitude, a.is_signed || b.is_negative()};
}

uint64_t load(const uint8_t* bytes, uint32_t size) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, size < 8 ? size : 8);
  return value;
}

Number load_number(const uint8_t* bytes, uint32_t size, bool is_signed) {
  uint64_t value = load(bytes, size);
  if (is_signed && size < 8) {
    const uint32_t shift = 64 - 8 * size;
    value = static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift);
  }
  return {value, is_signed};
}

Number load_scalar(const Type& type, const uint8_t* bytes) {
  return load_number(bytes, type.size, type.is_signed);
}

Number load_bit_field(const Field& field, const uint8_t* record) {
  const uint32_t used = (field.bit_offset + field.bit_width + 7u) / 8;
  unsigned __int128 wide = 0;
  std::memcpy(&wide, record + field.offset, used < sizeof(wide) ? used : sizeof(wide));
  uint64_t value = static_cast<uint64_t>(wide >> field.bit_offset);
  const uint32_t shift = 64 - field.bit_width;
  const bool is_signed = field.type->is_signed;
  value <<= shift;
  return {is_signed ? static_cast<uint64_t>(static_cast<int64_t>(value) >> shift) : value >> shift, is_signed};
}

std::string_view load_string(const Type& type, const uint8_t* bytes) {
  const char* text = reinterpret_cast<const char*>(bytes);
  return {text, strnlen(text, type.size)};
}

void append_string(std::string& out, const Type& type, const uint8_t* bytes, const Program::Settings& settings) {
  const std::string_view text = load_string(type, bytes);
  out += text;
  if (type.size > 0 && text.size() == type.size) out += settings.str_trunc_trailer;
}

std::span<const uint8_t> load_buffer(const Type& type, const uint8_t* bytes) {
  const uint32_t capacity = type.size < 4 ? 0 : type.size - 4;
  const auto length = static_cast<uint32_t>(load(bytes, 4));
  return {bytes + 4, length < capacity ? length : capacity};
}

const std::string* enumerator_name(const Type& type, Number number) {
  if (!type.enumeration) return nullptr;
  for (const EnumType::Value& value : type.enumeration->values) {
    if (static_cast<uint64_t>(value.value) == number.bits) return &value.name;
  }
  return nullptr;
}

void append_flags(std::string& out, const EnumType& names, uint64_t bits) {
  const size_t start = out.size();
  const auto add = [&](std::string_view text) {
    if (out.size() > start) out += '|';
    out += text;
  };
  const uint64_t number = bits & names.field;
  bits &= ~names.field;
  for (const EnumType::Value& value : names.values) {
    const auto wanted = static_cast<uint64_t>(value.value);
    const bool in_field = (wanted & ~names.field) == 0;
    if (in_field ? wanted != number : (bits & wanted) != wanted) continue;
    add(value.name);
    bits &= ~wanted;
  }
  if (bits != 0 || out.size() == start) add(fmt::format("{:#x}", bits | (out.size() == start ? number : 0)));
}

void append_buffer(std::string& out, std::span<const uint8_t> bytes, BufferStyle style) {
  for (size_t i = 0; i < bytes.size(); i++) {
    const uint8_t byte = bytes[i];
    if (style == BufferStyle::Escaped && byte >= 0x20 && byte < 0x7f) {
      out += static_cast<char>(byte);
    } else if (style == BufferStyle::Hexadecimal) {
      fmt::format_to(std::back_inserter(out), "{}{:02x}", i == 0 ? "" : " ", byte);
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    }
  }
}

void append_inet(std::string& out, const uint8_t* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = static_cast<int>(load(bytes, 8)) == AF_INET6 ? AF_INET6 : AF_INET;
  if (inet_ntop(family, bytes + 8, text.data(), text.size())) out += text.data();
}

void append_mac(std::string& out, const uint8_t* bytes) {
  fmt::format_to(std::back_inserter(out), "{:02X}:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", bytes[0], bytes[1], bytes[2], bytes[3],
                 bytes[4], bytes[5]);
}

void append_hex(std::string& out, uint64_t value) { fmt::format_to(std::back_inserter(out), "{:#x}", value); }

namespace {

void append_frame(std::string& out, StackMode mode, bool user, uint64_t address, const Symbol& symbol) {
  auto sink = std::back_inserter(out);
  if (mode == StackMode::Perf) {
    fmt::format_to(sink, "\t{:x} ", address);
  } else {
    out += "        ";
  }
  if (symbol.known) {
    fmt::format_to(sink, "{}+{}", symbol.name, symbol.offset);
  } else {
    append_hex(out, address);
  }
  if (mode == StackMode::Perf && user) {
    fmt::format_to(sink, " ({})", symbol.module.empty() ? "[unknown]" : symbol.module);
  }
  out += '\n';
}

// One bpf_stack_build_id: which file by its build id, and where in it; the address where the file is not known.
void append_build_id(std::string& out, const uint8_t* frame) {
  constexpr uint64_t kValid = 1; // BPF_STACK_BUILD_ID_VALID
  constexpr size_t kIdBytes = 20;
  auto sink = std::back_inserter(out);
  const uint64_t offset = load(frame + 24, 8);
  if (load(frame, 4) == kValid) {
    for (size_t i = 0; i < kIdBytes; i++) fmt::format_to(sink, "{:02x}", frame[4 + i]);
    out += ' ';
  }
  fmt::format_to(sink, "{:#x}\n", offset);
}

// The way from a raw tracepoint into the BPF program: not what the script asks about.
bool is_tracing_frame(std::string_view name) {
  for (std::string_view prefix : {"bpf_prog_", "bpf_trace_run", "__bpf_trace_", "__traceiter_"}) {
    if (name.starts_with(prefix)) return true;
  }
  return false;
}

} // namespace

void append_stack(std::string& out, const Type& type, const uint8_t* bytes, const Context& context) {
  const bool user = type.kind == Kind::UStack;
  const auto pid = user ? static_cast<uint32_t>(load(bytes + 8, 4)) : 0;
  const uint8_t* frames = bytes + (user ? 16 : 8);
  const uint64_t count = load(bytes, 8);
  bool innermost = true;
  out += '\n';
  if (type.stack_mode == StackMode::BuildId) {
    for (uint64_t i = 0; i < count && i < type.count; i++) append_build_id(out, frames + frame_bytes(type.stack_mode) * i);
    return;
  }
  for (uint64_t i = 0; i < count && i < type.count; i++) {
    const uint64_t address = load(frames + 8 * i, 8);
    if (address == 0) break; // where code without frame pointers led the walk
    if (type.stack_mode == StackMode::Raw) {
      fmt::format_to(std::back_inserter(out), "{:x}\n", address);
      continue;
    }
    const Symbol symbol = user ? context.resolver.user_symbol(address, pid) : context.resolver.kernel_symbol(address);
    innermost = innermost && !user && symbol.known && is_tracing_frame(symbol.name);
    if (innermost) continue;
    append_frame(out, type.stack_mode, user, address, symbol);
  }
}

void append_symbol(std::string& out, const Type& type, const uint8_t* bytes, const Context& context) {
  const uint64_t address = load(bytes, 8);
  const Symbol symbol = type.kind == Kind::USym
                            ? context.resolver.user_symbol(address, static_cast<uint32_t>(load(bytes + 8, 4)))
                            : context.resolver.kernel_symbol(address);
  if (symbol.known) {
    out += symbol.name;
  } else {
    append_hex(out, address);
  }
}

void append_timestamp(std::string& out, const uint8_t* bytes, const Context& context) {
  const uint64_t when = load(bytes, 8);
  const uint64_t format = load(bytes + 8, 4);
  if (when == 0 || format >= context.program.strings.size()) {
    out += "(?)";
    return;
  }
  out += format_time(context.program.strings[format], context.resolver.wall_clock(when, static_cast<Clock>(load(bytes + 12, 4))));
}

std::string format_time(std::string_view format, const timespec& when) {
  std::string expanded;
  for (size_t i = 0; i < format.size(); i++) {
    const char next = format[i] == '%' && i + 1 < format.size() ? format[i + 1] : '\0';
    switch (next) {
      case 'f': expanded += fmt::format("{:06}", when.tv_nsec / 1000); break;
      case 'l': expanded += fmt::format("{:03}", when.tv_nsec / 1000000); break;
      case 'k': expanded += fmt::format("{:09}", when.tv_nsec); break;
      case '\0': expanded += format[i]; continue;
      default: expanded += {'%', next}; break;
    }
    i++;
  }
  if (expanded.empty()) return {};

  tm local{};
  localtime_r(&when.tv_sec, &local);
  // strftime returns 0 both for an empty result and for a buffer that is too small; the added dot tells them apart.
  expanded += '.';
  std::string text(64, '\0');
  for (;;) {
    const size_t length = strftime(text.data(), text.size(), expanded.c_str(), &local);
    if (length > 0) {
      text.resize(length - 1);
      return text;
    }
    text.resize(text.size() * 2);
  }
}

std::vector<Field> flat_fields(const StructType& record) {
  std::vector<Field> result;
  for (const Field& field : record.fields()) {
    if (!field.name.empty()) {
      result.push_back(field);
      const Type& type = *field.type;
      bool is_text = type.kind == Kind::Array && type.element->kind == Kind::Int && type.element->size == 1 && type.element->is_signed;
      if (is_text) result.back().type = std::make_shared<Type>(Type::string(type.count)); // char name[16]
      continue;
    }
    if (!field.type || !field.type->record) continue; // padding
    for (Field inner : flat_fields(*field.type->record)) {
      inner.offset += field.offset;
      result.push_back(std::move(inner));
    }
  }
  return result;
}

} // namespace trapline::runtime
