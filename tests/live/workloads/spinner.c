// spinner MILLISECONDS: keeps a CPU busy that long, in burn_cpu().
#include "workload.h"

#include <time.h>

static volatile unsigned long sink;

TRACED void burn_cpu(long milliseconds) {
  struct timespec now, start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  do {
    for (int i = 0; i < 100000; i++) sink += (unsigned long)i;
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000 < milliseconds);
  KEEP();
}

int main(int argc, char **argv) {
  const long milliseconds = number_argument(argc, argv, 1, 100);
  wait_for_start();
  burn_cpu(milliseconds);
  return 0;
}
