/* T-PERM: who may take which step of which record, for every role, type, step, state, product and relation, against an
 * oracle that is written a second time, in SQL over tables of rules, and knows nothing of the program's decision. */
#include "app/app.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sqlite3.h>
#include <cmocka.h>
#undef fail   /* cmocka has a macro of that name */

extern const RecordType *const app_types[];
extern const size_t app_ntypes;

enum { PEOPLE = 2 * ROLE_COUNT };    /* each role once without and once with every duty, on product p1 */
static const char *const products[] = { "p1", "p2" };

typedef struct Bench { Cx cx; Store *s; sqlite3 *oracle; char folder[64]; Who who[PEOPLE]; } Bench;

static const Sql put_record = {
  "perm.record",
  "INSERT INTO record(id, type, rev, state, in_force_rev, title, owner, hash, fingerprint, "
  "created_us, changed_us, changed_by, changed_seq) VALUES(?1, ?2, 1, 'x', 0, 'x', '', '', '', 1, "
  "1, 'system', 0)",
  NULL
};
static const Sql put_contributor = { "perm.contributor",
                                     "INSERT INTO record_contributor(record, person) VALUES(?1, ?2)", NULL };

static void ok(Bench *b, Err e) {
  if (e != E_OK) print_error("%s: %.*s\n", err_name(e), STR(b->cx.words));
  assert_int_equal(e, E_OK);
}

static void sql(Bench *b, const char *text) {
  char *words = NULL;
  if (sqlite3_exec(b->oracle, text, NULL, NULL, &words) != SQLITE_OK) print_error("%s: %s\n", text, words);
  assert_null(words);
}

