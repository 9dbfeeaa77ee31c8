/* feed_adv.c - one advisory of one source: known once, in its newest version; and its digest. */
#include "vuln/feed.h"

static const char *const origins[] = {
#define X(id, name) [id] = name,
  SNAP_ORIGINS(X)
#undef X
};
const char *origin_name(unsigned origin) { return origin < ORIGIN_COUNT ? origins[origin] : "?"; }

FeedAdv feed_adv(Feed *f, SnapOrigin origin, Str id, Str modified) {
  return (FeedAdv){ .origin = origin,
                    .id = str_dup(f->arena, id),
                    .modified = str_dup(f->arena, modified),
                    .x10 = CVSS_NONE,
                    .severity = SEV_UNSCORED };
}

/* The highest version of CVSS that can be read, then the highest score. */
void feed_severity(Cx *cx, Feed *f, FeedAdv *a, Str vector) {
  Cvss c;
  if (!vector.n) return;
  if (cvss_read(cx, vector, &c) != E_OK) {
    cx_forgive(cx);
    return;
  }
  int newer = str_cmp(c.version, a->cvss_version);
  if (a->x10 != CVSS_NONE && (newer < 0 || (newer == 0 && c.score_x10 <= a->x10))) return;
  a->cvss_version = str_dup(f->arena, c.version);
  a->vector = str_dup(f->arena, c.vector);
  a->x10 = c.score_x10;
  a->severity = snap_severity(c.severity);
}

/* ---- digest -------------------------------------------------------------------------------------------- */

static void put(Buf *b, Str s) {
  buf_u32le(b, (uint32_t)s.n);
  buf_add(b, s);
}

static void put_all(Buf *b, const Str *list, size_t n) {
  buf_u32le(b, (uint32_t)n);
  for (size_t i = 0; i < n; i++) put(b, list[i]);
}

static void put_leaf(Buf *b, const FeedLeaf *l) {
  const Str texts[] = { l->part, l->vendor, l->product, l->version, l->update, l->lo, l->hi };
  put_all(b, texts, COUNT(texts));
  put_all(b, l->rest, REST_COUNT);
  buf_u32le(b, l->flags);
}

static void put_adv(Buf *b, const FeedAdv *a) {
  const Str texts[] = { a->id, a->about, a->vector };
  put_all(b, texts, COUNT(texts));
  put_all(b, a->aliases.p, a->aliases.n);
  put_all(b, a->upstream.p, a->upstream.n);
  buf_u32le(b, (uint32_t)a->x10);
  buf_u32le(b, a->severity << 8 | (unsigned)a->origin << 1 | a->withdrawn);
  for (size_t i = 0; i < a->rows.n; i++) {
    const FeedRow *r = &a->rows.p[i];
    const Str row[] = { r->base, r->release, r->name, r->lo, r->hi };
    put_all(b, row, COUNT(row));
    buf_u32le(b, r->flags);
    buf_u32le(b, (uint32_t)r->scheme);
  }
  buf_u32le(b, a->ssvc << 1 | a->kev);
  put(b, a->kev_added);
  for (size_t i = 0; i < a->leaves.n; i++) put_leaf(b, &a->leaves.p[i]);
  for (size_t i = 0; i < a->ops.n; i++) buf_u64le(b, (uint64_t)a->ops.p[i].kind << 32 | a->ops.p[i].leaf);
  for (size_t i = 0; i < a->progs.n; i++) buf_u64le(b, (uint64_t)a->progs.p[i].first_op << 32 | a->progs.p[i].flags);
}

static void put_group(Buf *b, const FeedGroup *g) {
  put_all(b, g->members.p, g->members.n);
  put(b, g->vector);
  buf_u32le(b, (uint32_t)g->x10);
  buf_u32le(b, g->severity << 1 | g->kev);
  buf_u32le(b, g->epss_x1e9);
  buf_u32le(b, g->ssvc);
  put(b, g->kev_added);
}

uint64_t feed_digest(Feed *f, const FeedAdv *a) {
  ArenaMark mark = arena_mark(f->arena);
  Buf b = buf_new(f->arena, 1u << 30);
  put_adv(&b, a);
  if (f->groups.n) {
    put_group(&b, &f->groups.p[a->group]);
    for (size_t i = 0; i < a->upstream.n; i++) put_group(&b, &f->groups.p[map_get(&f->group_of, a->upstream.p[i])]);
  }
  Hash h = sha256(buf_str(&b));
  arena_release(f->arena, mark);
  return key_first8((Str){ (const char *)h.b, sizeof h.b });
}

/* ---- known once ---------------------------------------------------------------------------------------- */

void feed_adv_done(Feed *f, Str file, const FeedAdv *a) {
  Str key = str_fmt(f->arena, "%c%.*s %.*s", (char)('0' + a->origin), STR(a->id), STR(a->about));
  size_t known = map_get(&f->by_id, key);
  if (known == MAP_NONE) {
    f->records[a->origin]++;
    map_put(&f->by_id, key, f->advs.n);
    vec_add(f->arena, &f->advs, *a);
    return;
  }
  FeedAdv *old = &f->advs.p[known];
  uint64_t mine = feed_digest(f, a), theirs = feed_digest(f, old);
  int newer = str_cmp(a->modified, old->modified);
  feed_skip(f, file, mine == theirs ? "the same advisory again" : "an older version of an advisory", 1);
  if (newer > 0 || (newer == 0 && mine < theirs)) *old = *a;
}
