// Parts of the tree as a script writes them.
#include "ast/ast.h"
#include "ast/overloaded.h"

#include <array>
#include <fmt/format.h>
#include <utility>

namespace trapline::ast {

namespace {

// How tightly an expression binds; higher is tighter.
enum Precedence : int { kTernary = 1, kBinary = 2, kUnary = 20, kPostfix = 21, kPrimary = 22 };

struct OperatorRow {
  std::string_view text;
  int precedence;
};

// In the order of BinaryOp.
constexpr std::array kBinaryOperators = {
    OperatorRow{"+", 11},  OperatorRow{"-", 11},  OperatorRow{"*", 12}, OperatorRow{"/", 12}, OperatorRow{"%", 12}, OperatorRow{"&", 6},
    OperatorRow{"|", 4},   OperatorRow{"^", 5},   OperatorRow{"<<", 10}, OperatorRow{">>", 10}, OperatorRow{"&&", 3}, OperatorRow{"||", 2},
    OperatorRow{"==", 7},  OperatorRow{"!=", 7},  OperatorRow{"<", 8},  OperatorRow{"<=", 8}, OperatorRow{">", 8},  OperatorRow{">=", 8},
    OperatorRow{"=~", 7},
};

// In the order of UnaryOp.
constexpr std::array<std::string_view, 9> kUnaryOperators = {"-", "!", "~", "*", "&", "++", "--", "++", "--"};

bool is_postfix(UnaryOp op) { return op == UnaryOp::PostIncrement || op == UnaryOp::PostDecrement; }

const OperatorRow& row(BinaryOp op) { return kBinaryOperators[static_cast<size_t>(op)]; }

int precedence(const Expr& expr) {
  return std::visit(Overloaded{
                        [](const Ternary&) -> int { return kTernary; },
                        [](const Binary& n) -> int { return row(n.op).precedence; },
                        [](const Unary& n) -> int { return is_postfix(n.op) ? kPostfix : kUnary; },
                        [](const Cast&) -> int { return kUnary; },
                        [](const Comptime&) -> int { return kUnary; },
                        [](const FieldAccess&) -> int { return kPostfix; },
                        [](const TupleAccess&) -> int { return kPostfix; },
                        [](const Index&) -> int { return kPostfix; },
                        [](const auto&) -> int { return kPrimary; },
                    },
                    expr.node);
}

std::string escape(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
    case '\n': out += "\\n"; break;
    case '\t': out += "\\t"; break;
    case '\r': out += "\\r"; break;
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    default:
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        out += c;
      }
    }
  }
  return out + "\"";
}

// One string that everything is appended to: trees may be deep.
class Writer {
public:
  void write(const Expr& expr) {
    std::visit([this](const auto& node) { write(node); }, expr.node);
  }
  std::string take() { return std::move(out_); }

private:
  void operand(const Expr& expr, int lowest) {
    bool parenthesise = precedence(expr) < lowest;
    if (parenthesise) out_ += '(';
    write(expr);
    if (parenthesise) out_ += ')';
  }
  void list(const std::vector<ExprPtr>& exprs) {
    for (size_t i = 0; i < exprs.size(); ++i) {
      if (i > 0) out_ += ", ";
      write(*exprs[i]);
    }
  }

