#include "random/source.h"

#include <fmt/format.h>
#include <set>

namespace trapline::random_programs {

namespace {

// Levels of the grammar, loosest first.
enum Level { kAny, kTernary, kOr, kAnd, kBitOr, kBitXor, kBitAnd, kEquality, kOrder, kShift, kSum, kProduct, kUnary, kPostfix };

struct Spelling {
  const char* text;
  Level level;
};

Spelling spelling(Op op) {
  switch (op) {
  case Op::Negate: return {"-", kUnary};
  case Op::Complement: return {"~", kUnary};
  case Op::Not: return {"!", kUnary};
  case Op::PreIncrement: return {"++", kUnary};
  case Op::PreDecrement: return {"--", kUnary};
  case Op::PostIncrement: return {"++", kPostfix};
  case Op::PostDecrement: return {"--", kPostfix};
  case Op::Mul: return {"*", kProduct};
  case Op::Div: return {"/", kProduct};
  case Op::Mod: return {"%", kProduct};
  case Op::Add: return {"+", kSum};
  case Op::Sub: return {"-", kSum};
  case Op::Shl: return {"<<", kShift};
  case Op::Shr: return {">>", kShift};
  case Op::Less: return {"<", kOrder};
  case Op::LessEqual: return {"<=", kOrder};
  case Op::Greater: return {">", kOrder};
  case Op::GreaterEqual: return {">=", kOrder};
  case Op::Equal: return {"==", kEquality};
  case Op::NotEqual: return {"!=", kEquality};
  case Op::BitAnd: return {"&", kBitAnd};
  case Op::BitXor: return {"^", kBitXor};
  case Op::BitOr: return {"|", kBitOr};
  case Op::And: return {"&&", kAnd};
  case Op::Or: return {"||", kOr};
  case Op::None: break;
  }
  return {"", kPostfix};
}

Level level_of(const Expr& e) {
  switch (e.kind) {
  case ExprKind::Integer: return e.negative ? kUnary : kPostfix;
  case ExprKind::Unary:
  case ExprKind::Step:
  case ExprKind::Binary: return spelling(e.op).level;
  case ExprKind::Ternary: return kTernary;
  case ExprKind::Cast: return kUnary;
  default: return kPostfix;
  }
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += fmt::format("\\{}", c);
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (static_cast<unsigned char>(c) >= 0x7f) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out + "\"";
}

// Several ways of writing, chosen by the number itself.
std::string integer(const Expr& e) {
  if (e.negative) return fmt::format("-{}", 0 - e.number);
  if (e.number > 9 && e.number % 5 == 0) return fmt::format("{:#x}", e.number);
  if (e.number > 7 && e.number % 11 == 0) return fmt::format("0{:o}", e.number);
  if (e.number > 999 && e.number % 3 == 0) return fmt::format("{}_{:03}", e.number / 1000, e.number % 1000);
  return fmt::format("{}{}", e.number, e.number % 7 == 3 ? "ull" : "");
}

class Printer {
public:
  explicit Printer(const Program& program) : program_(program) {}

  // In parentheses if it binds more loosely than `needed`.
  std::string text(const Expr& e, Level needed = kAny) const {
    return level_of(e) < needed ? "(" + plain(e) + ")" : plain(e);
  }

  std::string list(const std::vector<Expr>& parts) const {
    std::string out;
    for (const Expr& part : parts) out += (out.empty() ? "" : ", ") + text(part);
    return out;
  }

private:
  std::string map(const Expr& e) const { return "@" + program_.maps[e.place].name + (e.parts.empty() ? "" : "[" + list(e.parts) + "]"); }

  // `delete(@m, k)`; several keys are one tuple.
  std::string call(const char* name, const Expr& e) const {
    std::string key = e.parts.size() > 1 ? "(" + list(e.parts) + ")" : list(e.parts);
    return fmt::format("{}(@{}{}{})", name, program_.maps[e.place].name, e.parts.empty() ? "" : ", ", key);
  }

  std::string unary(const Expr& e) const {
    std::string operand = text(e.parts[0], kUnary);
    bool touches = e.op == Op::Negate && operand.starts_with('-'); // `--` is another operator
    return spelling(e.op).text + (touches ? "(" + operand + ")" : operand);
  }

