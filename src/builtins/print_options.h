// The options of print(@map, { .by = key, .order = desc, .top = 10, .div = 1000, .percentiles = (50, "99.9") }).
#pragma once

#include "ast/ast.h"
#include "builtins/builtin.h"

#include <functional>

namespace trapline::builtins {

using ConstantOf = std::function<const Constant*(const ast::Expr&)>;

// Changes what the options name. A mistake is given to `refuse`: the place, the option as it is written, and what it takes;
// the last is empty if there is no such option.
using RefuseOption = std::function<void(Span, std::string_view option, std::string_view wanted)>;
void read_print_options(const ast::RecordLiteral&, const ConstantOf&, MapPrint&, const RefuseOption& refuse);

// 50 or "99.9", in thousandths of a percent.
std::optional<uint32_t> read_percentile(const Constant*);

} // namespace trapline::builtins
