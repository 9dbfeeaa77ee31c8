/* Who owns, authorises, accepts, speaks: duties with their deputies and delegates, each from a day to a day.
 * A row is ended, never taken away, so that one can ask who held what on any day. */
#include "people/inside.h"
#include "people.sql.h"

enum { DELEGATION_DAYS = 366 };

static Str text(const Call *c, const char *name) {
  Str s = json_text(c->args, name);
  return s.p ? str_trim(s) : S("");
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static Duty duty_row(Arena *a, const Rows *r) {
  return (Duty){ .id = str_dup(a, row_text(r, 0)),
                 .person = str_dup(a, row_text(r, 1)),
                 .name = str_dup(a, row_text(r, 2)),
                 .product = str_dup(a, row_text(r, 3)),
                 .duty = str_dup(a, row_text(r, 4)),
                 .kind = str_dup(a, row_text(r, 5)),
                 .deputy_of = str_dup(a, row_text(r, 6)),
                 .upto = str_dup(a, row_text(r, 7)),
                 .from_day = (int32_t)row_int(r, 8),
                 .to_day = (int32_t)row_int(r, 9),
                 .made_us = row_int(r, 10),
                 .made_by = str_dup(a, row_text(r, 11)),
                 .ended_us = row_int(r, 12),
                 .active = str_eq(row_text(r, 13), S("active")) };
}

/* at_us negative: those of all times. */
static Err duty_rows(Cx *cx, Store *s, Str product, Str duty, int64_t at_us, Duties *out) {
  AUTO(Rows) r = { 0 };
  Duties all = { 0 };
  int64_t day = at_us < 0 ? -1 : date_of(at_us);
  TRY(store_rows(cx, s, SQL_DUTY_LIST, ARGS(v_text(product), v_text(duty), v_int(day), v_int(at_us)), &r));
  for (bool got;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    vec_add(cx->arena, &all, duty_row(cx->arena, &r));
  }
  *out = all;
  return E_OK;
}

Err people_duties_of(Cx *cx, Store *s, Str product, Str duty, Duties *out) {
  return duty_rows(cx, s, product, duty, cx->now_us, out);
}

Err people_duties_ever(Cx *cx, Store *s, Duties *out) { return duty_rows(cx, s, STR_NONE, STR_NONE, -1, out); }

const DutyRow *duty_find(Str word) {
  for (size_t i = 0; i < people_nduties; i++)
    if (str_eq(word, str_of(people_duties[i].word))) return &people_duties[i];
  return NULL;
}

/* ---- the decision ------------------------------------------------------------------------------------- */

static Str where(Cx *cx, Str product) {
  return product.n ? str_fmt(cx->arena, "for %.*s", STR(product)) : S("for the whole company");
}

/* "Lena Brandt, Grete Moen (deputy)" */
static Str holders(Cx *cx, const Duties *all) {
  Buf b = buf_new(cx->arena, 8192);
  for (size_t i = 0; i < all->n; i++) {
    const Duty *d = &all->p[i];
    if (!d->active) continue;
    buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR(d->name));
    if (!str_eq(d->kind, S("holder"))) buf_fmt(&b, " (%.*s)", STR(d->kind));
  }
  return buf_str(&b);
}

static Err deny_duty(Cx *cx, const Who *who, const DutyAsk *ask, const Duties *all) {
  const DutyRow *row = duty_find(ask->duty);
  const char *title = row ? row->title : "";
  Str names = holders(cx, all);
  if (names.n)
    return fail(cx, E_DENIED,
                "%s is for the %s %.*s: %.*s. Nothing was changed. Ask one of them, or have the duty delegated to you.",
                ask->what, title, STR(where(cx, ask->product)), STR(names));
  return fail(
      cx, E_DENIED,
      "%s is for the %s, and nobody holds that duty %.*s today. Nothing was changed. Ask %.*s (administrator) to "
      "assign it.",
      ask->what, title, STR(where(cx, ask->product)), STR(who->ask.n ? who->ask : S("somebody")));
}

static size_t rank(const char *const *levels, Str word) {
  size_t i = 0;
  while (levels && levels[i] && !str_eq(word, str_of(levels[i]))) i++;
  return i;
}

/* An empty limit has none; a level that is not known is above every limit. */
static bool within(const DutyAsk *ask, const Duty *d) {
  return !d->upto.n || rank(ask->levels, ask->level) <= rank(ask->levels, d->upto);
}

