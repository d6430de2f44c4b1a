// Memory: struct fields, array elements and what pointers point to. A Place is an address and how to read there: our own
// memory and BTF pointers by plain loads, everything else by the probe_read helpers.
#include "codegen/block_lowering.h"

#include <algorithm>

namespace trapline::codegen {

namespace {

bool fits_register(const Type& type) {
  return type.is_scalar() || type.is(Kind::Error) || type.is(Kind::Void);
}

} // namespace

const probes::ArgsField* BlockLowering::args_field(const ast::Expr& e) const {
  const auto* access = std::get_if<ast::FieldAccess>(&e.node);
  if (!access) return nullptr;
  const auto* object = std::get_if<ast::Identifier>(&access->object->node);
  if (!object || instance_.builtin_of[access->object->id] != builtins::find("args")) return nullptr;
  for (const probes::ArgsField& field : context().args) {
    if (field.name == access->field) return &field;
  }
  return nullptr;
}

std::optional<BlockLowering::Place> BlockLowering::place_of(const ast::Expr& e) {
  if (const auto* access = std::get_if<ast::FieldAccess>(&e.node)) return place_of_field(*access, e);
  if (const auto* index = std::get_if<ast::Index>(&e.node)) return place_of_index(*index, e);
  if (const auto* unary = std::get_if<ast::Unary>(&e.node); unary && unary->op == ast::UnaryOp::Dereference) {
    return pointee(*unary->operand, type_of(e));
  }
  Place place;
  place.type = type_of(e);
  if (const auto* access = std::get_if<ast::TupleAccess>(&e.node)) {
    auto object = place_of(*access->object);
    if (!object) return std::nullopt;
    place = *object;
    place.type = type_of(e);
    place.offset += tuple_offsets(type_of(*access->object))[access->index];
    return place;
  }
  if (fits_register(place.type)) return std::nullopt;
  place.base = address(e);
  place.own = true;
  return place;
}

BlockLowering::Place BlockLowering::pointee(const ast::Expr& pointer_expr, const Type& type) {
  Place place;
  place.type = type;
  const Type& pointer_type = type_of(pointer_expr);
  // Only the builtin itself is trusted by every kernel's verifier; pointers loaded through it may be null to it.
  const ast::Expr* tracked = &pointer_expr;
  while (const auto* cast = std::get_if<ast::Cast>(&tracked->node)) tracked = cast->operand.get();
  bool direct = pointer_type.space == AddressSpace::Btf && std::holds_alternative<ast::Identifier>(tracked->node);
  if (direct) {
    auto saved = std::exchange(destination_, std::nullopt);
    place.base = evaluate(*tracked).value;
    destination_ = saved;
    place.space = AddressSpace::Btf;
    return place;
  }
  place.base = pointer(pointer_expr, place.space);
  return place;
}

std::optional<BlockLowering::Place> BlockLowering::place_of_field(const ast::FieldAccess& access, const ast::Expr& e) {
  Place place;
  if (const probes::ArgsField* field = args_field(e)) {
    using How = probes::Fetch::How;
    place.type = type_of(e);
    if (field->fetch.how == How::ContextDeref && !fits_register(field->type)) {
      place.base = e_.load(e_.context(), field->fetch.base, 8, false);
      place.offset = field->fetch.offset;
      return place;
    }
    if (field->fetch.how == How::ContextGather) {
      const auto& sources = field->fetch.gather;
      Value memory = scratch(static_cast<uint32_t>(sources.size()) * 8);
      Value base = e_.load(e_.context(), field->fetch.base, 8, false);
      for (size_t i = 0; i < sources.size(); ++i) {
        Value from = e_.operate(Op::Add, base, e_.number(static_cast<uint64_t>(sources[i])));
        read(e_.offset(memory, static_cast<int64_t>(i) * 8), 8, from, AddressSpace::Kernel);
      }
      place.base = memory;
      place.own = true;
      return place;
    }
    if (field->fetch.how == How::DataLocation && place.type.is(Kind::String)) {
      place.base = e_.to_number(fetch(field->fetch));
      return place;
    }
    if (field->fetch.how == How::ContextAddress) {
      place.base = e_.context();
      place.offset = field->fetch.offset;
      return place;
    }
    return std::nullopt;
  }
  const ast::Expr& object = *access.object;
  Type type = type_of(object);
  std::optional<Place> outer;
  if (type.is(Kind::Pointer)) {
    outer = pointee(object, *type.element);
    while (outer->type.is(Kind::Pointer)) { // `.` goes through any number of pointers
      Type inner = *outer->type.element;
      Value next = load_scalar(*outer);
      outer = Place{.base = next, .space = outer->space == AddressSpace::Btf ? AddressSpace::Kernel : outer->space, .type = inner};
    }
  } else {
    outer = place_of(object);
  }
  if (outer && outer->type.is_named_tuple()) {
    auto index = outer->type.member_index(access.field);
    if (!index) return std::nullopt;
    outer->offset += tuple_offsets(outer->type)[*index];
    outer->type = type_of(e);
    return outer;
  }
  if (!outer || !outer->type.record) return std::nullopt;
  auto field = find_field(*outer->type.record, access.field);
  if (!field) return std::nullopt;
  place = *outer;
  place.offset += field->offset;
  place.type = type_of(e);
  place.bit_offset = field->bit_offset;
  place.bit_width = field->bit_width;
  return place;
}

std::optional<BlockLowering::Place> BlockLowering::place_of_index(const ast::Index& node, const ast::Expr& e) {
  const Type& object_type = type_of(*node.object);
  const Constant* constant = constant_of(*node.index);
  if (object_type.is(Kind::Tuple)) {
    auto place = place_of(*node.object);
    if (!place || !constant) return std::nullopt;
    place->type = type_of(e);
    place->offset += tuple_offsets(object_type)[constant->integer()];
    return place;
  }
  std::optional<Place> place;
  if (const probes::ArgsField* field = args_field(*node.object); field && constant && field->fetch.how == probes::Fetch::How::ContextGather) {
    place = Place{.base = e_.load(e_.context(), field->fetch.base, 8, false), .type = type_of(e)};
    place->offset = field->fetch.gather.at(constant->integer());
    return place;
  }
  uint32_t size = type_of(e).size;
  uint32_t count = 0;
  if (object_type.is(Kind::Pointer) || object_type.is_integral()) {
    place = pointee(*node.object, type_of(e));
  } else {
    place = place_of(*node.object);
    count = object_type.is(Kind::String) ? object_type.size : object_type.count;
  }
  if (!place) return std::nullopt;
  place->type = type_of(e);
  place->bit_width = 0;
  if (constant) {
    place->offset += static_cast<int64_t>(constant->integer()) * size;
    return place;
  }
  Value index = scalar(*node.index);
  if (count > 0) {
    place->valid = e_.operate(Op::ULt, index, e_.number(count));
    Label outside = e_.block("outside"), inside = e_.block("inside");
    e_.branch(place->valid, inside, outside, Likely::True);
    e_.place(outside);
    count_site(SiteKind::OutOfBounds, {}, e.span);
    e_.jump(inside);
    e_.place(inside);
    index = e_.select(place->valid, index, e_.number(0)); // bounded, as the verifier wants it in our own memory
  }
  Value distance = e_.operate(Op::Mul, index, e_.number(size));
  if (place->own) {
    place->base = e_.offset(e_.offset(place->base, place->offset), distance);
    place->offset = 0;
    return place;
  }
  if (place->space == AddressSpace::Btf) {
    // A pointer that the verifier tracks takes no computed offset; the same address as a plain number does.
    place->base = e_.call(Helper::GetCurrentTask, {});
    place->space = AddressSpace::Kernel;
  }
  place->base = e_.operate(Op::Add, e_.to_number(e_.offset(place->base, place->offset)), distance);
  place->offset = 0;
  // Address 0 cannot be read, which gives 0 and "".
  if (place->valid) place->base = e_.select(place->valid, place->base, e_.number(0));
  return place;
}

Value BlockLowering::load_scalar(const Place& place) {
  const Type& type = place.type;
  if (place.bit_offset + place.bit_width > 64) { // of a packed struct, in nine bytes
    Place low = place, high = place;
    low.bit_width = high.bit_width = low.bit_offset = high.bit_offset = 0;
    low.type = Type::integer(8, false);
    high.type = Type::integer(1, false);
    high.offset += 8;
    Value bits = e_.operate(Op::LShr, load_scalar(low), e_.number(place.bit_offset));
    bits = e_.operate(Op::Or, bits, e_.operate(Op::Shl, load_scalar(high), e_.number(64u - place.bit_offset)));
    bits = e_.operate(Op::Shl, bits, e_.number(64u - place.bit_width));
    return e_.operate(type.is_signed ? Op::AShr : Op::LShr, bits, e_.number(64u - place.bit_width));
  }
  uint32_t size = std::clamp(type.size, 1u, 8u);
  if (size & (size - 1)) size = 8;
  if (place.bit_width > 0) {
    // The bits may straddle what the declared type covers: take the whole bytes they touch.
    uint32_t bytes = (place.bit_offset + place.bit_width + 7u) / 8u;
    size = bytes <= 1 ? 1 : bytes <= 2 ? 2 : bytes <= 4 ? 4 : 8;
  }
  bool sign = type.is_signed && place.bit_width == 0;
  Value v;
  bool direct = (place.own && place.offset % size == 0) || (place.space == AddressSpace::Btf && place.bit_width == 0);
  bool of_context = place.space == AddressSpace::Btf && place.base.raw == e_.context().raw;
  if (of_context) {
    // Programs of perf events may read their registers in whole words only.
    auto inside = static_cast<uint32_t>(place.offset & 7);
    v = e_.load(place.base, place.offset - inside, 8, false);
    if (inside > 0) v = e_.operate(Op::LShr, v, e_.number(inside * 8));
    v = e_.truncate(v, size, sign);
  } else if (direct) {
    v = e_.load(place.base, place.offset, size, sign);
    if (place.valid) v = e_.select(place.valid, v, e_.number(0));
  } else {
    Value to = scratch(8);
    Value from = e_.to_number(e_.offset(place.base, place.offset));
    read(to, size, from, place.space == AddressSpace::Btf ? AddressSpace::Kernel : place.space);
    v = e_.load(to, 0, size, sign);
  }
  if (place.bit_width > 0) {
    uint32_t up = 64u - place.bit_offset - place.bit_width;
    v = e_.operate(Op::Shl, v, e_.number(up));
    v = e_.operate(type.is_signed ? Op::AShr : Op::LShr, v, e_.number(64u - place.bit_width));
  }
  return v;
}

Operand BlockLowering::load_place(const Place& place) {
  if (fits_register(place.type)) return Operand::scalar(load_scalar(place));
  // Our own memory is read word by word: what lies between words, as in a C struct, is moved.
  bool aligned = place.offset % 8 == 0;
  if (place.own && aligned) return Operand::address(e_.offset(place.base, place.offset));
  Value memory = result_memory(place.type);
  Value from = e_.to_number(e_.offset(place.base, place.offset));
  AddressSpace space = place.space == AddressSpace::Btf ? AddressSpace::Kernel : place.space;
  if (place.type.is(Kind::String)) {
    // A char array may hold anything after its NUL; a string in our memory may not.
    e_.zero(memory, place.type.size);
    if (place.type.size > 0) read_text(memory, place.type.size, from, space);
    return Operand::address(memory);
  }
  read(memory, place.type.size, from, space);
  return Operand::address(memory);
}

} // namespace trapline::codegen
