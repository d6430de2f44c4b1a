// mutex_contender COUNT MILLISECONDS: so often one thread holds `contended_lock` that long while a second one waits for
// it. 2 x COUNT locks and unlocks; COUNT of them wait about MILLISECONDS, and COUNT hold it that long.
#include "workload.h"

#include <pthread.h>
#include <semaphore.h>

pthread_mutex_t contended_lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t held, finished;
static long count, milliseconds;

TRACED static void take_and_hold(void) {
  pthread_mutex_lock(&contended_lock);
  sem_post(&held);
  usleep((useconds_t)milliseconds * 1000);
  pthread_mutex_unlock(&contended_lock);
  KEEP();
}

TRACED static void take_contended(void) {
  pthread_mutex_lock(&contended_lock);
  pthread_mutex_unlock(&contended_lock);
  KEEP();
}

static void *wait_for_lock(void *unused) {
  for (long i = 0; i < count; i++) {
    sem_wait(&held);
    take_contended();
    sem_post(&finished);
  }
  return unused;
}

int main(int argc, char **argv) {
  pthread_t waiter;
  count = number_argument(argc, argv, 1, 1);
  milliseconds = number_argument(argc, argv, 2, 5);
  sem_init(&held, 0, 0);
  sem_init(&finished, 0, 0);
  wait_for_start();
  pthread_create(&waiter, NULL, wait_for_lock, NULL);
  for (long i = 0; i < count; i++) {
    take_and_hold();
    sem_wait(&finished);
  }
  pthread_join(waiter, NULL);
  return 0;
}
