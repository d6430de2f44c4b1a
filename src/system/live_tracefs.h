// Tracing events as tracefs describes them.
#pragma once

#include "support/result.h"
#include "system/system.h"

#include <string>
#include <string_view>
#include <vector>

namespace trapline {

// Reads the text of an events/SYSTEM/EVENT/format file; nullopt when it is not one.
std::optional<TracepointFormat> parse_tracepoint_format(std::string_view system, std::string_view event,
                                                        std::string_view text);

class Tracefs {
public:
  // Sorted. An Error says how to make tracefs readable.
  Result<std::vector<std::string>> systems() const;
  // Sorted; empty when there is no such system.
  Result<std::vector<std::string>> events(std::string_view system) const;
  std::optional<TracepointFormat> format(std::string_view system, std::string_view event) const;
  // Whether a file of tracefs exists: a feature of the kernel.
  bool has(std::string_view file) const;
  // Whether we may read it as well.
  bool can_open(std::string_view file) const;

private:
  // Where tracefs is mounted.
  static Result<std::string> root();
};

} // namespace trapline
