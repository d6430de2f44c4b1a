// Text made of text.
#include "builtins/families.h"
#include "builtins/search.h"
#include "codegen/words.h"

#include <algorithm>
#include <functional>

namespace trapline::builtins {

namespace {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kWord = 8;

// As long as the first argument may be.
Type check_same(const Check& c) {
  const Type& type = c.arguments[0].type;
  return type.is_error() ? type : Type::string(text_capacity(type, c.settings));
}

struct Part {
  Value start, size;
};

// The result is a part of the first argument; `choose` says which: one that lies within the text.
Operand part_of_text(const Lower& l, const std::function<Part(const Text&)>& choose) {
  Emitter& e = l.low.emit();
  Value memory = l.low.result_memory(l.type);
  l.low.temporarily([&] {
    Text text = read_text(l, *l.arguments[0]);
    Part part = choose(text);
    // Only now: the text may have been in the same memory.
    e.zero(memory, l.type.size);
    e.call(Helper::ProbeReadKernel, {memory, codegen::at_most(e, part.size, l.type.size), at(l, text, part.start)});
  });
  return Operand::address(memory);
}

// --- substr

int64_t signed_constant(const Constant& constant) { return static_cast<int64_t>(constant.integer()); }

const Constant* integer_constant(const Check& c, size_t index) {
  if (index >= c.arguments.size()) return nullptr;
  const std::optional<Constant>& constant = c.arguments[index].constant;
  return constant && constant->is_integer() ? &*constant : nullptr;
}

Type check_substr(const Check& c) {
  Type type = check_same(c);
  if (const Constant* length = integer_constant(c, 2)) {
    if (signed_constant(*length) < 0) {
      if (c.final) c.diagnostics.report(DiagId::OutOfRange, c.arguments[2].expr->span, "the third argument", c.name, "a length cannot be negative");
    } else if (!type.is_error()) {
      type.size = static_cast<uint32_t>(std::min<uint64_t>(type.size, length->integer() + 1));
    }
  }
  return type;
}

std::optional<Constant> fold_substr(const Check& c) {
  std::optional<std::string> text = constant_text(c.arguments[0]);
  if (!text || !all_constant(c)) return std::nullopt;
  auto size = static_cast<int64_t>(text->size());
  int64_t start = signed_constant(*c.arguments[1].constant);
  int64_t length = c.arguments.size() > 2 ? signed_constant(*c.arguments[2].constant) : size;
  if (start < 0) start = std::max<int64_t>(start + size, 0);
  if (start > size || length < 0) return Constant{std::string()};
  return Constant{text->substr(static_cast<size_t>(start), static_cast<size_t>(length))};
}

// As a signed number that is compared as such: an unsigned one beyond them all is as good as the largest.
Value as_signed(const Lower& l, const ast::Expr& expr) {
  Emitter& e = l.low.emit();
  Value value = l.low.scalar(expr);
  const Type& type = l.low.type_of(expr);
  bool may_wrap = !type.is_signed && type.size == 8 && !l.low.constant_of(expr);
  return may_wrap ? codegen::at_most(e, value, INT64_MAX) : value;
}

Operand lower_substr(const Lower& l) {
  Emitter& e = l.low.emit();
  return part_of_text(l, [&](const Text& text) {
    Value start = as_signed(l, *l.arguments[1]);
    // A negative start counts from the end.
    Value from_end = codegen::not_negative(e, e.operate(Op::Add, start, text.length));
    start = e.select(e.operate(Op::SLt, start, e.number(0)), from_end, start);
    Value size = codegen::not_negative(e, e.operate(Op::Sub, text.length, start));
    if (l.arguments.size() > 2) {
      Value wanted = codegen::not_negative(e, as_signed(l, *l.arguments[2]));
      size = e.select(e.operate(Op::ULt, wanted, size), wanted, size);
    }
    return Part{start, size};
  });
}

// --- split

Type check_split(const Check& c) {
  if (c.final && c.arguments[1].constant && constant_text(c.arguments[1]) == "") {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[1].expr->span, "the second argument", c.name, "a separator cannot be empty");
    return Type::error();
  }
  if (const Constant* index = integer_constant(c, 2); index && c.final && signed_constant(*index) < 0) {
    c.diagnostics.report(DiagId::OutOfRange, c.arguments[2].expr->span, "the third argument", c.name, "parts are counted from 0");
  }
  check_needle(c);
  return check_same(c);
}

std::optional<Constant> fold_split(const Check& c) {
  std::optional<std::string> text = constant_text(c.arguments[0]);
  if (!text || !all_constant(c)) return std::nullopt;
  std::string separator = *constant_text(c.arguments[1]);
  if (separator.empty()) return std::nullopt;
  std::string_view rest = *text;
  for (uint64_t left = c.arguments[2].constant->integer(); left > 0; --left) {
    size_t at = rest.find(separator);
    if (at == std::string::npos) return Constant{std::string()};
    rest.remove_prefix(at + separator.size());
  }
  return Constant{std::string(rest.substr(0, rest.find(separator)))};
}

Part find_part(const Lower& l, const Text& text) {
  Emitter& e = l.low.emit();
  Value wanted = l.low.scalar(*l.arguments[2]);
  Needle separator = needle_of(l, *l.arguments[1]);
  Value size = size_of(l, separator);
  Value start = e.local("start"), end = e.local("end"), count = e.local("count");
  e.store(start, 0, 8, codegen::hidden(e, e.number(0)));
  e.store(count, 0, 8, codegen::hidden(e, e.number(0)));
  e.store(end, 0, 8, text.length);
  scan(l, text, e.number(0), text.length, separator, [&](Value position, Label done) {
    Label apart = e.block("apart"), ours = e.block("ours"), other = e.block("other"), over = e.block("over");
    e.branch(e.operate(Op::UGe, position, e.load(start, 0, 8, false)), apart, over); // separators do not overlap
    e.place(apart);
    Value number = e.load(count, 0, 8, false);
    e.branch(e.operate(Op::Eq, number, wanted), ours, other);
    e.place(ours);
    e.store(end, 0, 8, position);
    e.jump(done);
    e.place(other);
    e.store(count, 0, 8, codegen::hidden(e, e.operate(Op::Add, number, e.number(1))));
    e.store(start, 0, 8, e.operate(Op::Add, position, size));
    e.jump(over);
    e.place(over);
  });
  Value first = e.load(start, 0, 8, false);
  Value there = e.operate(Op::Eq, e.load(count, 0, 8, false), wanted);
  Value part = e.operate(Op::Sub, e.load(end, 0, 8, false), first);
  return {first, e.select(there, part, e.number(0))};
}

Operand lower_split(const Lower& l) {
  return part_of_text(l, [&](const Text& text) { return find_part(l, text); });
}

// --- basename

std::optional<Constant> fold_basename(const Check& c) {
  std::optional<std::string> text = constant_text(c.arguments[0]);
  if (!text) return std::nullopt;
  size_t last = text->find_last_not_of('/');
  if (last == std::string::npos) return Constant{text->substr(0, 1)};
  text->resize(last + 1);
  size_t slash = text->rfind('/');
  return Constant{slash == std::string::npos ? *text : text->substr(slash + 1)};
}

Part find_last_component(const Lower& l, const Text& text) {
  Emitter& e = l.low.emit();
  // The component that goes on, and the last one before it that is not empty: at first "/", for a text of slashes alone.
  Value start = e.local("start"), first = e.local("first"), size = e.local("size");
  e.store(start, 0, 8, codegen::hidden(e, e.number(0)));
  e.store(first, 0, 8, codegen::hidden(e, e.number(0)));
  e.store(size, 0, 8, codegen::hidden(e, codegen::at_most(e, text.length, 1)));
  auto keep = [&](Value end) {
    Label filled = e.block("filled"), empty = e.block("empty");
    Value from = e.load(start, 0, 8, false);
    e.branch(e.operate(Op::Eq, from, end), empty, filled);
    e.place(filled);
    e.store(first, 0, 8, from);
    e.store(size, 0, 8, codegen::hidden(e, e.operate(Op::Sub, end, from)));
    e.jump(empty);
    e.place(empty);
  };
  scan(l, text, e.number(0), text.length, segment_of("/"), [&](Value position, Label) {
    keep(position);
    e.store(start, 0, 8, e.operate(Op::Add, position, e.number(1)));
  });
  keep(text.length);
  return {e.load(first, 0, 8, false), e.load(size, 0, 8, false)};
}

Operand lower_basename(const Lower& l) {
  return part_of_text(l, [&](const Text& text) { return find_last_component(l, text); });
}

// --- str_concat

Type check_str_concat(const Check& c) { return Type::string(c.settings.max_strlen); }

std::optional<Constant> fold_str_concat(const Check& c) {
  std::optional<std::string> first = constant_text(c.arguments[0]), second = constant_text(c.arguments[1]);
  if (!first || !second || first->size() + second->size() >= c.settings.max_strlen) return std::nullopt;
  return Constant{*first + *second};
}

Operand lower_str_concat(const Lower& l) {
  Emitter& e = l.low.emit();
  const Type& first_type = l.low.type_of(*l.arguments[0]);
  uint32_t first_capacity = text_capacity(first_type, l.low.settings());
  uint32_t second_capacity = text_capacity(l.low.type_of(*l.arguments[1]), l.low.settings());
  uint32_t size = std::max(l.type.size, room(first_capacity) + second_capacity);
  Value memory = l.low.buffer(size);
  l.low.temporarily([&] {
    Text first = read_text(l, *l.arguments[0]), second = read_text(l, *l.arguments[1]);
    e.zero(memory, size);
    e.call(Helper::ProbeReadKernel, {memory, codegen::at_most(e, first.length, first_capacity), first.base});
    Value behind = e.offset(memory, codegen::at_most(e, first.length, first_capacity));
    e.call(Helper::ProbeReadKernel, {behind, codegen::at_most(e, second.length, second_capacity), second.base});
  });
  return Operand::address(memory);
}

// --- tolower, toupper

template <bool lower> std::optional<Constant> fold_case(const Check& c) {
  std::optional<std::string> text = constant_text(c.arguments[0]);
  if (!text) return std::nullopt;
  for (char& byte : *text) {
    if (lower && byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte + ('a' - 'A'));
    if (!lower && byte >= 'a' && byte <= 'z') byte = static_cast<char>(byte - ('a' - 'A'));
  }
  return Constant{std::move(*text)};
}

template <bool lower> Operand lower_case(const Lower& l) {
  Emitter& e = l.low.emit();
  Text text = read_text(l, *l.arguments[0], true);
  l.low.repeat((text.capacity + kWord - 1) / kWord, [&](Value turn, Label, Label done) {
    Value offset = e.operate(Op::Mul, turn, e.number(kWord));
    Label inside = e.block("word");
    e.branch(e.operate(Op::ULt, codegen::hidden(e, offset), text.length), inside, done);
    e.place(inside);
    Value word = at(l, text, offset);
    e.store(word, 0, 8, codegen::change_case(e, e.load(word, 0, 8, false), lower));
  });
  return Operand::address(text.base);
}

} // namespace

