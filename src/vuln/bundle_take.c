/* bundle_take.c - a bundle into the archive: only of a key that is believed, only forwards, and never over a gap. */
#include "feedstore.sql.h"
#include "vuln/bundle.h"

static Err believed(Cx *cx, Store *s, const Bundle *b) {
  Str name;
  Err e = store_text(cx, s, SQL_KEY_TRUSTED, ARGS(v_text(b->key)), &name);
  if (e != E_NOTFOUND) return e;
  cx_forgive(cx);
  return fail(cx, E_DENIED,
              "The bundle is signed by %.*s, whose bundles are not believed here. Nothing was taken. If that is "
              "the other site's key (it prints it with feed key): proofline feed trust %.*s",
              STR(b->key), STR(b->key));
}

static Err in_order(Cx *cx, const FeedUpdateAsk *ask, const Bundle *b, int64_t last) {
  if (b->from > last)
    return fail(cx, E_CONFLICT,
                "The bundle goes on from intake %lld of that site, this one has them to %lld. Nothing was taken. "
                "Have one made with: proofline feed export --since %lld",
                (long long)b->from, (long long)last, (long long)last);
  if (b->to <= last && !ask->reason.n)
    return fail(cx, E_CONFLICT,
                "The bundle ends at intake %lld of that site, this one has them to %lld already: an old bundle. "
                "Nothing was taken",
                (long long)b->to, (long long)last);
  return E_OK;
}

/* The newest record that each source has in it. */
static Err not_old(Cx *cx, const FeedUpdateAsk *ask, const Bundle *b) {
  for (size_t i = 0; i < b->nintakes; i++) {
    const IntakeRow *r = &b->intake[i].row;
    const SourceKind *kind = source_kind(r->kind);
    Str newest = r->newest;
    int64_t us;
    for (size_t k = 0; k < b->nintakes; k++)
      if (str_eq(b->intake[k].row.source, r->source) && str_cmp(b->intake[k].row.newest, newest) > 0)
        newest = b->intake[k].row.newest;
    if (!kind || !kind->max_age_days || !time_parse(newest, &us) || ask->reason.n) continue;
    if (cx->now_us - us <= kind->max_age_days * US_PER_DAY) continue;
    return fail(cx, E_FEED,
                "The newest record of %.*s in this bundle is of %.*s: an old feed. The old snapshot is kept; have a "
                "fresh bundle made, or take it with --reason",
                STR(r->source), STR(str_slice(newest, 0, 10)));
  }
  return E_OK;
}

static Err put_packs(Cx *cx, const char *folder, const Bundle *b) {
  for (size_t i = 0; i < b->npacks; i++) {
    AUTO(Cx) own = cx_new((size_t)2 << 30);
    Pack p;
    Str sha;
    Err e = pack_open(&own, b->pack_bytes[i], &p);
    if (e == E_OK) e = archive_put(&own, folder, b->pack_bytes[i], &sha);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(own.words));
  }
  return E_OK;
}

Err feed_import(Cx *cx, const FeedUpdateAsk *ask, const char *path, FeedUpdated *out) {
  AUTO(Bundle) b = { 0 };
  int64_t last;
  TRY(bundle_open(cx, path, &b));
  TRY(believed(cx, ask->store, &b));
  TRY(store_int(cx, ask->store, SQL_INTAKE_BUNDLE_LAST, ARGS(v_text(b.key)), 0, &last));
  TRY(in_order(cx, ask, &b, last));
  TRY(not_old(cx, ask, &b));
  TRY(put_packs(cx, store_folder(ask->store), &b));
  Update u = update_begin(cx, ask);
  Err e = E_OK;
  for (size_t i = 0; i < b.nintakes && e == E_OK; i++) {
    if (b.intake[i].n <= last) continue;
    e = update_add(&u, &b.intake[i].row);
  }
  if (e == E_OK) e = update_end(&u, out);
  cx_free(&u.keep);
  return e;
}
