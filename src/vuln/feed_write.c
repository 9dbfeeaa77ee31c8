/* feed_write.c - from what was collected to the bytes of a snapshot.
 *
 * Everything is sorted before a string gets its place, so that the same records give the same bytes. */
#include "vuln/feed.h"
#include <stdlib.h>
#include <string.h>

enum { SNAP_MAX_BYTES = 1u << 31 };

uint32_t out_ref(Out *o, Str s) {
  if (!s.n) return 0;
  size_t at = map_get(&o->refs, s);
  if (at != MAP_NONE) return (uint32_t)at;
  Buf *b = &o->section[SNAP_STRS];
  at = b->n;
  size_t n = s.n;
  for (; n > 127; n >>= 7) buf_byte(b, (char)(128 | (n & 127)));
  buf_byte(b, (char)n);
  buf_add(b, s);
  map_put(&o->refs, s, at);
  return (uint32_t)at;
}

static int by_package(const void *x, const void *y) {
  const FeedRow *a = *(FeedRow *const *)x, *b = *(FeedRow *const *)y;
  int d = str_cmp(a->base, b->base);
  if (!d) d = str_cmp(a->name, b->name);
  if (!d) d = (a->adv > b->adv) - (a->adv < b->adv);
  return d ? d : (a->order > b->order) - (a->order < b->order);
}

static void collect_rows(Out *o) {
  Feed *f = o->f;
  for (size_t i = 0; i < f->advs.n; i++) o->nrows += f->advs.p[i].rows.n;
  o->row = NEW_ARRAY(f->arena, o->nrows + 1, FeedRow *);
  size_t n = 0;
  for (size_t i = 0; i < f->advs.n; i++) {
    for (size_t k = 0; k < f->advs.p[i].rows.n; k++) {
      FeedRow *r = &f->advs.p[i].rows.p[k];
      r->adv = (uint32_t)i;
      r->order = k;
      o->row[n++] = r;
    }
  }
  qsort(o->row, o->nrows, sizeof *o->row, by_package);
}

static void put_row(Out *o, const FeedRow *r) {
  bool keyed = r->scheme != SCHEME_NONE && scheme_has_key(r->scheme) && !(r->flags & ROW_UNREADABLE);
  SnapRow row = { .lo8 = keyed && r->lo_key.n ? key_first8(r->lo_key) : 0,
                  .hi8 = keyed && r->hi_key.n ? key_first8(r->hi_key) : UINT64_MAX,
                  .lo_key = out_ref(o, r->lo_key), .hi_key = out_ref(o, r->hi_key), .lo_text = out_ref(o, r->lo),
                  .hi_text = out_ref(o, r->hi), .adv = r->adv, .release = out_ref(o, r->release), .flags = r->flags,
                  .scheme = r->scheme };
  PUT(o, ROWS, row);
}

static void put_packages(Out *o, size_t *packages) {
  SnapPkg pkg = { 0 };
  for (size_t i = 0; i < o->nrows; i++) {
    const FeedRow *r = o->row[i], *before = i ? o->row[i - 1] : NULL;
    if (!before || !str_eq(r->base, before->base) || !str_eq(r->name, before->name)) {
      if (before) PUT(o, PKGS, pkg);
      pkg = (SnapPkg){ out_ref(o, r->base), out_ref(o, r->name), (uint32_t)i, 0 };
      ++*packages;
    }
    pkg.rows++;
    put_row(o, r);
  }
  if (o->nrows) PUT(o, PKGS, pkg);
}

static void put_hash(Out *o, size_t packages) {
  size_t slots = 16;
  while (slots < packages * 2) slots *= 2;
  uint32_t *table = NEW_ARRAY(o->f->arena, slots, uint32_t), index = 0;
  for (size_t i = 0; i < o->nrows; i++) {
    const FeedRow *r = o->row[i], *before = i ? o->row[i - 1] : NULL;
    if (before && str_eq(r->base, before->base) && str_eq(r->name, before->name)) continue;
    size_t at = snap_hash(r->base, r->name) & (slots - 1);
    while (table[at]) at = (at + 1) & (slots - 1);
    table[at] = ++index;
  }
  buf_add(&o->section[SNAP_PKGH], (Str){ (const char *)table, slots * sizeof *table });
}

static int by_release(const void *x, const void *y) {
  const FeedRow *a = *(FeedRow *const *)x, *b = *(FeedRow *const *)y;
  int d = str_cmp(a->base, b->base);
  if (!d) d = str_cmp(a->release, b->release);
  return d ? d : (a->adv > b->adv) - (a->adv < b->adv);
}

/* Which ecosystems and releases the sources cover at all: silence about others means nothing. */
static void put_ecos(Out *o) {
  FeedRow **row = NEW_ARRAY(o->f->arena, o->nrows + 1, FeedRow *);
  size_t n = 0;                                            /* one CVE record about npm does not cover npm */
  for (size_t i = 0; i < o->nrows; i++)
    if (o->f->advs.p[o->row[i]->adv].origin == ORIGIN_OSV) row[n++] = o->row[i];
  if (n) qsort(row, n, sizeof *row, by_release);
  for (size_t i = 0; i < n;) {
    SnapEco e = { out_ref(o, row[i]->base), out_ref(o, row[i]->release), 0, 0 };
    size_t first = i;
    for (; i < n && str_eq(row[i]->base, row[first]->base) && str_eq(row[i]->release, row[first]->release);
         i++)
      e.advisories += i == first || row[i]->adv != row[i - 1]->adv;
    PUT(o, ECOS, e);
  }
}

