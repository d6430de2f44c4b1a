// Finding libclang and its functions.
#include "cdefs/libclang.h"

#include <array>
#include <cstdlib>
#include <dlfcn.h>

namespace trapline::clang {

namespace {

// The version that LLVM here has, then others, newest first. Their C interface is the same.
constexpr std::array kNames = {"libclang-19.so.1", "libclang-19.so.19", "libclang-21.so.1", "libclang-20.so.1", "libclang-18.so.1",
                               "libclang-17.so.1", "libclang-16.so.1",  "libclang-15.so.1", "libclang-14.so.1", "libclang.so.1",
                               "libclang.so"};

void* open_any() {
  if (const char* named = std::getenv("TRAPLINE_LIBCLANG"); named && *named) return dlopen(named, RTLD_LAZY | RTLD_LOCAL);
  for (const char* name : kNames) {
    if (void* handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL)) return handle;
  }
  return nullptr;
}

template <typename Function> bool bind(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  return function != nullptr;
}

#define BIND(name) bind(handle, "clang_" #name, library.name)
bool bind_all(void* handle, Library& library) {
  return BIND(createIndex) && BIND(disposeIndex) && BIND(parseTranslationUnit2) && BIND(disposeTranslationUnit) &&
         BIND(getTranslationUnitCursor) && BIND(visitChildren) && BIND(Type_visitFields) && BIND(getCString) && BIND(disposeString) &&
         BIND(getCursorSpelling) && BIND(getCursorType) && BIND(isCursorDefinition) && BIND(getTypedefDeclUnderlyingType) &&
         BIND(getEnumDeclIntegerType) && BIND(getEnumConstantDeclValue) && BIND(Cursor_isBitField) && BIND(getFieldDeclBitWidth) &&
         BIND(Cursor_getOffsetOfField) && BIND(getCursorSemanticParent) && BIND(getCursorLocation) && BIND(getTypeSpelling) && BIND(getCanonicalType) &&
         BIND(getPointeeType) && BIND(getArrayElementType) && BIND(getArraySize) && BIND(getTypeDeclaration) && BIND(Type_getSizeOf) &&
         BIND(Type_getAlignOf) && BIND(Cursor_Evaluate) && BIND(EvalResult_getKind) && BIND(EvalResult_getAsLongLong) &&
         BIND(EvalResult_getAsUnsigned) && BIND(EvalResult_isUnsignedInt) && BIND(EvalResult_getAsStr) && BIND(EvalResult_dispose) &&
         BIND(getNumDiagnostics) && BIND(getDiagnostic) && BIND(disposeDiagnostic) && BIND(getDiagnosticSeverity) &&
         BIND(getDiagnosticSpelling) && BIND(getDiagnosticLocation) && BIND(getDiagnosticNumRanges) && BIND(getDiagnosticRange) &&
         BIND(getFileLocation) && BIND(getRangeStart) && BIND(getRangeEnd) && BIND(getFileName) && BIND(getFile) &&
         BIND(getSkippedRanges) && BIND(disposeSourceRangeList) && BIND(getInclusions);
}
#undef BIND

} // namespace

Result<const Library*> load() {
  static Library library{};
  static const bool loaded = [] {
    void* handle = open_any();
    return handle && bind_all(handle, library);
  }();
  if (loaded) return &library;
  return std::unexpected(not_installed());
}

Error not_installed() {
  return {"libclang cannot be loaded", "install `libclang1-19` (Debian, Ubuntu), `clang-libs` (Fedora) or another version of it", 0};
}

} // namespace trapline::clang
