/* Projections made again from revisions and entries, and compared with what they follow from. */
#include "inside.h"
#include "record.sql.h"
#include "sign.sql.h"

enum { ONE_BYTES = 64 << 20 };

/* What the last revision adds to what the entries said. */
static Err head_complete(Cx *cx, Store *s, Head *h, Record *r) {
  Revision v;
  TRY(ledger_revision(cx, s, h->id, h->rev, &v));
  TRY(record_parse(cx, v.body, r));
  h->title = r->title;
  h->owner = r->owner;
  h->hash = hash_hex(cx->arena, v.hash);
  h->fingerprint = record_fingerprint(cx, r);
  return E_OK;
}

static Err rebuild_one(Cx *cx, Store *s, const Life *life) {
  Record r;
  Head h = life->head;
  TRY(head_complete(cx, s, &h, &r));
  TRY(head_put(cx, s, &h));
  TRY(projection_put(cx, s, &r, NULL));
  for (size_t i = 0; i < life->contributors.n; i++)
    TRY(store_run(cx, s, SQL_CONTRIBUTOR_ADD, ARGS(v_text(h.id), v_text(life->contributors.p[i])), NULL));
  return E_OK;
}

static void numbers_of(const Replay *replay, Numbers *n) {
  for (size_t i = 0; i < replay->life.n; i++) {
    const Head *h = &replay->life.p[i].head;
    size_t at = record_type_index(h->type);
    int64_t number = id_number(h->type, h->id);
    if (number > n->last[at] && number > 0) n->last[at] = number;
    n->moved[at] = n->moved[at] || number > 0;
  }
}

/* Runs `one` for every record with memory of its own, given back each time. */
static Err each_life(Cx *cx, Store *s, const Replay *replay, Err (*one)(Cx *cx, Store *s, const Life *life)) {
  AUTO(Cx) scratch = cx_new(ONE_BYTES);
  for (size_t i = 0; i < replay->life.n; i++) {
    cx_reset(&scratch);
    Err e = one(&scratch, s, &replay->life.p[i]);
    if (e != E_OK) return fail(cx, e, "%.*s", STR(scratch.words));
  }
  return E_OK;
}

static Err rebuild(Cx *cx, Store *s, int64_t *count) {
  Replay replay;
  TRY(replay_all(cx, s, INT64_MAX, NULL, &replay));
  TRY(projection_clear(cx, s));
  TRY(each_life(cx, s, &replay, rebuild_one));
  Numbers n = numbers_new(cx->arena);
  numbers_of(&replay, &n);
  TRY(numbers_keep(cx, s, &n));
  *count = (int64_t)replay.life.n;
  return E_OK;
}

static Err in_transaction(Cx *cx, Store *s, Err (*work)(Cx *cx, Store *s, int64_t *count), int64_t *count) {
  TRY(store_begin(cx, s));
  Err e = work(cx, s, count);
  if (e == E_OK) return store_commit(cx, s);
  store_rollback(s);
  return e;
}

Err record_rebuild(Cx *cx, Store *s, int64_t *count) { return in_transaction(cx, s, rebuild, count); }

/* A model that changed since the last start: signed revisions stay as they are, the tables are made anew. */
static Err create(Cx *cx, Store *s, int64_t *count) {
  bool changed;
  TRY(projection_create(cx, s, &changed));
  return changed ? rebuild(cx, s, count) : E_OK;
}

Err record_create_tables(Cx *cx, Store *s) {
  int64_t count = 0;
  TRY(store_migrate(cx, s, record_schema, record_nschema));
  return in_transaction(cx, s, create, &count);
}

/* ---- verify ------------------------------------------------------------------------------------------- */

static Err compare_head(Cx *cx, Store *s, const Head *want, VerifyReport *report) {
  Head have;
  bool found;
  TRY(head_find(cx, s, want->id, &have, &found));
  if (!found) {
    verify_find(cx, report, "projection", want->id, "has no row in the table record");
    return E_OK;
  }
  bool same = str_eq(have.id, want->id) && have.type == want->type && have.rev == want->rev &&
              str_eq(have.state, want->state) && have.in_force_rev == want->in_force_rev &&
              str_eq(have.title, want->title) && str_eq(have.owner, want->owner) &&
              str_eq(have.hash, want->hash) && str_eq(have.fingerprint, want->fingerprint) &&
              have.created_us == want->created_us && have.changed_us == want->changed_us &&
              str_eq(have.changed_by, want->changed_by) && have.changed_seq == want->changed_seq;
  if (!same)
    verify_find(cx, report, "projection", want->id,
                "its row says state %.*s, revision %lld; the log says %.*s, %lld (or its "
                "title, owner, hash or times differ)",
                STR(have.state), (long long)have.rev, STR(want->state), (long long)want->rev);
  return E_OK;
}

