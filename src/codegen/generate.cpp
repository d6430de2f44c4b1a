#include "codegen/generate.h"

#include "codegen/block_lowering.h"
#include "codegen/object_builder.h"
#include "types/detached.h"

namespace trapline::codegen {

namespace {

// The kernel shows the first 15 characters of a program's name: make them tell.
std::string function_name(const sema::Instance& instance, size_t index) {
  std::string name = instance.group.targets.empty() ? std::string(instance.provider->name()) : instance.group.targets.front().name;
  std::string out = "p" + std::to_string(index) + "_";
  for (char c : name) {
    if (out.size() >= 48) break;
    out += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  }
  return out;
}

ProbeSpec probe_spec(const sema::Instance& instance, const std::string& function) {
  ProbeSpec spec;
  spec.provider = instance.provider->name();
  spec.function_name = function;
  spec.section = instance.group.section;
  spec.type = instance.group.context.program_type;
  spec.role = instance.group.role;
  spec.targets = instance.group.targets;
  spec.block = instance.block;
  spec.span = instance.probe->span;
  return spec;
}

// Those that it calls before it.
void lower_function(ObjectBuilder& object, uint32_t index) {
  ObjectBuilder::Function& function = object.functions[index];
  if (function.code) return;
  const sema::Instance& instance = object.script.functions[index];
  for (const auto& [call, callee] : instance.function_of) lower_function(object, callee);
  function = BlockLowering(object, instance).lower_function("fn_" + instance.function->name);
}

// The program is used when the script's own types and those of headers are gone.
void detach_types(Program& program) {
  for (MapSpec& map : program.maps) {
    map.key = detached(map.key);
    map.value = detached(map.value);
  }
  for (Action& action : program.actions) {
    for (Action::Argument& argument : action.arguments) argument.type = detached(argument.type);
  }
}

// Lowers everything. `too_large` receives the program that does not fit into BPF's stack.
std::optional<Program> generate_once(ObjectBuilder& object, std::string& too_large) {
  const sema::Script& script = object.script;
  const GenerateOptions& options = object.options;
  object.plan_maps();
  object.functions.resize(script.functions.size());
  for (uint32_t i = 0; i < script.functions.size(); ++i) lower_function(object, i);
  for (size_t i = 0; i < script.instances.size(); ++i) {
    const sema::Instance& instance = script.instances[i];
    std::string name = function_name(instance, i);
    BlockLowering(object, instance).lower(name);
    object.program.probes.push_back(probe_spec(instance, name));
  }
  if (object.diagnostics.has_errors()) return std::nullopt;
  object.finish();
  detach_types(object.program);
  if (!options.want_object && !options.plain_ir && !options.ir && !options.assembly) return std::move(object.program);
  if (options.plain_ir) *options.plain_ir = object.emitter.ir();
  if (options.verify) {
    if (const std::string fault = object.emitter.fault(); !fault.empty()) {
      object.diagnostics.report(DiagId::InvalidIr, Span::none(), fault);
      return std::nullopt;
    }
  }
  object.emitter.optimize();
  if (options.ir) *options.ir = object.emitter.ir();
  if (options.assembly) *options.assembly = object.emitter.assembly();
  if (options.want_object) object.program.object = object.emitter.object();
  too_large = object.emitter.too_large_frame();
  return std::move(object.program);
}

} // namespace

std::optional<Program> generate(const sema::Script& script, const GenerateOptions& options, const SourceFile& source,
                                const System& system, Diagnostics& diagnostics) {
  std::string too_large;
  std::optional<Program> program;
  for (bool frugal : {false, true}) {
    ObjectBuilder object(script, options, source, system, diagnostics);
    object.frugal = frugal;
    too_large.clear();
    program = generate_once(object, too_large);
    if (too_large.empty()) return program;
  }
  Span span;
  for (const ProbeSpec& probe : program->probes) {
    if (probe.function_name == too_large) span = probe.span;
  }
  diagnostics.report(DiagId::NotSupported, span, "this block needs more than the 512 bytes of stack that the kernel gives it")
      .hint("use fewer variables at a time, or split the block into several");
  return std::nullopt;
}

} // namespace trapline::codegen
