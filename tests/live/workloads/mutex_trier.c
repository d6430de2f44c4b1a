// mutex_trier COUNT MILLISECONDS: so often takes `tried_lock` by trylock, tries in vain once more, holds it that long and
// unlocks it: COUNT successful trylocks, COUNT failed ones, COUNT unlocks.
#include "workload.h"

#include <pthread.h>

pthread_mutex_t tried_lock = PTHREAD_MUTEX_INITIALIZER;

TRACED static int try_and_hold(long milliseconds) {
  int result = pthread_mutex_trylock(&tried_lock) != 0;
  result |= pthread_mutex_trylock(&tried_lock) == 0;
  usleep((useconds_t)milliseconds * 1000);
  pthread_mutex_unlock(&tried_lock);
  KEEP();
  return result;
}

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  const long milliseconds = number_argument(argc, argv, 2, 1);
  int result = 0;
  wait_for_start();
  for (long i = 0; i < count; i++) result |= try_and_hold(milliseconds);
  return result;
}
