// Reading values from the bytes that types/type.h lays out, and the texts that text and JSON output share.
#pragma once

#include "program/program.h"
#include "runtime/resolver.h"
#include "types/type.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace trapline::runtime {

// What turning bytes into text may need besides the bytes.
struct Context {
  const Program& program;
  Resolver& resolver;
};

// 64 bits and how to read them.
struct Number {
  uint64_t bits = 0;
  bool is_signed = false;

  bool is_negative() const { return is_signed && static_cast<int64_t>(bits) < 0; }
};
bool operator<(Number a, Number b); // by value, also across signedness
inline bool operator==(Number a, Number b) { return !(a < b) && !(b < a); }
void append_number(std::string& out, Number);
// Integer division as in C; by zero gives zero.
Number divide(Number, Number);

// `size` is 1, 2, 4 or 8; the address need not be aligned.
uint64_t load(const uint8_t* bytes, uint32_t size);
Number load_number(const uint8_t* bytes, uint32_t size, bool is_signed);
// Values that Type::is_scalar() holds in a register.
Number load_scalar(const Type&, const uint8_t* bytes);
Number load_bit_field(const Field&, const uint8_t* record);
// The text up to its NUL, without the trailer.
std::string_view load_string(const Type&, const uint8_t* bytes);
// The text, followed by the truncation trailer when it fills its buffer.
void append_string(std::string& out, const Type&, const uint8_t* bytes, const Program::Settings&);
std::span<const uint8_t> load_buffer(const Type&, const uint8_t* bytes);

// Enumerator name or nullptr.
const std::string* enumerator_name(const Type&, Number);

// The names of the bits of an EnumType::is_flags, joined by `|`; bits without a name follow in hexadecimal.
void append_flags(std::string& out, const EnumType&, uint64_t bits);

enum class BufferStyle : uint8_t {
  Escaped,     // printable ASCII as is, the rest \xNN
  AllEscaped,  // \xNN\xNN
  Hexadecimal, // NN NN
};
void append_buffer(std::string& out, std::span<const uint8_t> bytes, BufferStyle);
void append_inet(std::string& out, const uint8_t* bytes);
void append_mac(std::string& out, const uint8_t* bytes);
void append_hex(std::string& out, uint64_t value); // 0x and lower case
void append_stack(std::string& out, const Type&, const uint8_t* bytes, const Context&);
// KSym and USym: the name alone, the address if there is none.
void append_symbol(std::string& out, const Type&, const uint8_t* bytes, const Context&);
void append_timestamp(std::string& out, const uint8_t* bytes, const Context&);
// strftime(3) in local time, with %f (6 digits of microseconds), %l (milliseconds) and %k (nanoseconds).
std::string format_time(std::string_view format, const timespec& when);

// Members of a struct as they print: those of anonymous structs and unions stand in for them.
std::vector<Field> flat_fields(const StructType&);

} // namespace trapline::runtime
