// Makes a failing program as small as it can be while it still fails in the same way.
#pragma once

#include "random/judge.h"

namespace trapline::random_programs {

// `judgement`: of the result, in the end. Stops after so many seconds.
Program shrink(const Program&, Judge&, Judgement& judgement, int seconds);

} // namespace trapline::random_programs
