// Sizes, layouts, equality, names and histogram arithmetic of types.
#include "types/type.h"

#include <gtest/gtest.h>

using namespace trapline;

namespace {

std::shared_ptr<const Type> shared(Type type) { return std::make_shared<const Type>(std::move(type)); }

Field field(std::string name, Type type, uint32_t offset) { return {std::move(name), shared(std::move(type)), offset}; }

std::shared_ptr<const StructType> pair_struct(const std::string& name) {
  return std::make_shared<PlainStruct>(
      name, 16, 8, std::vector{field("first", Type::integer(4, true), 0), field("second", Type::integer(8, false), 8)});
}

TEST(Type, NamesAreThoseOfTheLanguage) {
  auto int32 = Type::integer(4, true);
  auto color = std::make_shared<const EnumType>(EnumType{"color", {{"RED", 0}}});
  EXPECT_EQ(to_string(Type::integer(8, true)), "int64");
  EXPECT_EQ(to_string(Type::integer(4, false)), "uint32");
  EXPECT_EQ(to_string(Type::boolean()), "bool");
  EXPECT_EQ(to_string(Type::void_()), "void");
  EXPECT_EQ(to_string(Type::string(64)), "string[64]");
  EXPECT_EQ(to_string(Type::buffer(64)), "buffer[64]");
  EXPECT_EQ(to_string(Type::array(int32, 4)), "int32[4]");
  EXPECT_EQ(to_string(Type::array(Type::array(int32, 3), 2)), "int32[2][3]");
  EXPECT_EQ(to_string(Type::tuple({Type::integer(4, false), Type::string(16)})), "(uint32,string[16])");
  EXPECT_EQ(to_string(Type::enumerated(color, 4, false)), "enum color");
  EXPECT_EQ(to_string(Type::pointer(Type::void_(), AddressSpace::User)), "void *");
  auto record = Type::structure(pair_struct("struct pair"));
  EXPECT_EQ(to_string(record), "struct pair");
  auto pointer = Type::pointer(record, AddressSpace::Kernel);
  EXPECT_EQ(to_string(pointer), "struct pair *");
  EXPECT_EQ(to_string(Type::pointer(pointer, AddressSpace::Kernel)), "struct pair **");
  EXPECT_EQ(to_string(Type::aggregate(Kind::Count, false)), "count_t");
  EXPECT_EQ(to_string(Type::aggregate(Kind::Sum, true)), "sum_t");
  EXPECT_EQ(to_string(Type::aggregate(Kind::Max, false)), "umax_t");
  EXPECT_EQ(to_string(Type::hist(0)), "hist_t");
  EXPECT_EQ(to_string(Type::lhist(0, 100, 10)), "lhist_t");
  EXPECT_EQ(to_string(Type::kstack(StackMode::Bpftrace, 127)), "kstack");
  EXPECT_EQ(to_string(Type::simple(Kind::KSym)), "ksym_t");
  EXPECT_EQ(to_string(Type::simple(Kind::Mac)), "macaddr_t");
  EXPECT_EQ(to_string(Type::simple(Kind::Username)), "username_t");
  EXPECT_EQ(to_string(Type::simple(Kind::Timestamp)), "timestamp");
}

TEST(Type, SizesFollowTheStoredLayout) {
  EXPECT_EQ(Type::buffer(64).size, 68u);
  EXPECT_EQ(Type::kstack(StackMode::Raw, 127).size, 8u + 127 * 8);
  EXPECT_EQ(Type::ustack(StackMode::Raw, 3).size, 16u + 3 * 8);
  EXPECT_EQ(Type::simple(Kind::USym).size, 16u);
  EXPECT_EQ(Type::simple(Kind::KSym).size, 8u);
  EXPECT_EQ(Type::simple(Kind::Inet).size, 24u);
  EXPECT_EQ(Type::simple(Kind::Mac).size, 6u);
  EXPECT_EQ(Type::simple(Kind::Timestamp).size, 16u);
  EXPECT_EQ(Type::aggregate(Kind::Count, false).size, 8u);
  EXPECT_EQ(Type::aggregate(Kind::Stats, true).size, 16u);
  EXPECT_EQ(Type::array(Type::integer(2, false), 5).size, 10u);
  EXPECT_EQ(Type::array(Type::integer(2, false), 0).size, 0u);
}

TEST(Type, TuplesArePaddedLikeStructs) {
  Type tuple = Type::tuple({Type::integer(1, false), Type::integer(8, true), Type::string(3), Type::integer(2, true)});
  EXPECT_EQ(tuple_offsets(tuple), (std::vector<uint32_t>{0, 8, 16, 20}));
  EXPECT_EQ(tuple.size, 24u);
  EXPECT_EQ(tuple.alignment(), 8u);
  EXPECT_EQ(Type::tuple({}).size, 0u);
  Type nested = Type::tuple({Type::integer(4, false), tuple});
  EXPECT_EQ(tuple_offsets(nested), (std::vector<uint32_t>{0, 8}));
  EXPECT_EQ(nested.size, 32u);
  EXPECT_EQ(Type::tuple({Type::buffer(3), Type::simple(Kind::Mac)}).size, 16u);
}

TEST(Type, EqualityIsStructural) {
  Type kernel = Type::pointer(Type::integer(4, true), AddressSpace::Kernel);
  Type user = Type::pointer(Type::integer(4, true), AddressSpace::User);
  EXPECT_EQ(kernel, user);
  EXPECT_FALSE(kernel == Type::pointer(Type::integer(4, false), AddressSpace::Kernel));
  EXPECT_FALSE(Type::string(64) == Type::string(65));
  EXPECT_FALSE(Type::kstack(StackMode::Raw, 10) == Type::kstack(StackMode::Perf, 10));
  EXPECT_FALSE(Type::lhist(0, 100, 10) == Type::lhist(10, 110, 10));
  EXPECT_EQ(Type::tuple({kernel, Type::boolean()}), Type::tuple({user, Type::boolean()}));
  EXPECT_FALSE(Type::tuple({kernel}) == Type::tuple({Type::boolean()}));
  EXPECT_EQ(Type::structure(pair_struct("struct pair")), Type::structure(pair_struct("struct pair")));
  EXPECT_FALSE(Type::structure(pair_struct("struct pair")) == Type::structure(pair_struct("struct other")));
  EXPECT_FALSE(Type::aggregate(Kind::Sum, true) == Type::aggregate(Kind::Sum, false));
}

TEST(Type, AnonymousStructsAreComparedByFields) {
  auto one = std::make_shared<PlainStruct>("struct", 8, 8, std::vector{field("a", Type::integer(8, true), 0)});
  auto two = std::make_shared<PlainStruct>("struct", 8, 8, std::vector{field("b", Type::integer(8, true), 0)});
  EXPECT_EQ(Type::structure(one), Type::structure(one));
  EXPECT_FALSE(Type::structure(one) == Type::structure(two));
}

TEST(Type, FieldsAreFoundThroughAnonymousMembers) {
  Field flags{"flag", shared(Type::integer(4, false)), 4, 3, 2};
  auto inner = std::make_shared<PlainStruct>("union", 8, 4, std::vector{field("low", Type::integer(4, false), 0), flags});
  auto middle = std::make_shared<PlainStruct>("struct", 16, 4, std::vector{field("", Type::structure(inner), 8)});
  PlainStruct outer("struct outer", 24, 8, {field("head", Type::integer(8, true), 0), field("", Type::structure(middle), 8)});
  auto found = find_field(outer, "flag");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->offset, 20u);
  EXPECT_EQ(found->bit_offset, 3u);
  EXPECT_EQ(found->bit_width, 2u);
  EXPECT_FALSE(find_field(outer, "tail"));
  EXPECT_EQ(field_names(outer), (std::vector<std::string_view>{"head", "low", "flag"}));
}

