// Expressions: one function per node kind, and the conversions between where values are and where they are wanted.
#include "builtins/glob.h"
#include "codegen/block_lowering.h"

#include <algorithm>
#include <cstring>

namespace trapline::codegen {

const Constant* BlockLowering::constant_of(const ast::Expr& e) const {
  auto found = instance_.constants.find(e.id);
  return found == instance_.constants.end() ? nullptr : &found->second;
}

Operand BlockLowering::evaluate(const ast::Expr& e) {
  if (const Constant* constant = constant_of(e)) return constant_operand(e, *constant);
  Span outer = std::exchange(expression_span_, e.span);
  e_.set_location(e.span);
  Operand result = std::visit(
      [&](const auto& node) -> Operand {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, ast::Identifier>) {
          return call_builtin(e, {});
        } else if constexpr (std::is_same_v<Node, ast::Call>) {
          auto own = instance_.function_of.find(e.id);
          return own != instance_.function_of.end() ? call_function(e, node, own->second) : call_builtin(e, node.arguments);
        } else if constexpr (std::is_same_v<Node, ast::FieldAccess> || std::is_same_v<Node, ast::Index> ||
                             std::is_same_v<Node, ast::TupleAccess>) {
          if (auto place = place_of(e)) return load_place(*place);
          const probes::ArgsField* field = args_field(e);
          return Operand::scalar(field ? e_.to_number(fetch(field->fetch)) : e_.number(0));
        } else if constexpr (requires { lower_node(e, node); }) {
          return lower_node(e, node);
        } else {
          return not_supported(e, "this expression");
        }
      },
      e.node);
  expression_span_ = outer;
  e_.set_location(outer);
  return result;
}

Operand BlockLowering::constant_operand(const ast::Expr& e, const Constant& constant) {
  if (constant.is_integer()) return Operand::scalar(e_.number(constant.integer()));
  std::string bytes = constant.text();
  bytes.resize(std::max<size_t>(type_of(e).size, 1), '\0');
  return Operand::address(e_.constant_bytes(bytes));
}

Operand BlockLowering::not_supported(const ast::Expr& e, std::string_view what) {
  object_.diagnostics.report(DiagId::NotSupported, e.span, fmt::format("{} is not supported yet", what));
  return Operand::scalar(e_.number(0));
}

Operand BlockLowering::call_builtin(const ast::Expr& e, std::span<const ast::ExprPtr> arguments) {
  const builtins::Builtin* row = instance_.builtin_of[e.id];
  if (!row || !row->lower) return not_supported(e, "this name");
  return row->lower(builtins::Lower{*this, e, arguments, type_of(e), discarded_ == &e});
}

Value BlockLowering::scalar(const ast::Expr& e) {
  auto saved = std::exchange(destination_, std::nullopt);
  Operand operand = evaluate(e);
  destination_ = saved;
  if (!operand.value) return e_.number(0); // a statement used as a value: sema reported it
  if (!operand.is_address) return e_.to_number(operand.value);
  const Type& type = type_of(e);
  if (type.is(Kind::USym)) return e_.load(operand.value, 0, 8, false);
  if (type.is(Kind::Array) && type.size <= 8 && (type.size & (type.size - 1)) == 0 && type.size > 0) {
    return e_.load(operand.value, 0, type.size, false);
  }
  return e_.to_number(operand.value);
}

Value BlockLowering::pointer(const ast::Expr& e, AddressSpace& space) {
  const Type& type = type_of(e);
  space = type.space == AddressSpace::None ? context().default_space : type.space;
  if (space == AddressSpace::Btf) space = AddressSpace::Kernel;
  if (type.is(Kind::Array) || type.is(Kind::Struct) || type.is(Kind::String)) {
    // The address itself is wanted, not the bytes: an array field decays as in C.
    if (auto place = place_of(e)) {
      space = place->own ? AddressSpace::Kernel : place->space == AddressSpace::Btf ? AddressSpace::Kernel : place->space;
      return e_.to_number(e_.offset(place->base, place->offset));
    }
    space = AddressSpace::Kernel;
    return e_.to_number(address(e));
  }
  return scalar(e);
}

