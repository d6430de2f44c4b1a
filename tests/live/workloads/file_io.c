// file_io FILE COUNT SIZE: creates the file, writes SIZE bytes COUNT times by write(), reads them back the same way by
// read() (the last read finds the end of the file), and removes it.
#include "workload.h"

#include <fcntl.h>

int main(int argc, char **argv) {
  static char block[1 << 16];
  const long count = number_argument(argc, argv, 2, 1);
  const long size = number_argument(argc, argv, 3, 512);
  if (argc < 2 || size > (long)sizeof block) return 2;
  wait_for_start();
  const int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (fd < 0) return 3;
  for (long i = 0; i < count; i++) {
    if (write(fd, block, (size_t)size) != size) return 3;
  }
  if (lseek(fd, 0, SEEK_SET) != 0) return 3;
  while (read(fd, block, (size_t)size) > 0) {}
  close(fd);
  unlink(argv[1]);
  return 0;
}
