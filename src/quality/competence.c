/* competence.c - courses, the people that they are for, and the state of each (ISO 13485 6.2, 21 CFR 11.10(i)). */
#include "quality/inside.h"
#include "quality.sql.h"

const char *const training_words[] = { "valid", "due", "overdue", "expired", "missing", NULL };

/* ---- courses ------------------------------------------------------------------------------------------- */

static int32_t day_of(Str text) {
  int32_t day = 0;
  return text.n && date_parse(text, &day) ? day : 0;
}

static Err course_roles(Cx *cx, Store *s, Course *c) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_COURSE_ROLES, ARGS(v_text(c->id)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    vec_add(cx->arena, &c->role, str_dup(cx->arena, row_text(&r, 0)));
  }
}

bool document_ended(Str state) {
  return str_eq(state, S("superseded")) || str_eq(state, S("obsolete")) || str_eq(state, S("archived")) ||
         str_eq(state, S("voided"));
}

/* Whether a revision says that training on the one before it still counts. */
static Err carries_over(Cx *cx, Store *s, Str id, int64_t rev, bool *out) {
  Record r;
  size_t at;
  TRY(record_get(cx, s, id, rev, &r));
  const Field *f = record_field(r.type, S("training_impact"), &at);
  *out = f && str_eq(r.values[at].s, S("none"));
  return E_OK;
}

Err training_from(Cx *cx, Store *s, Str id, int64_t in_force, int64_t size, int64_t *out) {
  bool over;
  *out = in_force;
  TRY(carries_over(cx, s, id, in_force, &over));
  if (!over) return E_OK;
  Signatures all;
  TRY(record_signatures(cx, s, id, &all));
  for (size_t i = all.n; over && i--;) {
    const Signature *sign = &all.p[i];
    if (sign->seq >= size || sign->rev >= *out || !str_eq(sign->to, S("approved"))) continue;
    *out = sign->rev;
    TRY(carries_over(cx, s, id, *out, &over));
  }
  return E_OK;
}

static Err course_documents(Cx *cx, Store *s, Course *c, bool *named) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_COURSE_DOCUMENTS, ARGS(v_text(c->id)), &r));
  for (*named = false;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    *named = true;
    if (!row_int(&r, 3) || document_ended(row_text(&r, 2))) continue;
    CourseDocument d = { str_dup(cx->arena, row_text(&r, 0)), str_dup(cx->arena, row_text(&r, 1)), row_int(&r, 3),
                         row_int(&r, 3), date_of(row_int(&r, 4)) };
    vec_add(cx->arena, &c->document, d);
  }
  Rows_drop(&r);
  for (size_t i = 0; i < c->document.n; i++) {
    CourseDocument *d = &c->document.p[i];
    TRY(training_from(cx, s, d->id, d->rev, INT64_MAX, &d->rev));
  }
  return E_OK;
}

static Err course_rows(Cx *cx, Store *s, Courses *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_COURSE_ROWS, NO_ARGS, &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    Course c = { .id = str_dup(cx->arena, row_text(&r, 0)),
                 .title = str_dup(cx->arena, row_text(&r, 1)),
                 .kind = str_dup(cx->arena, row_text(&r, 2)),
                 .interval_months = row_int(&r, 3),
                 .grace_days = row_int(&r, 4),
                 .pass_percent = row_int(&r, 5),
                 .since = date_of(row_int(&r, 6)) };
    vec_add(cx->arena, out, c);
  }
}

Err training_courses(Cx *cx, Store *s, Courses *out) {
  Courses all = { 0 }, kept = { 0 };
  TRY(course_rows(cx, s, &all));
  for (size_t i = 0; i < all.n; i++) {
    Course *c = &all.p[i];
    bool named;
    TRY(course_roles(cx, s, c));
    TRY(course_documents(cx, s, c, &named));
    if (c->document.n || !named) vec_add(cx->arena, &kept, *c);
  }
  *out = kept;
  return E_OK;
}

/* ---- one person's trainings ---------------------------------------------------------------------------- */

