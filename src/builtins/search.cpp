// Searching text.
//
// The text is gone through in words of eight bytes. A word without the needle's first byte is done with at once. In the
// others each place with that byte is compared with the needle's first eight bytes, and only where they fit with the rest.
// Constant needles become constants in the code.
#include "builtins/search.h"

#include "codegen/words.h"

#include <algorithm>
#include <bit>

namespace trapline::builtins {

using codegen::Emitter;
using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Value;

namespace {

constexpr uint32_t kWord = 8;
// Without iterators the verifier follows each turn of the loops in each other, and gives up after a million instructions.
constexpr uint64_t kMostEffort = uint64_t{1024} * 128;

uint32_t round_up(uint32_t n) { return (n + kWord - 1) / kWord * kWord; }

// The needle's first word: (word ^ value) & mask is 0 where it fits.
struct FirstWord {
  Value value, mask;
  bool by_first_byte = false; // the first byte is known, and in all bytes of `repeated`
  Value repeated;
  bool is_all = false;        // there is nothing more to compare
};

FirstWord first_word(Emitter& e, const Segment& segment) {
  uint64_t value = 0, mask = 0;
  bool is_all = segment.size() <= kWord;
  for (size_t i = 0; i < std::min<size_t>(segment.size(), kWord); ++i) {
    int byte = only_byte(segment[i]);
    if (byte < 0) {
      is_all = is_all && segment[i] == any_byte(); // no NUL comes before the end of the text
      continue;
    }
    value |= static_cast<uint64_t>(byte) << (8 * i);
    mask |= uint64_t{0xff} << (8 * i);
  }
  int first = only_byte(segment.front());
  return {e.number(value), e.number(mask), first >= 0, e.number(codegen::kOnes * static_cast<uint64_t>(std::max(first, 0))), is_all};
}

FirstWord first_word(Emitter& e, const Text& needle) {
  Value mask = e.operate(Op::LShr, e.number(UINT64_MAX), codegen::shift_of_unused(e, needle.length));
  Value word = e.load(needle.base, 0, 8, false);
  return {e.operate(Op::And, word, mask), mask, true, codegen::in_each_byte(e, word), needle.capacity <= kWord};
}

// The length, in a range that the verifier knows without a branch: less than twice the room.
Value masked(Emitter& e, const Text& text) { return e.operate(Op::And, text.length, e.number(2 * std::bit_ceil(text.capacity) - 1)); }

// 1 if `a` and `b`, of at most `capacity` bytes and with the room of texts, are equal in their first `size` bytes.
Value same_bytes(const Lower& l, const Text& a, const Text& b, Value size, uint32_t capacity) {
  Emitter& e = l.low.emit();
  Value same = e.local("same");
  e.store(same, 0, 8, e.number(1));
  l.low.repeat(round_up(capacity) / kWord, [&](Value turn, Label next, Label done) {
    Value offset = e.operate(Op::Mul, turn, e.number(kWord));
    Value left = e.operate(Op::Sub, size, codegen::hidden(e, offset));
    Label inside = e.block("compare"), differs = e.block("differs");
    e.branch(e.operate(Op::SGt, left, e.number(0)), inside, done);
    e.place(inside);
    Value difference = e.operate(Op::Xor, e.load(at(l, a, offset), 0, 8, false), e.load(at(l, b, offset), 0, 8, false));
    // Bytes of the last word that do not count are shifted out.
    e.branch(e.operate(Op::Shl, difference, codegen::shift_of_unused(e, left)), differs, next);
    e.place(differs);
    e.store(same, 0, 8, e.number(0));
    e.jump(done);
  });
  return e.load(same, 0, 8, false);
}

// 1 if the byte at `memory` is in the set, else 0.
Value contains(Emitter& e, const ByteSet& set, Value byte) {
  std::string table(32, '\0');
  for (size_t i = 0; i < set.size(); ++i) {
    if (set.test(i)) table[i / 8] = static_cast<char>(static_cast<unsigned char>(table[i / 8]) | (1u << (i % 8)));
  }
  Value word = e.offset(e.constant_bytes(table), e.operate(Op::And, e.operate(Op::LShr, byte, e.number(3)), e.number(24)));
  Value bit = e.operate(Op::LShr, e.load(word, 0, 8, false), e.operate(Op::And, byte, e.number(63)));
  return e.operate(Op::And, bit, e.number(1));
}

} // namespace

Needle needle_of(const Lower& l, const ast::Expr& expr) {
  const Constant* constant = l.low.constant_of(expr);
  if (!constant) return read_text(l, expr);
  return segment_of(constant->text().substr(0, constant->text().find('\0')));
}

void check_needle(const Check& c) {
  if (!c.final || c.arguments[1].constant || c.system.features().open_coded_iterators) return;
  uint32_t text = text_capacity(c.arguments[0].type, c.settings), needle = text_capacity(c.arguments[1].type, c.settings);
  if (uint64_t{text} * needle <= kMostEffort) return;
  c.diagnostics.report(DiagId::NotSupported, c.arguments[1].expr->span, fmt::format("before Linux 6.4 a text of {} bytes cannot be searched for one of {}", text, needle))
      .hint("shorten what is searched for: str(p, 100)");
}

Value size_of(const Lower& l, const Needle& needle) {
  if (const auto* text = std::get_if<Text>(&needle)) return text->length;
  return l.low.emit().number(std::get<Segment>(needle).size());
}

Value fits(const Lower& l, Value memory, const Segment& segment) {
  Emitter& e = l.low.emit();
  Value wrong = e.number(0);
  auto add = [&](Value more) { wrong = e.operate(Op::Or, wrong, more); };
  for (uint32_t done = 0; done < segment.size();) {
    uint32_t left = static_cast<uint32_t>(segment.size()) - done;
    uint32_t size = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    uint64_t value = 0, mask = 0;
    for (uint32_t i = 0; i < size; ++i) {
      int byte = only_byte(segment[done + i]);
      if (byte < 0) continue;
      value |= static_cast<uint64_t>(byte) << (8 * i);
      mask |= uint64_t{0xff} << (8 * i);
    }
    if (mask) {
      bool is_whole = mask == UINT64_MAX >> (64 - 8 * size);
      Value word = e.load(memory, done, size, false);
      add(e.operate(Op::Xor, is_whole ? word : e.operate(Op::And, word, e.number(mask)), e.number(value)));
    }
    for (uint32_t i = 0; i < size; ++i) {
      const ByteSet& set = segment[done + i];
      if (only_byte(set) >= 0) continue;
      Value byte = e.load(memory, done + i, 1, false);
      bool is_any = set == any_byte();
      Value in = is_any ? e.operate(Op::LShr, e.operate(Op::Add, byte, e.number(0xff)), e.number(8)) : contains(e, set, byte);
      add(e.operate(Op::Xor, in, e.number(1)));
    }
    done += size;
  }
  return e.is_zero(wrong);
}

Value has_at(const Lower& l, const Text& text, Value position, const Needle& needle) {
  Emitter& e = l.low.emit();
  Value from = at(l, text, position);
  Value result;
  l.low.temporarily([&] {
    if (const auto* segment = std::get_if<Segment>(&needle)) {
      auto size = static_cast<uint32_t>(segment->size());
      Value memory = l.low.scratch(size);
      e.call(Helper::ProbeReadKernel, {memory, e.number(size), from});
      result = fits(l, memory, *segment);
    } else {
      const Text& other = std::get<Text>(needle);
      uint32_t memory = 2 * room(other.capacity);
      Text copy{l.low.buffer(memory), other.length, other.capacity};
      e.call(Helper::ProbeReadKernel, {copy.base, masked(e, other), from});
      result = same_bytes(l, copy, other, other.length, other.capacity);
    }
  });
  return result;
}

namespace {

class Search {
public:
  using Found = std::function<void(Value position, Label done)>;

