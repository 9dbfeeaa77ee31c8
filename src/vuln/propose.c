/* propose.c - names of the inventory beside names of advisories, for a person to confirm. */
#include "names.sql.h"
#include "record/record.h"
#include "supply/supply.h"
#include "vuln/scan_inside.h"
#include <stdlib.h>

enum { BATCH = 500, ALIKE_LEAST = 6, ALIKE_MOST = 5, ADVISORIES_TOLD = 3 };

/* ---- names of the inventory that no source covers ------------------------------------------------------ */

typedef struct Name { Str text, folded, sample; int64_t packages; } Name;
typedef VEC(Name) NameList;

static void name_add(Arena *a, NameList *list, Map *at, Str text, Str sample) {
  Str folded = name_folded(a, text);
  if (folded.n < NAME_LEAST) return;
  size_t i = map_get(at, folded);
  if (i == MAP_NONE) {
    i = list->n;
    map_put(at, folded, i);
    vec_add(a, list, (Name){ str_dup(a, text), folded, str_dup(a, sample), 0 });
  }
  list->p[i].packages++;
}

/* A package that a loaded source covers by its exact name needs nobody's guess. */
static bool is_covered(Cx *cx, const Snapshot *snap, const Package *p) {
  Purl purl;
  Cx probe = { .arena = cx->arena };
  if (!p->purl.n || purl_read(&probe, p->purl, &purl) != E_OK) return false;
  Identity id = purl_identity(cx->arena, &purl, p->distro, p->upstream);
  return !ecosystem_names_only(id.base) && identity_covered(snap, &id);
}

static Err inventory(Cx *cx, Store *s, const Snapshot *snap, NameList *out) {
  AUTO(Cx) mine = cx_new(256u << 20);
  Map at = map_new(cx->arena, 1024);
  for (int64_t after = 0;;) {
    Packages batch = { 0 };
    Err e = supply_packages(&mine, s, after, BATCH, &batch);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(mine.words));
    for (size_t i = 0; i < batch.n; i++) {
      const Package *p = &batch.p[i];
      if (is_covered(&mine, snap, p)) continue;
      Str words = str_fmt(mine.arena, "%.*s %.*s", STR(p->name), STR(p->version));
      name_add(cx->arena, out, &at, p->name, p->purl.n ? p->purl : words);
    }
    if (batch.n < BATCH) return E_OK;
    after = batch.p[batch.n - 1].id;
    cx_reset(&mine);
  }
}

/* ---- names of advisories ------------------------------------------------------------------------------- */

/* Keys that a product of the advisories answers to besides its own name: with its vendor in front, or without. */
typedef struct Products { const Snapshot *snap; Map with_vendor; } Products;

static bool is_words(const Snapshot *s, size_t i) { return str_eq(snap_str(s, s->cpes[i].part), S("n")); }

static Products products_of(Arena *a, const Snapshot *s) {
  Products p = { s, map_new(a, 1024) };
  for (size_t i = 0; i < s->ncpes; i++) {
    Str vendor = name_folded(a, snap_str(s, s->cpes[i].vendor)), product = snap_str(s, s->cpes[i].product), key;
    if (!is_words(s, i) || vendor.n < NAME_LEAST) continue;
    if (str_starts(product, vendor)) key = str_slice(product, vendor.n, product.n);
    else key = str_fmt(a, "%.*s%.*s", STR(vendor), STR(product));
    if (key.n >= NAME_LEAST) map_put(&p.with_vendor, key, i);
  }
  return p;
}

/* ---- rules that there are ------------------------------------------------------------------------------ */

typedef struct Known { Str id, state; bool in_force; } Known;
typedef struct KnownRules { Map at; VEC(Known) rule; } KnownRules;

static Str pair_key(Arena *a, Str component, Str product) {
  return str_fmt(a, "%.*s\n%.*s", STR(component), STR(product));
}

