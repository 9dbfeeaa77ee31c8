/* feed_write.c - from what was collected to the bytes of a snapshot.
 *
 * Everything is sorted before a text gets its place, so that the same records give the same bytes. */
#include "vuln/feed.h"
#include <stdlib.h>
#include <string.h>

#define SNAP_MAX_BYTES ((size_t)UINT32_MAX)

uint32_t out_ref(Out *o, uint32_t word) {
  if (!word || o->ref[word]) return o->ref[word];
  Str s = feed_word(o->f, word);
  size_t at = o->nstrs, n = s.n;
  for (; n > 127; n >>= 7) o->strs[o->nstrs++] = (char)(128 | (n & 127));
  o->strs[o->nstrs++] = (char)n;
  memcpy(o->strs + o->nstrs, s.p, s.n);
  o->nstrs += s.n;
  return o->ref[word] = (uint32_t)at;
}

void *out_section(Out *o, SnapTag tag, size_t n, size_t each) {
  o->section[tag] = arena_array(o->arena, n ? n : 1, each);
  o->bytes[tag] = n * each;
  return o->section[tag];
}

/* ---- packages ------------------------------------------------------------------------------------------ */

typedef struct PackageKey {
  Str base, name;
  uint64_t first, second; /* of name */
  uint32_t package, rows;
} PackageKey;

static int by_package(const void *x, const void *y) {
  const PackageKey *a = x, *b = y;
  int d = a->base.p == b->base.p ? 0 : str_cmp(a->base, b->base);
  if (d) return d;
  if (a->first != b->first) return a->first < b->first ? -1 : 1;
  if (a->second != b->second) return a->second < b->second ? -1 : 1;
  return str_cmp(a->name, b->name);
}

/* Packages that still have rows, sorted. */
static PackageKey *packages(Out *o, size_t *n) {
  Feed *f = o->f;
  size_t all = pool_size(&f->package), kept = 0;
  PackageKey *key = NEW_ARRAY(o->arena, all, PackageKey);
  for (uint32_t i = 1; i < all; i++) {
    PackName name;
    memcpy(&name, pool_text(&f->package, i).p, sizeof name);
    Str text = feed_word(f, name.name);
    uint64_t first = key_first8(text), second = key_first8(str_slice(text, 8, text.n));
    key[i] = (PackageKey){ feed_word(f, name.base), text, first, second, i, 0 };
  }
  for (size_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = pile_at(&f->adv, i);
    for (size_t k = 0; k < a->rows.n; k++) key[((PackRow *)pile_at(&f->row, a->rows.first + k))->package].rows++;
  }
  for (size_t i = 1; i < all; i++)
    if (key[i].rows) key[kept++] = key[i];
  if (kept) qsort(key, kept, sizeof *key, by_package);
  *n = kept;
  return key;
}

/* Rows of one package side by side, by advisory, in their order there. */
typedef struct RowPlace {
  const PackRow *row;
  uint32_t adv;
} RowPlace;

static RowPlace *sort_rows(Out *o, const PackageKey *key, size_t n, size_t *rows) {
  Feed *f = o->f;
  uint32_t *next = NEW_ARRAY(o->arena, pool_size(&f->package), uint32_t);
  size_t total = 0;
  for (size_t i = 0; i < n; total += key[i++].rows) next[key[i].package] = (uint32_t)total;
  RowPlace *place = NEW_ARRAY(o->arena, total + 1, RowPlace);
  for (uint32_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = feed_sorted(f, i);
    for (size_t k = 0; k < a->rows.n; k++) {
      const PackRow *r = pile_at(&f->row, a->rows.first + k);
      place[next[r->package]++] = (RowPlace){ r, i };
    }
  }
  *rows = total;
  return place;
}

static SnapRow row_of(Out *o, const RowPlace *p) {
  const PackRow *r = p->row;
  bool keyed = r->scheme < SCHEME_COUNT && scheme_has_key((Scheme)r->scheme) && !(r->flags & ROW_UNREADABLE);
  SnapRow row = { .lo8 = keyed && r->lo_key ? key_first8(feed_word(o->f, r->lo_key)) : 0,
                  .hi8 = keyed && r->hi_key ? key_first8(feed_word(o->f, r->hi_key)) : UINT64_MAX,
                  .adv = p->adv,
                  .flags = (uint16_t)r->flags,
                  .scheme = (uint16_t)r->scheme };
  row.lo_key = out_ref(o, r->lo_key); /* one after the other: the order of calls is the order of texts */
  row.hi_key = out_ref(o, r->hi_key);
  row.lo_text = out_ref(o, r->lo);
  row.hi_text = out_ref(o, r->hi);
  row.release = out_ref(o, r->release);
  if (r->scheme != SCHEME_RPM || !r->hi || !version_is_modular(feed_word(o->f, r->hi))) return row;
  row.flags |= ROW_MODULAR;
  row.stream = out_ref(o, r->stream);
  return row;
}

