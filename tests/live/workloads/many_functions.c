// many_functions: calls fn_000 to fn_199, once each; for wildcards that match hundreds of functions.
#include "workload.h"

#define ONE(n) TRACED void fn_##n(void) { KEEP(); }
#define CALL(n) fn_##n();
#define TEN(F, n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define HUNDRED(F, n) \
  TEN(F, n##0) TEN(F, n##1) TEN(F, n##2) TEN(F, n##3) TEN(F, n##4) \
  TEN(F, n##5) TEN(F, n##6) TEN(F, n##7) TEN(F, n##8) TEN(F, n##9)

HUNDRED(ONE, 0)
HUNDRED(ONE, 1)

int main(void) {
  wait_for_start();
  HUNDRED(CALL, 0)
  HUNDRED(CALL, 1)
  return 0;
}
