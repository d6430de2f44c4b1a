// What the script means: every name resolved, every expression typed, maps and variables with one type each.
// analyze.cpp lists the passes; one file per pass.
#pragma once

#include "ast/ast.h"
#include "builtins/builtin.h"
#include "cdefs/cdefs.h"
#include "probes/provider.h"
#include "program/program.h"
#include "support/diagnostics.h"
#include "system/system.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace trapline::sema {

struct Options {
  std::vector<std::string> positional; // $1...
  std::vector<NamedArgument> named;    // --name=value
  probes::ExpandOptions expand;
  std::unordered_map<std::string, std::string> environment; // BPFTRACE_* and TRAPLINE_* that were set
  const CDefinitions* headers = nullptr; // what a C front end read, where one was needed
};

struct VariableInfo {
  std::string name; // without the $
  Type type;
  Span span;        // declaration or first assignment
};

// One script block at attach points that share a context: one BPF program. The same syntax is typed anew for each, since
// `args`, `retval` and pointers differ.
//
// A function of the script is one too, in a context without an event. Its variables are its parameters, its result if it has
// one, and its own.
struct Instance {
  const ast::Probe* probe = nullptr;
  const ast::FunctionDefinition* function = nullptr; // whose code `probe` is; else null
  std::shared_ptr<const ast::Block> made_body; // of a probe that has no block
  const ast::Block& body() const { return made_body ? *made_body : probe->body; }
  uint32_t block = 0; // index into ast::Script::probes; functions count on
  const probes::Provider* provider = nullptr;
  probes::Group group;

  // By NodeId (size ast::Script::node_count). Type::error() for nodes never visited.
  std::vector<Type> types;
  // By NodeId: the row that an Identifier or Call means, else nullptr.
  std::vector<const builtins::Builtin*> builtin_of;
  // Folded values: literals, $1, enumerators, sizeof, constant arithmetic, str("..."). Their types are in `types`.
  std::unordered_map<ast::NodeId, Constant> constants;
  struct TypeFacts {
    uint64_t btf_id = 0;
    std::string base, full;
  };
  std::unordered_map<ast::NodeId, TypeFacts> type_infos; // of typeinfo()
  // Variables by declaration; by NodeId the variable that an ast::Variable names. Let statements and for loops are found
  // by the address of their statement.
  std::vector<VariableInfo> variables;
  std::unordered_map<ast::NodeId, uint32_t> variable_of;
  std::unordered_map<const ast::Stmt*, uint32_t> variable_of_statement;
  std::unordered_map<ast::NodeId, uint32_t> function_of; // calls of the script's functions, by index
};

struct MapInfo {
  std::string name; // "@x"
  bool keyed = false;
  Type key;         // Void if scalar; a Tuple if more than one key was written
  Type value;
  MapKind declared = MapKind::Hash; // of `let @m = lruhash(N)`
  bool is_declared = false;
  uint64_t entries = 0; // declared or config max_map_keys
  Span span;        // first use
};

// A parameter that the script takes by name.
struct ParameterInfo {
  std::string name;
  Type type;
  Constant standard;       // the value when it is not given
  std::string description; // may be empty
  Span span;               // of the getopt() that describes it first
};

struct Script {
  const ast::Script* syntax = nullptr;
  std::vector<MapInfo> maps;         // in name order
  std::vector<Instance> instances;   // in source order of blocks
  std::vector<Instance> functions;   // by index into ast::Script::functions
  std::vector<std::string> probe_names; // by cookie; every target of every instance
  Program::Settings settings;
  std::vector<ParameterInfo> parameters; // in source order
  std::vector<Type> script_types;    // keeps the script's own structs alive
  std::set<std::string> kernel_types; // those that the script names

  const MapInfo* find_map(std::string_view name) const;
  uint32_t map_index(std::string_view name) const;
};

// nullopt: errors were reported. `script` must outlive the result.
std::optional<Script> analyze(const ast::Script& script, const Options&, const System&, Diagnostics&);

// Which of the script's blocks become programs.
struct Selection {
  enum class Blocks : uint8_t { All, Traced, Tests, Benchmarks };
  Blocks blocks = Blocks::All;
  std::function<bool(const std::string&)> filter; // takes a probe by its full name; begin and end are always taken
};

// Drops the rest: instances and targets. Reports when more is left than the configuration allows.
void select(Script&, const Selection&, Diagnostics&);

// Types of maps, of variables and of every expression, as text: what --dump=sema prints.
std::string dump(const Script&, const SourceFile&);

} // namespace trapline::sema
