// Instructions that a uprobe must stay away from.
#pragma once

#include <span>

namespace trapline::probes {

// Whether the kernel refuses a uprobe at the instruction that `code` begins with, or accepts it and then executes
// something else in its place: as of Linux 6.18, vector instructions whose opcode reads as a branch. False for what is
// not known.
bool is_untraceable_instruction(std::span<const unsigned char> code);

} // namespace trapline::probes