  Search(const Lower& l, const Text& text, Value from, Value end, const Needle& needle, const Found& found)
      : l_(l), e_(l.low.emit()), text_(text), needle_(needle), found_(found), from_(from),
        first_(std::visit([&](const auto& n) { return first_word(e_, n); }, needle)) {
    Value size = size_of(l, needle);
    last_ = e_.operate(Op::Sub, end, size); // negative: the needle is too long
    if (std::holds_alternative<Text>(needle)) last_ = e_.select(size, last_, e_.number(UINT64_MAX));
  }

  void run() { l_.low.system().features().open_coded_iterators ? run_once() : run_plainly(); }

private:
  struct Words {
    Value at, word, after; // the word at this offset, and the next one
  };

  Words words(Value offset) {
    Value address = at(l_, text_, offset);
    return {offset, e_.load(address, 0, 8, false), e_.load(address, kWord, 8, false)};
  }

  // Not 0 if the needle may begin in this word; the highest bit of each byte where it does is set, and maybe others.
  Value candidates(Value word) {
    return first_.by_first_byte ? codegen::has_zero_byte(e_, e_.operate(Op::Xor, word, first_.repeated)) : e_.number(codegen::kHighs);
  }

  // Compares at byte `byte` of these words; goes on at `next` unless `found_` leaves.
  void try_place(const Words& words, Value byte, bool from_known, Label next, Label done) {
    Value bits = e_.operate(Op::Mul, byte, e_.number(8));
    // The eight bytes from here on; in two shifts, as 64 at once would be none.
    Value high = e_.operate(Op::Shl, e_.operate(Op::Shl, words.after, e_.operate(Op::Sub, e_.number(63), bits)), e_.number(1));
    Value window = e_.operate(Op::Or, e_.operate(Op::LShr, words.word, bits), high);
    require(e_.is_zero(e_.operate(Op::And, e_.operate(Op::Xor, window, first_.value), first_.mask)), next);
    Value position = codegen::hidden(e_, e_.operate(Op::Add, words.at, byte));
    require(e_.operate(Op::SLe, position, last_), done);
    if (!from_known) require(e_.operate(Op::UGe, position, from_), next);
    if (!first_.is_all) require(has_at(l_, text_, position, needle_), next);
    found_(position, done);
    e_.jump(next);
  }

