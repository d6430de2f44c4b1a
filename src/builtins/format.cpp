#include "builtins/format.h"

#include <algorithm>
#include <cctype>

namespace trapline::builtins {

namespace {

constexpr std::string_view kIntegerConversions = "diuxXoc";
constexpr std::string_view kRealConversions = "aefgAEFG";
constexpr size_t kMaxArguments = 127;

class Parser {
public:
  Parser(std::string_view text, Span span, Diagnostics& diagnostics) : text_(text), span_(span), diagnostics_(diagnostics) {}

  std::vector<FormatPiece> parse() {
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c != '%') {
        piece_.literal += c;
      } else if (at_ < text_.size() && text_[at_] == '%') {
        piece_.literal += '%';
        ++at_;
      } else if (!conversion()) {
        break;
      }
    }
    if (!piece_.literal.empty()) pieces_.push_back(std::move(piece_));
    return std::move(pieces_);
  }

private:
  bool conversion() {
    size_t start = at_ - 1;
    flags();
    piece_.width_argument = number(piece_.width);
    if (accept('.')) {
      piece_.precision = 0;
      piece_.precision_argument = number(piece_.precision);
    }
    while (at_ < text_.size() && std::string_view("hlLjzt").find(text_[at_]) != std::string_view::npos) piece_.length += text_[at_++];
    if (at_ >= text_.size()) return invalid(start);
    piece_.conversion = text_[at_++];
    if (piece_.conversion == "r" && at_ < text_.size() && (text_[at_] == 'x' || text_[at_] == 'h')) piece_.conversion += text_[at_++];
    bool has_precision = piece_.precision >= 0 || piece_.precision_argument;
    if (piece_.conversion == "g" && !has_precision && accept('r')) piece_.conversion = "gr";
    char c = piece_.conversion[0];
    bool known = kIntegerConversions.contains(c) || kRealConversions.contains(c) || c == 's' || c == 'p' || c == 'r';
    if (!known) return invalid(start);
    piece_.has_conversion = true;
    pieces_.push_back(std::exchange(piece_, {}));
    return true;
  }

  void flags() {
    for (; at_ < text_.size(); ++at_) {
      switch (text_[at_]) {
      case '-': piece_.left = true; break;
      case '0': piece_.zero = true; break;
      case '#': piece_.alternate = true; break;
      case '+': piece_.plus = true; break;
      case ' ': piece_.space = true; break;
      default: return;
      }
    }
  }

  // True for `*`.
  bool number(int& out) {
    if (accept('*')) return true;
    for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_) {
      out = std::min(std::max(out, 0) * 10 + (text_[at_] - '0'), 4096);
    }
    return false;
  }

  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool invalid(size_t start) {
    std::string conversion(text_.substr(start, at_ - start));
    diagnostics_.report(DiagId::FormatInvalid, span_, conversion)
        .hint("conversions are %d %i %u %x %X %o %c %s %p %f %e %g %a %r %rx %rh %gr; write %% for a percent sign");
    piece_ = {};
    return false;
  }

  std::string_view text_;
  Span span_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  FormatPiece piece_;
  std::vector<FormatPiece> pieces_;
};

bool is_number(const Type& type) {
  return type.is_integral() || type.is(Kind::Pointer) || type.is_castable_aggregate() || type.is(Kind::KSym) || type.is(Kind::Username);
}

// What its CPUs hold of it does not go into a record.
bool is_only_printed(const Type& type) { return type.is_aggregate() && !type.is_castable_aggregate(); }

bool fits(const FormatPiece& piece, const Type& type) {
  if (type.is_error()) return true;
  char c = piece.conversion[0];
  if (c == 's') return !type.is(Kind::Void) && !is_only_printed(type);
  if (c == 'r') return type.is(Kind::Buffer) || type.is(Kind::String) || type.is(Kind::Array);
  if (is_real(piece) || piece.conversion == "gr") return type.is_integral() || type.is_castable_aggregate();
  return is_number(type);
}

std::string spelled(const FormatPiece& piece) { return "%" + piece.length + piece.conversion; }

} // namespace

bool is_real(const FormatPiece& piece) { return piece.conversion.size() == 1 && kRealConversions.contains(piece.conversion[0]); }

std::vector<FormatPiece> parse_format(std::string_view text, Span span, Diagnostics& diagnostics) {
  return Parser(text, span, diagnostics).parse();
}

void check_format(const std::vector<FormatPiece>& pieces, const Check& c, size_t first) {
  size_t wanted = 0;
  for (const FormatPiece& piece : pieces) {
    wanted += (piece.has_conversion ? 1 : 0) + (piece.width_argument ? 1 : 0) + (piece.precision_argument ? 1 : 0);
  }
  size_t given = c.arguments.size() - first;
  if (given > kMaxArguments) {
    c.diagnostics.report(DiagId::OutOfRange, c.span, "the number of values", c.name, fmt::format("{} are given, at most {} are possible", given, kMaxArguments));
    return;
  }
  if (wanted != given) {
    c.diagnostics.report(DiagId::FormatArguments, c.span, fmt::format("{} argument{}", wanted, wanted == 1 ? "" : "s"), given);
    return;
  }
  size_t next = first;
  auto star = [&] {
    const Check::Argument& argument = c.arguments[next++];
    if (!argument.type.is_error() && !argument.type.is_integral()) {
      c.diagnostics.report(DiagId::FormatMismatch, argument.expr->span, "*", to_string(argument.type));
    }
  };
  for (const FormatPiece& piece : pieces) {
    if (piece.width_argument) star();
    if (piece.precision_argument) star();
    if (!piece.has_conversion) continue;
    const Check::Argument& argument = c.arguments[next++];
    if (fits(piece, argument.type)) continue;
    c.diagnostics.report(DiagId::FormatMismatch, argument.expr->span, spelled(piece), to_string(argument.type))
        .hint(is_only_printed(argument.type) ? "print the whole map: print(@x)" : "%s shows any value");
  }
}

} // namespace trapline::builtins
