/* verdict.c - judges the inventory, and writes only what a run says differently from the one before. */
#include "vuln.sql.h"
#include "vuln/rematch.h"
#include "vuln/said.h"

enum { BATCH = 500 };
#define EPSS_STEP_X1E9 INT64_C(50000000)         /* a score that moves less is no news */

typedef struct Run {
  Store *store;
  const Snapshot *snap;
  Str sbom;
  int64_t n, now_us;
  MatchRun out;
  Map fresh;                                     /* "sbom vuln" -> index of out.fresh */
  Touched touched, shorter;                      /* what is judged; what need be judged */
  NameRules rules;
  Noted noted;
  int64_t last_package;
} Run;

VerdictRow verdict_row(Arena *a, const Rows *r) {
  Str tier = row_text(r, 3);
  return (VerdictRow){
    .pkgver = row_int(r, 0),
    .vuln = str_dup(a, row_text(r, 1)),
    .outcome = (Outcome)row_int(r, 2),
    .tier = tier.n ? *tier.p : 'D',
    .rule = str_dup(a, row_text(r, 4)),
    .reason = str_dup(a, row_text(r, 5)),
    .fixed = str_dup(a, row_text(r, 6)),
    .severity = str_dup(a, row_text(r, 7)),
    .advisory = str_dup(a, row_text(r, 8)),
    .snapshot = str_dup(a, row_text(r, 9)),
    .cvss_x10 = (int)row_int(r, 10),
    .kev = row_int(r, 11) != 0,
    .epss_x1e9 = row_int(r, 12),
    .active = row_int(r, 13) != 0,
    .first_us = row_int(r, 14),
    .last_us = row_int(r, 15),
  };
}

VulnTarget vuln_target(Cx *cx, const NameRules *rules, const Package *p) {
  VulnTarget t = { .purl = p->purl, .cpe = p->cpe, .name = p->name, .version = p->version, .os_distro = p->distro,
                   .upstream = p->upstream, .other_ids = p->other_ids };
  name_rules_give(cx, rules, &t);
  return t;
}

