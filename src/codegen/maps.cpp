// Map access. Hash elements are found with one look-up; scalar maps are arrays of one element, whose look-up the kernel
// inlines, with a word beside the value that says whether it was ever assigned.
#include "codegen/block_lowering.h"

#include <algorithm>
#include <linux/bpf.h>

namespace trapline::codegen {

namespace {

uint32_t round_up(uint32_t n) { return (n + 7) / 8 * 8; }

const ast::MapAccess& access_of(const ast::Expr& map) { return std::get<ast::MapAccess>(map.node); }

} // namespace

uint32_t BlockLowering::map_index_of(const ast::Expr& map) const { return object_.script.map_index(access_of(map).name); }
const MapSpec& BlockLowering::map_of(const ast::Expr& map) const { return object_.program.maps[map_index_of(map)]; }

Value BlockLowering::key_of(const ast::Expr& map_access) {
  const MapSpec& spec = map_of(map_access);
  const auto& keys = access_of(map_access).keys;
  if (!spec.keyed && spec.banks >= 0) return bank_key(current_turn(spec));
  if (!spec.keyed || keys.empty()) return e_.constant_bytes(std::string_view("\0\0\0\0\0\0\0\0", 8));
  if (keys.size() == 1) {
    const ast::Expr& key = *keys[0];
    if (!spec.key.is_scalar() && type_of(key) == spec.key) return address(key);
    Value memory = scratch(spec.key_size);
    into(key, spec.key, memory);
    return memory;
  }
  Value memory = scratch(spec.key_size);
  std::vector<uint32_t> offsets = tuple_offsets(spec.key);
  uint32_t filled = 0;
  for (const Type& member : *spec.key.members) filled += member.size;
  if (filled != spec.key.size) e_.zero(memory, spec.key.size);
  for (size_t i = 0; i < keys.size(); ++i) into(*keys[i], (*spec.key.members)[i], e_.offset(memory, offsets[i]));
  return memory;
}

Value BlockLowering::lookup(uint32_t map, Value key) {
  return with_map(map, Result::Pointer, [&](Value in) { return e_.call_pointer(Helper::MapLookupElem, {in, key}); });
}

// --- reading

Operand BlockLowering::read_map(const ast::Expr& e, const ast::MapAccess&) {
  uint32_t map = map_index_of(e);
  const MapSpec& spec = object_.program.maps[map];
  Value key = key_of(e);
  if (spec.value.is_castable_aggregate()) {
    if (object_.options.warn_reads) count_missing(spec, lookup(map, key), e.span);
    return Operand::scalar(with_map(map, Result::Number, [&](Value in) { return read_aggregate(spec, in, key); }));
  }
  Value element = lookup(map, key);
  return element_operand(spec, element, e.span);
}

// -k: tells of a read of an element that is not there; a scalar is there when it was assigned.
void BlockLowering::count_missing(const MapSpec& spec, Value element, Span span) {
  Label missing = e_.block("no_element"), done = e_.block("looked");
  if (spec.kind == MapKind::Array && !spec.keyed) {
    Label found = e_.block("element");
    e_.branch(e_.is_null(element), missing, found, Likely::False);
    e_.place(found);
    e_.branch(e_.load(element, round_up(spec.value.size), 8, false), done, missing);
  } else {
    e_.branch(e_.is_null(element), missing, done, Likely::False);
  }
  e_.place(missing);
  count_site(SiteKind::MissingKey, spec.name, span);
  e_.jump(done);
  e_.place(done);
}

// The value of an element that may be missing: 0, "" or zero bytes then.
Operand BlockLowering::element_operand(const MapSpec& spec, Value element, Span span) {
  if (object_.options.warn_reads) count_missing(spec, element, span);
  Label found = e_.block("found"), done = e_.block("read");
  if (spec.value.is_scalar()) {
    Value result = e_.local("element");
    e_.store(result, 0, 8, e_.number(0));
    e_.branch(e_.is_null(element), done, found);
    e_.place(found);
    e_.store(result, 0, 8, e_.load(element, 0, std::clamp(spec.value.size, 1u, 8u), spec.value.is_signed));
    e_.jump(done);
    e_.place(done);
    return Operand::scalar(e_.load(result, 0, 8, false));
  }
  if (destination_ && destination_->type == spec.value) {
    Value to = destination_->address;
    Label missing = e_.block("missing");
    e_.branch(e_.is_null(element), missing, found);
    e_.place(missing);
    e_.zero(to, spec.value.size);
    e_.jump(done);
    e_.place(found);
    e_.copy(to, element, spec.value.size);
    e_.jump(done);
    e_.place(done);
    return Operand::address(to);
  }
  Value result = e_.local_pointer("element");
  e_.store(result, 0, 8, element);
  Label missing = e_.block("missing");
  e_.branch(e_.is_null(element), missing, done);
  e_.place(missing);
  e_.store(result, 0, 8, e_.constant_bytes(std::string(round_up(spec.value.size), '\0')));
  e_.jump(done);
  e_.place(done);
  return Operand::address(e_.load_pointer(result, 0));
}

// Sums (or otherwise merges) the copies of all CPUs.
Value BlockLowering::read_aggregate(const MapSpec& spec, Value map, Value key) {
  Value cpu = e_.local("cpu"), total = e_.local("total"), count = e_.local("count");
  for (Value v : {cpu, total, count}) e_.store(v, 0, 8, e_.number(0));
  Label head = e_.block("cpus"), one = e_.block("cpu"), have = e_.block("copy"), next = e_.block("next_cpu"), done = e_.block("merged");
  e_.jump(head);
  e_.place(head);
  Value index = e_.load(cpu, 0, 8, false);
  e_.branch(e_.operate(Op::ULt, index, e_.number(object_.system.possible_cpus())), one, done);
  e_.place(one);
  Value copy = e_.call_pointer(Helper::MapLookupPercpuElem, {map, key, index});
  e_.branch(e_.is_null(copy), next, have);
  e_.place(have);
  Value value = e_.load(copy, 0, 8, false);
  if (spec.value.is(Kind::Min) || spec.value.is(Kind::Max)) {
    Value set = e_.load(copy, 8, 8, false);
    Op order = spec.value.is(Kind::Min) ? (spec.value.is_signed ? Op::SLt : Op::ULt) : (spec.value.is_signed ? Op::SGt : Op::UGt);
    Value old = e_.load(total, 0, 8, false);
    Value first = e_.is_zero(e_.load(count, 0, 8, false));
    Value better = e_.operate(Op::And, set, e_.operate(Op::Or, first, e_.operate(order, value, old)));
    e_.store(total, 0, 8, e_.select(better, value, old));
    e_.store(count, 0, 8, e_.operate(Op::Or, e_.load(count, 0, 8, false), set));
  } else {
    e_.add_in_place(total, 0, value);
    if (spec.value.is(Kind::Avg)) e_.add_in_place(count, 0, e_.load(copy, 8, 8, false));
  }
  e_.jump(next);
  e_.place(next);
  e_.store(cpu, 0, 8, e_.operate(Op::Add, index, e_.number(1)));
  e_.jump(head);
  e_.place(done);
  Value sum = e_.load(total, 0, 8, false);
  if (!spec.value.is(Kind::Avg)) return sum;
  Value n = e_.load(count, 0, 8, false);
  Value divisor = e_.select(e_.is_zero(n), e_.number(1), n);
  return spec.value.is_signed ? signed_divide(false, sum, divisor, false) : e_.operate(Op::UDiv, sum, divisor);
}

Value BlockLowering::find_element(const ast::Expr& map, Value key, const std::function<void(Operand, const Type&)>& body) {
  uint32_t index = map_index_of(map);
  const MapSpec& spec = object_.program.maps[index];
  Value found = e_.local("found");
  e_.store(found, 0, 8, e_.number(0));
  Value element = lookup(index, key);
  Label there = e_.block("there"), done = e_.block("sought");
  e_.branch(e_.is_null(element), done, there);
  e_.place(there);
  e_.store(found, 0, 8, e_.number(1));
  if (spec.value.is_castable_aggregate()) {
    body(Operand::scalar(with_map(index, Result::Number, [&](Value in) { return read_aggregate(spec, in, key); })), Type::integer(8, spec.value.is_signed));
  } else if (spec.value.is_scalar()) {
    body(Operand::scalar(e_.load(element, 0, std::clamp(spec.value.size, 1u, 8u), spec.value.is_signed)), spec.value);
  } else {
    body(Operand::address(element), spec.value);
  }
  e_.jump(done);
  e_.place(done);
  return e_.load(found, 0, 8, false);
}

// --- writing

void BlockLowering::store_element(const ast::Expr& target, const ast::MapAccess&, const ast::Expr& value) {
  uint32_t map = map_index_of(target);
  const MapSpec& spec = object_.program.maps[map];
  if (spec.value.is_aggregate()) {
    assignment_target_ = &target;
    evaluate(value);
    assignment_target_ = nullptr;
    return;
  }
  if (!spec.keyed) {
    // Evaluated before the element is written: the value may read it.
    Value memory;
    Value number;
    if (spec.value.is_scalar()) {
      number = scalar(value);
    } else {
      memory = scratch(spec.value.size);
      into(value, spec.value, memory);
    }
    Value element = lookup(map, key_of(target));
    Label found = e_.block("found"), done = e_.block("stored");
    e_.branch(e_.is_null(element), done, found, Likely::False);
    e_.place(found);
    if (spec.value.is_scalar()) {
      e_.store(element, 0, std::clamp(spec.value.size, 1u, 8u), number);
    } else {
      e_.copy(element, memory, spec.value.size);
    }
    e_.store(element, round_up(spec.value.size), 8, e_.number(1));
    e_.jump(done);
    e_.place(done);
    return;
  }
  Value memory;
  if (!spec.value.is_scalar() && type_of(value) == spec.value && spec.value.size % 8 == 0) {
    memory = address(value);
  } else {
    memory = scratch(spec.value_size);
    if (spec.value_size != spec.value.size) e_.zero(e_.offset(memory, spec.value_size - 8), 8);
    into(value, spec.value, memory);
  }
  Value key = key_of(target);
  Value failed = with_map(map, Result::Number, [&](Value in) { return e_.call(Helper::MapUpdateElem, {in, key, memory, e_.number(BPF_ANY)}); });
  Label full = e_.block("full"), done = e_.block("updated");
  e_.branch(failed, full, done, Likely::False);
  e_.place(full);
  count_site(SiteKind::MapFull, spec.name, target.span, failed);
  e_.jump(done);
  e_.place(done);
}

// Calls `body` with the element of the assignment being lowered, made first if it is missing.
void BlockLowering::update_element(const std::function<void(Value element)>& body) {
  const ast::Expr& target = *assignment_target_;
  uint32_t map = map_index_of(target);
  const MapSpec& spec = object_.program.maps[map];
  Value key = key_of(target);
  Value element = e_.local_pointer("element");
  Value first = lookup(map, key);
  e_.store(element, 0, 8, first);
  Label missing = e_.block("missing"), found = e_.block("found"), done = e_.block("updated");
  if (!spec.keyed) {
    e_.branch(e_.is_null(first), done, found, Likely::False);
  } else {
    e_.branch(e_.is_null(first), missing, found, Likely::False);
    e_.place(missing);
    Value zeros = e_.constant_bytes(std::string(spec.value_size, '\0'));
    // Another CPU may make the element meanwhile: the second look-up finds whichever came first.
    Value failed = with_map(map, Result::Number, [&](Value in) { return e_.call(Helper::MapUpdateElem, {in, key, zeros, e_.number(BPF_NOEXIST)}); });
    Value second = lookup(map, key);
    e_.store(element, 0, 8, second);
    Label full = e_.block("full");
    e_.branch(e_.is_null(second), full, found, Likely::False);
    e_.place(full);
    count_site(SiteKind::MapFull, spec.name, target.span, failed);
    e_.jump(done);
  }
  e_.place(found);
  body(e_.load_pointer(element, 0));
  e_.jump(done);
  e_.place(done);
}

// `@x += e`, `@x++`: the element's number is replaced by `next` of it; a missing element counts as 0.
void BlockLowering::store_scalar_element(const ast::Expr& target, const std::function<Value(Value old)>& next) {
  auto saved = std::exchange(assignment_target_, &target);
  const MapSpec& spec = map_of(target);
  uint32_t size = std::clamp(spec.value.size, 1u, 8u);
  update_element([&](Value element) {
    Value old = e_.load(element, 0, size, spec.value.is_signed);
    e_.store(element, 0, size, next(old));
    if (!spec.keyed) e_.store(element, round_up(spec.value.size), 8, e_.number(1));
  });
  assignment_target_ = saved;
}

} // namespace trapline::codegen
