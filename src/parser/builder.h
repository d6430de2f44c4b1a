// Nodes of the tree, made for the grammar: ids, spans, and a bound on how deep they nest.
#pragma once

#include "parser/parse.h"
#include "parser/values.h"
#include "support/diagnostics.h"

#include <initializer_list>
#include <string>
#include <unordered_map>
#include <vector>

namespace trapline {

// No deeper than this: what comes after the parser, destructors included, recurses over the tree.
inline constexpr uint32_t kMaxDepth = 400;

class Builder {
public:
  // Nodes are numbered from `first_node`. `c_facts` may be null.
  Builder(const SourceFile& source, ast::NodeId first_node, const CFacts* c_facts, Diagnostics& diags)
      : source_(source), first_node_(first_node), diags_(diags), c_facts_(c_facts) {}

  // What was built, with every complete item even if parsing failed elsewhere.
  ast::Script take_script(std::vector<std::string> includes);

  std::string text(Span span) const { return std::string(source_.text_of(span)); }

  // --- expressions
  template <typename Node> ast::ExprPtr expr(Span span, Node node) { return add(span, std::move(node)); }
  ast::ExprPtr binary(Span span, ast::BinaryOp op, ast::ExprPtr left, ast::ExprPtr right, Span op_span);
  ast::ExprPtr tuple_access(Span span, ast::ExprPtr object, grammar::Integer index, Span index_span);
  ast::ExprPtr integer(Span span, grammar::Integer value);
  ast::ExprPtr positional(Span span, grammar::Integer index);
  ast::ExprPtr variable(Span span, std::string name);
  ast::ExprPtr map(Span span, std::string name, grammar::Exprs keys);
  ast::ExprPtr tuple(Span span, ast::ExprPtr first, grammar::Exprs rest);
  std::vector<ast::RecordLiteral::Member> member(std::vector<ast::RecordLiteral::Member> members, std::string name, Span name_span, ast::ExprPtr value);
  // A block as an expression: its value is what its last statement, without a semicolon, is worth.
  ast::ExprPtr block_value(Span span, grammar::Body body);
  // `if` as an expression.
  ast::ExprPtr choice(Span span, ast::ExprPtr condition, grammar::Body then, grammar::Body otherwise);
  ast::ExprPtr choice(Span span, ast::ExprPtr condition, grammar::Body then, ast::ExprPtr otherwise);
  ast::TypeName type_of(Span span, ast::ExprPtr expr);
  ast::ExprPtr type_operand(Span span, ast::TypeName type, std::vector<ast::TypeName::Suffix> pointers);
  // The value of a constant expression; reports one that is not constant.
  uint64_t constant(ast::ExprPtr expr);

  // --- statements
  template <typename Node> grammar::Statement statement(Span span, Node node) { return add_statement(span, std::move(node), 0); }
  grammar::Statement let(std::string variable, Span name_span, std::optional<ast::TypeName> type, ast::ExprPtr value, Span span);
  grammar::Statement assign(ast::ExprPtr target, ast::ExprPtr value, Span span);
  // `let ($a, $b) = e;` and `($a, @b) = e;`: a temporary variable for `e`, and an assignment of each of its members.
  grammar::Statement unpack(grammar::Exprs targets, ast::ExprPtr value, bool declares, Span span);
  template <typename Node> grammar::Statement loop(Span span, Node node, grammar::Body body) {
    node.body = std::move(body.block);
    return add_statement(span, std::move(node), body.depth + 1);
  }
  grammar::LoopHead loop_head(std::string variable, Span variable_span, ast::ExprPtr first, ast::ExprPtr last);
  grammar::Statement for_loop(Span span, grammar::LoopHead head, grammar::Body body);
  grammar::Statement block_statement(Span span, grammar::Body body);
  grammar::Statement branch(Span span, ast::ExprPtr condition, grammar::Body then);
  grammar::Statement branch(Span span, ast::ExprPtr condition, grammar::Body then, grammar::Body otherwise);
  grammar::Statement else_if(Span span, ast::ExprPtr condition, grammar::Body then, grammar::Statement otherwise);
  grammar::Body append(grammar::Body body, grammar::Statement statement);
  // The same for the last statement, which has no semicolon.
  grammar::Body append_last(grammar::Body body, grammar::Statement statement);
  grammar::Body body(grammar::Body body, Span span);

