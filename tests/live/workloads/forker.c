// forker COUNT [PROGRAM [ARGUMENT...]]: so often forks a child and waits for it; the child runs the program or exits.
#include "workload.h"

#include <sys/wait.h>

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  wait_for_start();
  for (long i = 0; i < count; i++) {
    const pid_t child = fork();
    if (child == 0) {
      if (argc > 2) execv(argv[2], argv + 2);
      _exit(argc > 2 ? 127 : 0);
    }
    waitpid(child, NULL, 0);
  }
  return 0;
}
