// sleeper nanosleep|clock_nanosleep MILLISECONDS [COUNT]: sleeps by the system call of that name.
#include "workload.h"

#include <sys/syscall.h>
#include <time.h>

TRACED void sleep_once(int by_clock, const struct timespec *duration) {
  if (by_clock)
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, duration, NULL);
  else
    syscall(SYS_nanosleep, duration, NULL);
  KEEP();
}

int main(int argc, char **argv) {
  const int by_clock = argc > 1 && strcmp(argv[1], "clock_nanosleep") == 0;
  const long milliseconds = number_argument(argc, argv, 2, 10);
  const long count = number_argument(argc, argv, 3, 1);
  const struct timespec duration = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  wait_for_start();
  for (long i = 0; i < count; i++) sleep_once(by_clock, &duration);
  return 0;
}
