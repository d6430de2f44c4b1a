// The instruction half of the emitter: functions, blocks, scalars, memory and calls.
#include "codegen/emitter_impl.h"

#include <fmt/format.h>
#include <llvm/IR/InlineAsm.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/MDBuilder.h>

#include <cassert>

namespace trapline::codegen {

namespace {

constexpr uint32_t kUnrollLimit = 256; // bytes zeroed or copied by single stores; beyond that a helper call is smaller

llvm::CmpInst::Predicate predicate_of(Op op) {
  using P = llvm::CmpInst;
  switch (op) {
  case Op::Eq: return P::ICMP_EQ;
  case Op::Ne: return P::ICMP_NE;
  case Op::ULt: return P::ICMP_ULT;
  case Op::ULe: return P::ICMP_ULE;
  case Op::UGt: return P::ICMP_UGT;
  case Op::UGe: return P::ICMP_UGE;
  case Op::SLt: return P::ICMP_SLT;
  case Op::SLe: return P::ICMP_SLE;
  case Op::SGt: return P::ICMP_SGT;
  case Op::SGe: return P::ICMP_SGE;
  default: return P::BAD_ICMP_PREDICATE;
  }
}

// Same answer throughout one run of a program: repeated calls fold into one.
bool is_pure(Helper helper) {
  switch (helper) {
  case Helper::GetCurrentPidTgid:
  case Helper::GetCurrentUidGid:
  case Helper::GetSmpProcessorId:
  case Helper::GetNumaNodeId:
  case Helper::GetCurrentCgroupId:
  case Helper::GetCurrentTask:
  case Helper::GetAttachCookie:
  case Helper::GetFuncIp:
    return true;
  default:
    return false;
  }
}

// Largest power of two up to 8 that still fits into `left` bytes.
uint32_t chunk(uint32_t left) { return left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1; }

} // namespace

llvm::Value* Emitter::Impl::as_pointer(Value v) {
  return v.raw->getType()->isPointerTy() ? v.raw : builder.CreateIntToPtr(v.raw, pointer_type());
}

llvm::Value* Emitter::Impl::as_number(Value v) {
  return v.raw->getType()->isPointerTy() ? builder.CreatePtrToInt(v.raw, i64()) : v.raw;
}

llvm::Value* Emitter::Impl::at(Value pointer, int64_t offset) {
  llvm::Value* base = as_pointer(pointer);
  return offset == 0 ? base : builder.CreateConstGEP1_64(builder.getInt8Ty(), base, static_cast<uint64_t>(offset));
}

llvm::AllocaInst* Emitter::Impl::allocate(llvm::Type* type, std::string_view name) {
  llvm::IRBuilder<> here(entry, entry->begin());
  llvm::AllocaInst* slot = here.CreateAlloca(type, nullptr, llvm::StringRef(name.data(), name.size()));
  slot->setAlignment(llvm::Align(8));
  return slot;
}

// --- functions

void Emitter::begin_program(const std::string& name, const std::string& section) {
  Impl& m = *impl_;
  auto* type = llvm::FunctionType::get(m.i64(), {m.pointer_type()}, false);
  auto* function = llvm::Function::Create(type, llvm::Function::ExternalLinkage, name, *m.module);
  function->setSection(section);
  m.begin(function);
  m.event = function->getArg(0);
}

// Makes it the present function. Its BTF tells the number of parameters and the linkage, no more is looked at.
void Emitter::Impl::begin(llvm::Function* begun) {
  function = begun;
  function->addFnAttr(llvm::Attribute::NoUnwind);
  entry = llvm::BasicBlock::Create(context, "entry", function);
  body = llvm::BasicBlock::Create(context, "body", function);
  builder.SetInsertPoint(body);
  builder.SetCurrentDebugLocation({});
  if (!options.line_info && !options.function_info) return;
  bool is_static = function->hasInternalLinkage();
  std::vector<llvm::Metadata*> types = {debug_int()};
  for (size_t i = 0; i < function->arg_size(); ++i) types.push_back(debug.createPointerType(nullptr, 64));
  auto flags = llvm::DISubprogram::SPFlagDefinition | (is_static ? llvm::DISubprogram::SPFlagLocalToUnit : llvm::DISubprogram::SPFlagZero);
  auto* signature = debug.createSubroutineType(debug.getOrCreateTypeArray(types));
  auto* subprogram = debug.createFunction(file, function->getName(), function->getName(), file, 1, signature, 1,
                                          llvm::DINode::FlagPrototyped, flags);
  // The kernel refuses BTF of a function whose parameters have no names.
  for (unsigned i = 0; i < function->arg_size(); ++i)
    debug.createParameterVariable(subprogram, "a" + std::to_string(i), i + 1, file, 1, llvm::cast<llvm::DIType>(types[i + 1]), true);
  debug.finalizeSubprogram(subprogram);
  function->setSubprogram(subprogram);
  builder.SetCurrentDebugLocation(llvm::DILocation::get(context, 1, 1, subprogram));
}

Value Emitter::context() { return {impl_->event}; }
void Emitter::set_context(Value event) { impl_->event = event.raw; }

void Emitter::end_program() {
  Impl& m = *impl_;
  if (!terminated()) ret(number(0));
  llvm::IRBuilder<> tail(m.entry);
  if (m.function->getSubprogram()) tail.SetCurrentDebugLocation(llvm::DILocation::get(m.context, 1, 1, m.function->getSubprogram()));
  tail.CreateBr(m.body);
  m.builder.ClearInsertionPoint();
  m.function = nullptr;
}

Value Emitter::begin_function(const std::string& name, std::string_view parameters) {
  Impl& m = *impl_;
  m.outer.push_back({m.function, m.entry, m.body, m.builder.GetInsertBlock(), m.event, m.builder.getCurrentDebugLocation()});
  std::vector<llvm::Type*> types;
  for (char kind : parameters) types.push_back(kind == 'p' ? m.pointer_type() : m.i64());
  auto* function = llvm::Function::Create(llvm::FunctionType::get(m.i64(), types, false), llvm::Function::InternalLinkage, name, *m.module);
  function->addFnAttr(llvm::Attribute::NoInline);
  m.begin(function);
  m.event = nullptr;
  return {function};
}

Value Emitter::parameter(unsigned index) { return {impl_->function->getArg(index)}; }

void Emitter::end_function() {
  Impl& m = *impl_;
  end_program();
  Impl::Outer outer = m.outer.back();
  m.outer.pop_back();
  m.function = outer.function;
  m.entry = outer.entry;
  m.body = outer.body;
  m.event = outer.event;
  if (!outer.at) return;
  m.builder.SetInsertPoint(outer.at);
  m.builder.SetCurrentDebugLocation(outer.location);
}

Value Emitter::call_function(Value function, std::span<const Value> arguments) {
  Impl& m = *impl_;
  auto* target = llvm::cast<llvm::Function>(function.raw);
  std::vector<llvm::Value*> values;
  for (size_t i = 0; i < arguments.size(); ++i) {
    bool is_pointer = target->getArg(static_cast<unsigned>(i))->getType()->isPointerTy();
    values.push_back(is_pointer ? m.as_pointer(arguments[i]) : m.as_number(arguments[i]));
  }
  return {m.builder.CreateCall(target, values)};
}

void Emitter::at_entry(const std::function<void()>& body) {
  Impl& m = *impl_;
  llvm::BasicBlock* here = m.builder.GetInsertBlock();
  llvm::BasicBlock* old_body = m.body;
  llvm::BasicBlock* start = llvm::BasicBlock::Create(m.context, "start", m.function, old_body);
  m.builder.SetInsertPoint(start);
  body();
  if (!terminated()) m.builder.CreateBr(old_body);
  m.body = start;
  m.builder.SetInsertPoint(here);
}

void Emitter::ret(Value v) { impl_->builder.CreateRet(impl_->as_number(v)); }

// The verifier prints the line's text before the instructions, which is all that it tells of a place: so that nothing is
// lost, the text is the place, followed by what stands there (runtime/verifier_log.cpp reads it).
unsigned Emitter::Impl::line_of(Span span) {
  auto [place, is_new] = places.try_emplace({span.begin, span.end}, static_cast<unsigned>(places.size() + 2));
  if (is_new) {
    std::string_view text = options.source->text_of(span);
    places_text += fmt::format("bytes {} to {}: {}\n", span.begin, span.end, text.substr(0, text.find('\n')));
  }
  return place->second;
}

void Emitter::set_location(Span span) {
  Impl& m = *impl_;
  if (!m.options.line_info || !m.function || !m.function->getSubprogram()) return;
  m.builder.SetCurrentDebugLocation(llvm::DILocation::get(m.context, m.line_of(span), 0, m.function->getSubprogram()));
}

// --- blocks

Label Emitter::block(std::string_view name) {
  return {llvm::BasicBlock::Create(impl_->context, llvm::StringRef(name.data(), name.size()), impl_->function)};
}

void Emitter::place(Label label) {
  label.raw->moveAfter(impl_->builder.GetInsertBlock());
  impl_->builder.SetInsertPoint(label.raw);
}

void Emitter::jump(Label label) {
  if (!terminated()) impl_->builder.CreateBr(label.raw);
}

void Emitter::branch(Value condition, Label then, Label otherwise, Likely likely) {
  Impl& m = *impl_;
  if (terminated()) return;
  llvm::Value* truth = m.builder.CreateICmpNE(m.as_number(condition), m.builder.getInt64(0));
  llvm::MDNode* weights = nullptr;
  if (likely != Likely::Unknown) {
    llvm::MDBuilder metadata(m.context);
    weights = likely == Likely::True ? metadata.createBranchWeights(2000, 1) : metadata.createBranchWeights(1, 2000);
  }
  m.builder.CreateCondBr(truth, then.raw, otherwise.raw, weights);
}

bool Emitter::terminated() const { return impl_->builder.GetInsertBlock()->getTerminator() != nullptr; }

void Emitter::keep_apart(uint64_t n) {
  Impl& m = *impl_;
  auto* type = llvm::FunctionType::get(m.builder.getVoidTy(), {m.i64()}, false);
  m.builder.CreateCall(llvm::InlineAsm::get(type, "", "i", true), {m.builder.getInt64(n)});
}

// --- scalars

Value Emitter::number(uint64_t v) { return {impl_->builder.getInt64(v)}; }

Value Emitter::operate(Op op, Value left, Value right) {
  Impl& m = *impl_;
  auto& b = m.builder;
  llvm::Value* l = m.as_number(left);
  llvm::Value* r = m.as_number(right);
  switch (op) {
  case Op::Add: return {b.CreateAdd(l, r)};
  case Op::Sub: return {b.CreateSub(l, r)};
  case Op::Mul: return {b.CreateMul(l, r)};
  case Op::UDiv: return {b.CreateUDiv(l, r)};
  case Op::SDiv: return {b.CreateSDiv(l, r)};
  case Op::UMod: return {b.CreateURem(l, r)};
  case Op::SMod: return {b.CreateSRem(l, r)};
  case Op::And: return {b.CreateAnd(l, r)};
  case Op::Or: return {b.CreateOr(l, r)};
  case Op::Xor: return {b.CreateXor(l, r)};
  // C leaves shifts of 64 and more undefined; BPF masks the count, and so do we, before LLVM can call it poison.
  case Op::Shl: return {b.CreateShl(l, b.CreateAnd(r, 63))};
  case Op::LShr: return {b.CreateLShr(l, b.CreateAnd(r, 63))};
  case Op::AShr: return {b.CreateAShr(l, b.CreateAnd(r, 63))};
  default: return {b.CreateZExt(b.CreateICmp(predicate_of(op), l, r), m.i64())};
  }
}

Value Emitter::negate(Value v) { return {impl_->builder.CreateNeg(impl_->as_number(v))}; }
Value Emitter::complement(Value v) { return {impl_->builder.CreateNot(impl_->as_number(v))}; }
Value Emitter::is_zero(Value v) { return operate(Op::Eq, v, number(0)); }

Value Emitter::select(Value condition, Value then, Value otherwise) {
  Impl& m = *impl_;
  llvm::Value* truth = m.builder.CreateICmpNE(m.as_number(condition), m.builder.getInt64(0));
  return {m.builder.CreateSelect(truth, then.raw, otherwise.raw)};
}

Value Emitter::truncate(Value v, uint32_t bytes, bool is_signed) {
  Impl& m = *impl_;
  if (bytes >= 8) return {m.as_number(v)};
  llvm::Value* narrow = m.builder.CreateTrunc(m.as_number(v), m.integer(bytes));
  return {is_signed ? m.builder.CreateSExt(narrow, m.i64()) : m.builder.CreateZExt(narrow, m.i64())};
}

Value Emitter::byte_swap(Value v, uint32_t bytes) {
  Impl& m = *impl_;
  if (bytes == 1) return truncate(v, 1, false);
  llvm::Value* narrow = m.builder.CreateTrunc(m.as_number(v), m.integer(bytes));
  return {m.builder.CreateZExt(m.builder.CreateUnaryIntrinsic(llvm::Intrinsic::bswap, narrow), m.i64())};
}

// --- memory

Value Emitter::load(Value pointer, int64_t offset, uint32_t size, bool is_signed) {
  Impl& m = *impl_;
  llvm::Value* raw = m.builder.CreateAlignedLoad(m.integer(size), m.at(pointer, offset), llvm::Align(size));
  if (size == 8) return {raw};
  return {is_signed ? m.builder.CreateSExt(raw, m.i64()) : m.builder.CreateZExt(raw, m.i64())};
}

Value Emitter::load_pointer(Value pointer, int64_t offset) {
  Impl& m = *impl_;
  return {m.builder.CreateAlignedLoad(m.pointer_type(), m.at(pointer, offset), llvm::Align(8))};
}

void Emitter::store(Value pointer, int64_t offset, uint32_t size, Value v) {
  Impl& m = *impl_;
  llvm::Value* raw = v.raw;
  if (size < 8) raw = m.builder.CreateTrunc(m.as_number(v), m.integer(size));
  m.builder.CreateAlignedStore(raw, m.at(pointer, offset), llvm::Align(size));
}

void Emitter::add_in_place(Value pointer, int64_t offset, Value amount, bool atomic) {
  Impl& m = *impl_;
  if (atomic) {
    m.builder.CreateAtomicRMW(llvm::AtomicRMWInst::Add, m.at(pointer, offset), m.as_number(amount), llvm::Align(8),
                              llvm::AtomicOrdering::Monotonic);
    return;
  }
  store(pointer, offset, 8, operate(Op::Add, load(pointer, offset, 8, false), amount));
}

Value Emitter::exchange(Value pointer, int64_t offset, Value v) {
  Impl& m = *impl_;
  return {m.builder.CreateAtomicRMW(llvm::AtomicRMWInst::Xchg, m.at(pointer, offset), m.as_number(v), llvm::Align(8),
                                    llvm::AtomicOrdering::SequentiallyConsistent)};
}

Value Emitter::offset(Value pointer, int64_t bytes) { return {impl_->at(pointer, bytes)}; }

Value Emitter::offset(Value pointer, Value bytes) {
  Impl& m = *impl_;
  llvm::Value* distance = m.as_number(bytes);
  if (!llvm::isa<llvm::Constant>(distance)) {
    // Were it known to be less than the pointer's alignment, LLVM would add it with `|`, which the verifier forbids.
    auto* type = llvm::FunctionType::get(m.i64(), {m.i64()}, false);
    distance = m.builder.CreateCall(type, llvm::InlineAsm::get(type, "", "=r,0", false), {distance});
  }
  return {m.builder.CreateGEP(m.builder.getInt8Ty(), m.as_pointer(pointer), distance)};
}

Value Emitter::to_number(Value pointer) { return {impl_->as_number(pointer)}; }

Value Emitter::is_null(Value pointer) {
  Impl& m = *impl_;
  return {m.builder.CreateZExt(m.builder.CreateIsNull(m.as_pointer(pointer)), m.i64())};
}

void Emitter::zero(Value pointer, uint32_t size) {
  if (size > kUnrollLimit) {
    // Reading from address 0 fails at once and, as every failed read, zero-fills the destination
    // (kernel/trace/bpf_trace.c, bpf_probe_read_kernel_common).
    call(Helper::ProbeReadKernel, {pointer, number(size), number(0)});
    return;
  }
  for (uint32_t done = 0; done < size;) {
    uint32_t step = chunk(size - done);
    store(pointer, done, step, number(0));
    done += step;
  }
}

void Emitter::copy(Value to, Value from, uint32_t size) {
  if (size > kUnrollLimit) {
    call(Helper::ProbeReadKernel, {to, number(size), from});
    return;
  }
  for (uint32_t done = 0; done < size;) {
    uint32_t step = chunk(size - done);
    store(to, done, step, load(from, done, step, false));
    done += step;
  }
}

Value Emitter::local(std::string_view name) { return {impl_->allocate(impl_->i64(), name)}; }
Value Emitter::local_pointer(std::string_view name) { return {impl_->allocate(impl_->pointer_type(), name)}; }
Value Emitter::stack(uint32_t size) {
  uint32_t words = (size + 7) / 8;
  return {impl_->allocate(llvm::ArrayType::get(impl_->i64(), words), "memory")};
}

void Emitter::resize_stack(Value& memory, uint32_t size) {
  auto* old = llvm::cast<llvm::AllocaInst>(memory.raw);
  if (size > 0) {
    memory = stack(size);
    old->replaceAllUsesWith(memory.raw);
  }
  old->eraseFromParent();
}

// --- calls

llvm::Value* Emitter::Impl::call_helper(Helper helper, std::initializer_list<Value> arguments, llvm::Type* result) {
  std::vector<llvm::Value*> values;
  std::vector<llvm::Type*> types;
  for (Value v : arguments) {
    values.push_back(v.raw);
    types.push_back(v.raw->getType());
  }
  auto* type = llvm::FunctionType::get(result, types, false);
  auto* target = llvm::ConstantExpr::getIntToPtr(builder.getInt64(static_cast<uint64_t>(helper)), pointer_type());
  llvm::CallInst* call = builder.CreateCall(type, target, values);
  if (is_pure(helper)) {
    call->setDoesNotAccessMemory();
    call->addFnAttr(llvm::Attribute::WillReturn);
    call->addFnAttr(llvm::Attribute::NoUnwind);
  }
  return call;
}

Value Emitter::call(Helper helper, std::initializer_list<Value> arguments) {
  return {impl_->call_helper(helper, arguments, impl_->i64())};
}

Value Emitter::call_pointer(Helper helper, std::initializer_list<Value> arguments) {
  return {impl_->call_helper(helper, arguments, impl_->pointer_type())};
}

void Emitter::iterator_new(Value storage, Value first, Value last) {
  Impl& m = *impl_;
  auto* narrow = m.builder.getInt32Ty();
  m.builder.CreateCall(m.kernel_function("bpf_iter_num_new"),
                       {storage.raw, m.builder.CreateTrunc(m.as_number(first), narrow), m.builder.CreateTrunc(m.as_number(last), narrow)});
}

Value Emitter::iterator_next(Value storage) {
  return {impl_->builder.CreateCall(impl_->kernel_function("bpf_iter_num_next"), {storage.raw})};
}

Value Emitter::count_elements(Value map) {
  return {impl_->builder.CreateCall(impl_->kernel_function("bpf_map_sum_elem_count"), {map.raw})};
}

Value Emitter::task_from_pid(Value pid) {
  Impl& m = *impl_;
  return {m.builder.CreateCall(m.kernel_function("bpf_task_from_pid"), {m.builder.CreateTrunc(m.as_number(pid), m.builder.getInt32Ty())})};
}

void Emitter::task_release(Value task) { impl_->builder.CreateCall(impl_->kernel_function("bpf_task_release"), {task.raw}); }

void Emitter::iterator_destroy(Value storage) {
  impl_->builder.CreateCall(impl_->kernel_function("bpf_iter_num_destroy"), {storage.raw});
}

} // namespace trapline::codegen
