// The syntax tree: what the text says, nothing that later phases find out (that stands in side tables by NodeId).
// Immutable after parsing. Every Expr has an id, dense from 0, below Script::node_count.
#pragma once

#include "support/source.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace trapline::ast {

using NodeId = uint32_t;

struct Expr;
struct Stmt;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;

struct Block {
  std::vector<StmtPtr> statements;
  Span span;
  // The last statement is an expression without a semicolon: the value of the block where one is wanted.
  bool ends_open = false;
};

// A type as written: `uint64`, `struct task_struct *`, `int32[4]*`, `string[64]`, `typeof($x)*`.
struct TypeName {
  enum class Tag : uint8_t { None, Struct, Union, Enum };
  struct Suffix {
    bool pointer = false;           // else an array or a capacity
    std::optional<uint64_t> length; // of an array; none: `[]`
  };
  Tag tag = Tag::None;
  std::string name; // "unsigned long long" and the like are one name with single spaces
  std::vector<Suffix> suffixes; // left to right
  Span span;
  std::shared_ptr<const Expr> of; // typeof(e): the type of an expression that is not evaluated
};

// --- expressions

struct IntLiteral {
  uint64_t value = 0;
  bool too_large = false; // did not fit 64 bits; the parser reported it
};
struct BoolLiteral {
  bool value = false;
};
struct StringLiteral {
  std::string value; // escapes resolved; may hold NULs
};
struct Identifier { // pid, nsecs, AF_INET, an enumerator
  std::string name;
};
struct Positional { // $1, $2, ...; 0 stands for $#
  uint32_t index = 0;
};
struct Variable { // $x, the name without the $
  std::string name;
};
struct MapAccess { // @x or @x[a, b]; the name with its @
  std::string name;
  std::vector<ExprPtr> keys; // empty: no brackets were written
};

enum class UnaryOp : uint8_t { Negate, Not, Complement, Dereference, AddressOf, PreIncrement, PreDecrement, PostIncrement, PostDecrement };
enum class BinaryOp : uint8_t { Add, Sub, Mul, Div, Mod, BitAnd, BitOr, BitXor, ShiftLeft, ShiftRight, And, Or, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Match };

struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
  Span op_span;
};
struct Ternary { // `a ?: b` leaves `then` null
  ExprPtr condition, then, otherwise;
};
struct Call {
  std::string name;
  Span name_span;
  std::vector<ExprPtr> arguments;
};
struct FieldAccess { // a.b and a->b mean the same
  ExprPtr object;
  std::string field;
  Span field_span;
  bool arrow = false; // as written
};
struct TupleAccess { // t.0
  ExprPtr object;
  uint32_t index = 0;
  Span index_span;
};
struct Index {
  ExprPtr object, index;
};
struct Cast {
  TypeName type;
  ExprPtr operand;
};
struct TupleLiteral {
  std::vector<ExprPtr> elements;
};
struct RecordLiteral { // (a = 1, b = 2), or { .a = 1, .b = 2 }
  struct Member {
    std::string name;
    Span name_span;
    ExprPtr value;
  };
  std::vector<Member> members;
};
struct BlockExpr { // { $x = f(); $x + 1 }; a branch of an `if` that is a value
  Block block;
  ExprPtr value; // null: none
};
struct Comptime { // comptime e: known before the program runs
  ExprPtr operand;
};
struct SizeOf {
  std::variant<TypeName, ExprPtr> operand;
};
struct TypeInfo { // typeinfo(e)
  std::variant<TypeName, ExprPtr> operand;
};
struct TypeOperand { // a type as an argument: typeof(e), struct foo
  TypeName type;
};
struct OffsetOf {
  TypeName type;
  std::vector<std::string> path;
};

struct Expr {
  NodeId id;
  Span span;
  std::variant<IntLiteral, BoolLiteral, StringLiteral, Identifier, Positional, Variable, MapAccess, Unary, Binary, Ternary, Call,
               FieldAccess, TupleAccess, Index, Cast, TupleLiteral, RecordLiteral, BlockExpr, Comptime, SizeOf, OffsetOf, TypeInfo,
               TypeOperand>
      node;
};

// --- statements

