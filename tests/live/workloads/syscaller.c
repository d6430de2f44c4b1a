// syscaller COUNT: calls getppid() so often, and no other system call in between.
#include "workload.h"

#include <sys/syscall.h>

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  wait_for_start();
  for (long i = 0; i < count; i++) syscall(SYS_getppid);
  return 0;
}