static void put_advisories(Out *o) {
  Feed *f = o->f;
  uint32_t ups = 0;
  for (size_t i = 0; i < f->advs.n; i++) {
    const FeedAdv *a = &f->advs.p[i];
    SnapAdv row = { .id = out_ref(o, a->id), .modified = out_ref(o, a->modified), .vector = out_ref(o, a->vector),
                    .group = a->group, .first_up = ups, .ups = (uint32_t)a->upstream.n, .x10 = (int16_t)a->x10,
                    .severity = (uint8_t)a->severity, .withdrawn = a->withdrawn, .source = a->origin,
                    .digest = feed_digest(f, a) };
    PUT(o, ADVS, row);
    for (size_t k = 0; k < a->upstream.n; k++, ups++) {
      uint32_t group = (uint32_t)map_get(&f->group_of, a->upstream.p[k]);
      PUT(o, UPGR, group);
    }
  }
}

static void put_groups(Out *o) {
  uint32_t members = 0;
  for (size_t i = 0; i < o->f->groups.n; i++) {
    const FeedGroup *g = &o->f->groups.p[i];
    SnapGroup row = { .rep = out_ref(o, g->rep), .first_member = members, .members = (uint32_t)g->members.n,
                      .vector = out_ref(o, g->vector), .epss_x1e9 = g->epss_x1e9, .kev_added = out_ref(o, g->kev_added),
                      .x10 = (int16_t)g->x10, .severity = (uint8_t)g->severity, .kev = g->kev, .ssvc = g->ssvc };
    PUT(o, GRPS, row);
    for (size_t k = 0; k < g->members.n; k++, members++) {
      uint32_t ref = out_ref(o, g->members.p[k]);
      PUT(o, GRPM, ref);
    }
  }
}

static void put_sources(Out *o) {
  FeedSource all[FEED_SOURCES];
  for (size_t i = 0, n = feed_sources(o->f, all); i < n; i++) {
    SnapSource row = { out_ref(o, all[i].name), out_ref(o, all[i].newest), (uint64_t)all[i].records };
    PUT(o, SRCS, row);
  }
}

static void put_facts(Out *o) {
  for (size_t i = 0; i < o->f->kevs.n; i++) {
    const FeedKev *k = &o->f->kevs.p[i];
    SnapKev row = { k->cve, out_ref(o, k->added), k->ransomware };
    PUT(o, KEVS, row);
  }
  if (o->f->epss.n)
    buf_add(&o->section[SNAP_EPSS], (Str){ (const char *)o->f->epss.p, o->f->epss.n * sizeof *o->f->epss.p });
}

static const struct { const char *tag; uint32_t each; } tags[SNAP_TAGS] = {
#define X(tag, type, name) { #tag, sizeof(type) },
  SNAP_SECTIONS(X)
#undef X
};

static void pad(Buf *b) {
  while (b->n % SNAP_ALIGN) buf_byte(b, 0);
}

static Err join(Cx *cx, Out *o, Buf *out) {
  SnapHead head = { .version = SNAP_VERSION, .sections = SNAP_TAGS };
  SnapSection table[SNAP_TAGS] = { { { 0 }, 0, 0, 0 } };
  uint64_t at = sizeof head + sizeof table;
  memcpy(head.magic, SNAP_MAGIC, 4);
  for (size_t i = 0; i < SNAP_TAGS; i++) {
    if (o->section[i].over)
      return fail(cx, E_TOO_LARGE, "The snapshot would be larger than %u bytes; the old one is kept",
                  SNAP_MAX_BYTES);
    at = (at + SNAP_ALIGN - 1) / SNAP_ALIGN * SNAP_ALIGN;
    memcpy(table[i].tag, tags[i].tag, 4);
    table[i].each = tags[i].each;
    table[i].offset = at;
    table[i].length = o->section[i].n;
    at += o->section[i].n;
  }
  head.bytes = at + SNAP_TRAILER;
  *out = buf_new(o->f->arena, SNAP_MAX_BYTES);
  buf_add(out, (Str){ (const char *)&head, sizeof head });
  buf_add(out, (Str){ (const char *)table, sizeof table });
  for (size_t i = 0; i < SNAP_TAGS; i++) {
    pad(out);
    buf_add(out, buf_str(&o->section[i]));
  }
  Hash h = sha256(buf_str(out));
  buf_add(out, hash_bytes(&h));
  return out->over ? fail(cx, E_TOO_LARGE, "The snapshot would be larger than %u bytes; the old one is kept",
                          SNAP_MAX_BYTES)
                   : E_OK;
}

Err feed_write(Cx *cx, Feed *f, Buf *out) {
  Out o = { .f = f, .refs = map_new(f->arena, f->advs.n * 4) };
  size_t packages = 0;
  for (size_t i = 0; i < SNAP_TAGS; i++) o.section[i] = buf_new(f->arena, SNAP_MAX_BYTES);
  buf_byte(&o.section[SNAP_STRS], 0);
  collect_rows(&o);
  put_packages(&o, &packages);
  put_hash(&o, packages);
  put_ecos(&o);
  put_advisories(&o);
  put_programs(&o);
  put_groups(&o);
  put_sources(&o);
  put_facts(&o);
  return join(cx, &o, out);
}
