// -l 'struct NAME': types of the kernel.
#pragma once

#include "system/system.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::probes {

// A type to list: "struct task_*".
struct TypePattern {
  std::string tag, name;
};

// nullopt: the text does not begin with struct, union or enum.
std::optional<TypePattern> parse_type_pattern(std::string_view text);

struct ListedType {
  std::string name;               // "struct rq"; when verbose the first line of its definition, the module before it
  std::vector<std::string> lines; // the rest of the definition
};
std::vector<ListedType> list_types(const TypePattern&, bool verbose, const System&);

} // namespace trapline::probes
