// How long a text is, and what is in it.
#include "builtins/families.h"
#include "builtins/glob.h"
#include "builtins/search.h"
#include "codegen/words.h"

namespace trapline::builtins {

namespace {

using codegen::Emitter;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

Type position() { return Type::integer(8, true); }

Type check_bool(const Check&) { return Type::boolean(); }
Type check_int(const Check&) { return Type::integer(8, true); }

Constant number(int64_t n) { return {static_cast<uint64_t>(n)}; }

// The arguments' texts, if they are constants.
struct TwoTexts {
  std::string first, second;
};
std::optional<TwoTexts> two_texts(const Check& c) {
  std::optional<std::string> first = constant_text(c.arguments[0]), second = constant_text(c.arguments[1]);
  if (!first || !second) return std::nullopt;
  return TwoTexts{std::move(*first), std::move(*second)};
}

bool is_empty(const Needle& needle) {
  const auto* segment = std::get_if<Segment>(&needle);
  return segment && segment->empty();
}

// --- strlen, strcap

std::optional<Constant> fold_strlen(const Check& c) {
  std::optional<std::string> text = constant_text(c.arguments[0]);
  return text ? std::optional(number(static_cast<int64_t>(text->size()))) : std::nullopt;
}

Operand lower_strlen(const Lower& l) {
  Value length;
  l.low.temporarily([&] { length = read_text(l, *l.arguments[0]).length; });
  return Operand::scalar(length);
}

std::optional<Constant> fold_strcap(const Check& c) {
  const Type& type = c.arguments[0].type;
  if (type.is(Kind::String) || type.is(Kind::Array)) return number(type.size);
  if (type.is(Kind::Probe)) return number(type.count);
  return std::nullopt;
}

// --- strstr, strcontains

template <Type result()> Type check_search(const Check& c) {
  check_needle(c);
  return result();
}

std::optional<Constant> fold_strstr(const Check& c) {
  std::optional<TwoTexts> texts = two_texts(c);
  if (!texts) return std::nullopt;
  size_t at = texts->first.find(texts->second);
  return number(at == std::string::npos ? -1 : static_cast<int64_t>(at));
}

std::optional<Constant> fold_strcontains(const Check& c) {
  std::optional<Constant> at = fold_strstr(c);
  return at ? std::optional(number(at->integer() != UINT64_MAX)) : std::nullopt;
}

// The first place of the needle, or -1; an empty one is at the beginning.
Value first_place(const Lower& l) {
  Emitter& e = l.low.emit();
  Value place = e.local("place");
  l.low.temporarily([&] {
    Text text = read_text(l, *l.arguments[0]);
    Needle needle = needle_of(l, *l.arguments[1]);
    Value missing = e.number(UINT64_MAX);
    if (is_empty(needle)) {
      e.store(place, 0, 8, e.number(0));
      return;
    }
    e.store(place, 0, 8, std::holds_alternative<Text>(needle) ? e.select(size_of(l, needle), missing, e.number(0)) : missing);
    scan(l, text, e.number(0), text.length, needle, [&](Value position, Label done) {
      e.store(place, 0, 8, position);
      e.jump(done);
    });
  });
  return e.load(place, 0, 8, false);
}

Operand lower_strstr(const Lower& l) { return Operand::scalar(first_place(l)); }

Operand lower_strcontains(const Lower& l) {
  Emitter& e = l.low.emit();
  return Operand::scalar(e.operate(Op::SGe, first_place(l), e.number(0)));
}

// --- startswith, endswith

std::optional<Constant> fold_startswith(const Check& c) {
  std::optional<TwoTexts> texts = two_texts(c);
  return texts ? std::optional(number(texts->first.starts_with(texts->second))) : std::nullopt;
}

std::optional<Constant> fold_endswith(const Check& c) {
  std::optional<TwoTexts> texts = two_texts(c);
  return texts ? std::optional(number(texts->first.ends_with(texts->second))) : std::nullopt;
}

// Whether the text has the needle at its end, or at its beginning.
Value has_needle(const Lower& l, const Text& text, const Needle& needle, bool at_end) {
  Emitter& e = l.low.emit();
  Value size = size_of(l, needle);
  Value result = e.local("has");
  Label fitting = e.block("fitting"), done = e.block("decided");
  e.store(result, 0, 8, e.number(0));
  e.branch(e.operate(Op::ULe, size, text.length), fitting, done);
  e.place(fitting);
  Value position = at_end ? e.operate(Op::Sub, text.length, size) : e.number(0);
  e.store(result, 0, 8, has_at(l, text, position, needle));
  e.jump(done);
  e.place(done);
  return e.load(result, 0, 8, false);
}

template <bool at_end> Operand lower_edge(const Lower& l) {
  Emitter& e = l.low.emit();
  Value result;
  l.low.temporarily([&] {
    Needle needle = needle_of(l, *l.arguments[1]);
    const auto* segment = std::get_if<Segment>(&needle);
    if (is_empty(needle)) {
      result = e.number(1);
    } else if (segment && !at_end) {
      result = fits(l, read_start(l, *l.arguments[0], static_cast<uint32_t>(segment->size())), *segment);
    } else {
      result = has_needle(l, read_text(l, *l.arguments[0]), needle, at_end);
    }
  });
  return Operand::scalar(result);
}

// --- glob

Type check_glob(const Check& c) {
  if (c.final && c.arguments[1].constant && !c.arguments[1].constant->is_integer()) check_pattern(*c.arguments[1].expr, c.arguments[1].constant->text(), c.diagnostics);
  return Type::boolean();
}

std::optional<Constant> fold_glob(const Check& c) {
  std::optional<TwoTexts> texts = two_texts(c);
  return texts ? fold_match(texts->first, texts->second) : std::nullopt;
}

Operand lower_glob(const Lower& l) { return Operand::scalar(lower_match(l, *l.arguments[0], l.low.constant_of(*l.arguments[1])->text())); }

} // namespace

std::vector<Builtin> string_search_rows() {
  const std::vector<Parameter> one = {{"text", Accepts::Text}};
  const std::vector<Parameter> two = {{"text", Accepts::Text}, {"part", Accepts::Text}};
  const std::vector<Parameter> pattern = {{"text", Accepts::Text}, {"pattern", Accepts::StringConstant}};
  const Form f = Form::Function;
  return {
      {"strlen", f, one, false, "int64", "how many bytes a text has", false, check_int, lower_strlen, nullptr, fold_strlen},
      {"strcap", f, one, false, "int64", "how many bytes a text may have, its NUL counted", false, check_int, lower_strlen, nullptr, fold_strcap},
      {"strstr", f, two, false, "int64", "where a text contains another, or -1", false, check_search<position>, lower_strstr, nullptr, fold_strstr},
      {"strcontains", f, two, false, "bool", "whether a text contains another", false, check_search<Type::boolean>, lower_strcontains, nullptr, fold_strcontains},
      {"startswith", f, two, false, "bool", "whether a text begins with another", false, check_bool, lower_edge<false>, nullptr, fold_startswith},
      {"endswith", f, two, false, "bool", "whether a text ends with another", false, check_bool, lower_edge<true>, nullptr, fold_endswith},
      {"glob", f, pattern, false, "bool", "whether a text matches a pattern with * ? [a-z]", false, check_glob, lower_glob, nullptr, fold_glob},
  };
}

} // namespace trapline::builtins
