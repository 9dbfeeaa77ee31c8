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
  return revision_side(cx, s, text, id, has_rev ? rev : STR_NONE, out);
}

/* Two moments need only what was touched between them; a frozen set is held against all that its product has. */
static Err fill_members(Cx *cx, Store *s, AppDiff *d) {
  if (d->a.is_moment && d->b.is_moment)
    return trace_members_between(cx, s, d->a.size, d->b.size, &d->a.members, &d->b.members);
  return E_OK;
}

static Err find_gaps(Cx *cx, Store *s, const Packs *packs, Str product, AppDiff *d) {
  Gaps all = { 0 };
  GapQuery q = { .scope = { product, STR_NONE }, .closed_too = true };
  int64_t from = d->a.at_us, to = d->b.at_us;
  if (!product.n || !d->a.is_moment || !d->b.is_moment) return E_OK;
  TRY(comply_gaps(cx, s, packs, &q, &all, NULL));
  for (size_t i = 0; i < all.n; i++) {
    const Gap *g = &all.p[i];
    bool was = g->first_us <= from && (!g->closed_us || g->closed_us > from);
    bool is = g->first_us <= to && (!g->closed_us || g->closed_us > to);
    if (!was && is) vec_add(cx->arena, &d->opened, *g);
    if (was && !is) vec_add(cx->arena, &d->closed, *g);
  }
  return E_OK;
}

Err app_diff(Cx *cx, Store *s, const Packs *packs, Str from, Str to, Str product, AppDiff *out) {
  AppDiff d = { 0 };
  TRY(read_side(cx, s, from, &d.a));
  bool one_record = !d.a.is_moment && !to.n;
  TRY(read_side(cx, s, one_record ? d.a.members.p[0].id : to, &d.b));
  if (d.a.is_moment != d.b.is_moment)
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