Value BlockLowering::address(const ast::Expr& e) {
  auto saved = std::exchange(destination_, std::nullopt);
  Operand operand = evaluate(e);
  destination_ = saved;
  if (operand.is_address) return operand.value;
  uint32_t size = std::max(type_of(e).size, 1u);
  Value memory = scratch(size);
  e_.store(memory, 0, size, operand.value ? operand.value : e_.number(0));
  return memory;
}

void BlockLowering::into(const ast::Expr& e, const Type& type, Value to) {
  const Type& from_type = type_of(e);
  if (const auto* literal = std::get_if<ast::TupleLiteral>(&e.node); literal && type.is(Kind::Tuple)) {
    std::vector<const ast::Expr*> elements;
    for (const ast::ExprPtr& element : literal->elements) elements.push_back(element.get());
    return tuple_into(elements, type, to);
  }
  if (const auto* literal = std::get_if<ast::RecordLiteral>(&e.node); literal && type.is_named_tuple()) {
    return tuple_into(members_in_order(*literal, type), type, to);
  }
  if (const Constant* constant = constant_of(e); constant && !constant->is_integer() && type.is(Kind::String)) {
    std::string bytes = constant->text();
    bytes.resize(type.size, '\0');
    e_.copy(to, e_.constant_bytes(bytes), type.size);
    return;
  }
  auto saved = std::exchange(destination_, std::nullopt);
  bool in_record = std::exchange(writing_record_, false);
  if (!type.is_scalar() && from_type == type) destination_ = Destination{type, to, in_record};
  Operand operand = evaluate(e);
  destination_ = saved;
  writing_record_ = in_record;
  convert(operand, from_type, type, to);
}

// The members of a record literal in the order of `type`, which may be that of another record.
std::vector<const ast::Expr*> BlockLowering::members_in_order(const ast::RecordLiteral& literal, const Type& type) {
  std::vector<const ast::Expr*> elements(type.members->size());
  for (const ast::RecordLiteral::Member& member : literal.members) {
    if (auto index = type.member_index(member.name)) elements[*index] = member.value.get();
  }
  return elements;
}

void BlockLowering::tuple_into(std::span<const ast::Expr* const> elements, const Type& type, Value to) {
  std::vector<uint32_t> offsets = tuple_offsets(type);
  uint32_t filled = 0;
  for (const Type& member : *type.members) filled += member.size;
  if (filled != type.size) e_.zero(to, type.size); // padding is part of a key
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i]) into(*elements[i], (*type.members)[i], e_.offset(to, offsets[i]));
  }
}

// Writes a value of one type as another: sema allows only pairs that make sense.
void BlockLowering::convert(Operand from, const Type& from_type, const Type& to_type, Value to) {
  if (!from.value) {
    e_.zero(to, to_type.size);
    return;
  }
  if (to_type.is(Kind::String) && from_type.is(Kind::Probe)) {
    probe_name_into(from.value, to_type, to);
    return;
  }
  if (!from.is_address) {
    uint32_t size = std::max(to_type.size, 1u);
    if (size == 1 || size == 2 || size == 4 || size == 8) {
      e_.store(to, 0, size, e_.to_number(from.value));
    } else {
      e_.zero(to, size);
      e_.store(to, 0, 8, e_.to_number(from.value));
    }
    return;
  }
  if (to_type.is(Kind::Tuple) && from_type.is(Kind::Tuple) && !(from_type == to_type)) {
    std::vector<uint32_t> source = tuple_offsets(from_type), target = tuple_offsets(to_type);
    e_.zero(to, to_type.size);
    for (size_t i = 0; i < target.size(); ++i) {
      size_t from_index = to_type.names && from_type.names ? from_type.member_index((*to_type.names)[i]).value_or(0) : i;
      const Type& member = (*from_type.members)[from_index];
      Value at = e_.offset(from.value, source[from_index]);
      Operand part = member.is_scalar() ? Operand::scalar(e_.load(at, 0, member.size, member.is_signed)) : Operand::address(at);
      convert(part, member, (*to_type.members)[i], e_.offset(to, target[i]));
    }
    return;
  }
  if (from.value.raw == to.raw) return; // written in place
  uint32_t common = std::min(from_type.size, to_type.size);
  e_.copy(to, from.value, common);
  if (to_type.size > common) {
    uint32_t aligned = std::min((common + 7) / 8 * 8, to_type.size);
    for (uint32_t i = common; i < aligned; ++i) e_.store(to, i, 1, e_.number(0));
    if (to_type.size > aligned) e_.zero(e_.offset(to, aligned), to_type.size - aligned);
  }
}

