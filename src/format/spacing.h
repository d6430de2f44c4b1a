// What stands between tokens on one line, and how tightly operators bind.
#pragma once

#include "format/piece.h"

namespace trapline::format {

// Whether a space separates pieces `at - 1` and `at`.
bool spaced(const std::vector<Piece>&, size_t at);

inline constexpr int kAssignment = 0;
inline constexpr int kLogicalAnd = 2; // this and below join conditions
// Of a Binary; the smallest binds loosest.
int precedence(const Piece&);

} // namespace trapline::format
