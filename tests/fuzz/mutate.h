// Damages scripts, the way hasty typing and bad copies do.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace trapline::fuzz {

// A text made of one of the corpus by a few random changes: bytes and tokens dropped, doubled, swapped, replaced, pieces of
// another script put in. Depends only on the generator's state.
std::string mutate(const std::vector<std::string>& corpus, std::mt19937_64& random);

} // namespace trapline::fuzz
