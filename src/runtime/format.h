// printf formats with C's meaning, prepared once and applied to records.
#pragma once

#include "runtime/values.h"

#include <string>
#include <vector>

namespace trapline::runtime {

// Integers print at their own width: what C's default promotions leave of them (int8 as int, uint64 as 64 bits), unless
// a length modifier asks for another. Precision cuts strings and pads numbers with zeros, `*` takes an argument. %s shows
// any value; width and precision apply to the whole of its text. %f and the like compute their formula first.
class Format {
public:
  // `action` must outlive this; its arguments are in the order of the format, `*` ones before the value they are for.
  explicit Format(const Action& action);

  // Appends the text of one record (header included; offsets count from it).
  void append(std::string& out, const uint8_t* record, const Context&) const;

private:
  enum class Show : uint8_t { Nothing, Signed, Unsigned, Octal, Hex, Character, Pointer, Text, Buffer, Flags, Real };

  struct Step {
    const FormatPiece* piece = nullptr;
    Show show = Show::Nothing;
    BufferStyle style = BufferStyle::Escaped;
    bool upper = false;
    uint32_t length = 0; // bytes that a length modifier leaves; 0: none given
    const Action::Argument* width = nullptr;
    const Action::Argument* precision = nullptr;
    const Action::Argument* value = nullptr;
    std::vector<const Action::Argument*> operands; // Real: of the formula
  };

  struct Layout; // flags of one conversion, `*` resolved

  static Step prepare(const FormatPiece&);
  static void append_step(std::string& out, const Step&, const uint8_t* record, const Context&);
  static void append_integer(std::string& out, const Step&, const Layout&, const uint8_t* bytes);
  static void append_real(std::string& out, const Step&, const Layout&, const uint8_t* record);

  std::vector<Step> steps_;
};

} // namespace trapline::runtime
