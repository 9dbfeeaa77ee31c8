/* archive.c - the fold of packs, and where packs lie. */
#include "vuln/archive.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

ArchiveState archive_state(Arena *a) { return (ArchiveState){ .arena = a, .at = map_new(a, 1024) }; }

void archive_fold(ArchiveState *s, const Pack *p) {
  uint32_t pack = (uint32_t)s->packs.n;
  vec_add(s->arena, &s->packs, *p);
  for (uint32_t i = 0; i < p->n; i++) {
    const PackRecord *r = &p->record[i];
    size_t at = map_get(&s->at, r->name);
    bool gone = r->block == PACK_GONE;
    if (at == MAP_NONE) {
      if (gone) continue;
      at = s->held.n;
      map_put(&s->at, r->name, at);
      vec_add(s->arena, &s->held, (Held){ 0, UINT32_MAX });
      vec_add(s->arena, &s->names, r->name);
    }
    Held *h = &s->held.p[at];
    s->live -= h->record != UINT32_MAX;
    *h = (Held){ pack, gone ? UINT32_MAX : i };
    s->live += !gone;
  }
}

const PackRecord *archive_find(const ArchiveState *s, Str name) {
  size_t at = map_get(&s->at, name);
  if (at == MAP_NONE || s->held.p[at].record == UINT32_MAX) return NULL;
  return &s->packs.p[s->held.p[at].pack].record[s->held.p[at].record];
}

typedef struct Place {
  const Pack *pack;
  const PackRecord *record;
  uint32_t n;
} Place;

static int by_place(const void *x, const void *y) {
  const Place *a = x, *b = y;
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  if (a->record->block != b->record->block) return a->record->block < b->record->block ? -1 : 1;
  return (a->record->offset > b->record->offset) - (a->record->offset < b->record->offset);
}

Err archive_each(Cx *cx, const ArchiveState *s, Err (*each)(Cx *cx, void *env, Str name, Str bytes), void *env) {
  Place *list = NEW_ARRAY(s->arena, s->live + 1, Place);
  size_t n = 0;
  for (size_t i = 0; i < s->held.n; i++) {
    Held h = s->held.p[i];
    if (h.record != UINT32_MAX)
      list[n++] = (Place){ &s->packs.p[h.pack], &s->packs.p[h.pack].record[h.record], h.pack };
  }
  if (n) qsort(list, n, sizeof *list, by_place);
  PackReader r = { .block = PACK_GONE };
  for (size_t i = 0; i < n; i++) {
    Str bytes;
    if (r.pack != list[i].pack) {
      char *kept = r.bytes;
      size_t room = r.room;
      r = pack_reader(s->arena, list[i].pack);
      r.bytes = kept;
      r.room = room;
    }
    TRY(pack_record(cx, &r, list[i].record, &bytes));
    TRY(each(cx, env, list[i].record->name, bytes));
  }
  return E_OK;
}

/* ---- files ---- */

Str archive_path(Arena *a, const char *folder, Str sha256) {
  return str_fmt(a, "%s/archive/%.*s.pack", folder, STR(sha256));
}

void Mapped_drop(Mapped *m) {
  if (!m->n) return;
  union {
    const char *in;
    void *out;
  } p = { m->p };
  (void)munmap(p.out, m->n);
}

Err archive_map_fd(Cx *cx, int fd, Mapped *out) {
  struct stat st;
  bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
  void *p = file && st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
  if (!file || p == MAP_FAILED) return fail(cx, E_IO, "Cannot read what was fetched: %s", strerror(errno));
  *out = (Mapped){ p ? p : "", (size_t)st.st_size };
  return E_OK;
}

Err archive_map(Cx *cx, const char *path, Mapped *out) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return fail(cx, errno == ENOENT ? E_NOTFOUND : E_IO, "Cannot read %s: %s", path, strerror(errno));
  Err e = archive_map_fd(cx, fd, out);
  (void)close(fd);
  return e;
}

Err archive_put(Cx *cx, const char *folder, Str bytes, Str *sha) {
  Str name = hash_hex(cx->arena, sha256(bytes));
  const char *path = archive_path(cx->arena, folder, name).p;
  TRY(folder_make(cx, str_fmt(cx->arena, "%s/archive", folder).p, 0750));
  if (!file_exists(path)) TRY(file_write(cx, path, bytes, 0440));
  *sha = name;
  return E_OK;
}
