#include "types/detached.h"

namespace trapline {

namespace {

std::shared_ptr<const StructType> copy(const StructType& record) {
  std::vector<Field> fields = record.fields();
  for (Field& field : fields) field.type = std::make_shared<const Type>(detached(*field.type));
  return std::make_shared<PlainStruct>(record.name(), record.size(), record.alignment(), std::move(fields));
}

Type pointee_of(const Type& type) {
  if (!type.is(Kind::Struct)) return detached(type);
  const StructType& record = *type.record;
  return Type::structure(std::make_shared<PlainStruct>(record.name(), record.size(), record.alignment(), std::vector<Field>()));
}

} // namespace

Type detached(const Type& type) {
  Type own = type;
  if (type.is(Kind::Struct)) own.record = copy(*type.record);
  if (type.element) own.element = std::make_shared<const Type>(type.is(Kind::Pointer) ? pointee_of(*type.element) : detached(*type.element));
  if (type.members) {
    std::vector<Type> members;
    for (const Type& member : *type.members) members.push_back(detached(member));
    own.members = std::make_shared<const std::vector<Type>>(std::move(members));
  }
  return own;
}

} // namespace trapline
