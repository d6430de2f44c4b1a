// The script's maps as the runtime sees them: read whole, put in printing order, cleared, zeroed.
#pragma once

#include "program/program.h"
#include "runtime/aggregates.h"
#include "support/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace trapline::runtime {

// Elements as the kernel returned them.
struct MapImage {
  const MapSpec* spec = nullptr;
  size_t count = 0;
  size_t copies = 1;      // values per element: CPUs of a per-CPU map
  size_t stride = 0;      // bytes from one copy to the next
  bool present = true;    // scalar: it was assigned
  std::vector<uint8_t> keys, values;

  const uint8_t* key(size_t i) const { return keys.data() + i * spec->key_size; }
  const uint8_t* value(size_t i) const { return values.data() + i * copies * stride; }
};

struct MapRow {
  const uint8_t* key = nullptr;   // nullptr: scalar
  const uint8_t* value = nullptr; // of a plain value
  Aggregate aggregate;            // of an aggregation
};

// What a printer gets. Refers to the image.
struct MapView {
  const MapSpec* spec = nullptr;
  std::vector<MapRow> rows; // in printing order
  MapPrint print;
};

// Sorted as asked, ascending or descending; ties by key, ascending. `top` keeps the largest ones of that order.
MapView arrange(const MapImage&, const MapPrint&);
// The value of an int or of an aggregation that is one number, divided as the view says.
Number displayed_number(const MapView&, const MapRow&);

class Maps {
public:
  virtual ~Maps() = default;
  // `asked`: the turn that a PrintMap record of a map with two banks carries (program/object.h).
  static constexpr uint64_t kNow = UINT64_MAX;
  virtual MapImage read(uint32_t map, uint64_t asked = kNow) = 0;
  // Removes the elements, or keeps them and sets their values to zero; a cleared scalar map is unassigned again. Returns
  // what the map held; a map with two banks loses no update in between. `asked`: the turn of a Clear or Zero record.
  virtual MapImage clear(uint32_t map, uint64_t asked = 0) = 0;
  virtual MapImage zero(uint32_t map, uint64_t asked = 0) = 0;
};

// `fds` by index of Program::maps; -1 where there is no BPF map. `banks`: nullptr where no map has two. All must outlive
// the result.
class Banks;
std::unique_ptr<Maps> make_live_maps(const Program&, std::vector<int> fds, Banks* banks);

} // namespace trapline::runtime
