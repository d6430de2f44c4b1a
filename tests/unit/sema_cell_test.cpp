// Cell: the type of a place from everything that is put there.
#include "sema/cell.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace trapline::sema {
namespace {

const Type kInt8 = Type::integer(1, true), kUint8 = Type::integer(1, false);
const Type kInt32 = Type::integer(4, true), kUint32 = Type::integer(4, false);
const Type kInt64 = Type::integer(8, true), kUint64 = Type::integer(8, false);

Cell literal(int64_t value) { return Cell::literal(static_cast<uint64_t>(value), true); }

// The text of the type that these make in every order; "" where they do not go together, and a note when orders differ.
std::string joined(std::vector<Cell> cells) {
  std::vector<size_t> order(cells.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::vector<std::string> results;
  do {
    Cell cell;
    bool fits = std::all_of(order.begin(), order.end(), [&](size_t i) { return cell.merge(cells[i]); });
    results.push_back(fits ? to_string(cell.type()) : "");
  } while (std::next_permutation(order.begin(), order.end()));
  bool same = std::all_of(results.begin(), results.end(), [&](const std::string& r) { return r == results[0]; });
  return same ? results[0] : "depends on the order";
}

TEST(Cell, IsUnknownWhileEmpty) {
  Cell cell;
  EXPECT_TRUE(cell.empty());
  EXPECT_TRUE(cell.type().is_error());
  EXPECT_TRUE(cell.merge(Cell::of(Type::error())));
  EXPECT_TRUE(cell.empty());
}

TEST(Cell, LiteralsAloneMakeSixtyFourBits) {
  EXPECT_EQ(joined({literal(1)}), "int64");
  EXPECT_EQ(joined({literal(1), literal(-1)}), "int64");
  EXPECT_EQ(joined({Cell::literal(UINT64_MAX, false)}), "uint64");
}

TEST(Cell, LiteralsAdoptTheSignOfOthers) {
  EXPECT_EQ(joined({literal(1), Cell::of(kUint32)}), "uint32");
  EXPECT_EQ(joined({literal(1), Cell::of(kUint64)}), "uint64");
  EXPECT_EQ(joined({literal(1), Cell::of(kInt32)}), "int32");
}

TEST(Cell, LiteralsAskForTheirWidth) {
  EXPECT_EQ(joined({literal(300), Cell::of(kUint8)}), "uint16");
  EXPECT_EQ(joined({literal(128), Cell::of(kInt8)}), "int16");
  EXPECT_EQ(joined({literal(5000000000), Cell::of(kUint32)}), "uint64");
}

TEST(Cell, NegativeLiteralsNeedASign) {
  EXPECT_EQ(joined({literal(-1), Cell::of(kInt32)}), "int32");
  EXPECT_EQ(joined({literal(-1), Cell::of(kUint32)}), "int64");
  EXPECT_EQ(joined({literal(-1), Cell::of(kUint64)}), "int64");
}

TEST(Cell, IntegersAreWidened) {
  EXPECT_EQ(joined({Cell::of(kUint8), Cell::of(kUint32)}), "uint32");
  EXPECT_EQ(joined({Cell::of(kUint8), Cell::of(kInt32)}), "int32");
  EXPECT_EQ(joined({Cell::of(kUint32), Cell::of(kInt32)}), "int64");
  EXPECT_EQ(joined({Cell::of(kUint64), Cell::of(kInt64)}), "int64");
}

TEST(Cell, CountingIsWide) {
  EXPECT_EQ(joined({Cell::wide()}), "int64");
  EXPECT_EQ(joined({Cell::wide(), Cell::of(kUint32)}), "uint64");
  EXPECT_EQ(joined({Cell::wide(), Cell::of(kInt32), literal(0)}), "int64");
}

TEST(Cell, BooleansStayOneByteOfTheirOwn) {
  EXPECT_EQ(joined({Cell::of(Type::boolean()), literal(1)}), "bool");
  EXPECT_EQ(joined({Cell::of(Type::boolean()), literal(7)}), "uint8");
  EXPECT_EQ(joined({Cell::of(Type::boolean()), Cell::of(kInt64)}), "int64");
}

TEST(Cell, TextTakesTheLargestCapacity) {
  EXPECT_EQ(joined({Cell::of(Type::string(4)), Cell::of(Type::string(16))}), "string[16]");
  EXPECT_EQ(joined({Cell::of(Type::string(4)), literal(1)}), "");
}

TEST(Cell, ZeroIsTheNullPointer) {
  Cell pointer = Cell::of(Type::pointer(kInt8, AddressSpace::User));
  EXPECT_EQ(joined({pointer, literal(0)}), "int8 *");
  EXPECT_EQ(joined({pointer, literal(1)}), "");
}

TEST(Cell, PointersAgreeOnWhatTheyPointTo) {
  Cell to_int = Cell::of(Type::pointer(kInt32, AddressSpace::Kernel));
  Cell to_char = Cell::of(Type::pointer(kInt8, AddressSpace::Kernel));
  Cell to_anything = Cell::of(Type::pointer(Type::void_(), AddressSpace::None));
  EXPECT_EQ(joined({to_int, to_char}), "");
  EXPECT_EQ(joined({to_int, to_anything}), "int32 *");
}

TEST(Cell, TuplesAreJoinedMemberByMember) {
  Cell first = Cell::tuple({literal(1), Cell::of(Type::string(4))});
  Cell second = Cell::of(Type::tuple({kUint32, Type::string(16)}));
  EXPECT_EQ(joined({first, second}), "(uint32,string[16])");
  EXPECT_EQ(joined({first, Cell::tuple({literal(1)})}), "");
  EXPECT_EQ(joined({first, literal(1)}), "");
}

TEST(Cell, StacksAgreeInModeAndLimit) {
  Cell three = Cell::of(Type::kstack(StackMode::Bpftrace, 3));
  EXPECT_EQ(joined({three, Cell::of(Type::kstack(StackMode::Bpftrace, 3))}), "kstack");
  EXPECT_EQ(joined({three, Cell::of(Type::kstack(StackMode::Bpftrace, 4))}), "");
  EXPECT_EQ(joined({three, Cell::of(Type::kstack(StackMode::Perf, 3))}), "");
}

TEST(Cell, AggregationsDoNotMixWithNumbers) {
  Cell sum = Cell::of(Type::aggregate(Kind::Sum, false));
  EXPECT_EQ(joined({sum, Cell::of(Type::aggregate(Kind::Sum, true))}), "sum_t");
  EXPECT_EQ(joined({sum, Cell::of(Type::aggregate(Kind::Avg, false))}), "");
  EXPECT_EQ(joined({sum, literal(1)}), "");
}

TEST(Cell, KeepsWhatItHadWhenSomethingDoesNotFit) {
  Cell cell = Cell::of(kUint32);
  EXPECT_FALSE(cell.merge(Cell::of(Type::string(4))));
  EXPECT_EQ(to_string(cell.type()), "uint32");
}

} // namespace
} // namespace trapline::sema
