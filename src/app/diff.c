/* Reads what a person wants to compare, and compares it. */
#include "app/diff.h"

static Err moment_side(Cx *cx, Store *s, Str text, DiffSide *out) {
  TreeHead head;
  bool now = !text.n || str_eq(text, S("now"));
  *out = (DiffSide){ .text = now ? S("now") : text, .is_moment = true, .at_us = cx->now_us };
  if (now) {
    TRY(ledger_head(cx, s, &head));
    out->size = head.size;
    out->label = str_fmt(cx->arena, "now (%.*s)", STR(time_minute(cx->arena, cx->now_us)));
    return E_OK;
  }
  TRY(app_moment(cx, text, &out->at_us));
  TRY(ledger_size_at(cx, s, out->at_us, &out->size));
  out->label = date_parse(text, &(int32_t){ 0 }) ? str_fmt(cx->arena, "the end of %.*s", STR(text))
                                                 : time_minute(cx->arena, out->at_us);
  return E_OK;
}

static Err add_member(Cx *cx, const Record *r, DiffSide *out) {
  Member m = { r->id, r->rev, r->state, hash_hex(cx->arena, r->hash) };
  vec_add(cx->arena, &out->members, m);
  return E_OK;
}

static Err revision_side(Cx *cx, Store *s, Str text, Str id, Str rev_text, DiffSide *out) {
  int64_t rev = 0;
  Record r;
  if (rev_text.n && (!str_int(rev_text, &rev) || rev < 1))
    return fail(cx, E_USAGE, "'%.*s': behind the @ stands a revision number from 1 up", STR(text));
  TRY(record_get(cx, s, id, rev, &r));
  *out = (DiffSide){ .text = text, .label = str_fmt(cx->arena, "%.*s revision %lld", STR(r.id), (long long)r.rev) };
  return add_member(cx, &r, out);
}

static Err frozen_side(Cx *cx, Str text, const Record *r, DiffSide *out) {
  *out = (DiffSide){ .text = text,
                     .label = str_fmt(cx->arena, "baseline %.*s, %.*s", STR(r->id), STR(r->title)),
                     .is_frozen = true,
                     .product = r->products.n ? r->products.p[0] : STR_NONE };
  return baseline_members(cx, r, &out->members);
}

/* A record that freezes others stands for what it holds; "ID@rev" is that revision itself. */
static Err read_side(Cx *cx, Store *s, Str text, DiffSide *out) {
  Str id, rev;
  int64_t t;
  int32_t day;
  if (!text.n || str_eq(text, S("now")) || date_parse(text, &day) || time_parse(text, &t))
    return moment_side(cx, s, text, out);
  bool has_rev = str_cut(text, '@', &id, &rev);
  Cx probe = { .arena = cx->arena, .now_us = cx->now_us };
  Record r;
  Err e = record_get(&probe, s, id, 0, &r);
  if (e == E_NOTFOUND)
    return fail(cx, E_NOTFOUND,
                "'%.*s' is neither a date (2026-03-01), a time, now, nor a record. %.*s", STR(text), STR(probe.words));
  if (e != E_OK) return fail(cx, e, "%.*s", STR(probe.words));
  return !has_rev && baseline_is(r.type) ? frozen_side(cx, text, &r, out)
                                         : revision_side(cx, s, text, id, has_rev ? rev : STR_NONE, out);
}

/* Two moments need only what was touched between them; a frozen set is held against all that its product has. */
static Err fill_members(Cx *cx, Store *s, AppDiff *d) {
  if (d->a.is_frozen && d->b.is_moment) {
    Graph *g = NULL;
    TRY(graph_open_at(cx, s, d->b.size, &g));
    app_members_now(cx, g, d->a.product, &d->b.members);
    for (size_t i = 0; i < d->b.members.n; i++) { /* they outlive the graph */
      Member *m = &d->b.members.p[i];
      *m = (Member){ str_dup(cx->arena, m->id), m->rev, str_dup(cx->arena, m->state), str_dup(cx->arena, m->hash_hex) };
    }
    graph_close(g);
    return E_OK;
  }
  if (d->a.is_moment && d->b.is_moment)
    return trace_members_between(cx, s, d->a.size, d->b.size, &d->a.members, &d->b.members);
  return E_OK;
}

