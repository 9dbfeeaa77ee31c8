/* feed_pool.c - what is collected stays small: every text once, rows in blocks that never move. */
#include "vuln/feed.h"
#include <string.h>

enum { PILE_BITS = 10, PILE_BLOCK = 1 << PILE_BITS, POOL_SLOTS = 1 << 10, TEXT_ROOM = 1 << 16 };

void *pile_at(const Pile *p, size_t i) { return p->block[i >> PILE_BITS] + (i & (PILE_BLOCK - 1)) * p->each; }

void *pile_add(Arena *a, Pile *p) {
  size_t block = p->n >> PILE_BITS;
  if (block == p->blocks) {
    if (p->blocks == p->cap) {
      p->block = arena_grow(a, p->block, p->cap * sizeof *p->block, (p->cap * 2 + 64) * sizeof *p->block);
      p->cap = p->cap * 2 + 64;
    }
    p->block[p->blocks++] = arena_array(a, PILE_BLOCK, p->each);
  }
  return pile_at(p, p->n++);
}

/* ---- texts --------------------------------------------------------------------------------------------- */

typedef struct Pooled {
  const char *p;
  uint32_t n, hash;
} Pooled;

Pool pool_new(Arena *a) {
  Pool p = { .arena = a, .text = { .each = sizeof(Pooled) }, .slots = POOL_SLOTS };
  p.slot = NEW_ARRAY(a, p.slots, uint32_t);
  *(Pooled *)pile_add(a, &p.text) = (Pooled){ "", 0, 0 };
  return p;
}

Str pool_text(const Pool *p, uint32_t i) {
  const Pooled *t = pile_at(&p->text, i);
  return (Str){ t->p, t->n };
}

static void pool_widen(Pool *p) {
  p->slots *= 2;
  p->slot = NEW_ARRAY(p->arena, p->slots, uint32_t);
  for (size_t i = 1; i < p->text.n; i++) {
    size_t at = ((const Pooled *)pile_at(&p->text, i))->hash & (p->slots - 1);
    while (p->slot[at]) at = (at + 1) & (p->slots - 1);
    p->slot[at] = (uint32_t)i;
  }
}

uint32_t pool_put(Pool *p, Str s) {
  if (!s.n) return 0;
  if (p->text.n * 2 > p->slots) pool_widen(p);
  uint32_t hash = (uint32_t)str_hash(s);
  size_t at = hash & (p->slots - 1);
  for (; p->slot[at]; at = (at + 1) & (p->slots - 1)) {
    const Pooled *t = pile_at(&p->text, p->slot[at]);
    if (t->hash == hash && t->n == s.n && memcmp(t->p, s.p, s.n) == 0) return p->slot[at];
  }
  p->slot[at] = (uint32_t)p->text.n;
  char *own = p->left >= s.n ? p->room : arena_alloc(p->arena, s.n > TEXT_ROOM ? s.n : TEXT_ROOM);
  if (p->left < s.n) p->left = s.n > TEXT_ROOM ? s.n : TEXT_ROOM;
  memcpy(own, s.p, s.n);
  p->room = own + s.n;
  p->left -= s.n;
  *(Pooled *)pile_add(p->arena, &p->text) = (Pooled){ own, (uint32_t)s.n, hash };
  return (uint32_t)p->text.n - 1;
}

size_t pool_size(const Pool *p) { return p->text.n; }
