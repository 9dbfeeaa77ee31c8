/* diff.c - what changed from one SBOM to the next, by identity: a new version is a change, not a removal and an
 * addition. */
#include "supply/inside.h"
#include "supply.sql.h"

typedef struct Version { Str identity, version, name, licence, supplier; } Version;
typedef VEC(Version) Versions;

const char *diff_kind_name(DiffKind k) {
  static const char *const name[DIFF_KINDS] = { "added", "removed", "version", "licence", "supplier" };
  return name[k];
}

/* A package that stands several times in one SBOM is compared as it stands first. */
static Err versions_read(Cx *cx, Store *s, Str sbom, Versions *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_VERSIONS_OF, ARGS(v_text(sbom)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    const Version *last = out->n ? &out->p[out->n - 1] : NULL;
    if (last && str_eq(last->identity, row_text(&r, 0)) && str_eq(last->version, row_text(&r, 1))) continue;
    Str t[5];
    for (int i = 0; i < (int)COUNT(t); i++) t[i] = str_dup(cx->arena, row_text(&r, i));
    vec_add(cx->arena, out, (Version){ t[0], t[1], t[2], t[3], t[4] });
  }
}

/* The versions from `at` on that have its identity. */
static size_t same_end(const Versions *v, size_t at, Str identity) {
  while (at < v->n && str_eq(v->p[at].identity, identity)) at++;
  return at;
}

static const Version *has(const Versions *v, size_t from, size_t to, Str version) {
  for (size_t i = from; i < to; i++) if (str_eq(v->p[i].version, version)) return &v->p[i];
  return NULL;
}

static void row_add(Arena *a, SbomDiff *out, DiffKind kind, const Version *of, Str before, Str after) {
  vec_add(a, out, (DiffRow){ kind, of->identity, of->name, before, after });
}

static void same_component(Arena *a, const Version *was, const Version *is, SbomDiff *out) {
  if (!str_eq(was->version, is->version)) row_add(a, out, DIFF_VERSION, is, was->version, is->version);
  if (!str_eq(was->licence, is->licence)) row_add(a, out, DIFF_LICENCE, is, was->licence, is->licence);
  if (!str_eq(was->supplier, is->supplier)) row_add(a, out, DIFF_SUPPLIER, is, was->supplier, is->supplier);
}

/* Both lists have the identity: versions in both are the same component; the others are paired in order. */
static void one_identity(Arena *a, const Versions *was, size_t wi, size_t we, const Versions *is, size_t ii,
                         size_t ie, SbomDiff *out) {
  size_t w = wi, i = ii;
  for (size_t k = ii; k < ie; k++) {
    const Version *old = has(was, wi, we, is->p[k].version);
    if (old) same_component(a, old, &is->p[k], out);
  }
  for (;;) {
    while (w < we && has(is, ii, ie, was->p[w].version)) w++;
    while (i < ie && has(was, wi, we, is->p[i].version)) i++;
    if (w >= we && i >= ie) return;
    if (w < we && i < ie) same_component(a, &was->p[w++], &is->p[i++], out);
    else if (w < we) row_add(a, out, DIFF_REMOVED, &was->p[w], was->p[w].version, S("")), w++;
    else row_add(a, out, DIFF_ADDED, &is->p[i], S(""), is->p[i].version), i++;
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
