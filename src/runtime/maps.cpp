// Printing order of map elements.
#include "runtime/maps.h"

#include <algorithm>
#include <cstring>

namespace trapline::runtime {
namespace {

int compare_numbers(Number left, Number right) { return left < right ? -1 : right < left ? 1 : 0; }

int compare(const Type& type, const uint8_t* a, const uint8_t* b);

int compare_records(const StructType& record, const uint8_t* a, const uint8_t* b) {
  for (const Field& field : flat_fields(record)) {
    const int order = field.bit_width > 0 ? compare_numbers(load_bit_field(field, a), load_bit_field(field, b))
                                          : compare(*field.type, a + field.offset, b + field.offset);
    if (order != 0) return order;
  }
  return 0;
}

// Three-way order of values of one type: numbers by value, text by bytes, what has members by these, anything else by its
// bytes.
int compare(const Type& type, const uint8_t* a, const uint8_t* b) {
  if (type.is_scalar()) return compare_numbers(load_scalar(type, a), load_scalar(type, b));
  switch (type.kind) {
    case Kind::Tuple: {
      const std::vector<uint32_t> offsets = tuple_offsets(type);
      for (size_t i = 0; i < offsets.size(); i++) {
        const int order = compare((*type.members)[i], a + offsets[i], b + offsets[i]);
        if (order != 0) return order;
      }
      return 0;
    }
    case Kind::Array:
      for (size_t i = 0; i < type.count; i++) {
        const int order = compare(*type.element, a + i * type.element->size, b + i * type.element->size);
        if (order != 0) return order;
      }
      return 0;
    case Kind::Struct: return compare_records(*type.record, a, b);
    case Kind::String: return load_string(type, a).compare(load_string(type, b));
    case Kind::Buffer: {
      const std::span<const uint8_t> left = load_buffer(type, a), right = load_buffer(type, b);
      const int order = std::memcmp(left.data(), right.data(), std::min(left.size(), right.size()));
      return order != 0 ? order : compare_numbers({left.size()}, {right.size()});
    }
    case Kind::Timestamp: return compare_numbers({load(a, 8)}, {load(b, 8)});
    default: return std::memcmp(a, b, type.size);
  }
}

bool has_sort_value(const Type& type) {
  return type.is(Kind::Int) || type.is(Kind::Enum) || (type.is_aggregate() && !type.is(Kind::TSeries));
}

Number sort_value(const Type& type, const MapRow& row) {
  if (!type.is_aggregate()) return load_scalar(type, row.value);
  return type.is_histogram() ? Number{row.aggregate.count, false} : row.aggregate.number;
}

int compare_values(const Type& type, const MapRow& a, const MapRow& b) {
  if (has_sort_value(type)) return compare_numbers(sort_value(type, a), sort_value(type, b));
  return type.is_aggregate() ? 0 : compare(type, a.value, b.value);
}

void sort_rows(MapView& view) {
  const MapSpec& spec = *view.spec;
  const bool by_value = view.print.by == MapPrint::By::Value || (view.print.by == MapPrint::By::Usual && has_sort_value(spec.value));
  std::sort(view.rows.begin(), view.rows.end(), [&](const MapRow& a, const MapRow& b) {
    const int order = by_value ? compare_values(spec.value, a, b) : 0;
    return order != 0 ? order < 0 : compare(spec.key, a.key, b.key) < 0;
  });
}

// From the largest value down; elements of the same value stay in the order of their keys.
void reverse_rows(MapView& view) {
  std::reverse(view.rows.begin(), view.rows.end());
  if (view.print.by == MapPrint::By::Key) return;
  const Type& type = view.spec->value;
  if (view.print.by == MapPrint::By::Usual && !has_sort_value(type)) return;
  for (auto first = view.rows.begin(); first != view.rows.end();) {
    const auto last = std::find_if(first, view.rows.end(), [&](const MapRow& row) { return compare_values(type, *first, row) != 0; });
    std::reverse(first, last);
    first = last;
  }
}

} // namespace

MapView arrange(const MapImage& image, const MapPrint& print) {
  const MapSpec& spec = *image.spec;
  MapView view{.spec = &spec, .rows = {}, .print = print};
  if (view.print.divisor == 0) view.print.divisor = 1;
  view.rows.reserve(image.count);
  for (size_t i = 0; i < image.count; i++) {
    MapRow row{.key = spec.keyed ? image.key(i) : nullptr, .value = image.value(i), .aggregate = {}};
    if (spec.value.is_aggregate()) row.aggregate = merge(spec.value, row.value, image.stride, image.copies);
    view.rows.push_back(std::move(row));
  }
  if (spec.keyed) sort_rows(view);
  if (print.top > 0 && static_cast<size_t>(print.top) < view.rows.size()) {
    view.rows.erase(view.rows.begin(), view.rows.end() - print.top);
  }
  if (spec.keyed && print.descending) reverse_rows(view);
  return view;
}

Number displayed_number(const MapView& view, const MapRow& row) {
  const Type& type = view.spec->value;
  const Number number = type.is_aggregate() ? row.aggregate.number : load_scalar(type, row.value);
  if (view.print.divisor == 1) return number;
  return divide(number, {static_cast<uint64_t>(view.print.divisor), true});
}

} // namespace trapline::runtime