Err authorise_duty(Cx *cx, Store *s, const Who *who, const DutyAsk *ask, Duties *by) {
  Duties all = { 0 }, mine = { 0 };
  Str limit = STR_NONE;
  TRY(duty_rows(cx, s, ask->product, ask->duty, ask->now_us, &all));
  for (size_t i = 0; i < all.n; i++) {
    if (!str_eq(all.p[i].person, who->id)) continue;
    if (within(ask, &all.p[i])) vec_add(cx->arena, &mine, all.p[i]);
    else limit = all.p[i].upto;
  }
  if (!mine.n && limit.n)
    return fail(
        cx, E_DENIED,
        "You accept residual risk up to %.*s, and this one is %.*s. Nothing was changed. Ask somebody whose limit "
        "is higher: %.*s.",
        STR(limit), STR(ask->level.n ? ask->level : S("not judged")), STR(holders(cx, &all)));
  if (!mine.n) return deny_duty(cx, who, ask, &all);
  *by = mine;
  return E_OK;
}

/* ---- assigning ---------------------------------------------------------------------------------------- */

static Err parse_duty(Cx *cx, Str word) {
  Str words[32];
  if (duty_find(word)) return E_OK;
  for (size_t i = 0; i < people_nduties; i++) words[i] = str_of(people_duties[i].word);
  Str near = str_nearest(word, words, people_nduties);
  problem(cx, S("duty"), "unknown", "there is no duty '%.*s'%s%.*s", STR(word),
          near.n ? "; the nearest is " : "", STR(near));
  return problems_fail(cx);
}

static void parse_day(Cx *cx, const Call *c, const char *name, int32_t absent, int32_t *out) {
  Str s = text(c, name);
  *out = absent;
  if (s.n && !date_parse(s, out)) problem(cx, str_of(name), "date", "write a date as 2026-11-22");
}

static Err parse_span(Cx *cx, const Call *c, int32_t *from, int32_t *to) {
  parse_day(cx, c, "from", date_of(c->now_us), from);
  parse_day(cx, c, "to", DUTY_FOREVER, to);
  if (!cx->problems.n && *to < *from) problem(cx, S("to"), "order", "is before the first day");
  return problems_fail(cx);
}

/* Ends what this person has of this duty there. */
static Err end_rows(Cx *cx, Call *c, Str person, Str duty, Str product, const char *kind, size_t *ended) {
  Duties all = { 0 };
  *ended = 0;
  TRY(duty_rows(cx, c->store, STR_NONE, duty, -1, &all));
  for (size_t i = 0; i < all.n; i++) {
    const Duty *d = &all.p[i];
    bool same = str_eq(d->person, person) && str_eq(d->product, product) && (!kind || str_eq(d->kind, str_of(kind)));
    if (!same || d->ended_us || d->to_day < date_of(c->now_us)) continue;
    TRY(store_run(cx, c->store, SQL_DUTY_END, ARGS(v_text(d->id), v_int(c->now_us), v_text(c->actor)), NULL));
    TRY(people_fact_entry(cx, c, FACT_DUTY, "duty.drop", d->id, STR_NONE));
    ++*ended;
  }
  return E_OK;
}

static Err add_row(Cx *cx, Call *c, const char *act, Duty *d) {
  int64_t n;
  size_t ended;
  TRY(end_rows(cx, c, d->person, d->duty, d->product, str_z(cx->arena, d->kind), &ended));
  TRY(store_int(cx, c->store, SQL_DUTY_COUNT, NO_ARGS, 0, &n));
  Str id = d->id = str_fmt(cx->arena, "DTY-%06lld", (long long)n + 1);
  TRY(store_run(cx, c->store, SQL_DUTY_ADD,
                ARGS(v_text(id), v_text(d->person), v_text(d->duty), v_text(d->product), v_text(d->kind),
                     v_text(d->deputy_of), v_text(d->upto), v_int(d->from_day), v_int(d->to_day), v_int(c->now_us),
                     v_text(c->actor)),
                NULL));
  return people_fact_entry(cx, c, FACT_DUTY, act, id, STR_NONE);
}

Err people_duty_set(Cx *cx, Call *c, Duty *d) {
  d->kind = d->deputy_of.n ? S("deputy") : S("holder");
  TRY(parse_duty(cx, d->duty));
  TRY(person_known(cx, c->store, d->person));
  if (d->deputy_of.n) TRY(person_known(cx, c->store, d->deputy_of));
  if (str_eq(d->person, d->deputy_of))
    return fail(cx, E_INVALID, "Nobody is their own deputy. Nothing was changed.");
  if (str_eq(d->person, c->actor) && !is_sample(c))
    return fail(cx, E_DENIED, "Nobody assigns a duty to themselves (SOD-4). Nothing was changed. Ask another "
                              "administrator or QA manager.");
  return add_row(cx, c, "duty.set", d);
}

