// The integer expressions of `#if`: a small precedence climber over text.
#include "support/literals.h"
#include "parser/preprocess.h"

#include <array>
#include <cctype>

namespace trapline {

namespace {

constexpr int kMaxNesting = 64;
// Operands read for one condition, its macros included: keeps macros that double each other from taking forever.
constexpr int kMaxOperands = 10'000;

struct Operator {
  std::string_view text;
  int precedence; // higher binds tighter
};

// Longer spellings first.
constexpr std::array kOperators = {
    Operator{"||", 1}, Operator{"&&", 2}, Operator{"==", 6}, Operator{"!=", 6}, Operator{"<=", 7}, Operator{">=", 7},
    Operator{"<<", 8}, Operator{">>", 8}, Operator{"|", 3},  Operator{"^", 4},  Operator{"&", 5},  Operator{"<", 7},
    Operator{">", 7},  Operator{"+", 9},  Operator{"-", 9},  Operator{"*", 10}, Operator{"/", 10}, Operator{"%", 10},
};

class Condition {
public:
  Condition(std::string_view text, const std::map<std::string, Macro>& macros, int nesting, int& operands_left)
      : text_(text), macros_(macros), nesting_(nesting), operands_left_(operands_left) {}

  int64_t value() {
    int64_t result = binary(1);
    skip_blanks();
    if (at_ < text_.size()) ok_ = false;
    return result;
  }
  bool ok() const { return ok_; }
  bool has_unknown() const { return unknown_; }

private:
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  bool take(std::string_view what) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(what)) return false;
    at_ += what.size();
    return true;
  }
  std::string take_word() {
    skip_blanks();
    size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_')) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  const Operator* peek_operator() {
    skip_blanks();
    for (const Operator& op : kOperators) {
      if (text_.substr(at_).starts_with(op.text)) return &op;
    }
    return nullptr;
  }

  int64_t binary(int lowest) {
    int64_t left = unary();
    while (ok_) {
      const Operator* op = peek_operator();
      if (!op || op->precedence < lowest) break;
      at_ += op->text.size();
      left = apply(op->text, left, binary(op->precedence + 1));
    }
    return left;
  }

  int64_t unary() {
    if (++nesting_ > kMaxNesting) ok_ = false;
    int64_t result = 0;
    if (!ok_) {
      // nothing more to read
    } else if (take("!")) {
      result = unary() == 0;
    } else if (take("-")) {
      result = static_cast<int64_t>(0 - static_cast<uint64_t>(unary()));
    } else if (take("~")) {
      result = ~unary();
    } else if (take("+")) {
      result = unary();
    } else if (take("(")) {
      result = binary(1);
      if (!take(")")) ok_ = false;
    } else {
      result = operand();
    }
    --nesting_;
    return result;
  }

  int64_t operand() {
    std::string word = take_word();
    if (word.empty() || --operands_left_ < 0) {
      ok_ = false;
      return 0;
    }
    if (std::isdigit(static_cast<unsigned char>(word[0]))) {
      ParsedInteger number = parse_integer(word);
      if (!number.error.empty()) ok_ = false;
      return static_cast<int64_t>(number.value);
    }
    if (word == "defined") return is_defined();
    if (word == "KERNEL_VERSION") return kernel_version();
    auto macro = macros_.find(word);
    if (macro == macros_.end()) {
      if (take("(")) ok_ = false;
      unknown_ = true;
      return 0;
    }
    if (macro->second.function_like || macro->second.text.empty()) {
      ok_ = false;
      return 0;
    }
    Condition inner(macro->second.text, macros_, nesting_ + 1, operands_left_);
    int64_t result = inner.value();
    ok_ = ok_ && inner.ok();
    unknown_ |= inner.has_unknown();
    return result;
  }

  int64_t is_defined() {
    bool parenthesised = take("(");
    std::string name = take_word();
    if (name.empty() || (parenthesised && !take(")"))) ok_ = false;
    unknown_ |= !macros_.contains(name);
    return macros_.contains(name);
  }

  int64_t kernel_version() {
    uint64_t parts[3] = {};
    bool well_formed = take("(");
    for (int i = 0; i < 3 && well_formed && ok_; ++i) {
      if (i > 0) well_formed = take(",");
      if (well_formed) parts[i] = static_cast<uint64_t>(binary(1));
    }
    if (!well_formed || !take(")")) ok_ = false;
    return static_cast<int64_t>((parts[0] << 16) + (parts[1] << 8) + parts[2]);
  }

  int64_t apply(std::string_view op, int64_t left, int64_t right) {
    auto a = static_cast<uint64_t>(left);
    auto b = static_cast<uint64_t>(right);
    if (op == "||") return left != 0 || right != 0;
    if (op == "&&") return left != 0 && right != 0;
    if (op == "==") return left == right;
    if (op == "!=") return left != right;
    if (op == "<=") return left <= right;
    if (op == ">=") return left >= right;
    if (op == "<") return left < right;
    if (op == ">") return left > right;
    if (op == "<<") return b < 64 ? static_cast<int64_t>(a << b) : 0;
    if (op == ">>") return b < 64 ? left >> b : 0;
    if (op == "|") return left | right;
    if (op == "^") return left ^ right;
    if (op == "&") return left & right;
    if (op == "+") return static_cast<int64_t>(a + b);
    if (op == "-") return static_cast<int64_t>(a - b);
    if (op == "*") return static_cast<int64_t>(a * b);
    if (right == 0 || right == -1) {
      // Also keeps the one quotient that overflows out.
      if (right == 0) ok_ = false;
      return op == "/" ? static_cast<int64_t>(0 - a) : 0;
    }
    return op == "/" ? left / right : left % right;
  }

  std::string_view text_;
  const std::map<std::string, Macro>& macros_;
  size_t at_ = 0;
  int nesting_;
  int& operands_left_;
  bool ok_ = true;
  bool unknown_ = false;
};

} // namespace

int64_t evaluate_condition(std::string_view text, const std::map<std::string, Macro>& macros, bool& ok, bool* unknown) {
  int operands_left = kMaxOperands;
  Condition condition(text, macros, 0, operands_left);
  int64_t value = condition.value();
  ok = condition.ok();
  if (unknown) *unknown = condition.has_unknown();
  return value;
}

} // namespace trapline
