// Macros and a struct for scripts that include this.
#pragma once

#define SIX (2 * 3)
#define SHIFT(x) ((x) << 4)
#define HIGH SHIFT(SIX)
#define WORDS "a" "b"
#define WHO pid
#define CHAR 0x41u
#define BELOW (-SIX)

enum kind { ONE = 1, SIXTH = SIX };

struct task_struct {
  int mine;
};
