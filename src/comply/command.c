/* Storing a run: the rows that a reader worked out, and what they change in the list of gaps. */
#include "comply/inside.h"
#include "comply.sql.h"

/* ---- asking ----------------------------------------------------------------------------------------- */

static void put_packs(JsonOut *o, const CheckRun *run) {
  json_key(o, "pack");
  json_array(o);
  for (size_t i = 0; i < run->npacks; i++) {
    const PackResult *p = &run->pack[i];
    json_object(o);
    json_pair(o, "id", p->pack);
    json_pair(o, "version", p->version);
    json_pair(o, "title", p->title);
    json_key(o, "count");
    json_array(o);
    for (size_t k = 0; k < RULE_STATES; k++) json_put_int(o, p->count[k]);
    json_array_end(o);
    json_pair_int(o, "blocking", p->blocking);
    json_object_end(o);
  }
  json_array_end(o);
}

static void put_rules(JsonOut *o, const CheckRun *run) {
  json_key(o, "rule");
  json_array(o);
  for (size_t i = 0; i < run->nrules; i++) {
    const RuleResult *r = &run->rule[i];
    json_object(o);
    json_pair(o, "id", r->rule->id);
    json_pair_int(o, "state", r->state);
    json_pair_int(o, "asked", r->asked);
    json_pair_int(o, "met", r->met);
    json_pair_int(o, "partly", r->partly);
    json_pair_int(o, "not_met", r->not_met);
    json_pair(o, "why", r->why.n ? r->why : S(""));
    json_object_end(o);
  }
  json_array_end(o);
}

static void put_gaps(JsonOut *o, const CheckRun *run) {
  json_key(o, "gap");
  json_array(o);
  for (size_t i = 0; i < run->gaps.n; i++) {
    const Gap *g = &run->gaps.p[i];
    json_object(o);
    json_pair(o, "rule", g->rule_id);
    json_pair(o, "object", g->object);
    json_pair_int(o, "rev", g->rev);
    json_pair_int(o, "severity", g->severity);
    json_pair_bool(o, "partly", g->partly);
    json_pair(o, "message", g->message);
    json_pair(o, "fix", g->fix);
    json_object_end(o);
  }
  json_array_end(o);
}

Err comply_run_ask(Cx *cx, const CheckRun *run, Ask *out) {
  Buf args = buf_new(cx->arena, 4096), payload = buf_new(cx->arena, JSON_DOCUMENT.max_bytes);
  JsonOut a = json_out(&args, false), o = json_out(&payload, false);
  json_object(&a);
  json_pair(&a, "product", run->scope.product);
  json_pair(&a, "release", run->scope.release);
  json_object_end(&a);
  json_object(&o);
  json_pair_int(&o, "log", run->log_size);
  json_pair(&o, "packs", run->packs_sha256);
  put_packs(&o, run);
  put_rules(&o, run);
  put_gaps(&o, run);
  json_object_end(&o);
  if (payload.over)
    return fail(cx, E_TOO_LARGE,
                "The result of the check is larger than 64 MiB and was not stored. Check one product.");
  out->command = S("check.run");
  out->args_json = buf_str(&args);
  out->payload = buf_str(&payload);
  return E_OK;
}

/* ---- storing ---------------------------------------------------------------------------------------- */

typedef struct Open {
  Str fingerprint, rule, object, message, fix;
  int64_t rev, severity, partly;
  bool seen;
} Open;
typedef struct Storing {
  Call *call;
  Str id, scope;
  VEC(Open) open; Map at;
  int64_t opened, closed;
} Storing;