  // --- top level
  void probe(std::vector<ast::AttachPoint> attach_points, ast::ExprPtr predicate, grammar::Body body, Span span);
  // Its body is the default action.
  void probe_without_block(std::vector<ast::AttachPoint> attach_points, ast::ExprPtr predicate, Span span);
  void config(std::string key, std::string value, Span key_span, Span value_span);
  void map_declaration(std::string name, std::string kind, grammar::Integer entries, Span span);
  void import(std::string path, Span span);
  void macro(std::string name, Span name_span, std::vector<ast::MacroDefinition::Parameter> parameters, grammar::Body body, Span span);
  void function(std::string name, Span name_span, std::vector<ast::FunctionDefinition::Parameter> parameters,
                std::optional<ast::TypeName> result, grammar::Body body, Span span);

  // --- C definitions
  void record(ast::RecordDefinition definition);
  void enumeration(ast::EnumDefinition definition);
  void typedefs(grammar::BaseType base, std::vector<ast::Declarator> declarators);
  ast::RecordDefinition record_definition(ast::TypeName::Tag tag, std::string name, ast::RecordDefinition members,
                                          std::initializer_list<grammar::Attribute> attributes, Span span);
  ast::EnumDefinition enum_definition(std::string name, ast::EnumDefinition enumerators, grammar::Attribute attribute, Span span);
  grammar::BaseType inline_record(ast::RecordDefinition definition);
  grammar::BaseType inline_enumeration(ast::EnumDefinition definition);
  // Declarators, from the name outwards. What they say about the type stands in its suffixes, without the base.
  ast::Declarator array_of(ast::Declarator inner, ast::TypeName::Suffix length);
  ast::Declarator function(ast::Declarator inner);
  ast::Declarator pointers(std::vector<ast::TypeName::Suffix> stars, ast::Declarator inner);
  ast::Declarator bit_field(ast::Declarator named, ast::ExprPtr width);
  ast::Declarator with_attributes(ast::Declarator declarator, grammar::Attribute attribute);
  static grammar::Attribute merge(grammar::Attribute a, grammar::Attribute b);
  void members(ast::RecordDefinition& definition, const grammar::BaseType& base, std::vector<ast::Declarator> declarators);
  void anonymous_member(ast::RecordDefinition& definition, grammar::BaseType base, Span span);

private:
  static constexpr size_t kMaxMistakes = 20;

  using ExprNode = decltype(ast::Expr::node);
  using StatementNode = decltype(ast::Stmt::node);

  ast::ExprPtr add(Span span, ExprNode node);
  grammar::Statement add_statement(Span span, StatementNode node, uint32_t depth);
  ast::ExprPtr take_value(ast::Block& block);
  bool has_value(const ast::Block& block) const;
  void mistake(Span span, std::string_view message);
  void too_deep(std::string_view what, Span span);
  uint32_t depth_below(const ExprNode& node) const;
  std::optional<uint64_t> fold(const ast::Expr& expr) const;

  const SourceFile& source_;
  const ast::NodeId first_node_;
  Diagnostics& diags_;
  const CFacts* c_facts_;
  ast::Script script_;
  std::vector<uint16_t> depths_; // of expressions, by id from first_node_ on
  std::unordered_map<std::string, uint64_t> enumerators_;
  uint32_t unpacked_ = 0; // tuples taken apart
  bool too_deep_reported_ = false;
  size_t mistakes_ = 0;
};

} // namespace trapline
