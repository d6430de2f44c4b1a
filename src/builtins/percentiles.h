// Percentages as scripts and settings write them: 50, "99.9".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace trapline::builtins {

// In thousandths of a percent: "99.9" is 99900. nullopt: not a number from 0 to 100 with at most three decimals.
std::optional<uint32_t> read_percentile(std::string_view);
// With commas between; blanks do not count.
std::optional<std::vector<uint32_t>> read_percentiles(std::string_view);

} // namespace trapline::builtins
