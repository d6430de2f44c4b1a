// bench_meter syscall|function COUNT: prints the nanoseconds that a call takes, getppid() or metered(), in the fastest of
// twenty rounds of so many calls. The fastest, since whatever else the machine does only adds.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((noinline, used)) void metered(void) { __asm__ volatile("" ::: "memory"); }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv) {
  const int is_syscall = argc < 2 || strcmp(argv[1], "function") != 0;
  const long count = argc > 2 ? strtol(argv[2], NULL, 0) : 50000;
  double best = 1e18;
  for (int round = 0; round < 20; round++) {
    const double begin = now();
    if (is_syscall)
      for (long i = 0; i < count; i++) syscall(SYS_getppid);
    else
      for (long i = 0; i < count; i++) metered();
    const double each = (now() - begin) / (double)count;
    if (each < best) best = each;
  }
  printf("%.2f\n", best);
  return 0;
}
