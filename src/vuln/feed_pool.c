/* feed_pool.c - what is collected stays small: every text once, rows in blocks that never move. */
#include "vuln/feed.h"
#include <string.h>

enum { PILE_BITS = 10, PILE_BLOCK = 1 << PILE_BITS, POOL_SLOTS = 1 << 10, TEXT_ROOM = 1 << 16, POOL_BATCH = 32 };

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
  size_t n;
} Pooled;

Pool pool_new(Arena *a) {
  Pool p = { .arena = a, .text = { .each = sizeof(Pooled) }, .slots = POOL_SLOTS };
  p.slot = NEW_ARRAY(a, p.slots, PoolSlot);
  *(Pooled *)pile_add(a, &p.text) = (Pooled){ "", 0 };
  return p;
}

Str pool_text(const Pool *p, uint32_t i) {
  const Pooled *t = pile_at(&p->text, i);
  return (Str){ t->p, t->n };
}

static void pool_widen(Pool *p) {
  PoolSlot *old = p->slot;
  size_t slots = p->slots;
  p->slots *= 2;
  p->slot = NEW_ARRAY(p->arena, p->slots, PoolSlot);
  for (size_t i = 0; i < slots; i++) {
    size_t at = old[i].hash & (p->slots - 1);
    if (!old[i].text) continue;
    while (p->slot[at].text) at = (at + 1) & (p->slots - 1);
    p->slot[at] = old[i];
  }
}

static uint32_t pool_find(Pool *p, Str s, uint32_t hash) {
  if (!s.n) return 0;
  if (p->text.n * 2 > p->slots) pool_widen(p);
  size_t at = hash & (p->slots - 1);
  for (; p->slot[at].text; at = (at + 1) & (p->slots - 1)) {
    if (p->slot[at].hash != hash) continue;
    const Pooled *t = pile_at(&p->text, p->slot[at].text);
    if (t->n == s.n && memcmp(t->p, s.p, s.n) == 0) return p->slot[at].text;
  }
  p->slot[at] = (PoolSlot){ (uint32_t)p->text.n, hash };
  char *own = p->left >= s.n ? p->room : arena_alloc(p->arena, s.n > TEXT_ROOM ? s.n : TEXT_ROOM);
  if (p->left < s.n) p->left = s.n > TEXT_ROOM ? s.n : TEXT_ROOM;
  memcpy(own, s.p, s.n);
  p->room = own + s.n;
  p->left -= s.n;
  *(Pooled *)pile_add(p->arena, &p->text) = (Pooled){ own, s.n };
  return (uint32_t)p->text.n - 1;
}

uint32_t pool_put(Pool *p, Str s) { return pool_find(p, s, (uint32_t)str_hash(s)); }

/* The places of many texts are asked of memory before the first is compared: each would else be waited for. */
void pool_put_all(Pool *p, const Str *s, size_t n, uint32_t *out) {
  for (size_t first = 0; first < n; first += POOL_BATCH) {
    size_t many = n - first < POOL_BATCH ? n - first : POOL_BATCH, mask = p->slots - 1;
    uint32_t hash[POOL_BATCH];
    for (size_t i = 0; i < many; i++) {
      hash[i] = (uint32_t)str_hash(s[first + i]);
      __builtin_prefetch(&p->slot[hash[i] & mask]);
    }
    for (size_t i = 0; i < many; i++) {
      const PoolSlot *slot = &p->slot[hash[i] & mask];
      if (slot->hash == hash[i] && slot->text) __builtin_prefetch(pile_at(&p->text, slot->text));
    }
    for (size_t i = 0; i < many; i++) {
      const PoolSlot *slot = &p->slot[hash[i] & mask];
      if (slot->hash == hash[i] && slot->text) __builtin_prefetch(pool_text(p, slot->text).p);
    }
    for (size_t i = 0; i < many; i++) out[first + i] = pool_find(p, s[first + i], hash[i]);
  }
}

size_t pool_size(const Pool *p) { return p->text.n; }
