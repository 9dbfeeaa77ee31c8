/* A zip from hostile hands is told entry by entry, never to more bytes than its size allows, and two that share it
 * together see what one alone sees. */
#include "format/inside.h"
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRY_MOST = 1 << 20, ALL_MOST = 8 << 20, ENTRIES_MOST = 1000 };

typedef struct Seen {
  Str zip;
  size_t entries;
  uint64_t bytes;
} Seen;

static Err see(Cx *cx, void *env, const PackedFile *f) {
  (void)cx;
  Seen *s = env;
  assert(f->name.p >= s->zip.p && f->name.p + f->name.n <= s->zip.p + s->zip.n);
  assert((f->bytes.p != NULL) != (f->why.p != NULL));
  assert(f->bytes.n <= ENTRY_MOST && !packed_is(f->bytes));
  s->entries++;
  s->bytes += f->bytes.n;
  return E_OK;
}

static Err walk(Cx *cx, Str zip, PackedShare *share, Seen *seen) {
  ArenaMark mark = arena_mark(cx->arena);
  AUTO(Cx) own = cx_new(2 * ENTRY_MOST);
  PackedLimits most = {
    .own = own.arena, .left = ALL_MOST, .entry = ENTRY_MOST, .whole = ALL_MOST, .entries = ENTRIES_MOST, .share = share
  };
  *seen = (Seen){ .zip = zip };
  Err e = zip_walk(cx, S("zip"), zip, &most, see, seen);
  cx_forgive(cx);
  arena_release(cx->arena, mark);
  assert(seen->bytes <= ALL_MOST);
  return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  AUTO(Cx) cx = cx_new((size_t)4 << 20);
  Str zip = { (const char *)data, size };
  PackedShare first = { .mine = 0 }, second = { .mine = 1 };
  Seen all, half[2];
  if (size > 1 << 18) return 0;
  Err e = walk(&cx, zip, NULL, &all);
  assert(walk(&cx, zip, &first, &half[0]) == e && walk(&cx, zip, &second, &half[1]) == e);
  assert(half[0].entries + half[1].entries == all.entries);
  return 0;
}
