// Nodes for the grammar: C structs, unions, enums and typedefs, and the constants in them.
#include "parser/builder.h"

#include <algorithm>

namespace trapline {

using namespace ast;
using namespace grammar;

namespace {

std::optional<uint64_t> apply(BinaryOp op, uint64_t a, uint64_t b) {
  auto x = static_cast<int64_t>(a), y = static_cast<int64_t>(b);
  switch (op) {
  case BinaryOp::Add: return a + b;
  case BinaryOp::Sub: return a - b;
  case BinaryOp::Mul: return a * b;
  case BinaryOp::Div: return b ? std::optional(a / b) : std::nullopt;
  case BinaryOp::Mod: return b ? std::optional(a % b) : std::nullopt;
  case BinaryOp::BitAnd: return a & b;
  case BinaryOp::BitOr: return a | b;
  case BinaryOp::BitXor: return a ^ b;
  case BinaryOp::ShiftLeft: return b < 64 ? std::optional(a << b) : std::nullopt;
  case BinaryOp::ShiftRight: return b < 64 ? std::optional(a >> b) : std::nullopt;
  case BinaryOp::And: return a != 0 && b != 0;
  case BinaryOp::Or: return a != 0 || b != 0;
  case BinaryOp::Equal: return a == b;
  case BinaryOp::NotEqual: return a != b;
  case BinaryOp::Less: return x < y;
  case BinaryOp::LessEqual: return x <= y;
  case BinaryOp::Greater: return x > y;
  case BinaryOp::GreaterEqual: return x >= y;
  default: return std::nullopt;
  }
}

std::vector<TypeName::Suffix> concatenate(std::vector<TypeName::Suffix> first, const std::vector<TypeName::Suffix>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

} // namespace

std::optional<uint64_t> Builder::fold(const Expr& expr) const {
  if (const auto* literal = std::get_if<IntLiteral>(&expr.node)) return literal->value;
  if (const auto* name = std::get_if<Identifier>(&expr.node)) {
    auto found = enumerators_.find(name->name);
    if (found != enumerators_.end()) return found->second;
    if (!c_facts_) return std::nullopt;
    auto known = c_facts_->constants.find(name->name);
    return known == c_facts_->constants.end() ? std::nullopt : std::optional(static_cast<uint64_t>(known->second));
  }
  if (const auto* unary = std::get_if<Unary>(&expr.node)) {
    std::optional<uint64_t> value = fold(*unary->operand);
    if (value && unary->op == UnaryOp::Negate) return 0 - *value;
    if (value && unary->op == UnaryOp::Complement) return ~*value;
    if (value && unary->op == UnaryOp::Not) return *value == 0;
    return std::nullopt;
  }
  if (const auto* ternary = std::get_if<Ternary>(&expr.node)) {
    std::optional<uint64_t> condition = fold(*ternary->condition);
    if (!condition) return std::nullopt;
    if (*condition == 0) return fold(*ternary->otherwise);
    return ternary->then ? fold(*ternary->then) : condition;
  }
  if (const auto* binary = std::get_if<Binary>(&expr.node)) {
    std::optional<uint64_t> left = fold(*binary->left);
    std::optional<uint64_t> right = fold(*binary->right);
    if (left && right) return apply(binary->op, *left, *right);
  }
  return std::nullopt;
}

uint64_t Builder::constant(ExprPtr expr) {
  std::optional<uint64_t> value = fold(*expr);
  if (!value) mistake(expr->span, "a length or width must be a constant number");
  return value.value_or(1);
}

void Builder::record(RecordDefinition definition) { script_.records.push_back(std::move(definition)); }

void Builder::enumeration(EnumDefinition definition) { script_.enums.push_back(std::move(definition)); }

// A record without a name of its own takes that of the first typedef.
void Builder::typedefs(BaseType base, std::vector<Declarator> declarators) {
  if (base.record && base.record->name.empty()) {
    base.record->name = declarators[0].name;
    base.type.name = declarators[0].name;
    script_.records.push_back(*base.record);
  }
  bool is_anonymous_enum = base.type.tag == TypeName::Tag::Enum && base.type.name.starts_with('(');
  if (is_anonymous_enum) base.type.name = script_.enums.back().name = declarators[0].name;
  for (Declarator& d : declarators) {
    if (d.type.name.empty()) {
      std::vector<TypeName::Suffix> own = std::move(d.type.suffixes);
      d.type = base.type;
      d.type.suffixes = concatenate(std::move(d.type.suffixes), own);
    }
    script_.typedefs.push_back(std::move(d));
  }
}

RecordDefinition Builder::record_definition(TypeName::Tag tag, std::string name, RecordDefinition members,
                                            std::initializer_list<Attribute> attributes, Span span) {
  members.tag = tag;
  members.name = std::move(name);
  members.span = span;
  for (Attribute attribute : attributes) {
    members.packed |= attribute.packed;
    members.alignment = std::max(members.alignment, attribute.alignment);
  }
  return members;
}

EnumDefinition Builder::enum_definition(std::string name, EnumDefinition enumerators, Attribute attribute, Span span) {
  enumerators.name = std::move(name);
  enumerators.packed = attribute.packed;
  enumerators.span = span;
  uint64_t next = 0;
  for (const EnumDefinition::Enumerator& e : enumerators.enumerators) {
    if (e.value) next = fold(*e.value).value_or(next);
    enumerators_[e.name] = next++;
  }
  return enumerators;
}

// A record defined inside of another one is known outside of it, too.
BaseType Builder::inline_record(RecordDefinition definition) {
  TypeName type{definition.tag, definition.name, {}, definition.span};
  if (!definition.name.empty()) script_.records.push_back(definition);
  return {std::move(type), std::make_shared<RecordDefinition>(std::move(definition))};
}

BaseType Builder::inline_enumeration(EnumDefinition definition) {
  // One without a name gets one that no script can write.
  if (definition.name.empty()) definition.name = "(anonymous " + std::to_string(script_.enums.size()) + ")";
  TypeName type{TypeName::Tag::Enum, definition.name, {}, definition.span};
  script_.enums.push_back(std::move(definition));
  return {std::move(type), nullptr};
}

// C writes what is next to the name closest to it: in `(*p)[4]` the array is what the pointer points to.
Declarator Builder::array_of(Declarator inner, TypeName::Suffix length) {
  auto& suffixes = inner.type.suffixes;
  auto behind = std::ranges::find_if(suffixes, &TypeName::Suffix::pointer);
  suffixes.insert(behind, length);
  return inner;
}

// Whatever a function takes and returns, all that a script sees of it is an address.
Declarator Builder::function(Declarator inner) {
  inner.type.name = "void";
  return inner;
}

Declarator Builder::pointers(std::vector<TypeName::Suffix> stars, Declarator inner) {
  bool is_function = !inner.type.name.empty();
  if (!is_function) inner.type.suffixes = concatenate(std::move(stars), inner.type.suffixes);
  return inner;
}

Declarator Builder::bit_field(Declarator named, ExprPtr width) {
  Span span = width->span;
  uint64_t bits = constant(std::move(width));
  if (bits > 64) mistake(span, "a bit-field has at most 64 bits");
  named.bit_width = static_cast<uint32_t>(bits > 64 ? 64 : bits);
  return named;
}

Attribute Builder::merge(Attribute a, Attribute b) { return {a.packed || b.packed, std::max(a.alignment, b.alignment)}; }

Declarator Builder::with_attributes(Declarator declarator, Attribute attribute) {
  declarator.packed = attribute.packed;
  declarator.alignment = attribute.alignment;
  return declarator;
}

void Builder::members(RecordDefinition& definition, const BaseType& base, std::vector<Declarator> declarators) {
  for (Declarator& d : declarators) {
    // A function pointer has its whole type already.
    if (d.type.name.empty()) {
      std::vector<TypeName::Suffix> own = std::move(d.type.suffixes);
      d.type = base.type;
      d.type.suffixes = concatenate(std::move(d.type.suffixes), own);
      d.inline_record = base.record;
    }
    definition.members.push_back(std::move(d));
  }
}

void Builder::anonymous_member(RecordDefinition& definition, BaseType base, Span span) {
  if (!base.record) {
    if (base.type.tag == TypeName::Tag::None) mistake(span, "this member has no name");
    return;
  }
  // `struct x { ... };` in a struct defines a type and is no member; without a name it is one.
  if (!base.record->name.empty()) return;
  Declarator member;
  member.type = std::move(base.type);
  member.inline_record = std::move(base.record);
  definition.members.push_back(std::move(member));
}

} // namespace trapline