/* Both days are asked by the rules of today.  A rule that one of them cannot answer says nothing about a change. */
static Err check_at(Cx *cx, Store *s, const Packs *packs, Str product, const DiffSide *side, CheckRun *run) {
  Graph *g = NULL;
  TRY(graph_open_at(cx, s, side->size, &g));
  *run = (CheckRun){ 0 };
  Err e = E_OK;
  if (graph_find(g, product) != NODE_NONE)
    e = comply_evaluate_at(cx, g, s, packs, (CheckScope){ product, STR_NONE }, side->at_us, run);
  for (size_t i = 0; e == E_OK && i < run->gaps.n; i++) { /* what is shown must outlive the graph */
    run->gaps.p[i].object = str_dup(cx->arena, run->gaps.p[i].object);
    run->gaps.p[i].message = str_dup(cx->arena, run->gaps.p[i].message);
  }
  graph_close(g);
  return e;
}

static bool answered(const CheckRun *run, const Rule *rule) {
  for (size_t i = 0; i < run->nrules; i++)
    if (run->rule[i].rule == rule) return run->rule[i].state != RULE_NOT_ASSESSED;
  return true; /* the device was not there: nothing was missing */
}

static void only_in(Cx *cx, const CheckRun *is, const CheckRun *was, Gaps *out) {
  Map known = map_new(cx->arena, was->gaps.n + 1);
  for (size_t i = 0; i < was->gaps.n; i++) map_put(&known, was->gaps.p[i].fingerprint, i);
  for (size_t i = 0; i < is->gaps.n; i++) {
    const Gap *g = &is->gaps.p[i];
    if (map_get(&known, g->fingerprint) == MAP_NONE && answered(was, g->rule)) vec_add(cx->arena, out, *g);
  }
}

static Err find_gaps(Cx *cx, Store *s, const Packs *packs, Str product, AppDiff *d) {
  CheckRun was, is;
  if (!product.n || !d->a.is_moment || !d->b.is_moment) return E_OK;
  TRY(check_at(cx, s, packs, product, &d->a, &was));
  TRY(check_at(cx, s, packs, product, &d->b, &is));
  only_in(cx, &is, &was, &d->opened);
  only_in(cx, &was, &is, &d->closed);
  return E_OK;
}

Err app_diff(Cx *cx, Store *s, const Packs *packs, Str from, Str to, Str product, AppDiff *out) {
  AppDiff d = { 0 };
  TRY(read_side(cx, s, from, &d.a));
  bool one_record = !d.a.is_moment && !d.a.is_frozen && !to.n;
  TRY(read_side(cx, s, one_record ? d.a.members.p[0].id : to, &d.b));
  if (d.b.is_frozen && d.a.is_moment) {
    DiffSide set = d.b;
    d.b = d.a;
    d.a = set;
  }
  if (d.a.is_moment != d.b.is_moment && !d.a.is_frozen)
    return fail(cx, E_USAGE, "'%.*s' and '%.*s' cannot be compared: name two days, two revisions or two sets",
                STR(d.a.text), STR(d.b.text));
  if (d.a.is_moment && d.a.at_us > d.b.at_us) {
    DiffSide later = d.a;
    d.a = d.b;
    d.b = later;
  }
  TRY(fill_members(cx, s, &d));
  TRY(trace_diff(cx, s, &d.a.members, &d.b.members, product, &d.rows));
  for (size_t i = 0; i < d.rows.n; i++) d.count[d.rows.p[i].kind]++;
  TRY(find_gaps(cx, s, packs, product, &d));
  *out = d;
  return E_OK;
}