// The text of `probe`: rows of equal length in read-only memory.
void BlockLowering::probe_name_into(Value index, const Type& type, Value to) {
  std::string table;
  const auto& names = object_.script.probe_names;
  for (const std::string& name : names) {
    std::string row = name.substr(0, type.size - 1);
    row.resize(type.size, '\0');
    table += row;
  }
  Value row = e_.offset(e_.constant_bytes(table), e_.operate(Op::Mul, index, e_.number(type.size)));
  e_.call(Helper::ProbeReadKernel, {to, e_.number(type.size), e_.to_number(row)});
}

Value BlockLowering::truth(const ast::Expr& e) {
  Value v = scalar(e);
  return e_.operate(Op::Ne, v, e_.number(0));
}

// --- node kinds

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::Variable&) {
  auto found = instance_.variable_of.find(e.id);
  if (found == instance_.variable_of.end()) return Operand::scalar(e_.number(0));
  VariableSlot& slot = slot_of(found->second);
  if (!slot.is_scalar) return Operand::address(address_of(slot.memory));
  return Operand::scalar(load_variable(found->second));
}

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::MapAccess& access) { return read_map(e, access); }

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::Unary& unary) {
  switch (unary.op) {
  case ast::UnaryOp::Negate: return Operand::scalar(e_.negate(scalar(*unary.operand)));
  case ast::UnaryOp::Complement: return Operand::scalar(e_.complement(scalar(*unary.operand)));
  case ast::UnaryOp::Not: return Operand::scalar(e_.is_zero(scalar(*unary.operand)));
  case ast::UnaryOp::Dereference: {
    auto place = place_of(e);
    return place ? load_place(*place) : Operand::scalar(e_.number(0));
  }
  case ast::UnaryOp::AddressOf: return Operand::scalar(address_of_target(*unary.operand));
  default: return step(e, unary);
  }
}

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::Binary& node) {
  using ast::BinaryOp;
  switch (node.op) {
  case BinaryOp::And:
  case BinaryOp::Or: return Operand::scalar(logical(e));
  case BinaryOp::Match: return Operand::scalar(builtins::lower_match({*this, e, {}, type_of(e)}, *node.left, constant_of(*node.right)->text()));
  case BinaryOp::Equal:
  case BinaryOp::NotEqual:
  case BinaryOp::Less:
  case BinaryOp::LessEqual:
  case BinaryOp::Greater:
  case BinaryOp::GreaterEqual: return Operand::scalar(compare(node.op, *node.left, *node.right));
  default: return Operand::scalar(binary(node.op, *node.left, *node.right, type_of(e), e.span));
  }
}

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::Ternary& node) {
  const Type& type = type_of(e);
  const ast::Expr& then = node.then ? *node.then : *node.condition;
  if (const Constant* test = constant_of(*node.condition); test && test->is_integer()) {
    const ast::Expr& taken = test->integer() != 0 ? then : *node.otherwise;
    if (type_of(taken) == type || type.is(Kind::Void)) return evaluate(taken);
    if (type.is_scalar()) return Operand::scalar(scalar(taken));
    Value memory = result_memory(type);
    into(taken, type, memory);
    return Operand::address(memory);
  }
  Label yes = e_.block("then"), no = e_.block("else"), done = e_.block("chosen");
  bool in_memory = !type.is_scalar() && !type.is(Kind::Void) && !type.is_error();
  Value memory = in_memory ? result_memory(type) : Value{};
  Value local = in_memory ? Value{} : e_.local("choice");
  auto side = [&](const ast::Expr& value) {
    if (in_memory) {
      into(value, type, memory);
    } else {
      e_.store(local, 0, 8, scalar(value));
    }
    e_.jump(done);
  };
  Value condition = scalar(*node.condition);
  e_.branch(condition, yes, no);
  e_.place(yes);
  if (!node.then && !in_memory) { // `a ?: b` evaluates `a` once
    e_.store(local, 0, 8, condition);
    e_.jump(done);
  } else {
    side(then);
  }
  e_.place(no);
  side(*node.otherwise);
  e_.place(done);
  return in_memory ? Operand::address(memory) : Operand::scalar(e_.load(local, 0, 8, false));
}

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::Cast& node) {
  const Type& to = type_of(e);
  const Type& from = type_of(*node.operand);
  if (to.is(Kind::Array) && from.is_integral()) {
    Value memory = result_memory(to);
    e_.store(memory, 0, to.size, scalar(*node.operand));
    return Operand::address(memory);
  }
  if (to.is(Kind::String) || to.is(Kind::Array) || to.is(Kind::Buffer) || to.is(Kind::Tuple)) {
    Value memory = result_memory(to);
    into(*node.operand, to, memory);
    return Operand::address(memory);
  }
  if (to.is(Kind::Bool)) return Operand::scalar(e_.operate(Op::Ne, scalar(*node.operand), e_.number(0)));
  if (to.is(Kind::Pointer)) {
    AddressSpace ignored;
    return Operand::scalar(pointer(*node.operand, ignored));
  }
  return Operand::scalar(e_.truncate(scalar(*node.operand), std::min(std::max(to.size, 1u), 8u), to.is_signed));
}

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::TupleLiteral&) { return in_memory(e); }
Operand BlockLowering::lower_node(const ast::Expr& e, const ast::RecordLiteral&) { return in_memory(e); }