class HistSlots : public testing::TestWithParam<uint32_t> {};

TEST_P(HistSlots, EverySlotStartsAtItsFloor) {
  uint32_t bits = GetParam();
  for (uint32_t slot = 1; slot < hist_slots(bits); ++slot) {
    uint64_t floor = hist_slot_floor(bits, slot);
    EXPECT_EQ(hist_slot(bits, static_cast<int64_t>(floor), false), slot);
    if (slot > 1) {
      EXPECT_EQ(hist_slot(bits, static_cast<int64_t>(floor - 1), false), slot - 1);
    }
  }
  EXPECT_EQ(hist_slot(bits, -1, false), hist_slots(bits) - 1);
  EXPECT_EQ(hist_slot(bits, -1, true), 0u);
}

INSTANTIATE_TEST_SUITE_P(AllBits, HistSlots, testing::Range(0u, 6u));

TEST(Hist, PowersOfTwo) {
  EXPECT_EQ(hist_slot(0, 0, true), 1u);
  EXPECT_EQ(hist_slot(0, 1, true), 2u);
  EXPECT_EQ(hist_slot(0, 2, true), 3u);
  EXPECT_EQ(hist_slot(0, 3, true), 3u);
  EXPECT_EQ(hist_slot(0, 1024, true), 12u);
  EXPECT_EQ(hist_slot_floor(0, 12), 1024u);
}

TEST(LHist, SlotsHoldBothEnds) {
  EXPECT_EQ(lhist_slots(Type::lhist(0, 100, 10)), 12u);
  EXPECT_EQ(lhist_slots(Type::lhist(0, 95, 10)), 12u);
  EXPECT_EQ(lhist_slots(Type::lhist(-20, 20, 1)), 42u);
  EXPECT_EQ(Type::lhist(0, 100, 10).size, 96u);
}

} // namespace