static Err verdicts_of(Cx *cx, Store *s, int64_t package, VerdictRows *out) {
  AUTO(Rows) r = { 0 };
  VerdictRows list = { 0 };
  TRY(store_rows(cx, s, SQL_VERDICT_OF_PACKAGE, ARGS(v_int(package)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &list, verdict_row(cx->arena, &r));
  }
  *out = list;
  return E_OK;
}

static Str joined(Arena *a, const Str *list, size_t n) {
  Buf b = buf_new(a, 64 * 1024);
  for (size_t i = 0; i < n; i++) {
    if (i) buf_z(&b, ", ");
    buf_add(&b, list[i]);
  }
  return n ? buf_str(&b) : S("");
}

static Str text(Str s) { return s.n ? s : S(""); }

static VerdictRow verdict_from(Arena *a, int64_t package, const VulnOutcome *o) {
  return (VerdictRow){ .pkgver = package,
                       .vuln = text(o->id),
                       .outcome = o->outcome,
                       .tier = o->tier,
                       .rule = o->rule,
                       .reason = o->reason,
                       .fixed = joined(a, o->fixed, o->nfixed),
                       .severity = text(o->severity),
                       .advisory = text(o->advisory),
                       .cvss_x10 = o->cvss_x10,
                       .kev = o->kev,
                       .epss_x1e9 = o->epss_x1e9,
                       .active = true };
}

static bool same(const VerdictRow *a, const VerdictRow *b) {
  int64_t moved = a->epss_x1e9 > b->epss_x1e9 ? a->epss_x1e9 - b->epss_x1e9 : b->epss_x1e9 - a->epss_x1e9;
  return a->active == b->active && a->outcome == b->outcome && a->tier == b->tier && str_eq(a->rule, b->rule) &&
         str_eq(a->reason, b->reason) && str_eq(a->fixed, b->fixed) && str_eq(a->severity, b->severity) &&
         str_eq(a->advisory, b->advisory) && a->cvss_x10 == b->cvss_x10 && a->kev == b->kev && moved < EPSS_STEP_X1E9;
}

static Err change(Cx *cx, Run *run, const VerdictRow *v) {
  Str tier = { &v->tier, 1 };
  TRY(store_run(cx, run->store, SQL_CHANGE_ADD,
                ARGS(v_int(run->n), v_int(v->pkgver), v_text(v->vuln), v_int(v->outcome), v_text(tier),
                     v_text(v->rule), v_text(v->reason), v_text(v->fixed), v_text(v->severity), v_text(v->advisory),
                     v_int(v->cvss_x10), v_int(v->kev), v_int(v->epss_x1e9), v_int(v->active)),
                NULL));
  return store_run(cx, run->store, SQL_VERDICT_PUT,
                   ARGS(v_int(v->pkgver), v_text(v->vuln), v_int(run->n), v_int(v->outcome), v_int(v->active),
                        v_int(run->now_us)),
                   NULL);
}

/* What was said before and is no longer said stays, with the reason why it ended. */
static Err end_rest(Cx *cx, Run *run, const VerdictRows *old, const bool *said) {
  for (size_t i = 0; i < old->n; i++) {
    if (said[i] || !old->p[i].active) continue;
    VerdictRow v = old->p[i];
    v.active = false;
    v.reason = str_fmt(cx->arena, "No longer said by snapshot %.12s; before: %.*s", snapshot_sha256(run->snap).p,
                       STR(v.reason));
    TRY(change(cx, run, &v));
    run->out.ended++;
  }
  return E_OK;
}

/* What depends on another component is settled by the SBOM that it is opened for. */
static Err settled(Cx *cx, Run *run, Str sbom, VerdictRow *v) {
  Settled all;
  if (v->outcome != OUTCOME_AFFECTED_IF) return E_OK;
  TRY(settle_sbom(cx, run->store, run->snap, sbom, &all));
  (void)settle_verdict(cx, &all, v);
  return E_OK;
}

/* The words of a fresh pair outlive the batch: they go into `keep`. */
static void fresh_add(Run *run, Arena *keep, Str sbom, const VerdictRow *v) {
  Str key = str_fmt(keep, "%.*s %.*s", STR(sbom), STR(v->vuln));
  size_t at = map_get(&run->fresh, key);
  if (at != MAP_NONE) {
    NewFinding *f = &run->out.fresh.p[at];
    f->packages++;
    if (v->outcome < f->outcome) f->outcome = v->outcome;
    return;
  }
  map_put(&run->fresh, key, run->out.fresh.n);
  vec_add(keep, &run->out.fresh,
          (NewFinding){ str_dup(keep, sbom), str_dup(keep, v->vuln), str_dup(keep, v->severity), v->outcome,
                        v->cvss_x10, v->kev, v->epss_x1e9, 1 });
}

static Err expose(Cx *cx, Run *run, Arena *keep, const VerdictRow *v, const PackageUses *uses) {
  for (size_t i = 0; i < uses->n; i++) {
    Str sbom = uses->p[i].sbom;
    int64_t added = 0;
    bool twice = false;                          /* a package may stand in one SBOM several times */
    for (size_t k = 0; k < i; k++) twice |= str_eq(uses->p[k].sbom, sbom);
    if (twice || (run->sbom.n && !str_eq(sbom, run->sbom))) continue;
    TRY(store_run(cx, run->store, SQL_EXPOSURE_ADD, ARGS(v_text(sbom), v_text(v->vuln), v_int(run->n)), &added));
    Str key = str_fmt(cx->arena, "%.*s %.*s", STR(sbom), STR(v->vuln));
    if (!added && map_get(&run->fresh, key) == MAP_NONE) continue;
    VerdictRow own = *v;
    TRY(settled(cx, run, sbom, &own));
    fresh_add(run, keep, sbom, &own);
  }
  return E_OK;
}

/* What is said of a package now, and a digest of it. */
static Err ask(Cx *cx, Run *run, const Package *p, const ScanComponent **out, int64_t *digest) {
  VulnTarget t = vuln_target(cx, &run->rules, p);
  ScanResult r;
  TRY(vuln_scan(cx, run->snap, &t, 1, &r));
  *digest = said_digest(cx->arena, &r.component[0]);
  *out = &r.component[0];
  return E_OK;
}

static void count(Run *run, const ScanComponent *c) {
  run->out.packages++;
  run->out.evaluated++;
  run->out.count[c->worst]++;
}

static Err write_verdicts(Cx *cx, Run *run, Arena *keep, const Package *p, const ScanComponent *c) {
  VerdictRows old;
  PackageUses uses = { 0 };
  bool asked = false;
  TRY(verdicts_of(cx, run->store, p->id, &old));
  bool *said = NEW_ARRAY(cx->arena, old.n + 1, bool);
  for (size_t i = 0; i < c->noutcomes; i++) {
    VerdictRow v = verdict_from(cx->arena, p->id, &c->outcome[i]);
    size_t k = 0;
    while (k < old.n && !str_eq(old.p[k].vuln, v.vuln)) k++;
    if (k < old.n) said[k] = true;
    run->out.verdicts++;
    if (k == old.n || !same(&v, &old.p[k])) {
      TRY(change(cx, run, &v));
      if (k == old.n) run->out.inserted++;
      else run->out.changed++;
    }
    bool known = k < old.n && old.p[k].active && old.p[k].outcome <= OUTCOME_UNCERTAIN;
    if (v.outcome > OUTCOME_UNCERTAIN || (known && !run->sbom.n)) continue; /* known ones: expose_new() */
    if (!asked) TRY(supply_package_uses(cx, run->store, p->id, true, &uses));
    asked = true;
    TRY(expose(cx, run, keep, &v, &uses));
  }
  return end_rest(cx, run, &old, said);
}

static Err package_judge(Cx *cx, Run *run, Arena *keep, const Package *p, const Said *said) {
  const ScanComponent *c;
  int64_t digest;
  TRY(ask(cx, run, p, &c, &digest));
  count(run, c);
  if (said->known && said->digest == digest) {
    run->out.verdicts += (int64_t)c->noutcomes;
    return E_OK;
  }
  TRY(write_verdicts(cx, run, keep, p, c));
  return said_put(cx, run->store, p->id, digest);
}

/* One package in an arena of its own. */
static Err judge_one(Cx *cx, Cx *mine, Run *run, int64_t id) {
  Package p;
  Said said;
  Err e = said_package(mine, run->store, id, &p, &said);
  if (e == E_OK) e = package_judge(mine, run, cx->arena, &p, &said);
  if (e != E_OK) return fail(cx, e, "%.*s", STR(mine->words));
  cx_reset(mine);
  return E_OK;
}

/* An SBOM's own packages are looked at in any case: it may be new to what was said of them before.  One that was only
 * the subject of an SBOM when names were noted has none yet. */
static Err judge_part(Cx *cx, Cx *mine, Run *run, const Package *p) {
  Err e = package_judge(mine, run, cx->arena, p, &(Said){ 0 });
  if (e == E_OK && p->id <= run->noted.after) e = keys_put(mine, run->store, &run->rules, p);
  if (e != E_OK) return fail(cx, e, "%.*s", STR(mine->words));
  cx_reset(mine);
  return E_OK;
}

static Err judge_sbom(Cx *cx, Run *run) {
  AUTO(Cx) mine = cx_new(256u << 20);
  for (;;) {
    ArenaMark mark = arena_mark(cx->arena);
    Packages batch = { 0 };
    TRY(supply_sbom_packages(cx, run->store, run->sbom, run->last_package, BATCH, &batch));
    for (size_t i = 0; i < batch.n; i++) TRY(judge_part(cx, &mine, run, &batch.p[i]));
    size_t n = batch.n, fresh = run->out.fresh.n;
    if (n) run->last_package = batch.p[n - 1].id;
    if (!fresh) arena_release(cx->arena, mark); /* nothing was kept beside the batch */
    if (n < BATCH) return E_OK;
  }
}

/* Packages of which something else is said than before, of one batch. */
typedef struct Differs {
  Run *run;
  Cx *mine;
  PackageIds id;
} Differs;

/* Something else is said of a package than before, and no advisory that speaks of it has changed. */
static bool is_missed(const Touched *need, int64_t id) {
  if (need->all || id > need->last_package) return false;
  for (size_t lo = 0, hi = need->id.n; lo < hi;) {
    size_t mid = (lo + hi) / 2;
    if (need->id.p[mid] == id) return false;
    if (need->id.p[mid] < id) lo = mid + 1;
    else hi = mid;
  }
  return true;
}

static Err compare_one(Cx *cx, void *env, const Package *p, const Said *said) {
  Differs *d = env;
  const ScanComponent *c;
  int64_t now;
  if (ask(d->mine, d->run, p, &c, &now) != E_OK) return fail(cx, E_BUG, "%.*s", STR(d->mine->words));
  if (said->known && said->digest == now) {
    count(d->run, c);
    d->run->out.verdicts += (int64_t)c->noutcomes;
  } else {
    vec_add(cx->arena, &d->id, p->id);
    d->run->out.missed += said->known && is_missed(&d->run->shorter, p->id);
  }
  d->run->last_package = p->id;
  cx_reset(d->mine);
  return E_OK;
}

/* All packages of the store, from the last one on. */
static Err judge_store(Cx *cx, Run *run) {
  AUTO(Cx) mine = cx_new(256u << 20);
  Differs d = { .run = run, .mine = &mine, .id = { 0 } };
  for (size_t n = BATCH; n == BATCH; d.id.n = 0) {
    TRY(said_each(cx, run->store, run->last_package, BATCH, compare_one, &d, &n));
    for (size_t i = 0; i < d.id.n; i++) TRY(judge_one(cx, &mine, run, d.id.p[i]));
  }
  return E_OK;
}

/* A package known to the SBOMs that were imported since may have been judged long ago. */
static Err expose_sbom(Cx *cx, Cx *mine, Run *run, Str sbom) {
  PackageUse use = { .sbom = sbom };
  PackageUses uses = { .p = &use, .n = 1 };
  for (int64_t after = 0;;) {
    Packages batch = { 0 };
    TRY(supply_sbom_packages(mine, run->store, sbom, after, BATCH, &batch));
    for (size_t i = 0; i < batch.n; i++) {
      VerdictRows old;
      TRY(verdicts_of(mine, run->store, batch.p[i].id, &old));
      for (size_t k = 0; k < old.n; k++) {
        const VerdictRow *v = &old.p[k];
        if (v->active && v->outcome <= OUTCOME_UNCERTAIN) TRY(expose(mine, run, cx->arena, v, &uses));
      }
    }
    if (batch.n < BATCH) return E_OK;
    after = batch.p[batch.n - 1].id;
  }
}

static Err expose_new(Cx *cx, Run *run, int64_t last_sbom) {
  AUTO(Cx) mine = cx_new(1u << 30);
  AUTO(Rows) r = { 0 };
  VEC(Str) ids = { 0 };
  TRY(store_rows(cx, run->store, SQL_SBOMS_AFTER, ARGS(v_int(last_sbom)), &r));
  for (bool got = true;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &ids, str_dup(cx->arena, row_text(&r, 0)));
  }
  for (size_t i = 0; i < ids.n; i++) {
    Err e = expose_sbom(cx, &mine, run, ids.p[i]);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(mine.words));
    cx_reset(&mine);
  }
  return E_OK;
}