  // With the kernel's iterator: each turn looks at one candidate, or at a word that has none.
  void run_once() {
    Value place = e_.local("place");
    e_.store(place, 0, 8, codegen::hidden(e_, from_));
    l_.low.repeat(text_.capacity + text_.capacity / kWord + 1, [&](Value, Label next, Label done) {
      Value here = e_.load(place, 0, 8, false);
      require(e_.operate(Op::SLe, here, last_), done);
      Words both = words(e_.operate(Op::And, here, e_.number(~uint64_t{kWord - 1})));
      Value passed = e_.operate(Op::Mul, e_.operate(Op::And, here, e_.number(kWord - 1)), e_.number(8));
      Value marks = e_.operate(Op::And, candidates(both.word), e_.operate(Op::Shl, e_.number(UINT64_MAX), passed));
      e_.store(place, 0, 8, e_.operate(Op::Add, both.at, e_.number(kWord)));
      require(marks, next);
      // The first mark, as 1 in its byte, times this number has the byte's index on top.
      Value unit = e_.operate(Op::LShr, e_.operate(Op::And, marks, e_.negate(marks)), e_.number(7));
      Value byte = e_.operate(Op::LShr, e_.operate(Op::Mul, unit, e_.number(0x0001020304050607)), e_.number(56));
      e_.store(place, 0, 8, e_.operate(Op::Add, both.at, e_.operate(Op::Add, byte, e_.number(1))));
      try_place(both, byte, true, next, done);
    });
  }

  // Turn by turn, where the verifier follows each: few turns, and what is rare in a loop of its own.
  void run_plainly() {
    Value start = e_.operate(Op::And, from_, e_.number(~uint64_t{kWord - 1}));
    l_.low.repeat(text_.capacity / kWord + 1, [&](Value turn, Label next, Label done) {
      Value offset = e_.operate(Op::Add, start, e_.operate(Op::Mul, turn, e_.number(kWord)));
      require(e_.operate(Op::SLe, codegen::hidden(e_, offset), last_), done);
      Words both = words(offset);
      Label look = e_.block("look");
      e_.branch(candidates(both.word), look, next, Likely::False);
      e_.place(look);
      l_.low.repeat(kWord, [&](Value byte, Label next_byte, Label) { try_place(both, byte, false, next_byte, done); });
    });
  }

  // Goes on only if `condition` holds.
  void require(Value condition, Label otherwise) {
    Label fine = e_.block("search");
    e_.branch(condition, fine, otherwise);
    e_.place(fine);
  }

  const Lower& l_;
  Emitter& e_;
  const Text& text_;
  const Needle& needle_;
  const Found& found_;
  Value from_, last_;
  FirstWord first_;
};

} // namespace

void scan(const Lower& l, const Text& text, Value from, Value end, const Needle& needle, const Search::Found& found) {
  Search(l, text, from, end, needle, found).run();
}

} // namespace trapline::builtins
