// An argument is SIZE@OPERAND, the operand in AT&T syntax: %reg, $constant, or
// [DISPLACEMENT][SYMBOL[+-N]][(%base[,%index[,scale]])].
#include "probes/usdt_arguments.h"

#include "probes/registers.h"

#include <algorithm>
#include <charconv>

namespace trapline::probes {
namespace {

struct Register {
  int16_t offset = 0; // in struct pt_regs
  uint32_t size = 8;
};

constexpr struct {
  std::string_view names[5]; // of 8, 4, 2 and 1 bytes, and of the second byte
  int16_t offset;
} kRegisters[] = {
    {{"rax", "eax", "ax", "al", "ah"}, offsetof(pt_regs, rax)},   {{"rbx", "ebx", "bx", "bl", "bh"}, offsetof(pt_regs, rbx)},
    {{"rcx", "ecx", "cx", "cl", "ch"}, offsetof(pt_regs, rcx)},   {{"rdx", "edx", "dx", "dl", "dh"}, offsetof(pt_regs, rdx)},
    {{"rsi", "esi", "si", "sil", ""}, offsetof(pt_regs, rsi)},    {{"rdi", "edi", "di", "dil", ""}, offsetof(pt_regs, rdi)},
    {{"rbp", "ebp", "bp", "bpl", ""}, offsetof(pt_regs, rbp)},    {{"rsp", "esp", "sp", "spl", ""}, offsetof(pt_regs, rsp)},
    {{"r8", "r8d", "r8w", "r8b", ""}, offsetof(pt_regs, r8)},     {{"r9", "r9d", "r9w", "r9b", ""}, offsetof(pt_regs, r9)},
    {{"r10", "r10d", "r10w", "r10b", ""}, offsetof(pt_regs, r10)}, {{"r11", "r11d", "r11w", "r11b", ""}, offsetof(pt_regs, r11)},
    {{"r12", "r12d", "r12w", "r12b", ""}, offsetof(pt_regs, r12)}, {{"r13", "r13d", "r13w", "r13b", ""}, offsetof(pt_regs, r13)},
    {{"r14", "r14d", "r14w", "r14b", ""}, offsetof(pt_regs, r14)}, {{"r15", "r15d", "r15w", "r15b", ""}, offsetof(pt_regs, r15)},
    {{"rip", "eip", "ip", "", ""}, offsetof(pt_regs, rip)},
};

std::optional<Register> find_register(std::string_view name) {
  constexpr uint32_t kSizes[] = {8, 4, 2, 1, 1};
  if (name.empty()) return std::nullopt;
  for (const auto& row : kRegisters)
    for (size_t i = 0; i < std::size(row.names); ++i)
      if (row.names[i] == name) return Register{int16_t(row.offset + (i == 4 ? 1 : 0)), kSizes[i]};
  return std::nullopt;
}

// A cursor over one operand.
class Operand {
public:
  explicit Operand(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // [+-]digits or [+-]0xdigits; nullopt and nothing taken when there is none.
  std::optional<int64_t> number() {
    std::string_view at = rest_;
    const bool negative = at.starts_with('-');
    if (negative || at.starts_with('+')) at.remove_prefix(1);
    const bool hex = at.starts_with("0x");
    if (hex) at.remove_prefix(2);
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(at.data(), at.data() + at.size(), value, hex ? 16 : 10);
    if (error != std::errc()) return std::nullopt;
    rest_ = at.substr(size_t(end - at.data()));
    return int64_t(negative ? -value : value);
  }
  std::string_view word() {
    const size_t length = std::min(rest_.find_first_of("(),+-"), rest_.size());
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }
  std::optional<Register> reg() { return skip('%') ? find_register(word()) : std::nullopt; }

private:
  std::string_view rest_;
};

std::optional<Fetch> parse_memory(Operand& operand, const SymbolDistance& distance) {
  Fetch fetch;
  fetch.how = Fetch::How::UserMemory;
  if (const std::optional<int64_t> displacement = operand.number()) fetch.offset = *displacement;
  operand.skip('+');
  const std::string_view symbol = operand.word();
  if (!symbol.empty())
    if (const std::optional<int64_t> addend = operand.number()) fetch.offset += *addend;
  if (!operand.skip('(')) return std::nullopt; // an absolute address: not in position-independent code
  const std::optional<Register> base = operand.reg();
  if (!base) return std::nullopt;
  fetch.base = base->offset;
  const bool is_relative = base->offset == registers::kInstructionPointer;
  // The assembler's displacement counts from the next instruction, which the note does not tell; with a symbol the
  // distance from the marker is known.
  if (is_relative != !symbol.empty()) return std::nullopt;
  if (is_relative) {
    const std::optional<int64_t> far = distance(symbol);
    if (!far) return std::nullopt;
    fetch.offset += *far;
  }
  if (operand.skip(',')) {
    const std::optional<Register> index = operand.reg();
    if (!index) return std::nullopt;
    fetch.index_base = index->offset;
    if (operand.skip(',')) fetch.scale = uint32_t(operand.number().value_or(1));
  }
  if (!operand.skip(')')) return std::nullopt;
  return fetch;
}

std::optional<Fetch> parse_operand(std::string_view text, const SymbolDistance& distance) {
  Operand operand(text);
  std::optional<Fetch> fetch;
  if (operand.skip('$')) {
    if (const std::optional<int64_t> value = operand.number()) {
      fetch.emplace();
      fetch->how = Fetch::How::Constant;
      fetch->offset = *value;
    }
  } else if (text.starts_with('%')) {
    if (const std::optional<Register> reg = operand.reg()) {
      fetch.emplace();
      fetch->how = Fetch::How::Context;
      fetch->offset = reg->offset;
      fetch->size = reg->size;
    }
  } else {
    fetch = parse_memory(operand, distance);
  }
  return operand.at_end() ? fetch : std::nullopt;
}

// Constants are cut to their declared width here, as a load would.
int64_t narrow(int64_t value, uint32_t size, bool is_signed) {
  const uint32_t shift = 64 - 8 * size;
  const uint64_t high = uint64_t(value) << shift;
  return is_signed ? int64_t(high) >> shift : int64_t(high >> shift);
}

Fetch parse_argument(std::string_view text, const SymbolDistance& distance) {
  const size_t at = text.find('@');
  const std::string_view operand = at == std::string_view::npos ? text : text.substr(at + 1);
  std::optional<Fetch> fetch = parse_operand(operand, distance);
  if (!fetch) return {};
  if (at == std::string_view::npos || at == 0) return *fetch;
  int size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + at, size);
  const int width = size < 0 ? -size : size;
  const bool is_width = width == 1 || width == 2 || width == 4 || width == 8;
  if (error != std::errc() || end != text.data() + at || !is_width) return {}; // "8f": floating point
  fetch->size = uint32_t(width);
  fetch->is_signed = size < 0;
  if (fetch->how == Fetch::How::Constant) fetch->offset = narrow(fetch->offset, fetch->size, fetch->is_signed);
  return *fetch;
}

} // namespace

std::vector<Fetch> parse_usdt_arguments(std::string_view text, const SymbolDistance& distance) {
  std::vector<Fetch> fetches;
  while (!text.empty()) {
    const size_t length = std::min(text.find(' '), text.size());
    if (length > 0) fetches.push_back(parse_argument(text.substr(0, length), distance));
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return fetches;
}

} // namespace trapline::probes
