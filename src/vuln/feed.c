/* feed.c - build a snapshot: read everything, refuse an empty result, publish whole or not at all. */
#include "vuln/feed.h"
#include <stdlib.h>
#include <string.h>

/* Of one record; of all that is kept. */
enum { RECORD_FIRST_BYTES = 256 << 10, RECORD_MOST_BYTES = 512 << 20 };
#define KEPT_MOST_BYTES ((size_t)4 << 30)

Feed feed_new(Arena *record, Arena *keep) {
  Feed f = { .arena = record,
             .keep = keep,
             .word = pool_new(keep),
             .package = pool_new(keep),
             .cpe = pool_new(keep),
             .rest = pool_new(keep),
             .known = pool_new(keep),
             .adv = { .each = sizeof(PackAdv) },
             .row = { .each = sizeof(PackRow) },
             .leaf = { .each = sizeof(PackLeaf) },
             .op = { .each = sizeof(SnapOp) },
             .prog = { .each = sizeof(FeedProg) },
             .name = { .each = sizeof(uint32_t) },
             .by_why = map_new(keep, 16) };
  if (record != keep) (void)arena_alloc(record, RECORD_FIRST_BYTES); /* one block holds most records */
  feed_next(&f);
  return f;
}

void feed_next(Feed *f) {
  if (f->arena != f->keep) arena_reset(f->arena);
}

size_t feed_sources(const Feed *f, FeedSource out[FEED_SOURCES]) {
  size_t n = 0;
  Str newest[ORIGIN_COUNT] = { { NULL, 0 } };
  for (size_t i = 0; i < f->adv.n; i++) {
    const PackAdv *a = pile_at(&f->adv, i);
    Str modified = feed_word(f, a->modified);
    if (str_cmp(modified, newest[a->origin]) > 0) newest[a->origin] = modified;
  }
  const FeedSource all[FEED_SOURCES] = {
    /* by name */
    { S("CSAF"), f->records[ORIGIN_CSAF], newest[ORIGIN_CSAF] },
    { S("CVE"), f->records[ORIGIN_CVE], newest[ORIGIN_CVE] },
    { S("EPSS"), (int64_t)f->epss.n, f->epss_date },
    { S("KEV"), (int64_t)f->kevs.n, f->kev_date },
    { S("NVD"), f->records[ORIGIN_NVD], newest[ORIGIN_NVD] },
    { S("OSV"), f->records[ORIGIN_OSV], newest[ORIGIN_OSV] },
  };
  for (size_t i = 0; i < COUNT(all); i++)
    if (all[i].records) out[n++] = all[i];
  return n;
}

static int by_file(const void *x, const void *y) {
  const FeedSkip *a = x, *b = y;
  int d = str_cmp(a->why, b->why);
  return d ? d : str_cmp(a->file, b->file);
}

static void tell(Cx *cx, const Feed *f, FeedBuild *out) {
  out->source = NEW_ARRAY(cx->arena, FEED_SOURCES, FeedSource);
  out->nsources = feed_sources(f, out->source);
  for (size_t i = 0; i < out->nsources; i++) {
    out->source[i].name = str_dup(cx->arena, out->source[i].name);
    out->source[i].newest = str_dup(cx->arena, out->source[i].newest);
  }
  out->skip = NEW_ARRAY(cx->arena, f->skips.n + 1, FeedSkip);
  for (size_t i = 0; i < f->skips.n; i++)
    out->skip[i] = (FeedSkip){ str_dup(cx->arena, f->skips.p[i].file), str_dup(cx->arena, f->skips.p[i].why),
                               f->skips.p[i].count };
  out->nskips = f->skips.n;
  if (f->skips.n) qsort(out->skip, f->skips.n, sizeof *out->skip, by_file);
}

typedef Arena *ArenaRef;
static void ArenaRef_drop(Arena **a) { arena_free(*a); }

static Err make(Cx *cx, const FeedPaths *paths, const char *out_path, FeedBuild *b) {
  AUTO(ArenaRef) keep = arena_new(KEPT_MOST_BYTES);
  AUTO(ArenaRef) record = arena_new(RECORD_MOST_BYTES);
  Feed f = feed_new(record, keep);
  TRY(feed_collect(cx, paths, &f));
  if (!f.adv.n && !f.kevs.n && !f.epss.n)
    return fail(cx, E_FEED,
                "No advisory was found in what was given; the old snapshot is kept.  OSV, NVD 2.0, CVE 5, CSAF, "
                "KEV and EPSS are read");
  feed_groups(&f);
  TRY(feed_write_file(cx, &f, out_path, &b->sha256, &b->bytes_written));
  tell(cx, &f, b);
  b->bytes_read = f.bytes_read;
  return E_OK;
}

Err feed_build(Cx *cx, const char *const *paths, size_t npaths, const char *out_path, FeedBuild *out) {
  FeedBuild b = { 0 };
  int64_t start_us = clock_mono_us();
  TRY(make(cx, &(FeedPaths){ paths, npaths }, out_path, &b));
  AUTO(SnapshotRef) written = NULL; /* what stands on the disk is read back */
  TRY(snapshot_open(cx, out_path, &written));
  b.took_us = clock_mono_us() - start_us;
  *out = b;
  return E_OK;
}

void feed_build_json(const FeedBuild *b, JsonOut *o) {
  json_object(o);
  json_pair(o, "schema", S("proofline.feed-build/1"));
  json_pair(o, "sha256", b->sha256);
  json_key(o, "records");
  json_object(o);
  for (size_t i = 0; i < b->nsources; i++) {
    json_key_str(o, b->source[i].name);
    json_put_int(o, b->source[i].records);
  }
  json_object_end(o);
  json_key(o, "skipped");
  json_array(o);
  for (size_t i = 0; i < b->nskips; i++) {
    json_object(o);
    json_pair(o, "file", b->skip[i].file);
    json_pair(o, "why", b->skip[i].why);
    json_pair_int(o, "count", b->skip[i].count);
    json_object_end(o);
  }
  json_array_end(o);
  json_pair_int(o, "bytes", b->bytes_written);
  json_key(o, "seconds");
  json_put_scaled(o, b->took_us, 6);
  json_object_end(o);
}
