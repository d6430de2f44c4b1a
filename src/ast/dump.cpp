// The tree as indented text. One node a line, one space a level; golden tests hold it.
#include "ast/ast.h"
#include "ast/overloaded.h"

#include <array>
#include <fmt/format.h>
#include <iterator>
#include <string>

namespace trapline::ast {

namespace {

constexpr std::array<std::string_view, 9> kUnaryNames = {"-", "!", "~", "*", "&", "++x", "--x", "x++", "x--"};

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < ' ' || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

class Dumper {
public:
  std::string take() { return std::move(out_); }

  void script(const Script& script) {
    line("program");
    ++depth_;
    for (const std::string& name : script.includes) line("include {}", escape(name));
    for (const EnumDefinition& e : script.enums) enumeration(e);
    for (const RecordDefinition& r : script.records) record(r);
    for (const Declarator& d : script.typedefs) line("typedef {}: {}", d.name, to_string(d.type));
    for (const ConfigEntry& c : script.config) line("config {} = {}", c.key, escape(c.value));
    for (const Import& i : script.imports) line("import {}", escape(i.path));
    for (const MapDeclaration& m : script.map_declarations) line("map {} = {}({})", m.name, m.kind, m.entries);
    for (const MacroDefinition& m : script.macros) macro(m);
    for (const FunctionDefinition& f : script.functions) function(f);
    for (const Probe& p : script.probes) probe(p);
    --depth_;
  }

private:
  template <typename... Args> void line(fmt::format_string<Args...> format, Args&&... args) {
    out_.append(depth_, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  template <typename Function> void below(Function&& children) {
    ++depth_;
    children();
    --depth_;
  }

  // --- top level

  void probe(const Probe& probe) {
    std::string names;
    for (const AttachPoint& a : probe.attach_points) names += (names.empty() ? "" : ", ") + escape(a.text);
    line("probe {}", names);
    below([&] {
      if (probe.predicate) child("predicate", *probe.predicate);
      if (probe.has_block) block("body", probe.body);
    });
  }

  void macro(const MacroDefinition& macro) {
    line("macro {}", macro.name);
    below([&] {
      for (const MacroDefinition::Parameter& p : macro.parameters)
        line("parameter {}{}", p.kind == MacroDefinition::ParameterKind::Variable ? "$" : "", p.name);
      expr(*macro.body);
    });
  }

  void function(const FunctionDefinition& function) {
    line("function {}{}", function.name, function.result ? ": " + to_string(*function.result) : std::string());
    below([&] {
      for (const FunctionDefinition::Parameter& p : function.parameters) line("parameter ${}: {}", p.name, to_string(p.type));
      block("body", function.code.body);
    });
  }

  void record(const RecordDefinition& record) {
    std::string_view tag = record.tag == TypeName::Tag::Union ? "union" : "struct";
    line("{}{}{}{}", tag, record.name.empty() ? "" : " ", record.name, record.packed ? " packed" : "");
    below([&] {
      for (const Declarator& member : record.members) declarator(member);
    });
  }

  void declarator(const Declarator& member) {
    std::string name = member.name.empty() ? "(unnamed)" : member.name;
    std::string width = member.bit_width ? fmt::format(" : {}", *member.bit_width) : std::string();
    std::string type = to_string(member.type);
    // A record without a name leaves a space behind `struct`.
    if (!type.empty() && type.back() == ' ') type.pop_back();
    line("member {}: {}{}", name, type, width);
    if (member.inline_record) {
      below([&] { record(*member.inline_record); });
    }
  }

  void enumeration(const EnumDefinition& definition) {
    line("enum{}{}", definition.name.empty() ? "" : " ", definition.name);
    below([&] {
      for (const EnumDefinition::Enumerator& e : definition.enumerators) {
        line("enumerator {}", e.name);
        if (e.value) below([&] { expr(*e.value); });
      }
    });
  }

  // --- statements

  void block(std::string_view name, const Block& block) {
    line("{}", name);
    below([&] {
      for (const StmtPtr& s : block.statements) statement(*s);
    });
  }

  void child(std::string_view name, const Expr& e) {
    line("{}", name);
    below([&] { expr(e); });
  }

  void statement(const Stmt& statement) {
    std::visit([this](const auto& node) { show(node); }, statement.node);
  }

  void show(const ExprStatement& n) { expr(*n.expr); }
  void show(const Assign& n) {
    line("assign {}=", n.op ? spelling(*n.op) : "");
    below([&] {
      expr(*n.target);
      expr(*n.value);
    });
  }
  void show(const Let& n) {
    line("let ${}{}", n.name, n.type ? ": " + to_string(*n.type) : std::string());
    if (n.value) below([&] { expr(*n.value); });
  }
  void show(const If& n) {
    line("if");
    below([&] {
      child("condition", *n.condition);
      block("then", n.then);
      if (n.otherwise) block("else", *n.otherwise);
    });
  }
  void show(const Unroll& n) {
    line("unroll");
    below([&] {
      child("count", *n.count);
      block("body", n.body);
    });
  }
  void show(const While& n) {
    line("while");
    below([&] {
      child("condition", *n.condition);
      block("body", n.body);
    });
  }
  void show(const ForRange& n) {
    line("for ${}", n.variable);
    below([&] {
      child("first", *n.first);
      child("last", *n.last);
      block("body", n.body);
    });
  }
  void show(const ForMap& n) {
    line("for ${}", n.variable);
    below([&] {
      child("over", *n.map);
      block("body", n.body);
    });
  }
  void show(const Jump& n) {
    line("{}", n.kind == Jump::Kind::Break ? "break" : n.kind == Jump::Kind::Continue ? "continue" : "return");
    if (n.value) below([&] { expr(*n.value); });
  }
  void show(const BlockStatement& n) { block("block", n.block); }

  // --- expressions

  void expr(const Expr& e) {
    std::visit([this](const auto& node) { show(node); }, e.node);
  }
  void exprs(const std::vector<ExprPtr>& list) {
    below([&] {
      for (const ExprPtr& e : list) expr(*e);
    });
  }

  void show(const IntLiteral& n) { line("int {}{}", n.value, n.too_large ? " (too large)" : ""); }
  void show(const BoolLiteral& n) { line("bool {}", n.value); }
  void show(const StringLiteral& n) { line("string \"{}\"", escape(n.value)); }
  void show(const Identifier& n) { line("identifier {}", n.name); }
  void show(const Positional& n) { line("positional ${}", n.index == 0 ? "#" : std::to_string(n.index)); }
  void show(const Variable& n) { line("variable ${}", n.name); }
  void show(const MapAccess& n) {
    line("map {}", n.name);
    exprs(n.keys);
  }
  void show(const Unary& n) {
    line("unary {}", kUnaryNames[static_cast<size_t>(n.op)]);
    below([&] { expr(*n.operand); });
  }
  void show(const Binary& n) {
    line("binary {}", spelling(n.op));
    below([&] {
      expr(*n.left);
      expr(*n.right);
    });
  }
  void show(const Ternary& n) {
    line("ternary{}", n.then ? "" : " ?:");
    below([&] {
      expr(*n.condition);
      if (n.then) expr(*n.then);
      expr(*n.otherwise);
    });
  }
  void show(const Call& n) {
    line("call {}", n.name);
    exprs(n.arguments);
  }
  void show(const FieldAccess& n) {
    line("field {}{}", n.arrow ? "->" : ".", n.field);
    below([&] { expr(*n.object); });
  }
  void show(const TupleAccess& n) {
    line("element .{}", n.index);
    below([&] { expr(*n.object); });
  }
  void show(const Index& n) {
    line("index");
    below([&] {
      expr(*n.object);
      expr(*n.index);
    });
  }
  void show(const Cast& n) {
    line("cast {}", to_string(n.type));
    below([&] { expr(*n.operand); });
  }
  void show(const TupleLiteral& n) {
    line("tuple");
    exprs(n.elements);
  }
  void show(const RecordLiteral& n) {
    line("record");
    below([&] {
      for (const RecordLiteral::Member& member : n.members) child("." + member.name, *member.value);
    });
  }
  void show(const BlockExpr& n) {
    block("block", n.block);
    if (n.value) below([&] { child("value", *n.value); });
  }
  void show(const Comptime& n) { child("comptime", *n.operand); }
  void show(const TypeOperand& n) { line("type {}", to_string(n.type)); }
  void type_or_expr(std::string_view what, const std::variant<TypeName, ExprPtr>& operand) {
    if (const auto* type = std::get_if<TypeName>(&operand)) {
      line("{} {}", what, to_string(*type));
      return;
    }
    child(what, *std::get<ExprPtr>(operand));
  }
  void show(const SizeOf& n) { type_or_expr("sizeof", n.operand); }
  void show(const TypeInfo& n) { type_or_expr("typeinfo", n.operand); }
  void show(const OffsetOf& n) {
    std::string path;
    for (const std::string& part : n.path) path += (path.empty() ? "" : ".") + part;
    line("offsetof {} {}", to_string(n.type), path);
  }

  std::string out_;
  size_t depth_ = 0;
};

} // namespace

std::string dump(const Script& script) {
  Dumper dumper;
  dumper.script(script);
  return dumper.take();
}

} // namespace trapline::ast
