// mallocer COUNT SIZE: so many calls of malloc(SIZE), each freed.
#include "workload.h"

TRACED void allocate_many(long count, size_t size) {
  for (long i = 0; i < count; i++) {
    void *volatile block = malloc(size);
    free(block);
  }
}

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  const size_t size = (size_t)number_argument(argc, argv, 2, 64);
  wait_for_start();
  allocate_many(count, size);
  KEEP();
  return 0;
}