static void put(Bench *b, const char *text, const char *format, ...) {
  sqlite3_stmt *stmt = NULL;
  va_list args;
  assert_int_equal(sqlite3_prepare_v2(b->oracle, text, -1, &stmt, NULL), SQLITE_OK);
  va_start(args, format);
  for (int i = 0; format[i]; i++)
    if (format[i] == 'i') (void)sqlite3_bind_int(stmt, i + 1, va_arg(args, int));
    else (void)sqlite3_bind_text(stmt, i + 1, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
  va_end(args);
  assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
  (void)sqlite3_finalize(stmt);
}

/* ---- the rules as tables ------------------------------------------------------------------------------- */

static const char tables[] =
    "CREATE TABLE type_editor(type, role);"
    "CREATE TABLE state(type, state, closed, accepted);"
    "CREATE TABLE step(type, step, origin, target, second, sign);"
    "CREATE TABLE step_role(type, step, origin, role);"
    "CREATE TABLE seat(n, type, step, duty, authored);"
    "CREATE TABLE seat_role(n, role);"
    "CREATE TABLE person(id, role, duties);"
    "CREATE TABLE got(person, type, step, state, product, own);"
    "CREATE TABLE got_edit(person, type, state, product);"
    "CREATE INDEX got_all ON got(type, step, state, person, product, own);";

/* A step taken from a state: its own row, or the row "*" where the state is not closed and no row of that name starts
 * there, and it leads elsewhere. */
static const char oracle[] =
    "CREATE TABLE here AS SELECT s.type, s.step, s.origin, t.state, s.target, s.second, s.sign FROM step s JOIN "
    "state t ON t.type = s.type "
    "WHERE s.origin = t.state OR (s.origin = '*' AND NOT t.closed AND s.target <> t.state AND NOT EXISTS (SELECT 1 "
    "FROM step o WHERE "
    "o.type = s.type AND o.step = s.step AND o.origin = t.state));"
    /* who may by role: the seats' roles where there are seats, else the step's, else the editors */
    "CREATE TABLE by_role AS SELECT DISTINCT h.type, h.step, h.origin, r.role FROM here h JOIN (SELECT s.type, "
    "s.step, sr.role FROM seat s JOIN "
    "seat_role sr ON sr.n = s.n) r ON r.type = h.type AND r.step = h.step;"
    "INSERT INTO by_role SELECT DISTINCT s.type, s.step, s.origin, sr.role FROM step s JOIN step_role sr ON sr.type "
    "= s.type AND sr.step = s.step "
    "AND sr.origin = s.origin WHERE NOT EXISTS (SELECT 1 FROM seat x WHERE x.type = s.type AND x.step = s.step);"
    "CREATE TABLE want AS SELECT p.id AS person, h.type, h.step, h.state, d.product, o.own FROM here h, person p, "
    "(SELECT 'p1' AS product UNION SELECT 'p2') d, (SELECT 0 AS own UNION SELECT 1) o "
    "WHERE d.product = 'p1' "
    "AND EXISTS (SELECT 1 FROM by_role r WHERE r.type = h.type AND r.step = h.step AND r.origin = h.origin AND "
    "r.role = p.role) "
    "AND NOT (h.sign AND p.role = 'administrator') "
    /* the author's seat is for contributors alone; every other one of a step for a second person, for none of them */
    "AND ((NOT (h.second AND o.own) AND NOT EXISTS (SELECT 1 FROM seat s WHERE s.type = h.type AND s.step = h.step)) "
    "OR EXISTS (SELECT 1 FROM seat s JOIN seat_role sr ON sr.n = s.n WHERE s.type = h.type AND s.step = h.step AND "
    "sr.role = p.role AND (s.duty = '' OR p.duties) AND CASE WHEN s.authored THEN o.own ELSE NOT (h.second AND o.own) "
    "END));"
    "CREATE TABLE want_edit AS SELECT p.id AS person, t.type, t.state, 'p1' AS product FROM person p, state t WHERE "
    "EXISTS (SELECT 1 FROM "
    "type_editor e WHERE e.type = t.type AND e.role = p.role) AND NOT (t.closed AND NOT t.accepted);";

static void put_roles(Bench *b, const char *text, Roles roles, const char *type, const char *step, const char *origin) {
  for (size_t i = 0; i < ROLE_COUNT; i++)
    if (roles & (1u << i))
      put(b, text, step ? "ssss" : "ss", type, step ? step : people_roles[i].word, origin, people_roles[i].word);
}

static void put_type(Bench *b, const RecordType *t) {
  put_roles(b, "INSERT INTO type_editor VALUES(?1, ?2)", t->editors, t->name, NULL, NULL);
  for (size_t i = 0; i < t->life->nstates; i++) {
    const State *s = &t->life->states[i];
    put(b, "INSERT INTO state VALUES(?1, ?2, ?3, ?4)", "ssii", t->name, s->name, (s->flags & ST_CLOSED) != 0,
        (s->flags & ST_ACCEPTED) != 0);
  }
  for (size_t i = 0; i < t->life->nsteps; i++) {
    const Step *s = &t->life->steps[i];
    put(b, "INSERT INTO step VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "ssssii", t->name, s->name, s->from, s->to,
        (s->flags & STEP_SECOND) != 0, (s->flags & STEP_SIGN) != 0);
    put_roles(b, "INSERT INTO step_role VALUES(?1, ?2, ?3, ?4)", s->roles ? s->roles : t->editors, t->name, s->name,
              s->from);
  }
}

static void put_seat(Bench *b, size_t n, const Seat *seat, const RecordType *t) {
  const Step *step = NULL;
  for (size_t k = 0; k < t->life->nsteps; k++)
    if (!strcmp(t->life->steps[k].name, seat->step)) step = &t->life->steps[k];
  assert_non_null(step);   /* a row that names a step which does not exist guards nothing */
  assert_true(!seat->duty || duty_find(str_of(seat->duty)));
  assert_true(!seat->level || record_field(t, str_of(seat->level), NULL));
  bool authored = seat->kind && !strcmp(seat->kind, "authored");
  Roles roles = seat->roles ? seat->roles : step->roles && !authored ? step->roles : t->editors;
  put(b, "INSERT INTO seat VALUES(?1, ?2, ?3, ?4, ?5)", "isssi", (int)n, t->name, seat->step,
      seat->duty ? seat->duty : "", authored);
  for (size_t k = 0; k < ROLE_COUNT; k++)
    if (roles & (1u << k)) put(b, "INSERT INTO seat_role VALUES(?1, ?2)", "is", (int)n, people_roles[k].word);
}

static void put_seats(Bench *b) {
  size_t n = 0;
  for (size_t i = 0; i < record_nseats; i++) {
    const Seat *seat = &record_seats[i];
    bool named = false;
    for (size_t k = 0; record_type_at(k); k++) {
      const RecordType *t = record_type_at(k);
      if (strcmp(seat->type ? seat->type : seat->life, seat->type ? t->name : t->life->name) != 0) continue;
      put_seat(b, n++, seat, t);
      named = true;
    }
    assert_true(named);
  }
}

/* ---- what the program says ----------------------------------------------------------------------------- */

static Str ask(Bench *b, const char *command, Str args) {
  JVal *r;
  ok(b, record_try(&b->cx, b->s, command, S("system"), S("for the matrix"), args, &r));
  return json_text(r, "id");
}

static void make_people(Bench *b) {
  Arena *a = b->cx.arena;
  for (size_t i = 0; i < PEOPLE; i++) {
    const char *role = people_roles[i % ROLE_COUNT].word;
    bool duties = i >= ROLE_COUNT;
    Str id = ask(b, "user.add",
                 str_fmt(a, "{\"login\":\"p%zu\",\"name\":\"P\",\"roles\":\"%s\",\"product\":\"p1\"}", i, role));
    for (size_t d = 0; duties && d < people_nduties; d++)
      (void)ask(b, "duty.set",
                str_fmt(a, "{\"person\":\"%.*s\",\"duty\":\"%s\",\"product\":\"p1\"}", STR(id),
                        people_duties[d].word));
    ok(b, people_who(&b->cx, b->s, id, &b->who[i]));
    put(b, "INSERT INTO person VALUES(?1, ?2, ?3)", "ssi", str_z(a, id), role, duties);
  }
}

static Record record_in(Bench *b, const RecordType *t, const char *product, bool own) {
  Record r = { .type = t, .rev = 1, .id = str_fmt(b->cx.arena, "%s-%s-%d", t->name, product, own) };
  r.values = NEW_ARRAY(b->cx.arena, t->nfields, Value);
  vec_add(b->cx.arena, &r.products, str_of(product));
  ok(b, store_run(&b->cx, b->s, &put_record, ARGS(v_text(r.id), v_text(str_of(t->name))), NULL));
  for (size_t i = 0; own && i < PEOPLE; i++)
    ok(b, store_run(&b->cx, b->s, &put_contributor, ARGS(v_text(r.id), v_text(b->who[i].id)), NULL));
  return r;
}

static int64_t try_record(Bench *b, Record *r, const char *product, bool own) {
  int64_t cells = 0;
  for (size_t s = 0; s < r->type->life->nstates; s++)
    for (size_t p = 0; p < PEOPLE; p++) {
      ArenaMark mark = arena_mark(b->cx.arena);
      StepChoice *choice;
      size_t n;
      bool may_edit;
      r->state = str_of(r->type->life->states[s].name);
      ok(b, record_choices(&b->cx, b->s, &b->who[p], r, &choice, &n, &may_edit));
      const char *who = str_z(b->cx.arena, b->who[p].id), *state = r->type->life->states[s].name;
      for (size_t i = 0; i < n; i++)
        if (choice[i].allowed || choice[i].refusal == E_CONFLICT)   /* a right, though its guard does not hold yet */
          put(b, "INSERT INTO got VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "sssssi", who, r->type->name, choice[i].step->name,
              state, product, own);
      if (may_edit && !own)
        put(b, "INSERT INTO got_edit VALUES(?1, ?2, ?3, ?4)", "ssss", who, r->type->name, state, product);
      cells += (int64_t)n + !own;
      arena_release(b->cx.arena, mark);
    }
  return cells;
}

static int differences(Bench *b, const char *text) {
  sqlite3_stmt *stmt = NULL;
  int n = 0;
  assert_int_equal(sqlite3_prepare_v2(b->oracle, text, -1, &stmt, NULL), SQLITE_OK);
  while (sqlite3_step(stmt) == SQLITE_ROW)
    if (n++ < 10)
      print_error("%s: %s %s from %s by %s on %s own %s\n", sqlite3_column_text(stmt, 0), sqlite3_column_text(stmt, 1),
                  sqlite3_column_text(stmt, 2), sqlite3_column_text(stmt, 3), sqlite3_column_text(stmt, 4),
                  sqlite3_column_text(stmt, 5), sqlite3_column_text(stmt, 6));
  (void)sqlite3_finalize(stmt);
  return n;
}

#define COLUMNS "type, step, state, person, product, own"
#define EDITS "type, 'edit', state, person, product, ''"
static void t_perm(void **state) {
  Bench *b = *state;
  int64_t cells = 0;
  sql(b, tables);
  sql(b, "BEGIN");
  make_people(b);
  for (size_t t = 0; record_type_at(t); t++) put_type(b, record_type_at(t));
  put_seats(b);
  for (size_t t = 0; record_type_at(t); t++)
    for (size_t k = 0; k < 4; k++) {
      Record r = record_in(b, record_type_at(t), products[k & 1], k >> 1);
      cells += try_record(b, &r, products[k & 1], k >> 1);
    }
  sql(b, oracle);
  print_message("%zu types, %d people, %lld cells\n", app_ntypes, PEOPLE, (long long)cells);
  assert_true(cells > 100000);
  assert_int_equal(differences(b, "SELECT 'too much', * FROM (SELECT " COLUMNS " FROM got EXCEPT SELECT " COLUMNS
                                  " FROM want)"),
                   0);
  assert_int_equal(differences(b, "SELECT 'too little', * FROM (SELECT " COLUMNS " FROM want EXCEPT SELECT " COLUMNS
                                  " FROM got)"),
                   0);
  assert_int_equal(differences(b, "SELECT 'too much', * FROM (SELECT " EDITS " FROM got_edit EXCEPT SELECT " EDITS
                                  " FROM want_edit)"),
                   0);
  assert_int_equal(differences(b, "SELECT 'too little', * FROM (SELECT " EDITS " FROM want_edit EXCEPT SELECT " EDITS
                                  " FROM got_edit)"),
                   0);
}

static int set_up(void **state) {
  Bench *b = calloc(1, sizeof *b);
  if (!b) return 1;
  b->cx = cx_new(1u << 30);
  (void)snprintf(b->folder, sizeof b->folder, "/tmp/proofline-perm-XXXXXX");
  assert_non_null(mkdtemp(b->folder));
  ok(b, crypto_start(&b->cx));
  ok(b, record_types_set(&b->cx, app_types, app_ntypes));
  ok(b, store_open(&b->cx, b->folder, STORE_CREATE, &b->s));
  ok(b, store_begin(&b->cx, b->s));
  ok(b, ledger_create(&b->cx, b->s, S("5f3c2d1e-0000-4000-8000-000000000002")));
  ok(b, store_commit(&b->cx, b->s));
  ok(b, store_migrate(&b->cx, b->s, people_schema, people_nschema));
  ok(b, record_create_tables(&b->cx, b->s));
  ok(b, store_begin(&b->cx, b->s));
  assert_int_equal(sqlite3_open(":memory:", &b->oracle), SQLITE_OK);
  *state = b;
  return 0;
}

static int tear_down(void **state) {
  Bench *b = *state;
  store_rollback(b->s);
  store_close(b->s);
  (void)sqlite3_close(b->oracle);
  (void)folder_remove(&b->cx, b->folder);
  Cx cx = b->cx;
  free(b);
  cx_free(&cx);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(t_perm, set_up, tear_down) };
  return cmocka_run_group_tests_name("perm", tests, NULL, NULL);
}
