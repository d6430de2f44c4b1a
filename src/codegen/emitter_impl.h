// What the emitter's source files share. The only header that includes LLVM.
#pragma once

#include "codegen/emitter.h"

#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include <map>

namespace trapline::codegen {

struct Emitter::Impl {
  explicit Impl(const ObjectOptions&);

  ObjectOptions options;
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  std::unique_ptr<llvm::TargetMachine> machine;
  llvm::IRBuilder<> builder;
  llvm::DIBuilder debug;
  llvm::DIFile* file = nullptr;
  std::vector<llvm::GlobalVariable*> maps;
  std::map<std::string, llvm::GlobalVariable*, std::less<>> constants;
  std::map<std::string, llvm::Function*, std::less<>> kernel_functions;

  llvm::GlobalVariable* zero = nullptr;
  std::string too_large_frame;

  // With line info: each place that code was made from is a line of a text of their own.
  std::map<std::pair<uint32_t, uint32_t>, unsigned> places;
  std::string places_text = "\n"; // the first line stands for code without a place
  unsigned line_of(Span);

  llvm::Function* function = nullptr;
  llvm::BasicBlock* entry = nullptr; // allocas and at_entry code; jumps to the body
  llvm::BasicBlock* body = nullptr;
  llvm::Value* event = nullptr;      // the context
  // Functions begun and not ended around the present one.
  struct Outer {
    llvm::Function* function;
    llvm::BasicBlock *entry, *body, *at;
    llvm::Value* event;
    llvm::DebugLoc location;
  };
  std::vector<Outer> outer;

  llvm::Type* i64() { return builder.getInt64Ty(); }
  llvm::Type* pointer_type() { return builder.getPtrTy(); }
  llvm::IntegerType* integer(uint32_t bytes) { return builder.getIntNTy(bytes * 8); }
  llvm::Value* as_pointer(Value v);
  llvm::Value* as_number(Value v);
  llvm::Value* at(Value pointer, int64_t offset);
  llvm::AllocaInst* allocate(llvm::Type* type, std::string_view name);
  llvm::Value* call_helper(Helper helper, std::initializer_list<Value> arguments, llvm::Type* result);

  void begin(llvm::Function*);
  llvm::DIType* debug_int();
  llvm::DIType* debug_uint_member(uint32_t value); // int (*)[value]
  llvm::Function* kernel_function(std::string_view name);
  void run_codegen(std::string& out, bool text);
};

} // namespace trapline::codegen
