// opener PATH...: opens each for reading, whether or not it exists.
#include "workload.h"

#include <fcntl.h>

int main(int argc, char **argv) {
  wait_for_start();
  for (int i = 1; i < argc; i++) {
    const int fd = openat(AT_FDCWD, argv[i], O_RDONLY);
    if (fd >= 0) close(fd);
  }
  return 0;
}
