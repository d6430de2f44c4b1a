// Structs of every shape, laid out by our own reader and by libclang, compared with what the compiler of this test does.
#include "cdefs/cdefs.h"
#include "cdefs/libclang.h"
#include "sema_support.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <fstream>
#include <sstream>

// The two languages agree on all of it but a name.
#define _Bool bool
#include "live/workloads/c_shapes.h"
#undef _Bool

namespace trapline {
namespace {

std::string shapes_text() {
  std::ifstream in(TRAPLINE_SOURCE_DIR "/tests/live/workloads/c_shapes.h");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void expect_shapes(const StructType& record) {
  EXPECT_EQ(record.size(), sizeof(struct shapes));
  EXPECT_EQ(record.alignment(), alignof(struct shapes));
#define EXPECT_FIELD(name)                                                             \
  {                                                                                    \
    auto field = find_field(record, #name);                                            \
    ASSERT_TRUE(field) << #name;                                                       \
    EXPECT_EQ(field->offset, offsetof(struct shapes, name)) << #name;                  \
    EXPECT_EQ(field->type->size, sizeof(decltype(shapes::name))) << #name;             \
  }
  EXPECT_FIELD(c) EXPECT_FIELD(sc) EXPECT_FIELD(uc) EXPECT_FIELD(s) EXPECT_FIELD(us) EXPECT_FIELD(i) EXPECT_FIELD(u)
  EXPECT_FIELD(l) EXPECT_FIELD(ul) EXPECT_FIELD(ll) EXPECT_FIELD(ull) EXPECT_FIELD(yes) EXPECT_FIELD(f) EXPECT_FIELD(d)
  EXPECT_FIELD(wide) EXPECT_FIELD(text) EXPECT_FIELD(callback) EXPECT_FIELD(handlers) EXPECT_FIELD(row) EXPECT_FIELD(matrix)
  EXPECT_FIELD(names) EXPECT_FIELD(cube) EXPECT_FIELD(color) EXPECT_FIELD(big) EXPECT_FIELD(side) EXPECT_FIELD(direction)
  EXPECT_FIELD(tiny) EXPECT_FIELD(n) EXPECT_FIELD(first) EXPECT_FIELD(second) EXPECT_FIELD(third) EXPECT_FIELD(point)
  EXPECT_FIELD(inner) EXPECT_FIELD(bits) EXPECT_FIELD(tight) EXPECT_FIELD(half) EXPECT_FIELD(pair) EXPECT_FIELD(pairs)
  EXPECT_FIELD(word) EXPECT_FIELD(self) EXPECT_FIELD(same) EXPECT_FIELD(opaque) EXPECT_FIELD(aligned) EXPECT_FIELD(squeezed)
  EXPECT_FIELD(count)
#undef EXPECT_FIELD
  EXPECT_EQ(find_field(record, "tail")->type->count, 0U);
  EXPECT_EQ(to_string(*find_field(record, "row")->type), "int32[3] *");
  // Of functions: what they point to is no type of ours.
  const std::string handlers = to_string(*find_field(record, "handlers")->type);
  EXPECT_TRUE(handlers == "void *[3]" || handlers == "uint8 *[3]") << handlers;
  EXPECT_TRUE(find_field(*find_field(record, "same")->type->element->record, "tail"));
}

volatile int all_ones = -1;

// Sets one bit-field in zeroed memory and looks which bits that are.
template <typename T, typename Set> void expect_bits(const StructType& record, const char* name, uint32_t width, Set set) {
  T value;
  std::memset(&value, 0, sizeof value);
  set(value);
  unsigned char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof bytes);
  uint32_t first = 0, count = 0;
  for (uint32_t bit = 0; bit < 8 * sizeof(T); ++bit) {
    if ((bytes[bit / 8] >> bit % 8 & 1) == 0) continue;
    if (count++ == 0) first = bit;
  }
  auto field = find_field(record, name);
  ASSERT_TRUE(field) << name;
  EXPECT_EQ(field->offset * 8 + field->bit_offset, first) << name;
  EXPECT_EQ(field->bit_width, width) << name;
  EXPECT_EQ(count, width) << name;
}

#define EXPECT_BITS(type, name, width) expect_bits<type>(record, #name, width, [](type& value) { value.name = static_cast<decltype(value.name)>(all_ones); })

void expect_bit_fields(const StructType& record) {
  EXPECT_EQ(record.size(), sizeof(struct bits));
  EXPECT_BITS(bits, a, 3);
  EXPECT_BITS(bits, b, 5);
  EXPECT_BITS(bits, c, 30);
  EXPECT_BITS(bits, d, 40);
  EXPECT_BITS(bits, f, 3);
  EXPECT_BITS(bits, g, 1);
  EXPECT_BITS(bits, h, 4);
  EXPECT_BITS(bits, i, 12);
}

void expect_packed_bit_fields(const StructType& record) {
  EXPECT_EQ(record.size(), sizeof(struct tight));
  EXPECT_BITS(tight, s, 9);
  EXPECT_BITS(tight, t, 30);
  EXPECT_BITS(tight, u, 60);
  EXPECT_EQ(find_field(record, "last")->offset, offsetof(struct tight, last));
}

TEST(CLayout, OurOwnReaderAgreesWithTheCompiler) {
  sema::testing::Analyzed analyzed = sema::testing::analyze_text(shapes_text() + " BEGIN { }");
  ASSERT_EQ(analyzed.reported(), "");
  size_t seen = 0;
  for (const Type& type : analyzed.script->script_types) {
    if (!type.is(Kind::Struct)) continue;
    const StructType& record = *type.record;
    if (record.name() == "struct shapes") expect_shapes(record), ++seen;
    if (record.name() == "struct bits") expect_bit_fields(record), ++seen;
    if (record.name() == "struct tight") expect_packed_bit_fields(record), ++seen;
  }
  EXPECT_EQ(seen, 3U);
}

TEST(CLayout, LibclangAgreesWithTheCompiler) {
  if (!clang::load()) GTEST_SKIP() << "no libclang";
  FakeTypes kernel;
  CSource source;
  source.name = "script.bt";
  source.text = shapes_text();
  auto read = make_clang_parser()->parse(source, kernel);
  ASSERT_TRUE(read);
  ASSERT_TRUE((*read)->errors().empty()) << (*read)->errors()[0].message;
  expect_shapes(*(*read)->tagged("struct shapes").record);
  expect_bit_fields(*(*read)->tagged("struct bits").record);
  expect_packed_bit_fields(*(*read)->tagged("struct tight").record);
}

} // namespace
} // namespace trapline
