/* arena.h - memory by lifetime.
 *
 * One arena per unit of work (request, command, job).  Nothing in it is freed singly; arena_reset() frees all.
 * Every arena has a cap.  Allocation never returns NULL: a breach of the cap ends this process with exit code 70
 * after one line on stderr; the transaction rolls back and the supervisor starts another process.
 * Memory is zeroed. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct Arena Arena;

Arena *arena_new(size_t cap_bytes);
void arena_free(Arena *a);                         /* NULL is fine */
void arena_reset(Arena *a);                        /* keeps the first block for re-use */
void *arena_alloc(Arena *a, size_t size) __attribute__((malloc, returns_nonnull));  /* aligned to 16 */
void *arena_array(Arena *a, size_t n, size_t each) __attribute__((returns_nonnull)); /* checked n * each */
void *arena_grow(Arena *a, void *old, size_t old_size, size_t new_size) __attribute__((returns_nonnull));
size_t arena_used(const Arena *a);

/* A place to come back to: everything allocated after arena_mark() is given back by arena_release(). */
typedef struct ArenaMark { void *block; size_t used; } ArenaMark;
ArenaMark arena_mark(Arena *a);
void arena_release(Arena *a, ArenaMark mark);

#define NEW(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define NEW_ARRAY(arena, n, T) ((T *)arena_array((arena), (n), sizeof(T)))

/* Runs NAME_drop(&variable) when the variable leaves its scope: for what is not memory (statements, files). */
#define AUTO(T) __attribute__((cleanup(T##_drop))) T
