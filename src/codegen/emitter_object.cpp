// The object half of the emitter: module, maps with BTF, constants, our pass pipeline, and the ELF file.
#include "codegen/emitter_impl.h"

#include <llvm/Analysis/AliasAnalysis.h>
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/BasicAliasAnalysis.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/DomTreeUpdater.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Analysis/OptimizationRemarkEmitter.h>
#include <llvm/Analysis/PostDominators.h>
#include <llvm/Analysis/TargetLibraryInfo.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/DiagnosticInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/PassInstrumentation.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/SmallVectorMemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Transforms/Scalar/ADCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>

extern "C" {
void LLVMInitializeBPFTargetInfo();
void LLVMInitializeBPFTarget();
void LLVMInitializeBPFTargetMC();
void LLVMInitializeBPFAsmPrinter();
}

namespace trapline::codegen {

namespace {

constexpr const char* kTriple = "bpfel";
constexpr size_t kMapAttributes = 5;

const llvm::Target* bpf_target() {
  static const llvm::Target* target = [] {
    LLVMInitializeBPFTargetInfo();
    LLVMInitializeBPFTarget();
    LLVMInitializeBPFTargetMC();
    LLVMInitializeBPFAsmPrinter();
    std::string error;
    const llvm::Target* found = llvm::TargetRegistry::lookupTarget(kTriple, error);
    assert(found && "LLVM was built without the BPF target");
    return found;
  }();
  return target;
}

llvm::GlobalVariable* add_global(llvm::Module& module, llvm::Constant* value, const std::string& name, const char* section,
                                 bool constant) {
  auto* global = new llvm::GlobalVariable(module, value->getType(), constant, llvm::GlobalValue::ExternalLinkage, value, name);
  global->setSection(section);
  global->setDSOLocal(true);
  return global;
}

} // namespace

Emitter::Impl::Impl(const ObjectOptions& o)
    : options(o), module(std::make_unique<llvm::Module>("trapline", context)), builder(context), debug(*module) {
  std::string cpu = "v" + std::to_string(options.cpu_version);
  machine.reset(bpf_target()->createTargetMachine(kTriple, cpu, "", {}, llvm::Reloc::Static, std::nullopt,
                                                  llvm::CodeGenOptLevel::Default));
  module->setTargetTriple(kTriple);
  module->setDataLayout(machine->createDataLayout());
  module->addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  // BTF is made of debug information. CodeView without a DWARF version keeps DWARF, which nobody reads, from being made too.
  module->addModuleFlag(llvm::Module::Warning, "CodeView", 1);
  file = debug.createFile(options.source ? options.source->name() : "script", ".");
  // LLVM ends the process at an error otherwise. The only one that our code can bring about is that of the BPF back end
  // about the stack.
  auto note_complaint = [](const llvm::DiagnosticInfo* info, void* self) {
    const auto* unsupported = llvm::dyn_cast<llvm::DiagnosticInfoUnsupported>(info);
    if (unsupported) static_cast<Impl*>(self)->too_large_frame = unsupported->getFunction().getName().str();
  };
  context.setDiagnosticHandlerCallBack(note_complaint, this);
  debug.createCompileUnit(llvm::dwarf::DW_LANG_C, file, "trapline", true, "", 0, "", llvm::DICompileUnit::LineTablesOnly);
  add_global(*module, llvm::ConstantDataArray::getString(context, options.license), "_license", "license", true);
}

Emitter::Emitter(const ObjectOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Emitter::~Emitter() = default;

// --- maps: a variable in .maps whose BTF describes it, as libbpf's __uint() macros do

llvm::DIType* Emitter::Impl::debug_int() { return debug.createBasicType("int", 32, llvm::dwarf::DW_ATE_signed); }

llvm::DIType* Emitter::Impl::debug_uint_member(uint32_t value) {
  auto* range = debug.getOrCreateSubrange(0, static_cast<int64_t>(value));
  auto* array = debug.createArrayType(uint64_t{32} * value, 32, debug_int(), debug.getOrCreateArray({range}));
  return debug.createPointerType(array, 64);
}

uint32_t Emitter::declare_map(const std::string& name) {
  Impl& m = *impl_;
  auto* type = llvm::ArrayType::get(m.pointer_type(), kMapAttributes);
  llvm::GlobalVariable* global = add_global(*m.module, llvm::ConstantAggregateZero::get(type), name, ".maps", false);
  global->setAlignment(llvm::Align(8));
  m.maps.push_back(global);
  return static_cast<uint32_t>(m.maps.size() - 1);
}

void Emitter::define_map(uint32_t index, const MapShape& shape) {
  Impl& m = *impl_;
  const std::pair<const char*, uint32_t> attributes[kMapAttributes] = {{"type", shape.kind},
                                                                       {"key_size", shape.key_size},
                                                                       {"value_size", shape.value_size},
                                                                       {"max_entries", shape.max_entries},
                                                                       {"map_flags", shape.flags}};
  std::vector<llvm::Metadata*> members;
  for (const auto& [attribute, value] : attributes) {
    members.push_back(m.debug.createMemberType(m.file, attribute, m.file, 0, 64, 64, 64 * members.size(), llvm::DINode::FlagZero,
                                               m.debug_uint_member(value)));
  }
  auto* record = m.debug.createStructType(m.file, "", m.file, 0, 64 * members.size(), 64, llvm::DINode::FlagZero, nullptr,
                                          m.debug.getOrCreateArray(members));
  llvm::StringRef name = m.maps[index]->getName();
  m.maps[index]->addDebugInfo(m.debug.createGlobalVariableExpression(m.file, name, name, m.file, 0, record, false));
}

Value Emitter::map(uint32_t index) { return {impl_->maps[index]}; }

Value Emitter::constant_bytes(std::string_view bytes, uint32_t alignment) {
  Impl& m = *impl_;
  auto found = m.constants.find(bytes);
  if (found != m.constants.end()) return {found->second};
  auto* data = llvm::ConstantDataArray::getString(m.context, llvm::StringRef(bytes.data(), bytes.size()), false);
  std::string name = "constant_" + std::to_string(m.constants.size());
  llvm::GlobalVariable* global = add_global(*m.module, data, name, ".rodata", true);
  global->setAlignment(llvm::Align(alignment));
  m.constants.emplace(std::string(bytes), global);
  return {global};
}

Value Emitter::shared_words(const std::string& section, const std::vector<uint64_t>& initial) {
  Impl& m = *impl_;
  std::string name = section.substr(section.find_last_of('.') + 1);
  if (llvm::GlobalVariable* known = m.module->getNamedGlobal(name)) return {known};
  llvm::GlobalVariable* global = add_global(*m.module, llvm::ConstantDataArray::get(m.context, initial), name, section.c_str(), false);
  global->setAlignment(llvm::Align(8));
  // libbpf maps a section's memory if BTF says that it has a variable of external linkage.
  llvm::DIType* word = m.debug.createBasicType("unsigned long long", 64, llvm::dwarf::DW_ATE_unsigned);
  auto* range = m.debug.getOrCreateSubrange(0, static_cast<int64_t>(initial.size()));
  auto* type = m.debug.createArrayType(64 * initial.size(), 64, word, m.debug.getOrCreateArray({range}));
  global->addDebugInfo(m.debug.createGlobalVariableExpression(m.file, name, name, m.file, 0, type, false));
  return {global};
}

Value Emitter::unknown_zero() {
  Impl& m = *impl_;
  if (!m.zero) m.zero = add_global(*m.module, llvm::ConstantInt::get(m.i64(), 0), "zero", ".bss", false);
  m.zero->setAlignment(llvm::Align(8));
  return {m.builder.CreateAlignedLoad(m.i64(), m.zero, llvm::Align(8), true)};
}

Value Emitter::table_entry(const std::vector<int16_t>& table, Value index) {
  std::string_view bytes(reinterpret_cast<const char*>(table.data()), table.size() * sizeof(int16_t));
  Value base = constant_bytes(bytes);
  return load(offset(base, operate(Op::Mul, index, number(sizeof(int16_t)))), 0, sizeof(int16_t), true);
}

// --- kernel functions: declarations in .ksyms whose BTF libbpf matches against the kernel's

namespace {

enum class Returns : uint8_t { Nothing, Int, Long, IntPointer, Object };

struct KernelFunction {
  std::string_view name;
  Returns returns;
  const char* object;  // the struct that the first parameter, or the result, points to
  unsigned int_parameters;
};

constexpr KernelFunction kKernelFunctions[] = {
    {"bpf_iter_num_new", Returns::Int, "bpf_iter_num", 2},
    {"bpf_iter_num_next", Returns::IntPointer, "bpf_iter_num", 0},
    {"bpf_iter_num_destroy", Returns::Nothing, "bpf_iter_num", 0},
    {"bpf_map_sum_elem_count", Returns::Long, "bpf_map", 0},
    {"bpf_task_from_pid", Returns::Object, "task_struct", 1},
    {"bpf_task_release", Returns::Nothing, "task_struct", 0},
};

} // namespace

llvm::Function* Emitter::Impl::kernel_function(std::string_view name) {
  auto found = kernel_functions.find(name);
  if (found != kernel_functions.end()) return found->second;
  const auto* row = std::find_if(std::begin(kKernelFunctions), std::end(kKernelFunctions), [&](const auto& f) { return f.name == name; });
  assert(row != std::end(kKernelFunctions));

  // libbpf compares prototypes by shape: pointers to structs match whatever the struct's members are.
  llvm::DIType* word = debug.createBasicType("unsigned long long", 64, llvm::dwarf::DW_ATE_unsigned);
  auto* member = debug.createMemberType(file, "__opaque", file, 0, 64, 64, 0, llvm::DINode::FlagZero, word);
  auto* object = debug.createStructType(file, row->object, file, 0, 64, 64, llvm::DINode::FlagZero, nullptr, debug.getOrCreateArray({member}));
  llvm::Type* result = builder.getVoidTy();
  llvm::DIType* debug_result = nullptr;
  switch (row->returns) {
  case Returns::Nothing: break;
  case Returns::Int: result = builder.getInt32Ty(), debug_result = debug_int(); break;
  case Returns::Long: result = i64(), debug_result = debug.createBasicType("long long", 64, llvm::dwarf::DW_ATE_signed); break;
  case Returns::IntPointer: result = pointer_type(), debug_result = debug.createPointerType(debug_int(), 64); break;
  case Returns::Object: result = pointer_type(), debug_result = debug.createPointerType(object, 64); break;
  }
  std::vector<llvm::Type*> parameters;
  std::vector<llvm::Metadata*> types = {debug_result};
  if (row->returns != Returns::Object) {
    parameters.push_back(pointer_type());
    types.push_back(debug.createPointerType(object, 64));
  }
  for (unsigned i = 0; i < row->int_parameters; ++i) {
    parameters.push_back(builder.getInt32Ty());
    types.push_back(debug_int());
  }
  auto* function = llvm::Function::Create(llvm::FunctionType::get(result, parameters, false), llvm::Function::ExternalLinkage,
                                          llvm::StringRef(name.data(), name.size()), *module);
  function->setSection(".ksyms");
  auto* signature = debug.createSubroutineType(debug.getOrCreateTypeArray(types));
  function->setSubprogram(debug.createFunction(file, function->getName(), function->getName(), file, 0, signature, 0,
                                               llvm::DINode::FlagPrototyped, llvm::DISubprogram::SPFlagZero));
  kernel_functions.emplace(std::string(name), function);
  return function;
}

// --- results

std::string Emitter::ir() const {
  std::string text;
  llvm::raw_string_ostream out(text);
  impl_->module->print(out, nullptr);
  return text;
}

std::string Emitter::fault() {
  impl_->debug.finalize();
  std::string text;
  llvm::raw_string_ostream out(text);
  return llvm::verifyModule(*impl_->module, &out) ? text : std::string();
}

// The few passes that matter for what we emit: locals to registers, repeated loads and checks folded, dead blocks gone.
// LLVM's O2 pipeline takes several times as long as the rest of a one-liner's compilation.
void Emitter::optimize() {
  Impl& m = *impl_;
  if (m.options.line_info) { // all places are known now
    llvm::DIFile* places = m.debug.createFile(m.file->getFilename(), ".", std::nullopt, llvm::StringRef(m.places_text));
    for (llvm::Function& function : *m.module) {
      if (!function.isDeclaration() && function.getSubprogram()) function.getSubprogram()->replaceOperandWith(0, places);
    }
  }
  m.debug.finalize();
#ifndef NDEBUG
  assert(!llvm::verifyModule(*m.module, &llvm::errs()));
#endif
  llvm::FunctionAnalysisManager analyses;
  llvm::ModuleAnalysisManager module_analyses;
  analyses.registerPass([] { return llvm::PassInstrumentationAnalysis(); });
  analyses.registerPass([] { return llvm::DominatorTreeAnalysis(); });
  analyses.registerPass([] { return llvm::PostDominatorTreeAnalysis(); });
  analyses.registerPass([] { return llvm::AssumptionAnalysis(); });
  analyses.registerPass([] { return llvm::TargetLibraryAnalysis(); });
  analyses.registerPass([&] { return m.machine->getTargetIRAnalysis(); });
  analyses.registerPass([] { return llvm::BasicAA(); });
  analyses.registerPass([] {
    llvm::AAManager aliases;
    aliases.registerFunctionAnalysis<llvm::BasicAA>();
    return aliases;
  });
  analyses.registerPass([&] { return llvm::ModuleAnalysisManagerFunctionProxy(module_analyses); });
  module_analyses.registerPass([] { return llvm::PassInstrumentationAnalysis(); });
  module_analyses.registerPass([&] { return llvm::FunctionAnalysisManagerModuleProxy(analyses); });

  llvm::FunctionPassManager passes;
  passes.addPass(llvm::SROAPass(llvm::SROAOptions::ModifyCFG));
  passes.addPass(llvm::EarlyCSEPass());
  passes.addPass(llvm::SimplifyCFGPass());
  passes.addPass(llvm::ADCEPass());
  for (llvm::Function& function : *m.module) {
    if (!function.isDeclaration()) passes.run(function, analyses);
  }
}

void Emitter::Impl::run_codegen(std::string& out, bool text) {
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager passes;
  auto kind = text ? llvm::CodeGenFileType::AssemblyFile : llvm::CodeGenFileType::ObjectFile;
  bool failed = machine->addPassesToEmitFile(passes, stream, nullptr, kind);
  assert(!failed);
  (void)failed;
  passes.run(*module);
  out.assign(bytes.begin(), bytes.end());
}

std::string Emitter::object() {
  std::string out;
  impl_->run_codegen(out, false);
  return out;
}

const std::string& Emitter::too_large_frame() const { return impl_->too_large_frame; }

std::string Emitter::assembly() {
  std::string out;
  impl_->run_codegen(out, true);
  return out;
}

} // namespace trapline::codegen
