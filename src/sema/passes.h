// The passes of semantic analysis, in the order in which analyze.cpp runs them. Each is a file of its name; its parameters
// are what it reads, its result is what it makes. They recurse over the tree: the parser bounds its depth.
#pragma once

#include "sema/sema.h"
#include "sema/type_names.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace trapline::sema {

// --- config.cpp: the config block, and the environment, which beats it
Program::Settings read_settings(const ast::Script&, const Options&, Diagnostics&);

// --- resolve.cpp: what the names of one block mean; the same at all its attach points
struct Names {
  std::unordered_map<ast::NodeId, const builtins::Builtin*> builtin_of;
  std::unordered_map<ast::NodeId, Enumerator> enumerator_of;
  std::vector<VariableInfo> variables; // types not known yet, except where `let` gives one
  std::unordered_map<ast::NodeId, uint32_t> variable_of;
  std::unordered_map<const ast::Stmt*, uint32_t> variable_of_statement;
  std::unordered_map<ast::NodeId, uint32_t> function_of; // calls of the script's functions
  std::unordered_map<ast::NodeId, Diagnostic> deferred; // in branches that `if comptime` may drop
};
// The script's functions by name.
using FunctionNames = std::map<std::string, uint32_t, std::less<>>;
FunctionNames function_names(const ast::Script&, Diagnostics&);
Names resolve(const ast::Probe&, const TypeNames&, const FunctionNames&, Diagnostics&);
Names resolve(const ast::FunctionDefinition&, const TypeNames&, const FunctionNames&, Diagnostics&);
// Reports functions that call themselves, by whatever way. `names` are those of the functions.
void check_recursion(const ast::Script&, std::span<const Names> names, Diagnostics&);

// --- jumps.cpp: break and continue outside of loops, statements that are never reached, values that nobody uses
void check_flow(const ast::Probe&, Diagnostics&);

// --- expand.cpp: attach points to instances, without types; cookies number the targets
struct Expansion {
  std::vector<Instance> instances;
  std::vector<std::string> probe_names;
};
// Of a function: no event, no attach points.
Instance function_instance(const ast::Script&, uint32_t function, const Names&);
Expansion expand(const ast::Script&, const std::vector<Names>&, const probes::ExpandOptions&, const System&, Diagnostics&);

// --- default_action.cpp: the body of probes that have no block
void add_default_actions(const ast::Script&, std::vector<Instance>&);

// --- maps.cpp: the maps that the text names, and whether each has keys
struct MapUse {
  MapInfo info;              // without types
  bool assigned = false;     // something is put into it somewhere
  bool used = false;         // by a statement; else only declared
};
using MapUses = std::map<std::string, MapUse, std::less<>>;
MapUses collect_maps(const ast::Script&, const std::vector<Names>&, const Program::Settings&, Diagnostics&);
// Whether the kinds that the script declared suit what the maps hold, once that is known; the maps that are used.
std::vector<MapInfo> finish_maps(const MapUses&, Diagnostics&);

// --- infer.cpp and its neighbours: the types of all expressions, variables and maps; fills in instances and maps
struct InferInput {
  const ast::Script& script;
  const Options& options;
  const System& system;
  const Program::Settings& settings;
  const TypeNames& types;
  const std::vector<Names>& names; // by block
  bool complete;                   // false: blocks are missing since their attach points are wrong
};
void infer(const InferInput&, std::vector<Instance>& instances, MapUses& maps, Diagnostics&);

// --- parameters.cpp: what the script takes by name, and what it was given that it does not take
std::vector<ParameterInfo> collect_parameters(const std::vector<Instance>&, const Options&, Diagnostics&);

} // namespace trapline::sema
