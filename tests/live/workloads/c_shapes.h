// Structs of every shape that C has. Compiled into c_shapes; the live tests also put this text into a script, and have a
// script include it.
#pragma once

#define NAME_LENGTH 8
#define ROWS (1 + 1)
#define GREETING "shapes"

typedef unsigned int word_t;
typedef word_t pair_t[2];
typedef struct { short lo, hi; } half_t;
typedef enum { NORTH, SOUTH = 7 } direction_t;
typedef struct shapes *shapes_p;
typedef int (*callback_t)(const char *name, int (*compare)(const void *, const void *));

enum color { RED, GREEN = 5, BLUE, NEGATIVE = -3, };
enum big { SMALL_ONE = 1, BIG_ONE = 0x100000000, BIG_TWO = BIG_ONE + ROWS };
enum __attribute__((packed)) tiny { TINY = 200 };

union number {
  int i;
  unsigned char bytes[4];
  struct {
    short low, high;
  } halves;
};

struct tight {
  char c;
  int i;
  short s : 9;
  unsigned int t : 30;
  unsigned long long u : 60;
  unsigned char last;
} __attribute__((packed));

struct bits {
  unsigned a : 3;
  int b : 5;
  unsigned c : 30;
  unsigned long long d : 40;
  char e;
  int : 0;
  signed char f : 3;
  _Bool g : 1;
  enum color h : 4;
  unsigned : 4;
  unsigned short i : 12;
};

struct shapes {
  char c;
  signed char sc;
  unsigned char uc;
  short s;
  unsigned short us;
  int i;
  unsigned u;
  long l;
  long unsigned int ul;
  long long ll;
  unsigned long long ull;
  _Bool yes;
  float f;
  double d;
  __int128 wide;
  const char *volatile text;
  callback_t callback;
  void (*handlers[3])(int);
  int (*row)[3];
  int matrix[ROWS][3];
  char names[2][NAME_LENGTH];
  short cube[2][2][2];
  enum color color;
  enum big big;
  enum { EAST = 3, WEST } side;
  direction_t direction;
  enum tiny tiny;
  union number n;
  union {
    int first;
    struct {
      short second, third;
    };
  };
  struct {
    int x, y;
  } point;
  struct inner {
    int z;
    struct {
      char deep;
    } core;
  } inner;
  struct bits bits;
  struct tight tight;
  half_t half;
  pair_t pair, pairs[2];
  word_t word;
  struct shapes *self;
  shapes_p same;
  struct unknown_to_all *opaque;
  int aligned __attribute__((aligned(32)));
  int squeezed __attribute__((packed, aligned(2)));
  unsigned char count;
  int tail[];
} __attribute__((aligned(64)));

struct plain {
  int number;
  char name[NAME_LENGTH];
  union number n;
  struct plain *next;
};