/* What a judgement names of an advisory stands beside the package that leads to it: fewer pages of the file are
 * touched. */
static void place_names(Out *o, uint32_t adv) {
  const PackAdv *a = feed_sorted(o->f, adv);
  const FeedGroup *g = &o->f->group[a->group];
  if (o->ref[a->id]) return;
  (void)out_ref(o, a->id);
  (void)out_ref(o, g->rep);
  (void)out_ref(o, g->vector);
  for (size_t k = 0; k < g->members.n; k++) (void)out_ref(o, o->f->member[g->members.first + k]);
}

Slots out_slots(Out *o, SnapTag tag, size_t n) {
  size_t slots = 16;
  while (slots < n * 2) slots *= 2;
  return (Slots){ out_section(o, tag, slots, sizeof(SnapSlot)), slots };
}

void slot_put(Slots *t, uint64_t hash, uint32_t row) {
  size_t at = hash & (t->n - 1);
  while (t->p[at].at) at = (at + 1) & (t->n - 1);
  t->p[at] = (SnapSlot){ (uint32_t)(hash >> 32), row + 1 };
}

/* Packages of each advisory: the same places read the other way. */
static void put_ways_back(Out *o, const PackageKey *key, size_t n, const RowPlace *place) {
  size_t advs = o->f->adv.n, total = 0, at = 0;
  uint32_t *first = out_section(o, SNAP_ADVP, advs + 1, sizeof *first);
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < key[i].rows; k++, at++)
      if (!k || place[at].adv != place[at - 1].adv) first[place[at].adv]++, total++;
  uint32_t *package = out_section(o, SNAP_PKGA, total, sizeof *package);
  for (size_t i = 0, sum = 0; i <= advs; i++) { /* each at the end of its own: filled from behind */
    sum += first[i];
    first[i] = (uint32_t)sum;
  }
  for (size_t i = n; i-- > 0;)
    for (size_t k = key[i].rows; k-- > 0;)
      if (--at, !k || place[at].adv != place[at - 1].adv) package[--first[place[at].adv]] = (uint32_t)i;
}

static int by_digest(const void *x, const void *y) {
  const SnapDigest *a = x, *b = y;
  if (a->digest != b->digest) return a->digest < b->digest ? -1 : 1;
  return (a->adv > b->adv) - (a->adv < b->adv);
}

static void put_digests(Out *o) {
  const SnapAdv *adv = o->section[SNAP_ADVS];
  size_t n = o->f->adv.n;
  SnapDigest *list = out_section(o, SNAP_DIGS, n, sizeof *list);
  for (uint32_t i = 0; i < n; i++) list[i] = (SnapDigest){ adv[i].digest, i, 0 };
  if (n) qsort(list, n, sizeof *list, by_digest);
}

static void put_packages(Out *o) {
  size_t n, nrows;
  const PackageKey *key = packages(o, &n);
  const RowPlace *place = sort_rows(o, key, n, &nrows);
  SnapPkg *pkg = out_section(o, SNAP_PKGS, n, sizeof *pkg);
  SnapRow *row = out_section(o, SNAP_ROWS, nrows, sizeof *row);
  for (size_t i = 0, at = 0; i < n; i++) {
    PackName name;
    memcpy(&name, pool_text(&o->f->package, key[i].package).p, sizeof name);
    pkg[i].base = out_ref(o, name.base);
    pkg[i].name = out_ref(o, name.name);
    pkg[i].first_row = (uint32_t)at;
    pkg[i].rows = key[i].rows;
    for (size_t k = 0; k < key[i].rows; k++, at++) {
      row[at] = row_of(o, &place[at]);
      place_names(o, place[at].adv);
    }
  }
  Slots slots = out_slots(o, SNAP_PKGH, n);
  for (uint32_t i = 0; i < n; i++) slot_put(&slots, snap_hash(key[i].base, key[i].name), i);
  put_ways_back(o, key, n, place);
}

/* ---- what is covered ----------------------------------------------------------------------------------- */

typedef struct Cover {
  Str base, release;
  uint32_t base_word, release_word, advisories, last;
} Cover;

