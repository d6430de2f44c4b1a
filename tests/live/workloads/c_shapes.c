// Fills structs of every shape with known values, and passes their addresses, sizes and offsets.
#include "workload.h"

#include <stddef.h>

#include "c_shapes.h"

static char memory[1024] __attribute__((aligned(64)));

TRACED void take_shapes(const struct shapes *shapes) {
  __asm__ volatile("" : : "r"(shapes) : "memory"); // who passes it must have filled it in
}

TRACED void take_plain(const struct plain *plain) {
  __asm__ volatile("" : : "r"(plain) : "memory");
}

TRACED void take_sizes(size_t shapes, size_t tight, size_t bits, size_t number, size_t inner, size_t plain) {
  (void)shapes, (void)tight, (void)bits, (void)number, (void)inner, (void)plain;
  KEEP();
}

TRACED void take_offsets(size_t wide, size_t cube, size_t third, size_t deep, size_t squeezed, size_t tail) {
  (void)wide, (void)cube, (void)third, (void)deep, (void)squeezed, (void)tail;
  KEEP();
}

int main(void) {
  struct shapes *s = (struct shapes *)memory;
  static int row[3] = {71, 72, 73};
  const struct shapes filled = {
      .c = 'c', .sc = -1, .uc = 255, .s = -300, .us = 65000, .i = -70000, .u = 4000000000, .l = -5000000000,
      .ul = 18000000000000000000U, .ll = -6, .ull = 7, .yes = 1, .f = 1.0f, .d = 2.0, .wide = ((__int128)9 << 64) + 8,
      .text = "text", .callback = (callback_t)0x1111, .handlers = {0, 0, (void (*)(int))0x3333}, .row = &row,
      .matrix = {{1, 2, 3}, {4, -5, 6}}, .names = {"first", "second"}, .cube = {{{1, 2}, {3, 4}}, {{5, 6}, {7, -8}}},
      .color = NEGATIVE, .big = BIG_TWO, .side = WEST, .direction = SOUTH, .tiny = TINY, .n.i = 0x01020384, .second = 21, .third = -22,
      .point = {31, -32}, .inner = {41, {42}},
      .bits = {.a = 5, .b = -16, .c = 0x2aaaaaaa, .d = 0xabcdef0123, .e = 'e', .f = -2, .g = 1, .h = BLUE, .i = 0xabc},
      .tight = {.c = 't', .i = -123456789, .s = -200, .t = 0x3edcba98, .u = 0xfedcba987654321, .last = 99},
      .half = {51, -52}, .pair = {61, 62}, .pairs = {{63, 64}, {65, 66}}, .word = 67, .self = s, .same = s,
      .opaque = (struct unknown_to_all *)0x4444, .aligned = 81, .squeezed = 82, .count = 2};
  *s = filled;
  memcpy(memory + offsetof(struct shapes, tail), (int[]){91, -92}, 8);

  struct plain second = {2, "two", {.i = 0x22}, NULL}, first = {1, "one", {.i = 0x11}, &second};

  wait_for_start();
  take_sizes(sizeof(struct shapes), sizeof(struct tight), sizeof(struct bits), sizeof(union number), sizeof(struct inner), sizeof(struct plain));
  take_offsets(offsetof(struct shapes, wide), offsetof(struct shapes, cube), offsetof(struct shapes, third),
               offsetof(struct shapes, inner.core.deep), offsetof(struct shapes, squeezed), offsetof(struct shapes, tail));
  take_shapes(s);
  take_plain(&first);
  return 0;
}