static Err compare_contributors(Cx *cx, Store *s, const Life *life, VerifyReport *report) {
  AUTO(Rows) r = { 0 };
  size_t n = 0, known = 0;
  TRY(store_rows(cx, s, SQL_CONTRIBUTOR_ROWS, ARGS(v_text(life->head.id)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    n++;
    for (size_t i = 0; i < life->contributors.n; i++)
      known += str_eq(row_text(&r, 0), life->contributors.p[i]);
  }
  if (n != life->contributors.n || known != n)
    verify_find(cx, report, "projection", life->head.id,
                "its rows in record_contributor are not what the log says");
  return E_OK;
}

static Err verify_one(Cx *cx, Store *s, const Life *life, VerifyReport *report) {
  Record r;
  Head h = life->head;
  TRY(head_complete(cx, s, &h, &r));
  TRY(compare_head(cx, s, &h, report));
  TRY(compare_contributors(cx, s, life, report));
  TRY(files_verify(cx, s, &r, report));
  return projection_compare(cx, s, &r, report);
}

static Err compare_numbers(Cx *cx, Store *s, const Replay *replay, VerifyReport *report) {
  Numbers n = numbers_new(cx->arena);
  numbers_of(replay, &n);
  for (size_t i = 0; record_type_at(i); i++) {
    int64_t last;
    Str name = str_of(record_type_at(i)->name);
    TRY(store_int(cx, s, SQL_NUMBER_ROW, ARGS(v_text(name)), -1, &last));
    if (last != n.last[i])
      verify_find(cx, report, "projection", name, "record_number says %lld, the ids say %lld",
                  (long long)last, (long long)n.last[i]);
  }
  return E_OK;
}

/* A record that cannot be read is a finding, not the end: the others are still looked at. */
static Err verify_derived(Cx *cx, Store *s, VerifyReport *report) {
  AUTO(Cx) scratch = cx_new(ONE_BYTES);
  Replay replay;
  TRY(replay_all(cx, s, INT64_MAX, report, &replay));
  for (size_t i = 0; i < replay.life.n; i++) {
    VerifyReport found = { 0 };
    cx_reset(&scratch);
    Err e = verify_one(&scratch, s, &replay.life.p[i], &found);
    if (e != E_OK) verify_find(cx, report, "revision", replay.life.p[i].head.id, "%.*s", STR(scratch.words));
    for (size_t k = 0; k < found.findings.n; k++)   /* their words live in scratch */
      verify_find(cx, report, found.findings.p[k].kind.p, str_dup(cx->arena, found.findings.p[k].object),
                  "%.*s", STR(found.findings.p[k].what));
  }
  TRY(signatures_verify(cx, s, &replay, report));
  TRY(compare_numbers(cx, s, &replay, report));
  return projection_extra(cx, s, &replay, report);
}

/* The names of the r_TYPE tables are entered by record_types_set(); a name that stands twice does no harm. */
#define CORE_TABLES                                                                                          \
  "record", "link", "record_product", "record_many", "record_contributor", "record_number", "record_model", \
      "signature", "sign_ceremony"
enum { CORE = 9 };
static const char *tables[CORE + TYPES_MOST] = { CORE_TABLES, [CORE ... CORE + TYPES_MOST - 1] = "record" };

void verify_tables_set(size_t i, const char *name) { tables[CORE + i] = name; }

static const Fact facts[] = { { "signature", SQL_SIGNATURE_FACT, SQL_SIGNATURE_KEYS } };

const VerifyPart record_verify_part = { .name = "record",
                                        .facts = facts,
                                        .nfacts = COUNT(facts),
                                        .derived = verify_derived,
                                        .tables = tables,
                                        .ntables = COUNT(tables),
                                        .steps = record_schema,
                                        .nsteps = 1 };
