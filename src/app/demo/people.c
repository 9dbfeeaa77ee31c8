/* The people of the sample and their duties. */
#include "app/demo/demo.h"

/* ---- people -------------------------------------------------------------------------------------------- */

static void put_pairs(JsonOut *o, const char *const *names, const Str *values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (values[i].n) json_pair(o, names[i], values[i]);
}

static Str pairs_json(Cx *cx, const char *const *names, const Str *values, size_t n) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  json_object(&o);
  put_pairs(&o, names, values, n);
  json_object_end(&o);
  return buf_str(&b);
}

/* One quick hash for all: everybody in the sample has the password "demo", and it says so on the sign-in page. */
Err demo_people(Demo *d, Str admin, int64_t *count) {
  Cx *cx = d->cx;
  Str *head, phc;
  size_t nhead, n;
  CsvRow *rows;
  TRY(demo_table(d, "people.csv", &head, &nhead, &rows, &n));
  TRY(password_hash(cx, S("demo"), 19456, 2, &phc));
  static const char *const names[] = { "login", "name", "email", "title", "roles", "phc" };
  for (size_t i = 0; i < n; i++) {
    Str login = demo_cell(head, nhead, &rows[i], "login");
    const Str values[] = { login,
                           demo_cell(head, nhead, &rows[i], "name"),
                           demo_cell(head, nhead, &rows[i], "email"),
                           demo_cell(head, nhead, &rows[i], "title"),
                           demo_cell(head, nhead, &rows[i], "roles"),
                           phc };
    demo_act(d, (Act){ .t_us = demo_days_ago(d, 301, (int64_t)i),
                       .who = admin,
                       .command = "user.add",
                       .id = login,
                       .args = pairs_json(cx, names, values, COUNT(names)),
                       .reason = S("Sample company") });
  }
  *count = (int64_t)n;
  TRY(demo_play(d));
  for (size_t i = 0; i < n; i++) {
    Who who;
    Str login = demo_cell(head, nhead, &rows[i], "login");
    TRY(people_who_login(cx, writer_store(d->writer), login, &who));
    map_put(&d->person, login, d->ids.n);
    vec_add(cx->arena, &d->ids, who.id);
  }
  return E_OK;
}

static void add_duty(Demo *d, Str admin, const Str *values, int64_t minute) {
  static const char *const names[] = { "person", "duty", "product", "deputy_of" };
  demo_act(d, (Act){ .t_us = demo_days_ago(d, 298, minute),
                     .who = admin,
                     .command = "duty.set",
                     .id = values[1],
                     .args = pairs_json(d->cx, names, values, COUNT(names)),
                     .reason = S("Sample company") });
}

Err demo_duties(Demo *d, Str admin) {
  Str *head, person, deputy = STR_NONE;
  size_t nhead, n;
  CsvRow *rows;
  TRY(demo_table(d, "duties.csv", &head, &nhead, &rows, &n));
  for (size_t i = 0; i < n; i++) {
    Str duty = demo_cell(head, nhead, &rows[i], "duty"), product = demo_cell(head, nhead, &rows[i], "product");
    TRY(demo_person(d, demo_cell(head, nhead, &rows[i], "login"), &person));
    add_duty(d, admin, (const Str[]){ person, duty, product, STR_NONE }, (int64_t)i);
    Str other = demo_cell(head, nhead, &rows[i], "deputy");
    if (!other.n) continue;
    TRY(demo_person(d, other, &deputy));
    add_duty(d, admin, (const Str[]){ deputy, duty, product, person }, (int64_t)i);
  }
  return E_OK;
}