  void write(const IntLiteral& n) { out_ += std::to_string(n.value); }
  void write(const BoolLiteral& n) { out_ += n.value ? "true" : "false"; }
  void write(const StringLiteral& n) { out_ += escape(n.value); }
  void write(const Identifier& n) { out_ += n.name; }
  void write(const Positional& n) { out_ += n.index == 0 ? "$#" : "$" + std::to_string(n.index); }
  void write(const Variable& n) { out_ += "$" + n.name; }
  void write(const MapAccess& n) {
    out_ += n.name;
    if (n.keys.empty()) return;
    out_ += '[';
    list(n.keys);
    out_ += ']';
  }
  void write(const Unary& n) {
    std::string_view op = kUnaryOperators[static_cast<size_t>(n.op)];
    if (is_postfix(n.op)) {
      operand(*n.operand, kPostfix);
      out_ += op;
      return;
    }
    out_ += op;
    // -(-x) and &(&x) would read as other operators.
    const auto* inner = std::get_if<Unary>(&n.operand->node);
    bool joins = inner && !is_postfix(inner->op) && kUnaryOperators[static_cast<size_t>(inner->op)][0] == op[0] && op != "!" && op != "~";
    operand(*n.operand, joins ? kPrimary : kUnary);
  }
  void write(const Binary& n) {
    int own = row(n.op).precedence;
    operand(*n.left, own);
    out_ += fmt::format(" {} ", row(n.op).text);
    operand(*n.right, own + 1);
  }
  void write(const Ternary& n) {
    operand(*n.condition, kBinary);
    out_ += n.then ? " ? " : " ?";
    if (n.then) write(*n.then);
    out_ += n.then ? " : " : ": ";
    write(*n.otherwise);
  }
  void write(const Call& n) {
    out_ += n.name + "(";
    list(n.arguments);
    out_ += ')';
  }
  void write(const FieldAccess& n) {
    operand(*n.object, kPostfix);
    out_ += (n.arrow ? "->" : ".") + n.field;
  }
  void write(const TupleAccess& n) {
    operand(*n.object, kPostfix);
    out_ += "." + std::to_string(n.index);
  }
  void write(const Index& n) {
    operand(*n.object, kPostfix);
    out_ += '[';
    write(*n.index);
    out_ += ']';
  }
  void write(const Cast& n) {
    out_ += "(" + to_string(n.type) + ")";
    operand(*n.operand, kUnary);
  }
  void write(const TupleLiteral& n) {
    out_ += '(';
    list(n.elements);
    out_ += n.elements.size() == 1 ? ",)" : ")";
  }
  void write(const RecordLiteral& n) {
    out_ += '(';
    for (size_t i = 0; i < n.members.size(); ++i) {
      out_ += (i > 0 ? ", " : "") + n.members[i].name + " = ";
      write(*n.members[i].value);
    }
    out_ += ')';
  }
  void write(const BlockExpr& n) {
    out_ += n.block.statements.empty() ? "{ " : "{ ...; ";
    if (n.value) write(*n.value);
    out_ += " }";
  }
  void write(const Comptime& n) {
    out_ += "comptime ";
    operand(*n.operand, kUnary);
  }
  void type_or_expr(std::string_view what, const std::variant<TypeName, ExprPtr>& operand) {
    out_ += what;
    out_ += '(';
    if (const auto* type = std::get_if<TypeName>(&operand)) {
      out_ += to_string(*type);
    } else {
      write(*std::get<ExprPtr>(operand));
    }
    out_ += ')';
  }
  void write(const SizeOf& n) { type_or_expr("sizeof", n.operand); }
  void write(const TypeInfo& n) { type_or_expr("typeinfo", n.operand); }
  void write(const TypeOperand& n) { out_ += to_string(n.type); }
  void write(const OffsetOf& n) {
    out_ += "offsetof(" + to_string(n.type) + ", ";
    for (size_t i = 0; i < n.path.size(); ++i) out_ += (i > 0 ? "." : "") + n.path[i];
    out_ += ')';
  }

  std::string out_;
};

} // namespace

std::string_view spelling(BinaryOp op) { return row(op).text; }

std::string to_string(const TypeName& type) {
  std::string out;
  switch (type.tag) {
  case TypeName::Tag::None: break;
  case TypeName::Tag::Struct: out = "struct "; break;
  case TypeName::Tag::Union: out = "union "; break;
  case TypeName::Tag::Enum: out = "enum "; break;
  }
  out += type.of ? "typeof(" + to_source(*type.of) + ")" : type.name;
  for (size_t i = 0; i < type.suffixes.size(); ++i) {
    const TypeName::Suffix& suffix = type.suffixes[i];
    if (suffix.pointer) {
      out += i == 0 ? " *" : "*";
    } else {
      out += suffix.length ? fmt::format("[{}]", *suffix.length) : "[]";
    }
  }
  return out;
}

std::string to_source(const Expr& expr) {
  Writer writer;
  writer.write(expr);
  return writer.take();
}

} // namespace trapline::ast
