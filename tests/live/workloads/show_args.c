// show_args [ARGUMENT...]: prints each argument in brackets, on one line.
#include "workload.h"

int main(int argc, char **argv) {
  wait_for_start();
  for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
  puts("");
  return 0;
}