/* What changed advisories speak of, what is new, and known packages in new SBOMs. */
static Err judge_touched(Cx *cx, Run *run) {
  AUTO(Cx) mine = cx_new(256u << 20);
  const Touched *t = &run->touched;
  for (size_t i = 0; i < t->id.n && t->id.p[i] <= t->last_package; i++) TRY(judge_one(cx, &mine, run, t->id.p[i]));
  run->out.packages = t->packages;
  run->last_package = t->last_package;
  return judge_store(cx, run);
}

static Err run_all(Cx *cx, Store *s, Str sbom, bool full, int64_t now_us, Str *id, MatchRun *out) {
  SnapshotRow current;
  AUTO(SnapshotRef) snap = NULL;
  int64_t last_sbom, seen_sbom;
  TRY(vuln_current(cx, s, &current));
  TRY(snapshot_open(cx, current.path.p, &snap));
  if (!str_eq(snapshot_sha256(snap), current.sha256))
    return fail(
        cx, E_INTEGRITY,
        "The snapshot in use is not the one that was activated; activate it again.  No verdict was changed");
  Run run = { .store = s, .snap = snap, .sbom = sbom, .now_us = now_us, .fresh = map_new(cx->arena, 64) };
  run.out.snapshot = current.sha256;
  TRY(store_int(cx, s, SQL_RUN_NEXT, NO_ARGS, 1, &run.n));
  run.shorter.all = true;
  TRY(name_rules_load(cx, s, &run.rules));
  TRY(keys_index(cx, s, &run.rules, &run.noted));
  TRY(store_int(cx, s, SQL_SBOM_LAST, NO_ARGS, 0, &last_sbom));
  TRY(store_int(cx, s, SQL_SBOM_SEEN, NO_ARGS, -1, &seen_sbom));
  if (!sbom.n) TRY(touched_since(cx, s, snap, run.rules.digest, &run.shorter));
  run.touched = full ? (Touched){ .all = true } : run.shorter;
  run.out.all = run.touched.all && !sbom.n;
  if (sbom.n) TRY(judge_sbom(cx, &run));
  else if (run.touched.all) TRY(judge_store(cx, &run));
  else TRY(judge_touched(cx, &run));
  if (!sbom.n && seen_sbom >= 0) TRY(expose_new(cx, &run, seen_sbom));
  *id = str_fmt(cx->arena, "RUN-%06lld", (long long)run.n);
  TRY(store_run(cx, s, SQL_RUN_ADD,
                ARGS(v_int(run.n), v_text(*id), v_text(current.sha256), v_text(text(sbom)), v_int(now_us),
                     v_int(run.out.packages), v_int(run.last_package), v_int(ENGINE), v_int(last_sbom),
                     v_int(run.noted.last), v_text(run.rules.digest), v_int(full && !sbom.n), v_int(run.out.missed)),
                NULL));
  *out = run.out;
  return E_OK;
}

