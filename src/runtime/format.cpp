// printf formats with C's meaning, prepared once and applied to records.
#include "runtime/format.h"

#include "runtime/text_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace trapline::runtime {

struct Format::Layout {
  bool left = false, zero = false;
  int width = 0;      // 0: none
  int precision = -1; // -1: none

  void pad(std::string& out, std::string_view text, char fill = ' ') const {
    const size_t missing = static_cast<size_t>(width) > text.size() ? static_cast<size_t>(width) - text.size() : 0;
    if (!left) out.append(missing, fill);
    out += text;
    if (left) out.append(missing, ' ');
  }
};

namespace {

uint32_t length_bytes(const std::string& length) {
  if (length.empty()) return 0;
  if (length == "hh") return 1;
  if (length == "h") return 2;
  return 8; // l ll j z t L
}

// What C's promotions make of a number given without a length modifier, then what the modifier leaves of it.
uint64_t adjust(const Type& type, uint64_t bits, uint32_t length, bool as_signed) {
  const uint32_t size = length != 0 ? length : std::max<uint32_t>(type.size, 4);
  if (size >= 8) return bits;
  return load_number(reinterpret_cast<const uint8_t*>(&bits), size, as_signed).bits;
}

std::string digits_of(uint64_t value, unsigned base, bool upper) {
  const char* alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::array<char, 24> text{};
  char* at = text.data() + text.size();
  do {
    *--at = alphabet[value % base];
    value /= base;
  } while (value != 0);
  return {at, text.data() + text.size()};
}

// Ints, and values that hold a number inside: symbols, users, control groups, times.
Number number_of(const Type& type, const uint8_t* bytes) {
  if (type.is_scalar()) return load_scalar(type, bytes);
  if (type.kind == Kind::USym || type.kind == Kind::Timestamp) return {load(bytes, 8), false};
  return {load(bytes, std::min<uint32_t>(type.size, 8)), false};
}

// As the kernel's own %pGg: the first name that fits is taken out, what has none remains as a number.
void append_flags(std::string& out, uint64_t bits, const std::vector<FlagName>& names) {
  if (bits == 0) out += "none";
  for (const FlagName& flag : names) {
    if (flag.bits == 0 || (bits & flag.bits) != flag.bits) continue;
    bits &= ~flag.bits;
    out += flag.name;
    if (bits != 0) out += '|';
  }
  if (bits != 0) append_hex(out, bits);
}

// Wide enough for every 64-bit integer.
using Real = long double;

Real real_of(Number number) {
  return number.is_signed ? static_cast<Real>(static_cast<int64_t>(number.bits)) : static_cast<Real>(number.bits);
}

constexpr int kWidthLimit = 1 << 16; // a `*` argument is the traced system's data: keep it from filling memory

} // namespace

Format::Format(const Action& action) {
  size_t next = 0;
  const auto take = [&]() -> const Action::Argument* {
    return next < action.arguments.size() ? &action.arguments[next++] : nullptr;
  };
  for (const FormatPiece& piece : action.format) {
    Step step = prepare(piece);
    if (piece.has_conversion) {
      if (piece.width_argument) step.width = take();
      if (piece.precision_argument) step.precision = take();
      if (step.show == Show::Real) {
        for (const FormulaStep& part : piece.formula) {
          if (part.kind == FormulaStep::Kind::Argument) step.operands.push_back(take());
        }
        const bool complete = !piece.formula.empty() && std::ranges::find(step.operands, nullptr) == step.operands.end();
        if (!complete) step.show = Show::Nothing;
      } else {
        step.value = take();
        if (!step.value) step.show = Show::Nothing;
      }
    }
    steps_.push_back(std::move(step));
  }
}

Format::Step Format::prepare(const FormatPiece& piece) {
  Step step{.piece = &piece, .length = length_bytes(piece.length)};
  if (!piece.has_conversion) return step;
  const std::string& c = piece.conversion;
  if (c == "d" || c == "i") step.show = Show::Signed;
  if (c == "u") step.show = Show::Unsigned;
  if (c == "o") step.show = Show::Octal;
  if (c == "x" || c == "X") step.show = Show::Hex;
  if (c == "c") step.show = Show::Character;
  if (c == "p") step.show = Show::Pointer;
  if (c == "s") step.show = Show::Text;
  if (c == "r" || c == "rx" || c == "rh") step.show = Show::Buffer;
  if (c == "gr") step.show = Show::Flags;
  if (c == "rx") step.style = BufferStyle::AllEscaped;
  if (c == "rh") step.style = BufferStyle::Hexadecimal;
  if (c.size() == 1 && std::string_view("aefgAEFG").contains(c[0])) step.show = Show::Real;
  step.upper = c == "X";
  return step;
}

void Format::append(std::string& out, const uint8_t* record, const Context& context) const {
  for (const Step& step : steps_) {
    out += step.piece->literal;
    if (step.show != Show::Nothing) append_step(out, step, record, context);
  }
}

