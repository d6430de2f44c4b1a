// threader COUNT [MILLISECONDS]: starts so many threads running thread_body(), one after the other.
#include "workload.h"

#include <pthread.h>

static long milliseconds;

TRACED void *thread_body(void *unused) {
  if (milliseconds) usleep((useconds_t)milliseconds * 1000);
  KEEP();
  return unused;
}

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  milliseconds = number_argument(argc, argv, 2, 0);
  wait_for_start();
  for (long i = 0; i < count; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, thread_body, NULL);
    pthread_join(thread, NULL);
  }
  return 0;
}
