// Patterns become code: what stands before the first star is compared with the beginning, what stands after the last one
// with the end, and the segments between are searched from left to right.
#include "builtins/glob.h"

#include "builtins/search.h"

namespace trapline::builtins {

using codegen::Emitter;
using codegen::Label;
using codegen::Op;
using codegen::Value;

namespace {

// Goes on only if `condition` holds.
void require(Emitter& e, Value condition, Label otherwise) {
  Label fine = e.block("matching");
  e.branch(condition, fine, otherwise);
  e.place(fine);
}

// Jumps to `no` unless the segments that stand between stars come one after the other between the ends.
void find_inner(const Lower& l, const Text& text, const Pattern& pattern, Value end, Label no) {
  Emitter& e = l.low.emit();
  Value from = e.number(pattern.segments.front().size());
  for (size_t i = 1; i + 1 < pattern.segments.size(); ++i) {
    const Segment& segment = pattern.segments[i];
    Value place = e.local("place");
    e.store(place, 0, 8, e.number(UINT64_MAX));
    scan(l, text, from, end, segment, [&](Value position, Label done) {
      e.store(place, 0, 8, position);
      e.jump(done);
    });
    Value found = e.load(place, 0, 8, false);
    require(e, e.operate(Op::SGe, found, e.number(0)), no);
    from = e.operate(Op::Add, found, e.number(segment.size()));
  }
}

// The text as a whole is needed: its length is.
void match_whole(const Lower& l, const ast::Expr& expr, const Pattern& pattern, Label no) {
  Emitter& e = l.low.emit();
  const Segment& first = pattern.segments.front();
  const Segment& last = pattern.segments.back();
  Text text = read_text(l, expr);
  if (pattern.shortest() > text.capacity) {
    e.jump(no);
    e.place(e.block("unreachable"));
    return;
  }
  require(e, e.operate(Op::UGe, text.length, e.number(first.size() + last.size())), no);
  if (!first.empty()) require(e, fits(l, text.base, first), no);
  Value end = e.operate(Op::Sub, text.length, e.number(last.size()));
  if (!last.empty()) require(e, has_at(l, text, end, last), no);
  find_inner(l, text, pattern, end, no);
}

} // namespace

bool check_pattern(const ast::Expr& where, const std::string& pattern, Diagnostics& diagnostics) {
  Result<Pattern> parsed = parse_pattern(pattern);
  if (parsed) return true;
  diagnostics.report(DiagId::InvalidPattern, where.span, pattern, parsed.error().message).hint(parsed.error().hint);
  return false;
}

std::optional<Constant> fold_match(std::string_view text, std::string_view pattern) {
  Result<Pattern> parsed = parse_pattern(pattern);
  return parsed ? std::optional(Constant{static_cast<uint64_t>(matches(*parsed, text))}) : std::nullopt;
}

Value lower_match(const Lower& l, const ast::Expr& expr, const std::string& text) {
  Emitter& e = l.low.emit();
  Pattern pattern = parse_pattern(text).value();
  Value result;
  l.low.temporarily([&] {
    std::vector<Segment>& segments = pattern.segments;
    bool is_prefix = segments.size() == 2 && segments.back().empty();
    if (is_prefix && segments.front().empty()) {
      result = e.number(1);
      return;
    }
    if (is_prefix || segments.size() == 1) {
      Segment whole = segments.front();
      if (!is_prefix) whole.push_back(ByteSet().set(0)); // and nothing more
      result = fits(l, read_start(l, expr, static_cast<uint32_t>(whole.size())), whole);
      return;
    }
    Value matched = e.local("matched");
    Label no = e.block("no_match");
    e.store(matched, 0, 8, e.number(0));
    match_whole(l, expr, pattern, no);
    e.store(matched, 0, 8, e.number(1));
    e.jump(no);
    e.place(no);
    result = e.load(matched, 0, 8, false);
  });
  return result;
}

} // namespace trapline::builtins