void Format::append_step(std::string& out, const Step& step, const uint8_t* record, const Context& context) {
  const FormatPiece& piece = *step.piece;
  const auto star = [&](const Action::Argument& argument) {
    const auto value = static_cast<int64_t>(number_of(argument.type, record + argument.offset).bits);
    return static_cast<int>(std::clamp<int64_t>(value, -kWidthLimit, kWidthLimit));
  };
  Layout layout{piece.left, piece.zero, std::max(piece.width, 0), piece.precision};
  if (step.width) {
    const int width = star(*step.width);
    layout.left |= width < 0;
    layout.width = std::abs(width);
  }
  if (step.precision) layout.precision = std::max(star(*step.precision), -1);

  if (step.show == Show::Real) return append_real(out, step, layout, record);
  const Type& type = step.value->type;
  const uint8_t* bytes = record + step.value->offset;
  std::string text;
  switch (step.show) {
    case Show::Nothing: return;
    case Show::Signed:
    case Show::Unsigned:
    case Show::Octal:
    case Show::Hex: append_integer(out, step, layout, bytes); return;
    case Show::Character: text = static_cast<char>(number_of(type, bytes).bits); break;
    case Show::Pointer: append_hex(text, number_of(type, bytes).bits); break;
    case Show::Buffer: {
      const bool is_string = type.kind == Kind::String;
      const std::string_view view = is_string ? load_string(type, bytes) : std::string_view();
      const std::span<const uint8_t> data =
          is_string ? std::span(reinterpret_cast<const uint8_t*>(view.data()), view.size()) : load_buffer(type, bytes);
      append_buffer(text, data, step.style);
      break;
    }
    case Show::Text:
      append_text(text, type, bytes, context);
      if (layout.precision >= 0) text.resize(std::min(text.size(), static_cast<size_t>(layout.precision)));
      break;
    case Show::Flags: append_flags(text, number_of(type, bytes).bits, piece.flag_names); break;
    case Show::Real: return;
  }
  layout.pad(out, text);
}

void Format::append_integer(std::string& out, const Step& step, const Layout& layout, const uint8_t* bytes) {
  const FormatPiece& piece = *step.piece;
  const Type& type = step.value->type;
  const bool is_signed = step.show == Show::Signed;
  const Number number{adjust(type, number_of(type, bytes).bits, step.length, is_signed), is_signed};
  const uint64_t magnitude = number.is_negative() ? -number.bits : number.bits;
  const unsigned base = step.show == Show::Hex ? 16 : step.show == Show::Octal ? 8 : 10;

  std::string digits = magnitude == 0 && layout.precision == 0 ? std::string() : digits_of(magnitude, base, step.upper);
  if (layout.precision > static_cast<int>(digits.size())) digits.insert(0, static_cast<size_t>(layout.precision) - digits.size(), '0');
  if (step.show == Show::Octal && piece.alternate && !digits.starts_with('0')) digits.insert(0, 1, '0');

  std::string prefix;
  if (is_signed) prefix = number.is_negative() ? "-" : piece.plus ? "+" : piece.space ? " " : "";
  if (step.show == Show::Hex && piece.alternate && magnitude != 0) prefix = step.upper ? "0X" : "0x";

  // Zeros go between the sign and the digits; a precision turns the `0` flag off.
  const size_t length = prefix.size() + digits.size();
  if (layout.zero && !layout.left && layout.precision < 0 && static_cast<size_t>(layout.width) > length) {
    digits.insert(0, static_cast<size_t>(layout.width) - length, '0');
  }
  layout.pad(out, prefix + digits);
}

void Format::append_real(std::string& out, const Step& step, const Layout& layout, const uint8_t* record) {
  std::vector<Real> stack;
  const auto pop = [&] {
    if (stack.empty()) return Real{0};
    const Real top = stack.back();
    stack.pop_back();
    return top;
  };
  size_t next = 0;
  for (const FormulaStep& part : step.piece->formula) {
    using enum FormulaStep::Kind;
    if (part.kind == Argument) {
      const Action::Argument& argument = *step.operands[next++];
      stack.push_back(real_of(number_of(argument.type, record + argument.offset)));
    } else if (part.kind == Number) {
      stack.push_back(real_of({part.bits, part.is_signed}));
    } else if (part.kind == Negate) {
      stack.push_back(-pop());
    } else {
      const Real right = pop(), left = pop();
      switch (part.kind) {
        case Add: stack.push_back(left + right); break;
        case Subtract: stack.push_back(left - right); break;
        case Multiply: stack.push_back(left * right); break;
        case Choose: stack.push_back(pop() != 0 ? left : right); break;
        default: stack.push_back(left / right); break; // by zero: inf or nan
      }
    }
  }
  const Real value = pop();
  const FormatPiece& piece = *step.piece;
  const std::string conversion = std::string("%") + (piece.plus ? "+" : "") + (piece.space ? " " : "") + (piece.alternate ? "#" : "") +
                                 (layout.zero ? "0" : "") + (layout.left ? "-" : "") + "*.*L" + piece.conversion;
  const Real shown = std::isnan(value) ? std::numeric_limits<Real>::quiet_NaN() : value; // 0 / 0 is "-nan" on x86
  const int length = snprintf(nullptr, 0, conversion.c_str(), layout.width, layout.precision, shown);
  const size_t at = out.size();
  out.resize(at + static_cast<size_t>(std::max(length, 0)) + 1);
  snprintf(out.data() + at, out.size() - at, conversion.c_str(), layout.width, layout.precision, shown);
  out.pop_back(); // the NUL
}

} // namespace trapline::runtime
