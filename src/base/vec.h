/* vec.h - VEC(T): an array that grows in an arena; Map: text to a number. */
#pragma once
#include "base/str.h"

#define VEC(T) struct { T *p; size_t n, cap; }

/* Appends a value; v is a VEC(T)*. */
#define vec_add(arena, v, ...)                                                                           \
  do {                                                                                                   \
    vec_room((arena), (void **)&(v)->p, &(v)->cap, (v)->n, sizeof *(v)->p);                              \
    (v)->p[(v)->n++] = (__VA_ARGS__);                                                                    \
  } while (0)

/* Appends a zeroed element and gives its address. */
#define vec_push(arena, v)                                                                               \
  (vec_room((arena), (void **)&(v)->p, &(v)->cap, (v)->n, sizeof *(v)->p), &(v)->p[(v)->n++])

void vec_room(Arena *a, void **p, size_t *cap, size_t n, size_t each);

/* Open addressing; keys are borrowed and must outlive the map.  Put replaces. */
typedef struct Map { Arena *arena; struct MapSlot *slots; size_t n, cap; } Map;
#define MAP_NONE SIZE_MAX
Map map_new(Arena *a, size_t expected);
size_t map_get(const Map *m, Str key);                    /* value or MAP_NONE */
void map_put(Map *m, Str key, size_t value);