static int by_release(const void *x, const void *y) {
  const Cover *a = x, *b = y;
  int d = str_cmp(a->base, b->base);
  return d ? d : str_cmp(a->release, b->release);
}

/* Which ecosystems and releases the sources cover at all: silence about others means nothing. */
static void put_ecos(Out *o) {
  Feed *f = o->f;
  Pool pairs = pool_new(o->arena);
  VEC(Cover) list = { 0 };
  for (uint32_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = feed_sorted(f, i);
    for (size_t k = 0; k < a->rows.n && a->origin == ORIGIN_OSV; k++) { /* one CVE record about npm covers no npm */
      const PackRow *r = pile_at(&f->row, a->rows.first + k);
      PackName name;
      memcpy(&name, pool_text(&f->package, r->package).p, sizeof name);
      const uint32_t pair[] = { name.base, r->release };
      uint32_t n = pool_put(&pairs, (Str){ (const char *)pair, sizeof pair });
      if (n > list.n)
        vec_add(o->arena, &list,
                (Cover){ feed_word(f, name.base), feed_word(f, r->release), name.base, r->release, 0, SNAP_NONE });
      Cover *c = &list.p[n - 1];
      c->advisories += c->last != i;
      c->last = i;
    }
  }
  if (list.n) qsort(list.p, list.n, sizeof *list.p, by_release);
  SnapEco *eco = out_section(o, SNAP_ECOS, list.n, sizeof *eco);
  for (size_t i = 0; i < list.n; i++) {
    eco[i].base = out_ref(o, list.p[i].base_word);
    eco[i].release = out_ref(o, list.p[i].release_word);
    eco[i].advisories = list.p[i].advisories;
  }
}

/* ---- advisories and groups ----------------------------------------------------------------------------- */

static void put_advisories(Out *o) {
  Feed *f = o->f;
  uint32_t ups = 0;
  for (size_t i = 0; i < f->adv.n; i++) ups += feed_sorted(f, i)->upstream.n;
  SnapAdv *row = out_section(o, SNAP_ADVS, f->adv.n, sizeof *row);
  uint32_t *up = out_section(o, SNAP_UPGR, ups, sizeof *up);
  ups = 0;
  for (size_t i = 0; i < f->adv.n; i++, row++) {
    const PackAdv *a = feed_sorted(f, i);
    row->id = out_ref(o, a->id);
    row->modified = out_ref(o, a->modified);
    row->vector = out_ref(o, a->vector);
    row->group = a->group;
    row->first_up = ups;
    row->ups = a->upstream.n;
    row->x10 = a->x10;
    row->severity = a->severity;
    row->withdrawn = a->withdrawn;
    row->source = a->origin;
    row->digest = feed_digest(f, a);
    for (size_t k = 0; k < a->upstream.n; k++) up[ups++] = f->group_of[feed_name(f, a->upstream, k)];
  }
}

static void put_groups(Out *o) {
  Feed *f = o->f;
  uint32_t members = 0;
  for (size_t i = 0; i < f->ngroups; i++) members += f->group[i].members.n;
  SnapGroup *row = out_section(o, SNAP_GRPS, f->ngroups, sizeof *row);
  uint32_t *member = out_section(o, SNAP_GRPM, members, sizeof *member);
  members = 0;
  for (size_t i = 0; i < f->ngroups; i++, row++) {
    const FeedGroup *g = &f->group[i];
    row->rep = out_ref(o, g->rep);
    row->first_member = members;
    row->members = g->members.n;
    row->vector = out_ref(o, g->vector);
    row->epss_x1e9 = g->epss_x1e9;
    row->kev_added = out_ref(o, g->kev_added);
    row->x10 = (int16_t)g->x10;
    row->severity = (uint8_t)g->severity;
    row->kev = g->kev;
    row->ssvc = g->ssvc;
    for (size_t k = 0; k < g->members.n; k++) member[members++] = out_ref(o, f->member[g->members.first + k]);
  }
}

