#include "base/base.h"
#include <string.h>

void vec_room(Arena *a, void **p, size_t *cap, size_t n, size_t each) {
  if (n < *cap) {
    memset((char *)*p + n * each, 0, each);   /* a popped element may have been here */
    return;
  }
  size_t want = *cap ? *cap * 2 : 8, size;
  if (__builtin_mul_overflow(want, each, &size)) size = SIZE_MAX;
  *p = arena_grow(a, *p, *cap * each, size);
  *cap = want;
  memset((char *)*p + n * each, 0, each);
}

struct MapSlot { Str key; uint64_t hash; size_t value; bool used; };

static void map_size(Map *m, size_t cap) {
  m->slots = arena_array(m->arena, cap, sizeof *m->slots);
  m->cap = cap;
  m->n = 0;
}

Map map_new(Arena *a, size_t expected) {
  Map m = { .arena = a };
  size_t cap = 16;
  while (cap < expected * 2) cap *= 2;
  map_size(&m, cap);
  return m;
}

static struct MapSlot *slot_of(const Map *m, Str key, uint64_t hash) {
  size_t i = hash & (m->cap - 1);
  while (m->slots[i].used && !(m->slots[i].hash == hash && str_eq(m->slots[i].key, key))) i = (i + 1) & (m->cap - 1);
  return &m->slots[i];
}

size_t map_get(const Map *m, Str key) {
  if (!m->cap) return MAP_NONE;
  struct MapSlot *s = slot_of(m, key, str_hash(key));
  return s->used ? s->value : MAP_NONE;
}

void map_put(Map *m, Str key, size_t value) {
  if (m->n * 2 >= m->cap) {
    struct MapSlot *old = m->slots;
    size_t old_cap = m->cap, n = m->n;
    map_size(m, old_cap * 2);
    for (size_t i = 0; i < old_cap; i++) if (old[i].used) *slot_of(m, old[i].key, old[i].hash) = old[i];
    m->n = n;
  }
  uint64_t hash = str_hash(key);
  struct MapSlot *s = slot_of(m, key, hash);
  if (!s->used) m->n++;
  *s = (struct MapSlot){ key, hash, value, true };
}
