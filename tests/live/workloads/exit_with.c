// exit_with STATUS
#include "workload.h"

int main(int argc, char **argv) {
  wait_for_start();
  return (int)number_argument(argc, argv, 1, 0);
}
