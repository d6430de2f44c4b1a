// Control: ending, clearing, deleting and looking for elements of maps.
#include "builtins/families.h"
#include "codegen/lowering.h"

#include <cerrno>

namespace trapline::builtins {

namespace {

using codegen::Helper;
using codegen::Label;
using codegen::Likely;
using codegen::Op;
using codegen::Operand;
using codegen::Value;

constexpr uint32_t kSmallValue = 1024;
constexpr uint32_t kCountElementsRelease = 0x060600; // bpf_map_sum_elem_count, 6.6

Type check_nothing(const Check&) { return Type::void_(); }

// --- exit

Operand lower_exit(const Lower& l) {
  Value status = l.arguments.empty() ? l.low.emit().number(0) : l.low.scalar(*l.arguments[0]);
  Action action;
  action.kind = ActionKind::Exit;
  l.low.send_number(std::move(action), status);
  l.low.leave_program();
  return Operand::none();
}

// --- clear, zero

template <ActionKind kind> Operand lower_map_action(const Lower& l) {
  Action action;
  action.kind = kind;
  action.map = l.low.map_index_of(*l.arguments[0]);
  l.low.send_map_action(std::move(action), l.use);
  return Operand::none();
}

// --- delete, has_key, len

bool takes_key(const Check& c, const ast::MapAccess& access) {
  bool keyed = !c.arguments[0].key.is(Kind::Void) && !c.arguments[0].key.is_error();
  bool given = c.arguments.size() > 1 || !access.keys.empty();
  if (keyed == given || c.arguments[0].key.is_error()) return true;
  c.diagnostics.report(DiagId::MapKeyedMismatch, c.arguments[0].expr->span, access.name, given ? "with a key" : "without a key",
                       given ? "without" : "with one");
  return false;
}

Type check_delete(const Check& c) {
  if (c.final) takes_key(c, std::get<ast::MapAccess>(c.arguments[0].expr->node));
  return Type::boolean();
}

Value explicit_key(const Lower& l) {
  if (l.arguments.size() < 2) return l.low.key_of(*l.arguments[0]);
  const MapSpec& spec = l.low.map_of(*l.arguments[0]);
  Value memory = l.low.scratch(spec.key_size);
  l.low.into(*l.arguments[1], spec.key, memory);
  return memory;
}

// A scalar map is an array element: deleting it makes it unassigned again, on all CPUs. 1 if it was assigned: its word for
// that, or any word of a copy of an aggregation, was not 0.
Value delete_scalar(const Lower& l, const MapSpec& spec, uint32_t map) {
  auto& e = l.low.emit();
  Value key = l.low.key_of(*l.arguments[0]);
  bool per_cpu = spec.kind == MapKind::PerCpuArray;
  uint32_t copies = per_cpu ? l.low.system().possible_cpus() : 1;
  Value cpu = e.local("cpu"), was = e.local("was_there");
  e.store(cpu, 0, 8, e.number(0));
  e.store(was, 0, 8, e.number(0));
  Label head = e.block("copies"), one = e.block("copy"), erase = e.block("erase"), next = e.block("next"), done = e.block("deleted");
  e.jump(head);
  e.place(head);
  Value index = e.load(cpu, 0, 8, false);
  e.branch(e.operate(Op::ULt, index, e.number(copies)), one, done);
  e.place(one);
  Value element = per_cpu ? e.call_pointer(Helper::MapLookupPercpuElem, {l.low.bpf_map(map), key, index})
                          : e.call_pointer(Helper::MapLookupElem, {l.low.bpf_map(map), key});
  e.branch(e.is_null(element), next, erase, Likely::False);
  e.place(erase);
  uint32_t first = per_cpu ? 0 : spec.value_size - 8;
  bool is_histogram = spec.value.size > kSmallValue; // too long to look through: taken to have been there
  Value seen = e.load(was, 0, 8, false);
  for (uint32_t at = first; at < spec.value_size && !is_histogram; at += 8) seen = e.operate(Op::Or, seen, e.load(element, at, 8, false));
  e.store(was, 0, 8, per_cpu && is_histogram ? e.number(1) : seen);
  e.zero(element, spec.value_size);
  e.jump(next);
  e.place(next);
  e.store(cpu, 0, 8, e.operate(Op::Add, index, e.number(1)));
  e.jump(head);
  e.place(done);
  return e.operate(Op::Ne, e.load(was, 0, 8, false), e.number(0));
}

// Whoever does not look at the result is told, once, when there was nothing to delete.
Operand lower_delete(const Lower& l) {
  auto& e = l.low.emit();
  uint32_t map = l.low.map_index_of(*l.arguments[0]);
  const MapSpec& spec = l.low.map_of(*l.arguments[0]);
  Value deleted, code = e.number(static_cast<uint64_t>(-ENOENT));
  if (spec.keyed) {
    Value key = explicit_key(l);
    code = l.low.with_map(map, codegen::Lowering::Result::Number, [&](Value in) { return e.call(Helper::MapDeleteElem, {in, key}); });
    deleted = e.is_zero(code);
  } else {
    deleted = delete_scalar(l, spec, map);
  }
  if (!l.discarded) return Operand::scalar(deleted);
  Label missing = e.block("missing"), done = e.block("done");
  e.branch(deleted, done, missing);
  e.place(missing);
  l.low.count_site(SiteKind::DeleteFailed, spec.name, l.use.span, code);
  e.jump(done);
  e.place(done);
  return Operand::none();
}

bool is_keyed(const Check& c) {
  if (!c.final || !c.arguments[0].key.is(Kind::Void)) return true;
  c.diagnostics.report(DiagId::WrongArgumentType, c.arguments[0].expr->span, "the first argument", c.name, "a map with keys", "a scalar map");
  return false;
}

Type check_has_key(const Check& c) {
  is_keyed(c);
  return Type::boolean();
}

Operand lower_has_key(const Lower& l) {
  auto& e = l.low.emit();
  Value key = explicit_key(l);
  Value element = l.low.with_map(l.low.map_index_of(*l.arguments[0]), codegen::Lowering::Result::Pointer,
                                     [&](Value in) { return e.call_pointer(Helper::MapLookupElem, {in, key}); });
  return Operand::scalar(e.is_zero(e.is_null(element)));
}

Type check_find(const Check& c) {
  const auto& map = c.arguments[0];
  if (is_keyed(c) && c.final && map.type.is_aggregate() && !map.type.is_castable_aggregate()) {
    c.diagnostics.report(DiagId::TypeMismatch, map.expr->span, fmt::format("a `{}` cannot be copied to a variable", to_string(map.type)));
  }
  return Type::boolean();
}

Operand lower_find(const Lower& l) {
  return Operand::scalar(l.low.find_element(*l.arguments[0], explicit_key(l), [&](Operand value, const Type& type) { l.low.assign(*l.arguments[2], value, type); }));
}

Type check_len(const Check& c) {
  const auto& argument = c.arguments[0];
  if (argument.by_reference) {
    if (c.final && argument.key.is(Kind::Void)) {
      c.diagnostics.report(DiagId::WrongArgumentType, argument.expr->span, "the argument", c.name, "a map with keys or a stack", "a scalar map");
    } else if (c.final && c.system.features().release < kCountElementsRelease) {
      c.diagnostics.report(DiagId::NotSupported, c.span, std::string("`len` of a map needs Linux 6.6 or later"));
    }
    return Type::integer(8, true);
  }
  if (c.final && !argument.type.is_error() && !argument.type.is_stack()) {
    c.diagnostics.report(DiagId::WrongArgumentType, argument.expr->span, "the argument", c.name, "a map with keys or a stack", to_string(argument.type));
  }
  return Type::integer(8, true);
}

Operand lower_len(const Lower& l) {
  auto& e = l.low.emit();
  const auto* access = std::get_if<ast::MapAccess>(&l.arguments[0]->node);
  if (access && access->keys.empty() && !l.low.type_of(*l.arguments[0]).is_stack()) {
    return Operand::scalar(l.low.with_map(l.low.map_index_of(*l.arguments[0]), codegen::Lowering::Result::Number, [&](Value in) { return e.count_elements(in); }));
  }
  return Operand::scalar(e.load(l.low.address(*l.arguments[0]), 0, 8, false));
}

} // namespace

std::vector<Builtin> control_rows() {
  const std::vector<Parameter> status = {{"status", Accepts::Integer, true}};
  const std::vector<Parameter> map = {{"map", Accepts::Map}};
  const std::vector<Parameter> element = {{"element", Accepts::MapElement}, {"key", Accepts::Value, true}};
  const std::vector<Parameter> has_key = {{"map", Accepts::Map}, {"key", Accepts::Value}};
  const std::vector<Parameter> find = {{"map", Accepts::Map}, {"key", Accepts::Value}, {"variable", Accepts::Variable}};
  const std::vector<Parameter> len = {{"map or stack", Accepts::MapOrValue}};
  const Form s = Form::Statement, f = Form::Function;
  return {
      {"exit", s, status, false, "void", "end tracing, with an exit status from 0 to 255", false, check_nothing, lower_exit, nullptr, nullptr, Ends::Always},
      {"clear", s, map, false, "void", "remove all elements of a map", false, check_nothing, lower_map_action<ActionKind::Clear>},
      {"zero", s, map, false, "void", "set all values of a map to zero", false, check_nothing, lower_map_action<ActionKind::Zero>},
      {"delete", f, element, false, "bool", "remove an element of a map; true if it was there", false, check_delete, lower_delete},
      {"has_key", f, has_key, false, "bool", "whether a map has a key", false, check_has_key, lower_has_key},
      {"find", f, find, false, "bool", "copy an element of a map to a variable; true if it was there", false, check_find, lower_find},
      {"len", f, len, false, "int64", "how many elements a map, or frames a stack, has", false, check_len, lower_len},
  };
}

} // namespace trapline::builtins