std::vector<Builtin> string_part_rows() {
  const std::vector<Parameter> one = {{"text", Accepts::Text}};
  const std::vector<Parameter> two = {{"text", Accepts::Text}, {"text", Accepts::Text}};
  const std::vector<Parameter> substr = {{"text", Accepts::Text}, {"start", Accepts::Integer}, {"length", Accepts::Integer, true}};
  const std::vector<Parameter> split = {{"text", Accepts::Text}, {"separator", Accepts::Text}, {"index", Accepts::Integer}};
  const Form f = Form::Function;
  return {
      {"substr", f, substr, false, "string", "a part of a text", false, check_substr, lower_substr, nullptr, fold_substr},
      {"split", f, split, false, "string", "one of the parts between separators", false, check_split, lower_split, nullptr, fold_split},
      {"basename", f, one, false, "string", "the last component of a path", false, check_same, lower_basename, nullptr, fold_basename},
      {"str_concat", f, two, false, "string", "two texts, one after the other", false, check_str_concat, lower_str_concat, nullptr, fold_str_concat},
      {"tolower", f, one, false, "string", "a text with A to Z in lower case", false, check_same, lower_case<true>, nullptr, fold_case<true>},
      {"toupper", f, one, false, "string", "a text with a to z in upper case", false, check_same, lower_case<false>, nullptr, fold_case<false>},
  };
}

} // namespace trapline::builtins