Operand BlockLowering::in_memory(const ast::Expr& literal) {
  const Type& type = type_of(literal);
  Value memory = result_memory(type);
  into(literal, type, memory);
  return Operand::address(memory);
}

Operand BlockLowering::lower_node(const ast::Expr&, const ast::BlockExpr& node) {
  // What the statements compute is not meant for where the value goes.
  auto destination = std::exchange(destination_, std::nullopt);
  bool in_record = std::exchange(writing_record_, false);
  const ast::Expr* target = std::exchange(assignment_target_, nullptr);
  lower_block(node.block);
  destination_ = destination;
  writing_record_ = in_record;
  assignment_target_ = target;
  return node.value ? evaluate(*node.value) : Operand::none();
}

Operand BlockLowering::lower_node(const ast::Expr&, const ast::Comptime& node) { return evaluate(*node.operand); }

Operand BlockLowering::lower_node(const ast::Expr& e, const ast::TypeInfo&) {
  const sema::Instance::TypeFacts& facts = instance_.type_infos.at(e.id);
  const Type& type = type_of(e);
  std::string bytes(type.size, '\0');
  std::vector<uint32_t> offsets = tuple_offsets(type);
  std::memcpy(bytes.data() + offsets[0], &facts.btf_id, sizeof facts.btf_id);
  facts.base.copy(bytes.data() + offsets[1], facts.base.size());
  facts.full.copy(bytes.data() + offsets[2], facts.full.size());
  return Operand::address(e_.constant_bytes(bytes));
}

} // namespace trapline::codegen
