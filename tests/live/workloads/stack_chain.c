// stack_chain COUNT: calls getppid() so often from main > outer_frame > middle_frame > inner_frame, with frame pointers.
#include "workload.h"

#include <sys/syscall.h>

TRACED long inner_frame(long number) {
  // The call is in line, so that the innermost user frame is this function and not libc's; and a function that calls
  // nothing gets a frame only if it asks for its address.
  long result = number;
  __asm__ volatile("" : : "r"(__builtin_frame_address(0)));
  __asm__ volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
  KEEP();
  return result;
}

TRACED long middle_frame(long number) {
  const long result = inner_frame(number);
  KEEP();
  return result;
}

TRACED long outer_frame(long number) {
  const long result = middle_frame(number);
  KEEP();
  return result;
}

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  wait_for_start();
  for (long i = 0; i < count; i++) outer_frame(SYS_getppid);
  return 0;
}