struct ExprStatement {
  ExprPtr expr;
};
struct Assign { // target = value; target op= value. The target is a Variable or MapAccess if the script is right
  ExprPtr target;
  std::optional<BinaryOp> op;
  ExprPtr value;
};
struct Let { // let $x; let $x : T; let $x = e; let $x : T = e;
  std::string name;
  Span name_span;
  std::optional<TypeName> type;
  ExprPtr value; // may be null
};
struct If { // else-if nests as a Block with one If
  ExprPtr condition;
  Block then;
  std::optional<Block> otherwise;
};
struct Unroll {
  ExprPtr count;
  Block body;
};
struct While {
  ExprPtr condition;
  Block body;
};
struct ForRange { // for ($i : a..b) { }
  std::string variable;
  Span variable_span;
  ExprPtr first, last;
  Block body;
};
struct ForMap { // for ($kv : @m) { }
  std::string variable;
  Span variable_span;
  ExprPtr map; // MapAccess without keys
  Block body;
};
struct Jump {
  enum class Kind : uint8_t { Break, Continue, Return };
  Kind kind;
  ExprPtr value; // return e; may be null
};
struct BlockStatement {
  Block block;
};

struct Stmt {
  Span span;
  std::variant<ExprStatement, Assign, Let, If, Unroll, While, ForRange, ForMap, Jump, BlockStatement> node;
};

// --- top level

// One attach point as written, e.g. `tracepoint:syscalls:sys_enter_*`. probes/ parses the text.
struct AttachPoint {
  std::string text; // quotes and escapes untouched, positional parameters already substituted
  Span span;
};

struct Probe {
  std::vector<AttachPoint> attach_points;
  ExprPtr predicate; // may be null
  Block body;
  Span span; // from the first attach point to the closing brace
  bool has_block = true; // false: what happened is printed
};

// fn name($a : int32, ...) : int32 { ... }
struct FunctionDefinition {
  struct Parameter {
    std::string name; // without the $
    Span span;
    TypeName type;
  };
  std::string name;
  Span name_span;
  std::vector<Parameter> parameters;
  std::optional<TypeName> result; // none: void
  Probe code; // without attach points
};

// struct, union or enum definition of the script's own.
struct Declarator {
  TypeName type; // suffixes from C's declarator: `char *names[4]` is char, pointer, [4]
  std::string name; // empty: anonymous member
  std::optional<uint32_t> bit_width;
  bool packed = false;
  uint32_t alignment = 0; // of `__attribute__((aligned(N)))`; 0: none
  std::shared_ptr<struct RecordDefinition> inline_record; // struct { ... } name;
};
struct RecordDefinition {
  TypeName::Tag tag = TypeName::Tag::Struct;
  std::string name; // may be empty when inline
  std::vector<Declarator> members;
  bool packed = false;
  uint32_t alignment = 0;
  Span span;
};
struct EnumDefinition {
  std::string name;
  struct Enumerator {
    std::string name;
    ExprPtr value; // may be null: previous plus one
  };
  std::vector<Enumerator> enumerators;
  bool packed = false; // as small as its values allow
  Span span;
};
// macro name($a, @m, e) { ... }: expanded where it is used.
struct MacroDefinition {
  enum class ParameterKind : uint8_t { Variable, Map, Expression };
  struct Parameter {
    ParameterKind kind = ParameterKind::Expression;
    std::string name; // a map with its @, a variable without its $
    Span span;
  };
  std::string name;
  Span name_span;
  std::vector<Parameter> parameters;
  ExprPtr body; // a BlockExpr
  Span span;
};
struct Import { // import "path";
  std::string path;
  Span span;
};
struct ConfigEntry {
  std::string key;
  std::string value; // as text, unquoted
  Span key_span, value_span;
};
struct MapDeclaration { // let @m = lruhash(N);
  std::string name;
  std::string kind;
  uint64_t entries = 0;
  Span span;
};

struct Script {
  std::vector<std::string> includes; // header names in order, for `#include` that BTF may satisfy
  std::vector<RecordDefinition> records;
  std::vector<EnumDefinition> enums;
  std::vector<Declarator> typedefs; // `name` stands for `type`; records written in place are in `records`
  std::vector<ConfigEntry> config;
  std::vector<Import> imports;
  std::vector<MapDeclaration> map_declarations;
  std::vector<MacroDefinition> macros;
  std::vector<FunctionDefinition> functions;
  std::vector<Probe> probes;
  NodeId node_count = 0;
};

// The tree as indented text, one node a line; what --dump=ast prints.
std::string dump(const Script&);
// An expression as the script would write it, for messages.
std::string to_source(const Expr&);
std::string_view spelling(BinaryOp);
std::string to_string(const TypeName&);

} // namespace trapline::ast