Err people_duty_end(Cx *cx, Call *c, const Duty *d) {
  size_t ended;
  return end_rows(cx, c, d->person, d->duty, d->product, d->deputy_of.n ? "deputy" : "holder", &ended);
}

static Err set_run(Cx *cx, Call *c) {
  Duty d = { .person = text(c, "person"), .duty = text(c, "duty"), .product = text(c, "product"),
             .deputy_of = text(c, "deputy_of"), .upto = text(c, "upto") };
  TRY(parse_span(cx, c, &d.from_day, &d.to_day));
  TRY(people_duty_set(cx, c, &d));
  json_pair(c->result, "id", d.id);
  return E_OK;
}

static Err drop_run(Cx *cx, Call *c) {
  Str person = text(c, "person");
  size_t ended;
  TRY(parse_duty(cx, text(c, "duty")));
  TRY(end_rows(cx, c, person, text(c, "duty"), text(c, "product"), NULL, &ended));
  if (!ended)
    return fail(cx, E_NOTFOUND, "%.*s does not have that duty there. Nothing was changed.", STR(person));
  return E_OK;
}

/* Only who holds it in their own name hands it on, so that a chain of delegates cannot come back to an author. */
static Err own_duty(Cx *cx, const Call *c, const Duty *d) {
  Duties all = { 0 };
  TRY(duty_rows(cx, c->store, d->product, d->duty, c->now_us, &all));
  for (size_t i = 0; i < all.n; i++)
    if (str_eq(all.p[i].person, c->actor) && str_eq(all.p[i].kind, S("holder"))) return E_OK;
  return fail(cx, E_DENIED, "Only who holds a duty can delegate it, and you do not hold %s %.*s. Nothing was changed.",
              duty_find(d->duty)->title, STR(where(cx, d->product)));
}

static Err delegate_run(Cx *cx, Call *c) {
  Duty d = { .person = text(c, "person"), .duty = text(c, "duty"), .product = text(c, "product"),
             .upto = text(c, "upto"), .kind = S("delegate"), .deputy_of = c->actor };
  TRY(parse_duty(cx, d.duty));
  TRY(person_known(cx, c->store, d.person));
  if (!text(c, "to").n) problem(cx, S("to"), "missing", "say until which day: a delegation ends by itself");
  TRY(parse_span(cx, c, &d.from_day, &d.to_day));
  if (d.to_day - d.from_day > DELEGATION_DAYS) problem(cx, S("to"), "span", "is more than a year away");
  TRY(problems_fail(cx));
  if (str_eq(d.person, c->actor))
    return fail(cx, E_INVALID, "You hold this duty already. Nothing was changed.");
  TRY(own_duty(cx, c, &d));
  TRY(add_row(cx, c, "duty.delegate", &d));
  json_pair(c->result, "id", d.id);
  return E_OK;
}

#define PERSON { "person", ARG_TEXT, true, "id of the person, such as U000002" }
#define PRODUCT { "product", ARG_TEXT, false, "only for this product; without it for all" }
#define DUTY { "duty", ARG_TEXT, true, "duty" }
#define SPAN                                                                                              \
  { "from", ARG_TEXT, false, "first day; without it today" }, { "to", ARG_TEXT, false, "last day" },      \
  { "upto", ARG_TEXT, false, "highest level of residual risk that may be accepted" }
static const ArgSpec set_args[] = { PERSON, DUTY, PRODUCT, SPAN,
                                    { "deputy_of", ARG_TEXT, false, "id of the person whose deputy this is" } };
static const ArgSpec drop_args[] = { PERSON, DUTY, PRODUCT };
static const ArgSpec delegate_args[] = { PERSON, DUTY, PRODUCT, SPAN };
#define ROW(name, args, right, run, help) { name, args, COUNT(args), right, run, help }
const Command people_duty_commands[3] = {
  ROW("duty.set", set_args, "duty.set", set_run, "assigns a duty, or a deputy for it, from a day to a day"),
  ROW("duty.drop", drop_args, "duty.set", drop_run, "ends a duty"),
  ROW("duty.delegate", delegate_args, "session", delegate_run, "hands one's own duty to somebody until a day"),
};
