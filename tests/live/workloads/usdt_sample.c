// usdt_sample [COUNT]: fires its markers so often. `sample:integers` has an argument of each size and sign, with their
// extreme values; `sample:loop` passes the round; `sample:twice` stands at two places; `gated:*` have semaphores and
// fire only while somebody listens. Exits with 7 if `gated:event` was never enabled.
#include "workload.h"

#define SDT_USE_VARIADIC
#include <stdint.h>
#include <sys/sdt.h>

void fire_gated(long round);
extern int gated_seen;

TRACED static void fire_integers(volatile int8_t *s8, volatile int16_t *s16, volatile int32_t *s32, volatile int64_t *s64) {
  const int8_t a = *s8;
  const uint8_t b = (uint8_t)*s8;
  const int16_t c = *s16;
  const uint16_t d = (uint16_t)*s16;
  const int32_t e = *s32;
  const uint32_t f = (uint32_t)*s32;
  const int64_t g = *s64;
  const uint64_t h = (uint64_t)*s64;
  STAP_PROBE8(sample, integers, a, b, c, d, e, f, g, h);
}

TRACED static void fire_many(volatile long *base) {
  const long v = *base;
  STAP_PROBE12(sample, many, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7, v + 8, v + 9, v + 10, v + 11, v + 12);
}

TRACED static void fire_text(const char *text, long length) {
  STAP_PROBE2(sample, text, text, length);
}

TRACED static void fire_twice(int place) {
  if (place == 1) {
    STAP_PROBE1(sample, twice, place);
    KEEP();
  } else {
    STAP_PROBE1(sample, twice, place * 10);
    KEEP();
  }
}

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  volatile int8_t s8 = -1;
  volatile int16_t s16 = -2;
  volatile int32_t s32 = -3;
  volatile int64_t s64 = -4;
  volatile long zero = 0;
  wait_for_start();
  STAP_PROBE(sample, start);
  for (long i = 0; i < count; i++) {
    fire_integers(&s8, &s16, &s32, &s64);
    fire_many(&zero);
    fire_text("some text", 9);
    fire_twice(1);
    fire_twice(2);
    STAP_PROBE1(sample, loop, i);
    fire_gated(i);
  }
  return gated_seen ? 0 : 7;
}
