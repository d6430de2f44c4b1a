// libclang, loaded at run time: the part of its C interface that is used here. The declarations restate its ABI, which has
// been stable since LLVM 3, so that neither building nor starting trapline needs it.
#pragma once

#include "support/result.h"

#include <memory>
#include <string>

namespace trapline::clang {

// --- values that the library hands out, by its names for them

struct CXString {
  const void* data;
  unsigned flags;
};

enum CursorKind : int {
  StructDecl = 2,
  UnionDecl = 3,
  EnumDecl = 5,
  FieldDecl = 6,
  EnumConstantDecl = 7,
  VarDecl = 9,
  TypedefDecl = 20,
};

struct CXCursor {
  int kind;
  int xdata;
  const void* data[3];
};

enum TypeKind : int {
  TypeVoid = 2,
  TypeBool = 3,
  TypeCharU = 4,
  TypeUChar = 5,
  TypeUShort = 8,
  TypeULongLong = 11,
  TypeUInt128 = 12,
  TypeCharS = 13,
  TypeWChar = 15,
  TypeLongLong = 19,
  TypeInt128 = 20,
  TypeFloat = 21,
  TypeLongDouble = 23,
  TypePointer = 101,
  TypeRecord = 105,
  TypeEnum = 106,
  TypeConstantArray = 112,
  TypeIncompleteArray = 114,
};

struct CXType {
  int kind;
  void* data[2];
};

struct CXSourceLocation {
  const void* pointers[2];
  unsigned number;
};
struct CXSourceRange {
  const void* pointers[2];
  unsigned begin, end;
};
struct CXSourceRangeList {
  unsigned count;
  CXSourceRange* ranges;
};
struct CXUnsavedFile {
  const char* name;
  const char* contents;
  unsigned long length;
};

enum class EvalKind : int { Int = 1, Float = 2, StringLiteral = 4 };
enum class Visit : int { Break = 0, Continue = 1, Recurse = 2 };
inline constexpr int kSeverityError = 3;
// CXTranslationUnit_...
inline constexpr unsigned kDetailedPreprocessingRecord = 0x01, kSkipFunctionBodies = 0x40, kKeepGoing = 0x200;

using CXIndex = void*;
using CXTranslationUnit = void*;
using CXDiagnostic = void*;
using CXEvalResult = void*;
using CXFile = void*;
using Visitor = Visit (*)(CXCursor cursor, CXCursor parent, void* data);
using FieldVisitor = Visit (*)(CXCursor field, void* data); // Break and Continue only

// One member for each function: the name without its `clang_`.
struct Library {
  CXIndex (*createIndex)(int exclude_pch, int display);
  void (*disposeIndex)(CXIndex);
  int (*parseTranslationUnit2)(CXIndex, const char* file, const char* const* args, int count, CXUnsavedFile*, unsigned, unsigned options,
                               CXTranslationUnit*);
  void (*disposeTranslationUnit)(CXTranslationUnit);
  CXCursor (*getTranslationUnitCursor)(CXTranslationUnit);
  unsigned (*visitChildren)(CXCursor, Visitor, void*);
  unsigned (*Type_visitFields)(CXType, FieldVisitor, void*);

  const char* (*getCString)(CXString);
  void (*disposeString)(CXString);
  CXString (*getCursorSpelling)(CXCursor);
  CXType (*getCursorType)(CXCursor);
  unsigned (*isCursorDefinition)(CXCursor);
  CXType (*getTypedefDeclUnderlyingType)(CXCursor);
  CXType (*getEnumDeclIntegerType)(CXCursor);
  long long (*getEnumConstantDeclValue)(CXCursor);
  unsigned (*Cursor_isBitField)(CXCursor);
  int (*getFieldDeclBitWidth)(CXCursor);
  long long (*Cursor_getOffsetOfField)(CXCursor);
  CXCursor (*getCursorSemanticParent)(CXCursor);
  CXSourceLocation (*getCursorLocation)(CXCursor);

  CXString (*getTypeSpelling)(CXType);
  CXType (*getCanonicalType)(CXType);
  CXType (*getPointeeType)(CXType);
  CXType (*getArrayElementType)(CXType);
  long long (*getArraySize)(CXType);
  CXCursor (*getTypeDeclaration)(CXType);
  long long (*Type_getSizeOf)(CXType);
  long long (*Type_getAlignOf)(CXType);

  CXEvalResult (*Cursor_Evaluate)(CXCursor);
  EvalKind (*EvalResult_getKind)(CXEvalResult);
  long long (*EvalResult_getAsLongLong)(CXEvalResult);
  unsigned long long (*EvalResult_getAsUnsigned)(CXEvalResult);
  unsigned (*EvalResult_isUnsignedInt)(CXEvalResult);
  const char* (*EvalResult_getAsStr)(CXEvalResult);
  void (*EvalResult_dispose)(CXEvalResult);

  unsigned (*getNumDiagnostics)(CXTranslationUnit);
  CXDiagnostic (*getDiagnostic)(CXTranslationUnit, unsigned);
  void (*disposeDiagnostic)(CXDiagnostic);
  int (*getDiagnosticSeverity)(CXDiagnostic);
  CXString (*getDiagnosticSpelling)(CXDiagnostic);
  CXSourceLocation (*getDiagnosticLocation)(CXDiagnostic);
  unsigned (*getDiagnosticNumRanges)(CXDiagnostic);
  CXSourceRange (*getDiagnosticRange)(CXDiagnostic, unsigned);

  void (*getFileLocation)(CXSourceLocation, CXFile*, unsigned* line, unsigned* column, unsigned* offset);
  CXSourceLocation (*getRangeStart)(CXSourceRange);
  CXSourceLocation (*getRangeEnd)(CXSourceRange);
  CXString (*getFileName)(CXFile);
  CXFile (*getFile)(CXTranslationUnit, const char*);
  CXSourceRangeList* (*getSkippedRanges)(CXTranslationUnit, CXFile);
  void (*disposeSourceRangeList)(CXSourceRangeList*);
  using InclusionVisitor = void (*)(CXFile included, CXSourceLocation* stack, unsigned depth, void* data);
  void (*getInclusions)(CXTranslationUnit, InclusionVisitor, void*);

  std::string text(CXString string) const {
    const char* characters = getCString(string);
    std::string copy = characters ? characters : "";
    disposeString(string);
    return copy;
  }
};

// Loaded once and kept; else not_installed().
Result<const Library*> load();
// Which package is missing.
Error not_installed();

} // namespace trapline::clang
