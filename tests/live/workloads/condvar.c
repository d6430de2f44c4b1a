// condvar COUNT: two threads pass a token so often: COUNT calls each of pthread_cond_signal and, at least, of
// pthread_cond_wait by the receiver (a wait is always entered before its signal).
#include "workload.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static int waiting, token;
static long count;

static void *receive(void *unused) {
  for (long i = 0; i < count; i++) {
    pthread_mutex_lock(&lock);
    waiting = 1;
    while (!token) pthread_cond_wait(&arrived, &lock);
    token = 0;
    pthread_mutex_unlock(&lock);
  }
  return unused;
}

int main(int argc, char **argv) {
  pthread_t receiver;
  count = number_argument(argc, argv, 1, 1);
  wait_for_start();
  pthread_create(&receiver, NULL, receive, NULL);
  for (long sent = 0; sent < count;) {
    pthread_mutex_lock(&lock);
    if (waiting) {
      waiting = 0;
      token = 1;
      pthread_cond_signal(&arrived);
      sent++;
    }
    pthread_mutex_unlock(&lock);
    usleep(100);
  }
  pthread_join(receiver, NULL);
  return 0;
}
