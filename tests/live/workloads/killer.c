// killer COUNT SIGNAL: sends the signal so often to a child, one after the other is handled, then lets the child exit.
#include "workload.h"

#include <signal.h>
#include <sys/wait.h>

static int handled[2];

static void handle(int number) {
  (void)number;
  if (write(handled[1], "", 1) != 1) _exit(4);
}

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  const int number = (int)number_argument(argc, argv, 2, SIGUSR1);
  char byte;
  if (pipe(handled) != 0) return 3;
  const pid_t parent = getpid();
  wait_for_start();
  const pid_t child = fork();
  if (child == 0) {
    signal(number, handle);
    handle(0); // ready
    while (getppid() == parent) usleep(1000);
    _exit(0);
  }
  if (read(handled[0], &byte, 1) != 1) return 3;
  for (long i = 0; i < count; i++) {
    if (kill(child, number) != 0 || read(handled[0], &byte, 1) != 1) return 3;
  }
  return 0;
}