static Err trained_links(Cx *cx, Store *s, Str person, Trainings *t) {
  AUTO(Rows) r = { 0 };
  bool got;
  size_t at = 0;
  TRY(store_rows(cx, s, SQL_TRAINING_LINKS, ARGS(v_text(person)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) return E_OK;
    while (at < t->n && !str_eq_nocase(t->p[at].id, row_text(&r, 0))) at++; /* both in the order of ids */
    if (at == t->n) at = 0;                                                 /* a voided record's link */
    if (at < t->n && str_eq_nocase(t->p[at].id, row_text(&r, 0))) {
      Str target = str_dup(cx->arena, row_text(&r, 2));
      if (str_eq(row_text(&r, 1), S("of"))) vec_add(cx->arena, &t->p[at].course, target);
      else vec_add(cx->arena, &t->p[at].document, target);
    }
  }
}

static Err trainings_of(Cx *cx, Store *s, Str person, Trainings *out) {
  AUTO(Rows) r = { 0 };
  bool got;
  TRY(store_rows(cx, s, SQL_TRAINING_ROWS, ARGS(v_text(person)), &r));
  for (;;) {
    TRY(rows_next(cx, &r, &got));
    if (!got) break;
    Str state = row_text(&r, 1);
    Trained t = { .id = str_dup(cx->arena, row_text(&r, 0)),
                  .done = str_eq(state, S("completed")) || str_eq(state, S("reviewed")),
                  .due = day_of(row_text(&r, 2)),
                  .trained_on = day_of(row_text(&r, 3)),
                  .passed = !str_eq(row_text(&r, 4), S("failed")),
                  .until = day_of(row_text(&r, 5)),
                  .rev = row_int(&r, 6) };
    vec_add(cx->arena, out, t);
  }
  Rows_drop(&r);
  return trained_links(cx, s, person, out);
}

/* ---- the judgement ------------------------------------------------------------------------------------- */

#define HOLDS(list, id) holds((list).p, (list).n, (id))
static bool holds(const Str *list, size_t n, Str id) {
  for (size_t i = 0; i < n; i++)
    if (str_eq_nocase(list[i], id)) return true;
  return false;
}

/* document NULL: the course itself. */
static bool concerns(const Trained *t, const Course *c, const CourseDocument *d) {
  if (d && t->document.n) return HOLDS(t->document, d->id);
  return HOLDS(t->course, c->id);
}

/* A later last day is better; 0 is for ever. */
static bool later(int32_t a, int32_t b) { return b != 0 && (a == 0 || a > b); }

static TrainingNeed judge(const Course *c, const CourseDocument *d, const Trainings *all, int32_t start,
                          int32_t today) {
  TrainingNeed done = { .course = c, .document = S("") }, open = done, out = done;
  bool has_done = false, has_open = false;
  for (size_t i = 0; i < all->n; i++) {
    const Trained *t = &all->p[i];
    if (!concerns(t, c, d)) continue;
    if (!t->done) {
      if (!has_open || (t->due && later(open.due, t->due))) open.record = t->id, open.due = t->due;
      has_open = true;
    } else if (t->passed && t->trained_on && (!d || t->rev >= d->rev)) {
      if (!has_done || later(t->until, done.until)) done.record = t->id, done.until = t->until;
      has_done = true;
    }
  }
  Str document = d ? d->id : S("");
  done.open = out.open = has_open ? open.record : S("");
  if (has_done && (!done.until || done.until >= today)) return done; /* TRAINING_VALID is 0 */
  out.document = document;
  out.due = has_open && open.due ? open.due : start + (int32_t)c->grace_days;
  out.record = has_open ? open.record : S("");
  out.state = has_open ? TRAINING_OVERDUE : TRAINING_MISSING;
  if (has_done) out = done, out.document = document, out.state = TRAINING_EXPIRED;
  else if (out.due >= today) out.state = TRAINING_DUE;
  return out;
}

/* A course is as good as the worst of its documents. */
static TrainingNeed judge_course(const Course *c, const Trainings *all, int32_t joined, int32_t today) {
  int32_t start = c->since > joined ? c->since : joined;
  if (!c->document.n) return judge(c, NULL, all, start, today);
  TrainingNeed worst = { 0 };
  for (size_t i = 0; i < c->document.n; i++) {
    const CourseDocument *d = &c->document.p[i];
    TrainingNeed n = judge(c, d, all, d->since > start ? d->since : start, today);
    bool sooner = n.state == worst.state && later(worst.until, n.until);
    if (!i || n.state > worst.state || sooner) worst = n;
  }
  return worst;
}

/* ---- who ----------------------------------------------------------------------------------------------- */

static bool is_for(const Course *c, Roles roles, const Duties *duties, Str person) {
  for (size_t i = 0; i < c->role.n; i++) {
    Str word = c->role.p[i];
    /* who keeps accounts works on records with another one (SOD-5) */
    if (str_eq(word, S("all")) && (roles & ROLES_READ) && !(roles & ROLE(ADMINISTRATOR))) return true;
    if (role_find(word) & roles) return true;
    for (size_t k = 0; k < duties->n; k++)
      if (str_eq(duties->p[k].person, person) && str_eq(duties->p[k].duty, word)) return true;
  }
  return false;
}

static Err joined_on(Cx *cx, Store *s, Str person, int32_t *out) {
  Persons all = { 0 };
  TRY(people_list(cx, s, &all));
  for (size_t i = 0; i < all.n; i++)
    if (str_eq(all.p[i].id, person)) *out = date_of(all.p[i].created_us);
  return E_OK;
}

Err training_needs(Cx *cx, Store *s, const Courses *all, Str person, int64_t now_us, TrainingNeeds *out) {
  Who who;
  Duties duties = { 0 };
  Trainings trained = { 0 };
  int32_t joined = 0;
  Roles roles = ROLES_NONE;
  TRY(people_who(cx, s, person, &who));
  TRY(people_duties_of(cx, s, STR_NONE, STR_NONE, &duties));
  TRY(joined_on(cx, s, who.id, &joined));
  if (all->then) trainings_then(cx, all->then, who.id, &trained);
  else TRY(trainings_of(cx, s, who.id, &trained));
  for (size_t i = 0; i < who.ngrant; i++) roles |= who.grant[i].roles;
  *out = (TrainingNeeds){ 0 };
  for (size_t i = 0; (who.active || all->then) && joined <= date_of(now_us) && i < all->n; i++)
    if (is_for(&all->p[i], roles, &duties, who.id))
      vec_add(cx->arena, out, judge_course(&all->p[i], &trained, joined, date_of(now_us)));
  return E_OK;
}

Err training_state(Cx *cx, Store *s, Str person, Str course, int64_t now_us, TrainingState *out) {
  Courses all;
  TrainingNeeds needs;
  TRY(training_courses(cx, s, &all));
  TRY(training_needs(cx, s, &all, person, now_us, &needs));
  *out = TRAINING_VALID;
  for (size_t i = 0; i < needs.n; i++)
    if (str_eq_nocase(needs.p[i].course->id, course)) *out = needs.p[i].state;
  return E_OK;
}

/* ---- may this person sign? ----------------------------------------------------------------------------- */

static Str gap_words(Cx *cx, Str name, const TrainingNeed *n) {
  static const char *const what[] = { [TRAINING_OVERDUE] = "was due on",
                                      [TRAINING_EXPIRED] = "ended on",
                                      [TRAINING_MISSING] = "was never given and was due on" };
  Str day = date_text(cx->arena, n->state == TRAINING_EXPIRED ? n->until : n->due);
  return str_fmt(cx->arena, "%.*s's training %.*s (%.*s%s%.*s) %s %.*s. Have it done and recorded first.", STR(name),
                 STR(n->course->id), STR(n->course->title), n->document.n ? ", " : "", STR(n->document),
                 what[n->state], STR(day));
}

Err training_gap(Cx *cx, Store *s, Str person, int64_t now_us, Str *why) {
  Courses all;
  TrainingNeeds needs;
  TRY(training_courses(cx, s, &all));
  TRY(training_needs(cx, s, &all, person, now_us, &needs));
  const TrainingNeed *worst = NULL;
  for (size_t i = 0; i < needs.n; i++)
    if (needs.p[i].state > TRAINING_DUE && (!worst || needs.p[i].state > worst->state)) worst = &needs.p[i];
  *why = worst ? gap_words(cx, people_name(cx, s, person), worst) : S("");
  return E_OK;
}
