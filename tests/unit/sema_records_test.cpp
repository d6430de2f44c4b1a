// Layout of the script's own structs, unions and enums, as a C compiler lays them out.
#include "sema/type_names.h"
#include "sema_support.h"

#include <gtest/gtest.h>

namespace trapline::sema {
namespace {

using testing::Analyzed;

struct Layout {
  Analyzed analyzed;
  const StructType* record = nullptr;

  uint32_t offset(std::string_view name) const { return find_field(*record, name)->offset; }
  const Field field(std::string_view name) const { return *find_field(*record, name); }
};

// The last definition of the text, which must be called `name`.
Layout laid_out(const std::string& definitions, std::string_view name) {
  Layout layout{testing::analyze_text(definitions + " BEGIN { }")};
  if (!layout.analyzed.script) return layout;
  for (const Type& type : layout.analyzed.script->script_types) {
    if (type.is(Kind::Struct) && type.record->name() == name) layout.record = type.record.get();
  }
  return layout;
}

// What each of these is compared to is what gcc says for the same text on x86-64.
struct PlainC {
  char tag;
  long number;
  short tail;
};
struct BitsC {
  unsigned a : 3;
  unsigned b : 30;
  unsigned char c : 2;
};

TEST(Records, PadsLikeC) {
  Layout layout = laid_out("struct plain { char tag; long number; short tail; };", "struct plain");
  ASSERT_TRUE(layout.record);
  EXPECT_EQ(layout.record->size(), sizeof(PlainC));
  EXPECT_EQ(layout.record->alignment(), alignof(PlainC));
  EXPECT_EQ(layout.offset("number"), offsetof(PlainC, number));
  EXPECT_EQ(layout.offset("tail"), offsetof(PlainC, tail));
}

TEST(Records, PacksWhenTold) {
  Layout layout = laid_out("struct packed { char tag; long number; short tail; } __attribute__((packed));", "struct packed");
  ASSERT_TRUE(layout.record);
  EXPECT_EQ(layout.record->size(), 11U);
  EXPECT_EQ(layout.offset("number"), 1U);
}

TEST(Records, PlacesBitFields) {
  Layout layout = laid_out("struct bits { unsigned int a : 3; unsigned int b : 30; unsigned char c : 2; };", "struct bits");
  ASSERT_TRUE(layout.record);
  EXPECT_EQ(layout.record->size(), sizeof(BitsC));
  Field a = layout.field("a"), b = layout.field("b"), c = layout.field("c");
  EXPECT_EQ(a.offset * 8 + a.bit_offset, 0U);
  EXPECT_EQ(b.offset * 8 + b.bit_offset, 32U);
  EXPECT_EQ(c.offset * 8 + c.bit_offset, 62U);
  EXPECT_EQ(b.bit_width, 30U);
}

TEST(Records, UnionsOverlap) {
  Layout layout = laid_out("union either { char small; long large; int half[3]; };", "union either");
  ASSERT_TRUE(layout.record);
  EXPECT_EQ(layout.record->size(), 16U);
  EXPECT_EQ(layout.offset("half"), 0U);
}

TEST(Records, LooksThroughAnonymousMembers) {
  Layout layout = laid_out("struct outer { int first; union { struct { short a; short b; }; int both; }; };", "struct outer");
  ASSERT_TRUE(layout.record);
  EXPECT_EQ(layout.offset("b"), 6U);
  EXPECT_EQ(layout.offset("both"), 4U);
}

TEST(Records, MayPointToThemselvesAndToLaterOnes) {
  Layout layout = laid_out("struct list { struct list *next; struct later *other; }; struct later { int x; };", "struct list");
  ASSERT_TRUE(layout.record);
  Field next = layout.field("next");
  EXPECT_EQ(to_string(*next.type), "struct list *");
  EXPECT_TRUE(find_field(*next.type->element->record, "other"));
}

TEST(Records, MayPointToWhatIsNotDefined) {
  Layout layout = laid_out("struct handle { struct secret *hidden; };", "struct handle");
  ASSERT_TRUE(layout.record);
  EXPECT_EQ(layout.record->size(), 8U);
}

TEST(Records, ReportsWhatIsWrong) {
  auto reported = [](const std::string& text) { return testing::analyze_text(text + " BEGIN { }").reported(); };
  EXPECT_EQ(reported("struct a { struct a inside; };"), "IncompleteType");
  EXPECT_EQ(reported("struct a { nonsense x; };"), "UnknownType");
  EXPECT_EQ(reported("struct a { int x; char x; };"), "Redeclared");
  EXPECT_EQ(reported("struct a { int x; }; struct a { int y; };"), "Redeclared");
  EXPECT_EQ(reported("struct a { int x : 40; };"), "OutOfRange");
  EXPECT_EQ(reported("struct a { int x[1000000000]; };"), "OutOfRange");
}

TEST(Records, EnumeratorsCountOn) {
  auto result = testing::analyze_text("enum e { A = 4, B, C = A + 10, D = -1 }; BEGIN { @x = (uint64)B; @y = C; }");
  ASSERT_TRUE(result.script);
  EXPECT_EQ(result.map("@y"), "enum e");
}

TEST(Records, TheScriptsDefinitionsBeatTheKernels) {
  auto result = testing::analyze_text("struct task_struct { int only; }; BEGIN { @x = ((struct task_struct *)0)->only; }");
  EXPECT_EQ(result.reported(), "");
}

} // namespace
} // namespace trapline::sema
