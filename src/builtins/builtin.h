// A builtin is a row: variables (pid), functions (str), statements (printf) and aggregations (hist) alike. Sema, codegen,
// suggestions, the manual's check and the coverage test walk the registry; nothing else knows their names.
#pragma once

#include "ast/ast.h"
#include "probes/provider.h"
#include "program/program.h"
#include "support/diagnostics.h"
#include "system/system.h"
#include "types/type.h"

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trapline {

// A value known at compile time: an integer (two's complement; its Type says how to read it) or text.
struct Constant {
  std::variant<uint64_t, std::string> value;
  bool from_literals = false; // an integer made of literals only, without a cast: it may still get any width and sign
  bool is_integer() const { return value.index() == 0; }
  uint64_t integer() const { return std::get<0>(value); }
  const std::string& text() const { return std::get<1>(value); }
};

// A parameter of the script given by name: `--name=value`, or `--name` alone.
struct NamedArgument {
  std::string name;
  std::optional<std::string> value;
};

namespace codegen {
class Lowering;
struct Operand;
} // namespace codegen

namespace builtins {

// What may stand at a place in the argument list. Sema checks this before `check` runs.
enum class Accepts : uint8_t {
  Value,        // any readable value (not an aggregation that has no numeric reading, unless `check` allows it)
  Integer,      // integral, or an aggregation read as a number
  IntegerConstant, // known at compile time
  IntegerOrOptions, // an IntegerConstant, or { .name = value, ... } with words and constants that `check` knows
  StringConstant,  // a literal (or a positional parameter)
  String,       // a String value
  Text,         // text that can be read: a String, an array of bytes or a pointer to bytes; a positional parameter is text
  TextOrAddress, // Text, or a number taken as an address
  Pointer,      // pointer or integer address, or an array
  Bytes,        // pointer, integer, array, string or buffer
  Map,          // a whole map by reference: `@x` without keys, keyed or not; it is not read
  MapOrValue,   // print(): a bare keyed map is taken by reference, everything else is a value
  MapElement,   // delete(@x[k]): element by reference, or a bare map
  Variable,     // a scratch variable by reference: `lower` assigns it; it need not have been assigned before
  Type,         // a type: `struct foo`, typeof(e), the name of a typedef; the argument's type is that type
  Member,       // a member's name, or a path of them (a.b.c), which is not looked up
  Word,         // a bare word that is not looked up: perf, boot, ...; or an IntegerConstant (kstack(perf, 3), kstack(3))
};

struct Parameter {
  std::string_view name;
  Accepts accepts = Accepts::Value;
  bool optional = false;
};

// What `check` sees of one use. Arguments have been typed already.
struct Check {
  std::string_view name;
  Span span;      // the whole use
  Span name_span;
  struct Argument {
    const ast::Expr* expr = nullptr;
    Type type;    // Map, MapElement: the map's value type so far (Error when not known yet)
    std::optional<Constant> constant;
    Type key;     // Map: the map's key type (Void: scalar)
    bool by_reference = false; // a map taken by reference
    std::string_view word;     // Word
    bool prints_itself = false; // MapOrValue: a use of a Printable row, which has no value
    std::vector<std::string> path; // Member
  };
  std::vector<Argument> arguments;
  std::function<const Constant*(const ast::Expr&)> constant_of; // of parts of an argument; nullptr: not known
  const probes::Context& context;
  const System& system;
  const Program::Settings& settings;
  const std::vector<Target>* targets = nullptr; // what the block attaches to
  std::span<const NamedArgument> named = {};    // given to the script by name
  bool unsafe = false;
  bool final = false; // types are settled: report type errors now (during inference some are still Error)
  Diagnostics& diagnostics;
};

// What `lower` sees of one use. Include codegen/lowering.h to use it.
struct Lower {
  codegen::Lowering& low;
  const ast::Expr& use;                   // Identifier or Call
  std::span<const ast::ExprPtr> arguments; // empty for an Identifier
  const Type& type;                       // the result
  bool discarded = false;                 // a statement of its own: nobody looks at the result
};

enum class Form : uint8_t {
  Variable,           // `pid`
  Function,           // `str(p)`
  VariableOrFunction, // `kstack`, `kstack(3)`
  Statement,          // `printf(...)`: no value
  Printable,          // `quantile(...)`: prints something, with print() around it or without
  Aggregation,        // `@ = count()` only
};

// Whether the program ends there, as exit() does.
enum class Ends : uint8_t { Never, Sometimes, Always };

struct Builtin {
  std::string_view name;
  Form form;
  std::vector<Parameter> parameters;
  bool variadic = false;       // more arguments (Value) may follow
  std::string_view result;     // for the manual: "uint64"
  std::string_view summary;    // one line for the manual and -l
  bool needs_unsafe = false;   // --unsafe
  // The result type; reports what is wrong. Must be deterministic and without side effects but diagnostics: inference
  // calls it several times.
  Type (*check)(const Check&);
  codegen::Operand (*lower)(const Lower&);
  // What of the probe it reads, for providers that choose a mechanism by it.
  bool probes::BlockUse::*use = nullptr;
  // The result where it is known at compile time: `lower` is not called then. An integer is of the type that `check` gave,
  // text of its own length. Asked after `check`, with the types of all arguments known; as deterministic as that.
  std::optional<Constant> (*fold)(const Check&) = nullptr;
  Ends ends_program = Ends::Never;
  // Takes a parameter of the script by name: getopt(name, default, description).
  bool takes_parameter = false;
  // The same for a member of a result that is a record.
  std::optional<Constant> (*fold_member)(const Program::Settings&, std::string_view member) = nullptr;
};

// `a.b.c` as its names; empty for any other expression.
std::vector<std::string> member_path(const ast::Expr&);

// All rows, sorted by name.
std::span<const Builtin> registry();
// nullptr if there is none. `argN` is a row named "argN" matched for arg0, arg1..., as sargN for sarg0...
const Builtin* find(std::string_view name);
std::vector<std::string_view> names();

} // namespace builtins
} // namespace trapline