static Err read_open(Cx *cx, Storing *st) {
  AUTO(Rows) r = { 0 };
  st->at = map_new(cx->arena, 256);
  TRY(store_rows(cx, st->call->store, SQL_GAP_OPEN, ARGS(v_text(st->scope)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Arena *a = cx->arena;
    Open o = { .fingerprint = str_dup(a, row_text(&r, 0)),
               .rule = str_dup(a, row_text(&r, 3)),
               .object = str_dup(a, row_text(&r, 4)),
               .rev = row_int(&r, 5),
               .severity = row_int(&r, 6),
               .partly = row_int(&r, 7),
               .message = str_dup(a, row_text(&r, 8)),
               .fix = str_dup(a, row_text(&r, 9)) };
    map_put(&st->at, o.fingerprint, st->open.n);
    vec_add(a, &st->open, o);
  }
}

static Err note_change(Cx *cx, const Storing *st, const Open *o, const char *kind) {
  return store_run(cx, st->call->store, SQL_CHANGE_ADD,
                   ARGS(v_text(st->id), v_text(o->fingerprint), v_text(str_of(kind)), v_text(o->rule),
                        v_text(o->object), v_int(o->rev), v_int(o->severity), v_int(o->partly),
                        v_text(o->message), v_text(o->fix)),
                   NULL);
}

static Err gap_opens(Cx *cx, Storing *st, const Open *o) {
  st->opened++;
  TRY(note_change(cx, st, o, "open"));
  return store_run(cx, st->call->store, SQL_GAP_PUT,
                   ARGS(v_text(st->scope), v_text(o->fingerprint), v_text(o->rule), v_text(o->object),
                        v_int(o->rev), v_int(o->severity), v_int(o->partly), v_text(o->message),
                        v_text(o->fix), v_text(st->id), v_int(st->call->now_us)),
                   NULL);
}

static Err gap_changes(Cx *cx, Storing *st, const Open *o) {
  TRY(note_change(cx, st, o, "change"));
  return store_run(cx, st->call->store, SQL_GAP_CHANGE,
                   ARGS(v_text(st->scope), v_text(o->fingerprint), v_int(o->rev), v_int(o->severity),
                        v_int(o->partly), v_text(o->message), v_text(o->fix)),
                   NULL);
}

static Err gap_closes(Cx *cx, Storing *st, const Open *o) {
  st->closed++;
  TRY(note_change(cx, st, o, "close"));
  return store_run(cx, st->call->store, SQL_GAP_CLOSE,
                   ARGS(v_text(st->scope), v_text(o->fingerprint), v_text(st->id), v_int(st->call->now_us)),
                   NULL);
}

static bool same_gap(const Open *a, const Open *b) {
  return a->rev == b->rev && a->severity == b->severity && a->partly == b->partly &&
         str_eq(a->message, b->message) && str_eq(a->fix, b->fix);
}

static Err store_gap(Cx *cx, Storing *st, JVal *j) {
  Open o = { .rule = json_text(j, "rule"),
             .object = json_text(j, "object"),
             .message = json_text(j, "message"),
             .fix = json_text(j, "fix"),
             .rev = json_int(j, "rev", -1),
             .severity = json_int(j, "severity", -1),
             .partly = json_bool(j, "partly", false),
             .seen = true };
  if (!o.rule.n || !o.object.n || !o.message.n || o.rev < 0 || o.severity < 0 ||
      o.severity >= RULE_SEVERITIES)
    return fail(cx, E_INVALID, "A gap of the check lacks rule, object or message. Nothing was stored.");
  o.fingerprint = gap_fingerprint(cx->arena, o.rule, o.object);
  size_t at = map_get(&st->at, o.fingerprint);
  if (at == MAP_NONE) {
    map_put(&st->at, o.fingerprint, st->open.n);
    vec_add(cx->arena, &st->open, o);
    return gap_opens(cx, st, &o);
  }
  if (st->open.p[at].seen)
    return fail(cx, E_INVALID, "Rule %.*s names %.*s twice. Nothing was stored.", STR(o.rule), STR(o.object));
  st->open.p[at].seen = true;
  return same_gap(&o, &st->open.p[at]) ? E_OK : gap_changes(cx, st, &o);
}

static int64_t item(JVal *array, size_t i) { return yyjson_get_sint(yyjson_arr_get(array, i)); }

static Err store_results(Cx *cx, const Storing *st, JVal *body) {
  JSON_EACH(p, json_get(body, "pack")) {
    JVal *n = json_get(p, "count");
    TRY(store_run(cx, st->call->store, SQL_PACK_ADD,
                  ARGS(v_text(st->id), v_text(json_text(p, "id")), v_text(json_text(p, "version")),
                       v_text(json_text(p, "title")), v_int(item(n, 0)), v_int(item(n, 1)), v_int(item(n, 2)),
                       v_int(item(n, 3)), v_int(item(n, 4)), v_int(json_int(p, "blocking", 0))),
                  NULL));
  }
  JSON_EACH(r, json_get(body, "rule")) {
    int64_t state = json_int(r, "state", -1);
    if (state < 0 || state >= RULE_STATES)
      return fail(cx, E_INVALID, "A rule of the check has no state. Nothing was stored.");
    TRY(store_run(cx, st->call->store, SQL_RULE_ADD,
                  ARGS(v_text(st->id), v_text(json_text(r, "id")), v_int(state),
                       v_int(json_int(r, "asked", 0)), v_int(json_int(r, "met", 0)),
                       v_int(json_int(r, "partly", 0)), v_int(json_int(r, "not_met", 0)),
                       v_text(json_text(r, "why"))),
                  NULL));
  }
  return E_OK;
}

static Err store_run_row(Cx *cx, const Storing *st, JVal *body, int64_t n) {
  const Call *c = st->call;
  return store_run(cx, c->store, SQL_RUN_ADD,
                   ARGS(v_text(st->id), v_int(n), v_text(st->scope), v_text(json_text(c->args, "product")),
                        v_text(json_text(c->args, "release")), v_int(c->now_us),
                        v_int(json_int(body, "log", 0)), v_text(c->actor), v_text(json_text(body, "packs")),
                        v_int(st->opened), v_int(st->closed)),
                   NULL);
}

static Err check_run(Cx *cx, Call *call) {
  JVal *body;
  int64_t n;
  CheckScope scope = { json_text(call->args, "product"), json_text(call->args, "release") };
  TRY(json_read(cx, call->payload, &JSON_DOCUMENT, &body));
  TRY(store_int(cx, call->store, SQL_RUN_NEXT, NO_ARGS, 1, &n));
  Storing st = { .call = call,
                 .id = str_fmt(cx->arena, "RUN-%04lld", (long long)n),
                 .scope = scope_key(cx->arena, scope) };
  TRY(read_open(cx, &st));
  JSON_EACH(g, json_get(body, "gap")) TRY(store_gap(cx, &st, g));
  for (size_t i = 0; i < st.open.n; i++) if (!st.open.p[i].seen) TRY(gap_closes(cx, &st, &st.open.p[i]));
  TRY(store_results(cx, &st, body));
  TRY(store_run_row(cx, &st, body, n));
  Entry e = { .act = S("check.run"),
              .actor = call->actor,
              .auth = call->auth,
              .source = call->source,
              .request = call->request,
              .reason = call->reason,
              .t_us = call->now_us };
  int64_t seq;
  TRY(ledger_fact_entry(cx, call->store, &comply_fact, st.id, &e, &seq));
  json_pair(call->result, "run", st.id);
  json_pair_int(call->result, "opened", st.opened);
  json_pair_int(call->result, "closed", st.closed);
  return E_OK;
}

static const ArgSpec check_args[] = { { "product", ARG_TEXT, true, "id of the product; empty: everything" },
                                      { "release", ARG_TEXT, true, "id of the release; empty: any" } };
static const Command check_command = { "check.run", check_args, COUNT(check_args), "check.run", check_run,
                                       "Stores the dated result of the rules" };
const Command *const comply_commands[] = { &check_command };
const size_t comply_ncommands = COUNT(comply_commands);
