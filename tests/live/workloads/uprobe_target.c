// uprobe_target [COUNT]: calls each of its functions so often, with arguments and results that the tests know.
#include "workload.h"

#include <stdint.h>

struct point {
  int32_t x;
  int32_t y;
  uint8_t color[4];
  char name[16];
};

struct node {
  int64_t value;
  const struct node *next;
};

struct flags {
  uint32_t low : 4;
  uint32_t middle : 8;
  uint32_t high : 20;
};

int32_t global_counter = 42;
uint64_t global_wide = 0x1122334455667788;
const char *global_text = "global text";

TRACED int add_ints(int a, int b) {
  KEEP();
  return a + b;
}

TRACED int64_t negate(int64_t value) {
  KEEP();
  return -value;
}

TRACED uint64_t all_ones(uint64_t value) {
  KEEP();
  return value | ~0ULL;
}

TRACED size_t take_string(const char *text) {
  KEEP();
  return strlen(text);
}

TRACED const char *give_string(int which) {
  KEEP();
  return which ? "one" : "zero";
}

TRACED int take_point(const struct point *p) {
  KEEP();
  return p->x * p->y;
}

TRACED int take_flags(const struct flags *f) {
  KEEP();
  return (int)f->middle;
}

TRACED int64_t take_list(const struct node *head) {
  int64_t sum = 0;
  for (; head; head = head->next) sum += head->value;
  return sum;
}

TRACED long six_args(long a, long b, long c, long d, long e, long f) {
  KEEP();
  return a + b + c + d + e + f;
}

TRACED int take_bytes(const unsigned char *bytes, int length) {
  KEEP();
  return bytes[length - 1];
}

TRACED int take_array(const int32_t *numbers) {
  KEEP();
  return numbers[0];
}

TRACED void take_words(const char *const *words) {
  (void)words;
  KEEP();
}

TRACED int take_small(int8_t narrow, int16_t wider) {
  KEEP();
  return narrow + wider;
}

TRACED int recurse(int depth) {
  const int below = depth > 0 ? recurse(depth - 1) : 0;
  KEEP();
  return below + 1;
}

TRACED void wild_one(void) { KEEP(); }
TRACED void wild_two(void) { KEEP(); }
TRACED void wild_three(void) { KEEP(); }

int main(int argc, char **argv) {
  const long count = number_argument(argc, argv, 1, 1);
  const struct point p = {6, -7, {1, 2, 3, 4}, "corner"};
  const struct node last = {300, NULL}, middle = {20, &last}, first = {1, &middle};
  const struct flags bits = {5, 200, 99999};
  static const unsigned char bytes[] = {0x00, 0x41, 0x7f, 0xff, 'e', 'n', 'd'};
  static const int32_t numbers[] = {10, -20, 30, -40};
  static const char *const words[] = {"alpha", "beta", "gamma", NULL};
  wait_for_start();
  for (long i = 0; i < count; i++) {
    add_ints(2, -5);
    negate(5000000000);
    all_ones((uint64_t)i);
    take_string("a string of text");
    give_string(1);
    take_point(&p);
    take_flags(&bits);
    take_list(&first);
    six_args(1, 2, 3, 4, 5, 6);
    take_bytes(bytes, sizeof bytes);
    take_array(numbers);
    take_words(words);
    take_small(-8, -1600);
    recurse(3);
    wild_one();
    wild_two();
    wild_two();
    wild_three();
    wild_three();
    wild_three();
  }
  return 0;
}
