// Makes a failing program as small as it can be while it still fails in the same way.
#pragma once

#include "random/judge.h"

namespace trapline::random_programs {

// `judgement`: of the result, in the end. At most `runs` runs of the product.
Program shrink(const Program&, Judge&, Judgement& judgement, int runs);

} // namespace trapline::random_programs
