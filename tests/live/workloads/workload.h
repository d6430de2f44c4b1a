// Shared by the workloads of the live tests: small programs whose every event is counted, so that the right answer of
// a trace is known. Each takes its counts as arguments, prints nothing unless told to, and exits by itself.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A function that a probe is put on: really called, and found by name.
#define TRACED __attribute__((noinline, used))
// Keeps a call from being dropped or turned into a jump.
#define KEEP() __asm__ volatile("" ::: "memory")

// Waits until the runner has attached its probes, when the runner asks for that.
static inline void wait_for_start(void) {
  char byte;
  if (getenv("LIVE_TEST_GATE") && read(STDIN_FILENO, &byte, 1) < 0) exit(3);
}

// Argument `index` as a number, or `otherwise` when it is absent.
static inline long number_argument(int argc, char **argv, int index, long otherwise) {
  return index < argc ? strtol(argv[index], NULL, 0) : otherwise;
}
