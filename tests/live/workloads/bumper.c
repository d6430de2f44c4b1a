// bumper THREADS COUNT [MICROSECONDS]: each thread, bound to the CPUs in turn, calls bump(0), bump(1), ... bump(6), bump(0), ...
// COUNT calls in all, bump_again() after each, and sleeps so long after every seventh.
#include "workload.h"

#include <pthread.h>
#include <sched.h>

static long count, microseconds;

TRACED void bump(long key) {
  (void)key;
  KEEP();
}

TRACED void bump_again(long key) {
  (void)key;
  KEEP();
}

static void *bump_all(void *number) {
  const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  cpu_set_t mine;
  CPU_ZERO(&mine);
  CPU_SET((int)((long)number % cpus), &mine);
  sched_setaffinity(0, sizeof mine, &mine);
  for (long i = 0; i < count; i++) {
    bump(i % 7);
    bump_again(i % 7);
    if (microseconds && i % 7 == 6) usleep((useconds_t)microseconds);
  }
  return NULL;
}

int main(int argc, char **argv) {
  enum { kMost = 64 };
  pthread_t threads[kMost];
  long wanted = number_argument(argc, argv, 1, 1);
  if (wanted > kMost) wanted = kMost;
  count = number_argument(argc, argv, 2, 1);
  microseconds = number_argument(argc, argv, 3, 0);
  wait_for_start();
  for (long i = 0; i < wanted; i++) pthread_create(&threads[i], NULL, bump_all, (void *)i);
  for (long i = 0; i < wanted; i++) pthread_join(threads[i], NULL);
  return 0;
}