  std::string binary(const Expr& e) const {
    Spelling s = spelling(e.op);
    return fmt::format("{} {} {}", text(e.parts[0], s.level), s.text, text(e.parts[1], static_cast<Level>(s.level + 1)));
  }

  std::string plain(const Expr& e) const {
    switch (e.kind) {
    case ExprKind::Integer: return integer(e);
    case ExprKind::Boolean: return e.number ? "true" : "false";
    case ExprKind::Text: return quoted(e.text);
    case ExprKind::Positional: return fmt::format("${}", e.number);
    case ExprKind::PositionalText: return fmt::format("str(${})", e.number);
    case ExprKind::Variable: return "$" + program_.variables[e.place].name;
    case ExprKind::Map: return map(e);
    case ExprKind::Unary: return unary(e);
    case ExprKind::Step: {
      bool before = e.op == Op::PreIncrement || e.op == Op::PreDecrement;
      std::string target = text(e.parts[0]);
      return before ? spelling(e.op).text + target : target + spelling(e.op).text;
    }
    case ExprKind::Binary: return binary(e);
    case ExprKind::Ternary:
      if (e.parts.size() == 2) return fmt::format("{} ?: {}", text(e.parts[0], kOr), text(e.parts[1], kTernary));
      return fmt::format("{} ? {} : {}", text(e.parts[0], kOr), text(e.parts[1]), text(e.parts[2], kTernary));
    case ExprKind::Cast: return fmt::format("({}){}", to_source(e.type), text(e.parts[0], kUnary));
    case ExprKind::Tuple: return fmt::format("({}{})", list(e.parts), e.parts.size() == 1 ? "," : "");
    case ExprKind::Member: return fmt::format("{}.{}", text(e.parts[0], kPostfix), e.number);
    case ExprKind::Index: {
      bool is_scalar_map = e.parts[0].kind == ExprKind::Map && e.parts[0].parts.empty(); // @m[0] is an element
      return fmt::format("{}[{}]", is_scalar_map ? "(" + text(e.parts[0]) + ")" : text(e.parts[0], kPostfix), text(e.parts[1]));
    }
    case ExprKind::SizeOf: return fmt::format("sizeof({})", e.parts.empty() ? to_source(e.type) : text(e.parts[0]));
    case ExprKind::Length: return call("len", e);
    case ExprKind::HasKey: return call("has_key", e);
    case ExprKind::Delete: return call("delete", e);
    }
    return "";
  }

  const Program& program_;
};

class BodyPrinter {
public:
  explicit BodyPrinter(const Program& program) : program_(program), exprs_(program) {}

  std::string text(const std::vector<Stmt>& body, int indent) const {
    std::string out;
    for (const Stmt& stmt : body) out += fmt::format("{:{}}{}\n", "", indent, plain(stmt, indent));
    return out;
  }

private:
  std::string block(const std::vector<Stmt>& body, int indent) const { return fmt::format("{{\n{}{:{}}}}", text(body, indent + 2), "", indent); }

  std::string let(const Stmt& stmt) const {
    const Variable& variable = program_.variables[stmt.place];
    std::string out = "let $" + variable.name;
    if (variable.declared.kind != Kind::Unknown) out += " : " + to_source(variable.declared);
    if (!stmt.exprs.empty()) out += " = " + exprs_.text(stmt.exprs[0]);
    return out + ";";
  }

