#include "support/color.h"

#include <fmt/format.h>

namespace trapline {
namespace {

bool colors_on = false;

int code_of(Color color) {
  switch (color) {
  case Color::Red: return 31;
  case Color::Green: return 32;
  case Color::Yellow: break;
  }
  return 33;
}

} // namespace

void set_colors(bool on) { colors_on = on; }

std::string colored(Color color, std::string_view text) {
  return colors_on ? fmt::format("\033[{}m{}\033[0m", code_of(color), text) : std::string(text);
}

std::string error_label() { return colored(Color::Red, "ERROR"); }
std::string warning_label() { return colored(Color::Yellow, "WARNING"); }

} // namespace trapline