Err vuln_match(Cx *cx, Store *s, Str sbom, int64_t now_us, MatchRun *out) {
  Str id;
  return run_all(cx, s, sbom, false, now_us, &id, out);
}

Err vuln_whole_run(Cx *cx, Store *s, int64_t *at_us, int64_t *missed) {
  AUTO(Rows) r = { 0 };
  bool got;
  int64_t at = 0, n = 0;
  TRY(store_rows(cx, s, SQL_RUN_WHOLE, NO_ARGS, &r));
  TRY(rows_next(cx, &r, &got));
  if (got && !row_null(&r, 0)) {
    at = row_int(&r, 0);
    n = row_int(&r, 1);
  } else {
    TRY(store_int(cx, s, SQL_RUN_FIRST, NO_ARGS, 0, &at));
  }
  *at_us = at;
  *missed = n;
  return E_OK;
}

static void put_fresh(JsonOut *o, const NewFinding *f) {
  json_object(o);
  json_pair(o, "sbom", f->sbom);
  json_pair(o, "vuln", f->vuln);
  json_pair(o, "outcome", str_of(outcome_name(f->outcome)));
  json_pair(o, "severity", f->severity);
  json_pair_int(o, "cvss_x10", f->cvss_x10);
  json_pair_bool(o, "kev", f->kev);
  json_pair_int(o, "epss_x1e9", f->epss_x1e9);
  json_pair_int(o, "packages", f->packages);
  json_object_end(o);
}

