// Printing order of map elements.
#include "runtime/maps.h"

#include <algorithm>
#include <cstring>

namespace trapline::runtime {
namespace {

// Three-way order of keys: numbers by value, strings by bytes, tuples member by member, anything else by its bytes.
int compare_keys(const Type& type, const uint8_t* a, const uint8_t* b) {
  if (type.kind == Kind::Tuple) {
    const std::vector<uint32_t> offsets = tuple_offsets(type);
    for (size_t i = 0; i < offsets.size(); i++) {
      const int order = compare_keys((*type.members)[i], a + offsets[i], b + offsets[i]);
      if (order != 0) return order;
    }
    return 0;
  }
  if (type.is_scalar()) {
    const Number left = load_scalar(type, a), right = load_scalar(type, b);
    return left < right ? -1 : right < left ? 1 : 0;
  }
  if (type.kind == Kind::String) return load_string(type, a).compare(load_string(type, b));
  return std::memcmp(a, b, type.size);
}

bool sorts_by_value(const Type& type) { return type.is(Kind::Int) || type.is(Kind::Enum) || type.is_aggregate(); }

Number sort_value(const Type& type, const MapRow& row) {
  if (!type.is_aggregate()) return load_scalar(type, row.value);
  const bool is_histogram = type.is(Kind::Hist) || type.is(Kind::LHist);
  return is_histogram ? Number{row.aggregate.count, false} : row.aggregate.number;
}

} // namespace

MapView arrange(const MapImage& image, int64_t top, int64_t divisor) {
  const MapSpec& spec = *image.spec;
  MapView view{.spec = &spec, .rows = {}, .divisor = divisor == 0 ? 1 : divisor};
  view.rows.reserve(image.count);
  for (size_t i = 0; i < image.count; i++) {
    MapRow row{.key = spec.keyed ? image.key(i) : nullptr, .value = image.value(i), .aggregate = {}};
    if (spec.value.is_aggregate()) row.aggregate = merge(spec.value, row.value, image.stride, image.copies);
    view.rows.push_back(std::move(row));
  }
  if (spec.keyed) {
    const bool by_value = sorts_by_value(spec.value);
    std::sort(view.rows.begin(), view.rows.end(), [&](const MapRow& a, const MapRow& b) {
      if (by_value) {
        const Number left = sort_value(spec.value, a), right = sort_value(spec.value, b);
        if (left < right) return true;
        if (right < left) return false;
      }
      return compare_keys(spec.key, a.key, b.key) < 0;
    });
  }
  if (top > 0 && static_cast<size_t>(top) < view.rows.size()) {
    view.rows.erase(view.rows.begin(), view.rows.end() - top);
  }
  return view;
}

Number displayed_number(const MapView& view, const MapRow& row) {
  const Type& type = view.spec->value;
  const Number number = type.is_aggregate() ? row.aggregate.number : load_scalar(type, row.value);
  if (view.divisor == 1) return number;
  return divide(number, {static_cast<uint64_t>(view.divisor), true});
}

} // namespace trapline::runtime
