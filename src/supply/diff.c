/* diff.c - what changed from one SBOM to the next, by identity: a new version is a change, not a removal and an
 * addition. */
#include "supply/inside.h"
#include "supply.sql.h"

typedef struct Version { Str identity, version, name; } Version;
typedef VEC(Version) Versions;

static Err versions_read(Cx *cx, Store *s, Str sbom, Versions *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_VERSIONS_OF, ARGS(v_text(sbom)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Version v = { str_dup(cx->arena, row_text(&r, 0)), str_dup(cx->arena, row_text(&r, 1)),
                  str_dup(cx->arena, row_text(&r, 2)) };
    const Version *last = out->n ? &out->p[out->n - 1] : NULL;
    if (!last || !str_eq(last->identity, v.identity) || !str_eq(last->version, v.version))
      vec_add(cx->arena, out, v);
  }
}

/* The versions from `at` on that have its identity. */
static size_t same_end(const Versions *v, size_t at, Str identity) {
  while (at < v->n && str_eq(v->p[at].identity, identity)) at++;
  return at;
}

static bool has(const Versions *v, size_t from, size_t to, Str version) {
  for (size_t i = from; i < to; i++) if (str_eq(v->p[i].version, version)) return true;
  return false;
}

/* Both lists have the identity: versions in both are no news; the others are paired in order. */
static void one_identity(Arena *a, const Versions *was, size_t wi, size_t we, const Versions *is, size_t ii,
                         size_t ie, SbomDiff *out) {
  size_t w = wi, i = ii;
  for (;;) {
    while (w < we && has(is, ii, ie, was->p[w].version)) w++;
    while (i < ie && has(was, wi, we, is->p[i].version)) i++;
    if (w < we && i < ie) {
      vec_add(a, out,
              (DiffRow){ DIFF_CHANGED, is->p[i].identity, is->p[i].name, was->p[w].version, is->p[i].version });
      w++, i++;
    } else if (w < we) {
      vec_add(a, out, (DiffRow){ DIFF_REMOVED, was->p[w].identity, was->p[w].name, was->p[w].version, S("") });
      w++;
    } else if (i < ie) {
      vec_add(a, out, (DiffRow){ DIFF_ADDED, is->p[i].identity, is->p[i].name, S(""), is->p[i].version });
      i++;
    } else {
      return;
    }
  }
}

Err supply_diff(Cx *cx, Store *s, Str old_sbom, Str new_sbom, SbomDiff *out) {
  SbomInfo info;
  Versions was = { 0 }, is = { 0 };
  SbomDiff diff = { 0 };
  TRY(supply_sbom(cx, s, old_sbom, &info));
  TRY(supply_sbom(cx, s, new_sbom, &info));
  TRY(versions_read(cx, s, old_sbom, &was));
  TRY(versions_read(cx, s, new_sbom, &is));
  for (size_t w = 0, i = 0; w < was.n || i < is.n;) {
    bool old_first = i >= is.n || (w < was.n && str_cmp(was.p[w].identity, is.p[i].identity) <= 0);
    Str identity = old_first ? was.p[w].identity : is.p[i].identity;
    size_t we = same_end(&was, w, identity), ie = same_end(&is, i, identity);
    one_identity(cx->arena, &was, w, we, &is, i, ie, &diff);
    w = we;
    i = ie;
  }
  *out = diff;
  return E_OK;
}