Err match_run(Cx *cx, Call *call) {
  MatchRun run;
  Str id, sbom = json_text(call->args, "sbom");
  int64_t seq;
  SbomInfo info;
  if (sbom.n) TRY(supply_sbom(cx, call->store, sbom, &info));
  TRY(run_all(cx, call->store, sbom, json_bool(call->args, "full", false), call->now_us, &id, &run));
  JsonOut *o = call->result;
  json_pair(o, "run", id);
  json_pair(o, "snapshot", run.snapshot);
  json_pair_int(o, "packages", run.packages);
  json_pair_int(o, "evaluated", run.evaluated);
  json_pair_int(o, "verdicts", run.verdicts);
  json_pair_int(o, "inserted", run.inserted);
  json_pair_int(o, "changed", run.changed);
  json_pair_int(o, "ended", run.ended);
  json_pair_int(o, "missed", run.missed);
  json_key(o, "counts");                         /* of packages, when all were judged */
  if (!run.all) json_put_null(o);
  else {
    json_object(o);
    for (unsigned i = 0; i < OUTCOME_COUNT; i++) json_pair_int(o, outcome_name((Outcome)i), run.count[i]);
    json_object_end(o);
  }
  json_key(o, "fresh");
  json_array(o);
  for (size_t i = 0; i < run.fresh.n; i++) put_fresh(o, &run.fresh.p[i]);
  json_array_end(o);
  Entry e = vuln_entry(call, S("vuln.match"));
  return ledger_fact_entry(cx, call->store, &vuln_facts[FACT_VERDICT], id, &e, &seq);
}
