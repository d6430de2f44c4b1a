// What a builtin's `lower` may ask of code generation: values of expressions, memory, records, run-time error sites.
#pragma once

#include "builtins/builtin.h"
#include "codegen/emitter.h"

#include <functional>
#include <span>

namespace trapline::codegen {

// Where a value is: a scalar in a register, or the address of `type.size` readable bytes.
struct Operand {
  Value value;
  bool is_address = false;

  static Operand none() { return {}; }
  static Operand scalar(Value v) { return {v, false}; }
  static Operand address(Value v) { return {v, true}; }
};

class Lowering {
public:
  virtual ~Lowering() = default;

  virtual Emitter& emit() = 0;
  virtual const probes::Context& context() const = 0;
  virtual const std::vector<Target>& targets() const = 0;
  virtual const System& system() const = 0;
  virtual const Program::Settings& settings() const = 0;
  virtual Program& program() = 0;

  // --- expressions
  virtual const Type& type_of(const ast::Expr&) const = 0;
  virtual const Constant* constant_of(const ast::Expr&) const = 0; // nullptr: not known at compile time
  // As a 64-bit number; aggregations are read over all CPUs.
  virtual Value scalar(const ast::Expr&) = 0;
  // A number usable as an address, with how to read there.
  virtual Value pointer(const ast::Expr&, AddressSpace& space) = 0;
  // 1 if the first `bytes` bytes of two strings are equal (a NUL ends both), else 0. The strings are in our own memory,
  // zero-padded to their capacity.
  virtual Value starts_equal(Value left, uint32_t left_capacity, Value right, uint32_t right_capacity, uint32_t bytes) = 0;
  virtual Value starts_with(Value address, uint32_t capacity, const std::string& text, uint32_t bytes) = 0;
  // Writes the value as `type` at `to` (to.type.size bytes, all of them): converts widths, pads strings.
  virtual void into(const ast::Expr&, const Type& type, Value to) = 0;
  // The address of the value's bytes, as its own type lays them out.
  virtual Value address(const ast::Expr&) = 0;

  // For its effect: it has no value.
  virtual void perform(const ast::Expr&) = 0;

  // --- memory
  // Where `lower` should write a value that lives in memory: the caller's destination if it gave one, else scratch.
  virtual Value result_memory(const Type&) = 0;
  // Whether bytes after a string's NUL must be zero there: yes, but in a record that is only printed.
  virtual bool wants_padding() const = 0;
  // Zeroed only if asked; lives until the end of the statement; the stack if small, else this program's scratch slot.
  virtual Value scratch(uint32_t size) = 0;
  // As scratch, but never on the stack: it may be read and written at offsets known only at run time.
  virtual Value buffer(uint32_t size) = 0;
  // Gives back all scratch memory that `body` takes.
  virtual void temporarily(const std::function<void()>& body) = 0;
  // Copies `size` bytes from kernel or user memory; zero-fills `to` when they cannot be read.
  virtual Value read(Value to, uint32_t size, Value from, AddressSpace) = 0;
  // Copies text up to its NUL or `capacity` bytes, all of which it may fill. Returns its length: 0 if it cannot be read.
  virtual Value read_text(Value to, uint32_t capacity, Value from, AddressSpace) = 0;
  // Loads a fetch description (probes/provider.h).
  virtual Value fetch(const probes::Fetch&) = 0;

  // --- loops
  // Runs `body` for `turn` from 0 to times - 1; it may jump to `next` and to `done`. The verifier does not know the turn:
  // what is computed of it must be bounded before it is an offset.
  virtual void repeat(uint32_t times, const std::function<void(Value turn, Label next, Label done)>& body) = 0;

  // --- maps
  virtual const MapSpec& map_of(const ast::Expr& map) const = 0;
  virtual uint32_t map_index_of(const ast::Expr& map) const = 0;
  // What `use` makes of the BPF map that holds the elements now. It is called once for each of the map's banks.
  enum class Result : uint8_t { Number, Pointer };
  virtual Value with_map(uint32_t map_index, Result, const std::function<Value(Value map)>& use) = 0;
  // That map as a value. Helpers that insist on one known map (bpf_for_each_map_elem) do not take it: with_map().
  virtual Value bpf_map(uint32_t map_index) = 0;
  virtual Value internal_map(const char* name) = 0; // of program/object.h
  // Address of the key bytes of `@m[k]` (of a scalar map: a zero index).
  virtual Value key_of(const ast::Expr& map_access) = 0;
  // Address of the value of the current assignment's element, created when missing; null pointers never come out: the
  // body runs only if there is one. For aggregations: `initial` is what a new element holds.
  virtual void update_element(const std::function<void(Value element)>& body) = 0;
  // Reads an element without creating it: `body` gets its value as `value_type` and runs only if there is one. 1 if there was.
  virtual Value find_element(const ast::Expr& map, Value key, const std::function<void(Operand value, const Type& value_type)>& body) = 0;

  // --- variables
  // Assigns the variable that an ast::Variable names; its type is what `value_type` was promoted to.
  virtual void assign(const ast::Expr& variable, Operand value, const Type& value_type) = 0;

  // --- records and errors
  virtual uint32_t add_action(Action) = 0; // index
  // Sends a record of `action` with these arguments. Control actions survive a full ring buffer.
  virtual void send(Action, std::span<const ast::ExprPtr> arguments) = 0;
  virtual void send_values(Action, std::span<const ast::Expr* const> values) = 0;
  virtual void send_number(Action, Value) = 0; // header and one u64
  // PrintMap, Clear or Zero of a whole map, for this call.
  virtual void send_map_action(Action, const ast::Expr& use) = 0;
  // A record whose `bytes` after the header `fill` writes.
  virtual void send_with(Action, uint32_t bytes, const std::function<void(Value payload)>& fill) = 0;
  // One more of this here. `code`: what the helper returned.
  virtual void count_site(SiteKind, std::string detail, Span, Value code = {}) = 0;
  // Counts a HelperFailure if `result` is negative; the second only with -k. `helper` without its `bpf_`.
  virtual void check_helper(Value result, const char* helper, Span) = 0;
  virtual void check_read(Value result, Helper, Span) = 0;
  // The expression is a statement: nobody sees its value.
  virtual bool is_discarded(const ast::Expr&) const = 0;
  virtual uint32_t intern(std::string_view) = 0; // index into Program::strings
  virtual Value probe_index() = 0; // which target fired
  virtual Value pid_tgid() = 0;
  virtual Value global(uint32_t offset) = 0; // a u64 of object::Globals
  virtual void leave_program() = 0; // as `return`
  // Announces this process so that its symbols can still be looked up after it exits.
  virtual void announce_process(Value tgid) = 0;
};

} // namespace trapline::codegen
