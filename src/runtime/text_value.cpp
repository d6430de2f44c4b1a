// Any value as text: what %s, print() and map output show.
#include "runtime/text_value.h"

namespace trapline::runtime {
namespace {

void append_members(std::string& out, const Type& tuple, const uint8_t* bytes, const Context& context) {
  const std::vector<uint32_t> offsets = tuple_offsets(tuple);
  for (size_t i = 0; i < offsets.size(); i++) {
    if (i > 0) out += ", ";
    append_text(out, (*tuple.members)[i], bytes + offsets[i], context);
  }
}

// { .a = 1, .b = 2 }
void append_named_members(std::string& out, const Type& record, const uint8_t* bytes, const Context& context) {
  const std::vector<uint32_t> offsets = tuple_offsets(record);
  const char* separator = "{ .";
  for (size_t i = 0; i < offsets.size(); i++) {
    out += separator;
    out += (*record.names)[i];
    out += " = ";
    append_text(out, (*record.members)[i], bytes + offsets[i], context);
    separator = ", .";
  }
  out += offsets.empty() ? "{}" : " }";
}

void append_array(std::string& out, const Type& array, const uint8_t* bytes, const Context& context) {
  out += '[';
  for (uint32_t i = 0; i < array.count; i++) {
    if (i > 0) out += ',';
    append_text(out, *array.element, bytes + static_cast<size_t>(i) * array.element->size, context);
  }
  out += ']';
}

void append_number_of(std::string& out, const Type& type, Number number) {
  switch (type.kind) {
    case Kind::Bool: out += number.bits ? "true" : "false"; break;
    case Kind::Pointer: append_hex(out, number.bits); break;
    case Kind::Enum:
      if (type.enumeration && type.enumeration->is_flags) {
        append_flags(out, *type.enumeration, number.bits);
      } else if (const std::string* name = enumerator_name(type, number)) {
        out += *name;
      } else {
        append_number(out, number);
      }
      break;
    default: append_number(out, number); break;
  }
}

void append_record(std::string& out, const StructType& record, const uint8_t* bytes, const Context& context) {
  const std::vector<Field> fields = flat_fields(record);
  if (fields.empty()) {
    out += "{}";
    return;
  }
  const char* separator = "{ .";
  for (const Field& field : fields) {
    out += separator;
    out += field.name;
    out += " = ";
    if (field.bit_width > 0) {
      append_number_of(out, *field.type, load_bit_field(field, bytes));
    } else {
      append_text(out, *field.type, bytes + field.offset, context);
    }
    separator = ", .";
  }
  out += " }";
}

} // namespace

void append_text(std::string& out, const Type& type, const uint8_t* bytes, const Context& context) {
  switch (type.kind) {
    case Kind::Int:
    case Kind::Bool:
    case Kind::Pointer:
    case Kind::Enum: append_number_of(out, type, load_scalar(type, bytes)); break;
    case Kind::String: append_string(out, type, bytes, context.program.settings); break;
    case Kind::Buffer: append_buffer(out, load_buffer(type, bytes), BufferStyle::Escaped); break;
    case Kind::Array: append_array(out, type, bytes, context); break;
    case Kind::Struct: append_record(out, *type.record, bytes, context); break;
    case Kind::Tuple:
      if (type.is_named_tuple()) {
        append_named_members(out, type, bytes, context);
        break;
      }
      out += '(';
      append_members(out, type, bytes, context);
      out += ')';
      break;
    case Kind::KStack:
    case Kind::UStack: append_stack(out, type, bytes, context); break;
    case Kind::KSym:
    case Kind::USym: append_symbol(out, type, bytes, context); break;
    case Kind::Probe: {
      const uint64_t index = load(bytes, 8);
      if (index < context.program.probe_names.size()) out += context.program.probe_names[index];
      break;
    }
    case Kind::Inet: append_inet(out, bytes); break;
    case Kind::Mac: append_mac(out, bytes); break;
    case Kind::Username: out += context.resolver.username(load(bytes, 8)); break;
    case Kind::CgroupPath: {
      const uint64_t pattern = load(bytes + 8, 4);
      const std::vector<std::string>& strings = context.program.strings;
      out += context.resolver.cgroup_path(load(bytes, 8), pattern < strings.size() ? strings[pattern] : std::string());
      break;
    }
    case Kind::Timestamp: append_timestamp(out, bytes, context); break;
    default: out += "null"; break;
  }
}

void append_text_key(std::string& out, const Type& type, const uint8_t* bytes, const Context& context) {
  if (type.kind == Kind::Tuple && !type.is_named_tuple()) {
    append_members(out, type, bytes, context);
  } else {
    append_text(out, type, bytes, context);
  }
}

} // namespace trapline::runtime