static Err known_rules(Cx *cx, Store *s, KnownRules *out) {
  AUTO(Rows) r = { 0 };
  const RecordType *type = record_type(S("name_rule"));
  out->at = map_new(cx->arena, 64);
  if (!type) return E_OK;
  TRY(store_rows(cx, s, SQL_NAME_RULES_ALL, NO_ARGS, &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Record rule = { 0 };
    const State *state = life_state(type->life, row_text(&r, 2));
    if (state && (state->flags & ST_CLOSED)) continue;
    TRY(record_get(cx, s, str_dup(cx->arena, row_text(&r, 0)), 0, &rule));
    Str component = name_folded(cx->arena, record_value(&rule, "component")->s),
        product = name_folded(cx->arena, record_value(&rule, "product")->s);
    map_put(&out->at, pair_key(cx->arena, component, product), out->rule.n);
    vec_add(cx->arena, &out->rule, (Known){ rule.id, str_dup(cx->arena, row_text(&r, 2)), row_int(&r, 3) > 0 });
  }
}

/* ---- side by side -------------------------------------------------------------------------------------- */

typedef struct Search {
  Arena *arena;
  const Snapshot *snap;
  const KnownRules *known;
  NameProposals *out;
} Search;

/* Advisories of a product: how many, and a few ids. */
static void advisories_of(const Search *x, const SnapCpe *p, NameProposal *to) {
  const Snapshot *s = x->snap;
  Buf ids = buf_new(x->arena, 1024);
  uint32_t last = SNAP_NONE;
  for (uint32_t k = 0; k < p->uses; k++) {
    uint32_t adv = s->progs[s->uses[p->first_use + k]].adv;
    if (adv == last) continue; /* programs of one advisory are neighbours */
    last = adv;
    if (to->advisories++ < ADVISORIES_TOLD)
      buf_fmt(&ids, "%s%.*s", ids.n ? ", " : "", STR(snap_str(s, s->advs[adv].id)));
  }
  to->seen_in = buf_str(&ids);
}

static void propose(const Search *x, const Name *name, size_t cpe, const char *how) {
  const SnapCpe *p = &x->snap->cpes[cpe];
  NameProposal n = { .component = name->text,
                     .sample = name->sample,
                     .packages = name->packages,
                     .vendor = snap_str(x->snap, p->vendor),
                     .product = snap_str(x->snap, p->product),
                     .how = how,
                     .rule = S(""),
                     .state = S("") };
  size_t at = map_get(&x->known->at, pair_key(x->arena, name->folded, n.product));
  if (at != MAP_NONE && x->known->rule.p[at].in_force) return;
  if (at != MAP_NONE) {
    n.rule = x->known->rule.p[at].id;
    n.state = x->known->rule.p[at].state;
  }
  advisories_of(x, p, &n);
  if (n.advisories) vec_add(x->arena, x->out, n);
}

/* Where products of that name begin, or would. */
static size_t first_product(const Snapshot *s, Str product) {
  size_t lo = 0, hi = s->ncpes;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (str_cmp(snap_str(s, s->cpes[mid].product), product) < 0) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}

static void search(const Search *x, const Products *products, const Name *name) {
  const Snapshot *s = x->snap;
  size_t first = first_product(s, name->folded), near = 0;
  for (size_t i = first; i < s->ncpes && str_eq(snap_str(s, s->cpes[i].product), name->folded); i++)
    if (is_words(s, i)) propose(x, name, i, "same name");
  size_t at = map_get(&products->with_vendor, name->folded);
  if (at != MAP_NONE) propose(x, name, at, "same with the vendor");
  if (name->folded.n < ALIKE_LEAST) return;
  for (size_t i = first; i < s->ncpes && near < ALIKE_MOST; i++) {
    Str product = snap_str(s, s->cpes[i].product);
    if (!str_starts(product, name->folded)) break;
    if (product.n == name->folded.n || !is_words(s, i)) continue;
    near++;
    propose(x, name, i, "begins alike");
  }
  for (size_t n = ALIKE_LEAST; n < name->folded.n; n++) {
    Str head = str_slice(name->folded, 0, n);
    for (size_t i = first_product(s, head); i < s->ncpes && str_eq(snap_str(s, s->cpes[i].product), head); i++)
      if (is_words(s, i)) propose(x, name, i, "begins alike");
  }
}

static int by_likeliest(const void *x, const void *y) {
  const NameProposal *a = x, *b = y;
  int how = (a->how[0] == 'b') - (b->how[0] == 'b'); /* "begins alike" behind what is the same */
  if (how) return how;
  if (a->advisories != b->advisories) return a->advisories > b->advisories ? -1 : 1;
  int c = str_cmp(a->component, b->component);
  if (!c) c = str_cmp(a->product, b->product);
  return c ? c : str_cmp(a->vendor, b->vendor);
}

Err name_proposals(Cx *cx, Store *s, const Snapshot *snap, const NameAsk *ask, NameProposals *out, size_t *total) {
  NameList names = { 0 };
  NameProposals list = { 0 };
  KnownRules known = { 0 };
  Products products = products_of(cx->arena, snap);
  Map own = map_new(cx->arena, 16);
  TRY(known_rules(cx, s, &known));
  TRY(inventory(cx, s, snap, &names));
  for (size_t i = 0; i < ask->nown; i++) name_add(cx->arena, &names, &own, ask->own[i], S("a product of ours"));
  const Search x = { cx->arena, snap, &known, &list };
  for (size_t i = 0; i < names.n; i++) search(&x, &products, &names.p[i]);
  if (list.n) qsort(list.p, list.n, sizeof *list.p, by_likeliest);
  *total = list.n;
  if (list.n > ask->limit) list.n = ask->limit;
  *out = list;
  return E_OK;
}
