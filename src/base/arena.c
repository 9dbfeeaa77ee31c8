#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Block { struct Block *next; size_t size; size_t used; } Block;

/* Blocks form a list, newest first; `first` is the oldest and survives a reset. */
struct Arena { Block *top; Block *first; size_t cap; size_t total; };

enum { ALIGN = 16, FIRST_BLOCK = 16 * 1024, BIGGEST_STEP = 4 * 1024 * 1024 };

static size_t round_up(size_t n) { return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1); }
static char *block_data(Block *b) { return (char *)b + round_up(sizeof(Block)); }

static void __attribute__((noreturn)) breach(const Arena *a, size_t wanted) {
  char line[160];
  int n = snprintf(line, sizeof line,
                   "proofline: error: this work needs more than its %zu bytes of memory (asked for %zu more). "
                   "Nothing was stored.\n", a ? a->cap : 0, wanted);
  if (n > 0) { ssize_t ignored = write(2, line, (size_t)n); (void)ignored; }
  _exit(70);
}

static Block *block_new(Arena *a, size_t need) {
  size_t step = a->total < FIRST_BLOCK ? FIRST_BLOCK : a->total;
  if (step > BIGGEST_STEP) step = BIGGEST_STEP;
  size_t size = need > step ? need : step;
  if (size > a->cap - a->total) {
    size = need;
    if (need > a->cap - a->total) breach(a, need);
  }
  Block *b = calloc(1, round_up(sizeof(Block)) + size);
  if (!b) breach(a, size);
  b->size = size;
  a->total += size;
  return b;
}

Arena *arena_new(size_t cap_bytes) {
  Arena *a = calloc(1, sizeof *a);
  if (!a) breach(NULL, sizeof *a);
  a->cap = cap_bytes;
  return a;
}

static void free_down_to(Arena *a, Block *keep) {
  while (a->top && a->top != keep) {
    Block *next = a->top->next;
    a->total -= a->top->size;
    free(a->top);
    a->top = next;
  }
}

void arena_free(Arena *a) {
  if (!a) return;
  free_down_to(a, NULL);
  free(a);
}

void arena_reset(Arena *a) {
  free_down_to(a, a->first);
  if (!a->top) { a->first = NULL; return; }
  memset(block_data(a->top), 0, a->top->used);
  a->top->used = 0;
}

void *arena_alloc(Arena *a, size_t size) {
  if (size > SIZE_MAX / 2) breach(a, size);
  size_t need = round_up(size ? size : 1);
  if (!a->top || a->top->size - a->top->used < need) {
    Block *b = block_new(a, need);
    b->next = a->top;
    a->top = b;
    if (!a->first) a->first = b;
  }
  void *p = block_data(a->top) + a->top->used;
  a->top->used += need;
  return p;
}

void *arena_array(Arena *a, size_t n, size_t each) {
  size_t size;
  if (__builtin_mul_overflow(n, each, &size)) breach(a, SIZE_MAX);
  return arena_alloc(a, size);
}

void *arena_grow(Arena *a, void *old, size_t old_size, size_t new_size) {
  if (old && new_size <= old_size) return old;
  size_t had = round_up(old_size ? old_size : 1);
  if (old && a->top && (char *)old + had == block_data(a->top) + a->top->used) {  /* the last one grows in place */
    size_t more = round_up(new_size) - had;
    if (a->top->size - a->top->used >= more) { a->top->used += more; return old; }
  }
  void *p = arena_alloc(a, new_size);
  if (old && old_size) memcpy(p, old, old_size);
  return p;
}

size_t arena_used(const Arena *a) { return a->total; }

ArenaMark arena_mark(Arena *a) {
  if (!a->top) (void)arena_alloc(a, 1);
  return (ArenaMark){ a->top, a->top->used };
}

void arena_release(Arena *a, ArenaMark mark) {
  free_down_to(a, mark.block);
  if (!a->top || a->top->used <= mark.used) return;
  memset(block_data(a->top) + mark.used, 0, a->top->used - mark.used);
  a->top->used = mark.used;
}
