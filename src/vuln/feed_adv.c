/* feed_adv.c - one advisory of one source: known once, in its newest version. */
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

/* ---- known once ---------------------------------------------------------------------------------------- */

typedef struct Known {
  uint32_t origin, id, about;
} Known;

/* The number of the advisory; whether it is new. */
static size_t number_of(Feed *f, const PackAdv *p, bool *is_new) {
  Known key = { p->origin, p->id, p->about };
  uint32_t before = (uint32_t)pool_size(&f->known), n = pool_put(&f->known, (Str){ (const char *)&key, sizeof key });
  *is_new = n == before;
  return n - 1;
}

void feed_adv_known(Feed *f, Str file, const PackAdv *a) {
  bool is_new;
  size_t n = number_of(f, a, &is_new);
  if (is_new) {
    f->records[a->origin]++;
    *(PackAdv *)pile_add(f->keep, &f->adv) = *a;
    return;
  }
  PackAdv *old = pile_at(&f->adv, n);
  int newer = str_cmp(feed_word(f, a->modified), feed_word(f, old->modified));
  feed_skip(f, file, a->digest == old->digest ? "the same advisory again" : "an older version of an advisory", 1);
  if (newer > 0 || (newer == 0 && a->digest < old->digest)) *old = *a;
}

void feed_adv_done(Feed *f, Str file, const FeedAdv *a) {
  PackAdv mine = feed_pack(f, a);
  feed_adv_known(f, file, &mine);
}
