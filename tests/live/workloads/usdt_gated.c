// The markers of usdt_sample that have semaphores: the program tests them before it does the work for a marker.
#include "workload.h"

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

__extension__ unsigned short gated_event_semaphore __attribute__((section(".probes"), used));
__extension__ unsigned short gated_other_semaphore __attribute__((section(".probes"), used));

int gated_seen;

TRACED void fire_gated(long round) {
  if (*(volatile unsigned short *)&gated_event_semaphore) {
    gated_seen = 1;
    STAP_PROBE2(gated, event, round, round * 2);
  }
  if (*(volatile unsigned short *)&gated_other_semaphore) STAP_PROBE1(gated, other, round);
}
