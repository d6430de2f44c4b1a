// Types that outlive what they were made from.
#include "types/detached.h"
#include "types/struct_reference.h"

#include <gtest/gtest.h>

namespace trapline {
namespace {

TEST(Detached, KeepsFieldsAndLetsGoOfPointees) {
  auto field = [](const char* name, Type type, uint32_t offset) { return Field{name, std::make_shared<const Type>(std::move(type)), offset}; };
  auto inner = std::make_shared<PlainStruct>("struct inner", 4, 4, std::vector<Field>{field("z", Type::integer(4, true), 0)});
  auto pointee = std::make_shared<PlainStruct>("struct far", 8, 8, std::vector<Field>{field("a", Type::integer(8, true), 0)});
  Type reference = Type::structure(std::make_shared<StructReference>(inner));
  auto outer = std::make_shared<PlainStruct>("struct outer", 16, 8,
                                             std::vector<Field>{field("in", reference, 0), field("far", Type::pointer(Type::structure(pointee), AddressSpace::User), 8)});
  Type kept = detached(Type::tuple({Type::array(Type::structure(outer), 2), Type::string(8)}));
  inner.reset();
  outer.reset();
  const Type& element = *(*kept.members)[0].element;
  EXPECT_EQ(element.record->name(), "struct outer");
  EXPECT_EQ(find_field(*find_field(*element.record, "in")->type->record, "z")->offset, 0U);
  const Type& far = *find_field(*element.record, "far")->type;
  EXPECT_EQ(to_string(far), "struct far *");
  EXPECT_EQ(far.element->size, 8U);
  EXPECT_TRUE(far.element->record->fields().empty());
}

TEST(Detached, OthersStayTheSame) {
  for (const Type& type : {Type::integer(4, true), Type::string(16), Type::hist(2), Type::pointer(Type::void_(), AddressSpace::Kernel), Type::array(Type::boolean(), 3)})
    EXPECT_EQ(detached(type), type) << to_string(type);
}

} // namespace
} // namespace trapline