  std::string plain(const Stmt& stmt, int indent) const {
    auto e = [&](size_t i) { return exprs_.text(stmt.exprs[i]); };
    switch (stmt.kind) {
    case StmtKind::Let: return let(stmt);
    case StmtKind::Assign: return fmt::format("{} = {};", e(0), e(1));
    case StmtKind::Combine: return fmt::format("{} {}= {};", e(0), spelling(stmt.op).text, e(1));
    case StmtKind::Discard: return fmt::format("_ = {};", e(0));
    case StmtKind::Evaluate: return e(0) + ";";
    case StmtKind::Aggregate: return fmt::format("{} = {}({});", e(0), stmt.text, stmt.exprs.size() > 1 ? e(1) : "");
    case StmtKind::If: {
      std::string out = fmt::format("if ({}) {}", e(0), block(stmt.body, indent));
      return stmt.otherwise.empty() ? out : out + " else " + block(stmt.otherwise, indent);
    }
    case StmtKind::While: return fmt::format("while ({}) {}", e(0), block(stmt.body, indent));
    case StmtKind::For:
      return fmt::format("for (${} : {}..{}) {}", program_.variables[stmt.place].name, exprs_.text(stmt.exprs[0], kPostfix),
                         exprs_.text(stmt.exprs[1], kPostfix), block(stmt.body, indent));
    case StmtKind::Unroll: return fmt::format("unroll ({}) {}", stmt.number, block(stmt.body, indent));
    case StmtKind::Block: return block(stmt.body, indent);
    case StmtKind::Break: return "break;";
    case StmtKind::Continue: return "continue;";
    case StmtKind::Return: return "return;";
    case StmtKind::Print: return fmt::format("print({});", e(0));
    case StmtKind::Printf: {
      std::string list = exprs_.list(stmt.exprs);
      return fmt::format("printf({}{}{});", quoted(stmt.text + "\n"), list.empty() ? "" : ", ", list);
    }
    }
    return "";
  }

  const Program& program_;
  Printer exprs_;
};

// The elements of input maps that a program reads: map and key.
using Used = std::set<std::pair<uint32_t, uint64_t>>;

Used used_inputs(const std::vector<Program>& programs) {
  Used used;
  auto visit = [&](auto&& self, const Program& program, const Expr& e) -> void {
    if (e.kind == ExprKind::Map && program.maps[e.place].is_input) used.insert({{e.place, 0}, {e.place, e.parts[0].number}}); // one at least, or it would not be a map
    for (const Expr& part : e.parts) self(self, program, part);
  };
  for (Program program : programs) {
    for_each_stmt(program.body, [&](Stmt& stmt) {
      for (const Expr& e : stmt.exprs) visit(visit, program, e);
    });
  }
  return used;
}

std::string fill(const Input& input, const std::string& name, uint64_t key) {
  if (key < input.texts.size()) return fmt::format("  @{}[{}] = {};\n", name, key, quoted(input.texts[key]));
  if (key >= input.numbers.size()) return "";
  uint64_t number = input.numbers[key];
  bool negative = input.type.is_signed && static_cast<int64_t>(number) < 0;
  std::string value = negative ? fmt::format("-{}", 0 - number) : fmt::format("{}", number);
  return fmt::format("  @{}[{}] = ({}){};\n", name, key, to_source(input.type), value);
}

} // namespace

std::string to_source(const Type& type) {
  switch (type.kind) {
  case Kind::Int: return fmt::format("{}int{}", type.is_signed ? "" : "u", type.size * 8);
  case Kind::Bool: return "bool";
  case Kind::String: return type.size == 0 ? "string" : fmt::format("string[{}]", type.size);
  case Kind::Array: return fmt::format("{}[{}]", to_source(type.members[0]), type.size);
  default: return "?"; // tuples cannot be named
  }
}

std::string to_source(const Expr& e, const Program& program) { return Printer(program).text(e); }

std::string to_source(const std::vector<Stmt>& body, const Program& program, int indent) { return BodyPrinter(program).text(body, indent); }

size_t count_statements(const std::vector<Stmt>& body) {
  size_t count = body.size();
  for (const Stmt& stmt : body) count += count_statements(stmt.body) + count_statements(stmt.otherwise);
  return count;
}

std::string to_script(const std::vector<Program>& programs, const Inputs& inputs) {
  std::string blocks;
  for (const Program& program : programs)
    blocks += fmt::format("BEGIN {{\n  printf(\"#{}\\n\");\n{}}}\n", program.number, to_source(program.body, program, 2));
  std::string out;
  Used used = used_inputs(programs);
  for (auto [map, key] : used) out += fill(inputs.maps[map], programs[0].maps[map].name, key);
  return (out.empty() ? "" : "BEGIN {\n" + out + "}\n") + blocks;
}

} // namespace trapline::random_programs