static void put_facts(Out *o) {
  FeedSource all[FEED_SOURCES];
  size_t n = feed_sources(o->f, all);
  SnapSource *source = out_section(o, SNAP_SRCS, n, sizeof *source);
  for (size_t i = 0; i < n; i++) {
    source[i].name = out_ref(o, pool_put(&o->f->word, all[i].name));
    source[i].newest = out_ref(o, pool_put(&o->f->word, all[i].newest));
    source[i].records = (uint64_t)all[i].records;
  }
  SnapKev *kev = out_section(o, SNAP_KEVS, o->f->kevs.n, sizeof *kev);
  for (size_t i = 0; i < o->f->kevs.n; i++) {
    const FeedKev *k = &o->f->kevs.p[i];
    kev[i] = (SnapKev){ k->cve, out_ref(o, pool_put(&o->f->word, k->added)), k->ransomware };
  }
  SnapEpss *epss = out_section(o, SNAP_EPSS, o->f->epss.n, sizeof *epss);
  if (o->f->epss.n) memcpy(epss, o->f->epss.p, o->f->epss.n * sizeof *epss);
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static const struct { const char *tag; uint32_t each; } tags[SNAP_TAGS] = {
#define X(tag, type, name) { #tag, sizeof(type) },
  SNAP_SECTIONS(X)
#undef X
};

enum { PARTS = 2 * SNAP_TAGS + 3 };
typedef struct Parts {
  SnapHead head;
  SnapSection table[SNAP_TAGS];
  Hash trailer;
  Str part[PARTS], sha256;
  size_t n;
  Sha256 *sum;
} Parts;

static void part(Parts *p, const void *bytes, size_t n) {
  p->part[p->n] = (Str){ bytes, n };
  sha256_add(p->sum, p->part[p->n++]);
}

static void join(Cx *cx, const Out *o, Parts *p) {
  static const char zeros[SNAP_ALIGN];
  uint64_t at = sizeof p->head + sizeof p->table, padding[SNAP_TAGS];
  memcpy(p->head.magic, SNAP_MAGIC, 4);
  p->head.version = SNAP_VERSION;
  p->head.sections = SNAP_TAGS;
  for (size_t i = 0; i < SNAP_TAGS; i++) {
    padding[i] = (SNAP_ALIGN - at % SNAP_ALIGN) % SNAP_ALIGN;
    at += padding[i];
    memcpy(p->table[i].tag, tags[i].tag, 4);
    p->table[i].each = tags[i].each;
    p->table[i].offset = at;
    p->table[i].length = o->bytes[i];
    at += o->bytes[i];
  }
  p->head.bytes = at + SNAP_TRAILER;
  p->sum = sha256_new(cx->arena);
  part(p, &p->head, sizeof p->head);
  part(p, p->table, sizeof p->table);
  for (size_t i = 0; i < SNAP_TAGS; i++) {
    part(p, zeros, padding[i]);
    part(p, o->section[i], o->bytes[i]);
  }
  p->trailer = sha256_now(p->sum);
  part(p, p->trailer.b, SNAP_TRAILER);
  p->sha256 = hash_hex(cx->arena, sha256_end(p->sum));
}

static Err lay_out(Cx *cx, Feed *f, Parts *p) {
  size_t words = pool_size(&f->word) + 2 * FEED_SOURCES + f->kevs.n, room = 4096;
  Out o = { .f = f, .arena = f->keep, .ref = NEW_ARRAY(f->keep, words, uint32_t) };
  for (uint32_t i = 1; i < pool_size(&f->word); i++) room += feed_word(f, i).n + 4;
  for (size_t i = 0; i < f->kevs.n; i++) room += f->kevs.p[i].added.n + 4;
  if (room > SNAP_MAX_BYTES)
    return fail(cx, E_TOO_LARGE, "The texts of the snapshot would be larger than %zu bytes; the old one is kept",
                SNAP_MAX_BYTES);
  o.strs = NEW_ARRAY(f->keep, room, char);
  o.nstrs = 1; /* place 0 is the empty text */
  put_packages(&o);
  put_ecos(&o);
  put_advisories(&o);
  put_digests(&o);
  put_programs(&o);
  put_groups(&o);
  put_facts(&o);
  o.section[SNAP_STRS] = o.strs;
  o.bytes[SNAP_STRS] = o.nstrs;
  join(cx, &o, p);
  return E_OK;
}

Err feed_write(Cx *cx, Feed *f, Buf *out) {
  Parts p = { 0 };
  TRY(lay_out(cx, f, &p));
  *out = buf_new(f->keep, p.head.bytes);
  for (size_t i = 0; i < p.n; i++) buf_add(out, p.part[i]);
  return E_OK;
}

Err feed_write_file(Cx *cx, Feed *f, const char *path, Str *sha256, int64_t *bytes) {
  Parts p = { 0 };
  TRY(lay_out(cx, f, &p));
  TRY(file_write_parts(cx, path, p.part, p.n, 0640));
  *sha256 = p.sha256;
  *bytes = (int64_t)p.head.bytes;
  return E_OK;
}
