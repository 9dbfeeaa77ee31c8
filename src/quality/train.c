/* train.c - the commands of training: assigning, reading and quizzes by the person, attesting by another. */
#include "quality/inside.h"

enum { RENEW_DAYS = 30, ATTEMPTS_MOST = 50, ARGS_BYTES = 1 << 20 };
static const Roles COORDINATORS = ROLE(TRAINING_COORDINATOR) | ROLE(QA_MANAGER);

/* ---- assigning ----------------------------------------------------------------------------------------- */

static bool teaches(const Course *c, Str document) {
  for (size_t i = 0; i < c->document.n; i++)
    if (str_eq_nocase(c->document.p[i].id, document)) return true;
  return false;
}

/* Nothing planned yet, and nothing valid for longer than the time that a renewal takes. */
static bool lacks(const TrainingNeed *n, int32_t today) {
  if (n->open.n) return false;
  return n->state != TRAINING_VALID || (n->until && n->until <= today + RENEW_DAYS);
}

static Err plan_one(Cx *cx, Call *call, const Person *p, const TrainingNeed *n, int32_t today) {
  Buf b = buf_new(cx->arena, ARGS_BYTES);
  JsonOut o = json_out(&b, false);
  const Course *c = n->course;
  int32_t due = today + (int32_t)c->grace_days;
  JVal *input;
  if (n->state == TRAINING_VALID && n->until > today) due = n->until;
  json_object(&o);
  json_pair(&o, "title", str_fmt(cx->arena, "%.*s: %.*s", STR(c->title), STR(p->name)));
  json_pair(&o, "trainee", p->id);
  if (c->kind.n) json_pair(&o, "kind", c->kind);
  json_pair(&o, "due", date_text(cx->arena, due));
  json_key(&o, "of");
  json_array(&o);
  json_put_str(&o, c->id);
  json_array_end(&o);
  json_key(&o, "trains_on");
  json_array(&o);
  for (size_t i = 0; i < c->document.n; i++) json_put_str(&o, c->document.p[i].id);
  json_array_end(&o);
  json_object_end(&o);
  Record r = record_blank(cx->arena, record_type(S("training")));
  TRY(json_read(cx, buf_str(&b), &JSON_DOCUMENT, &input));
  TRY(record_merge(cx, call->store, input, &r));
  r.owner = call->actor;
  return record_new_by(cx, call, &r);
}

Err training_assign(Cx *cx, Call *call, Str document, int64_t *count) {
  Courses all;
  Persons people = { 0 };
  int32_t today = date_of(call->now_us);
  *count = 0;
  TRY(training_courses(cx, call->store, &all));
  TRY(people_list(cx, call->store, &people));
  for (size_t i = 0; all.n && i < people.n; i++) {
    TrainingNeeds needs;
    if (!people.p[i].active) continue;
    TRY(training_needs(cx, call->store, &all, people.p[i].id, call->now_us, &needs));
    for (size_t k = 0; k < needs.n; k++) {
      const TrainingNeed *n = &needs.p[k];
      if ((document.n && !teaches(n->course, document)) || !lacks(n, today)) continue;
      TRY(plan_one(cx, call, &people.p[i], n, today));
      ++*count;
    }
  }
  return E_OK;
}

static Err run_assign(Cx *cx, Call *call) {
  Who who;
  int64_t count;
  TRY(people_who(cx, call->store, call->actor, &who));
  TRY(authorise_roles(cx, &who, COORDINATORS | ROLE_SYSTEM, STR_NONE, "assigning training"));
  TRY(training_assign(cx, call, json_text(call->args, "document"), &count));
  json_pair_int(call->result, "count", count);
  return E_OK;
}

/* ---- the course behind a record ------------------------------------------------------------------------- */

Err training_course(Cx *cx, Store *s, const Record *training, const Courses *all, const Course **out) {
  const Value *of = record_value(training, "of");
  (void)cx;
  (void)s;
  *out = NULL;
  for (size_t i = 0; i < of->links.n && !*out; i++)
    for (size_t k = 0; k < all->n; k++)
      if (str_eq_nocase(all->p[k].id, of->links.p[i].to)) *out = &all->p[k];
  return E_OK;
}

/* A training that is not done yet, with its course. */
typedef struct Open {
  Record record;
  Courses all;
  const Course *course;
} Open;
static Err open_training(Cx *cx, Call *call, Open *out) {
  TRY(record_get(cx, call->store, json_text(call->args, "id"), 0, &out->record));
  const Record *r = &out->record;
  if (!str_eq(str_of(r->type->name), S("training")))
    return fail(cx, E_INVALID, "%.*s is no training record. Nothing was changed.", STR(r->id));
  if (!str_eq(r->state, S("planned")) && !str_eq(r->state, S("in_progress")))
    return fail(cx, E_CONFLICT, "%.*s is %.*s already. Nothing was changed.", STR(r->id), STR(r->state));
  TRY(training_courses(cx, call->store, &out->all));
  return training_course(cx, call->store, r, &out->all, &out->course);
}

static void set_text(Cx *cx, Record *r, const char *field, Str s) {
  *record_value(r, field) = (Value){ .set = true, .s = str_dup(cx->arena, s) };
}

static void set_day(Cx *cx, Record *r, const char *field, int32_t day) {
  *record_value(r, field) = (Value){ .set = true, .s = date_text(cx->arena, day), .i = day };
}

static Err add_attempt(Cx *cx, Call *call, Record *r, Str what) {
  Value *v = record_value(r, "attempts"), own = { .set = true };
  if (v->list.n >= ATTEMPTS_MOST)
    return fail(cx, E_CONFLICT, "%.*s has %d tries already. Nothing was changed. Ask the training coordinator.",
                STR(r->id), ATTEMPTS_MOST);
  for (size_t i = 0; i < v->list.n; i++) vec_add(cx->arena, &own.list, v->list.p[i]);
  vec_add(cx->arena, &own.list,
          str_fmt(cx->arena, "%.*s UTC: %.*s", STR(time_minute(cx->arena, call->now_us)), STR(what)));
  *v = own;
  return E_OK;
}

/* Months are counted as thirty days and a half: the day is a limit, not an appointment. */
static int32_t valid_until(const Course *c, int32_t today) { return today + (int32_t)(c->interval_months * 61 / 2); }

static Err finish(Cx *cx, Call *call, Open *t, bool passed) {
  Record *r = &t->record;
  int32_t today = date_of(call->now_us);
  if (passed) {
    set_text(cx, r, "result", S("passed"));
    set_day(cx, r, "trained_on", today);
    if (t->course && t->course->interval_months) set_day(cx, r, "valid_until", valid_until(t->course, today));
    if (t->course && t->course->document.n)
      *record_value(r, "revision_taught") = (Value){ .set = true, .i = t->course->document.p[0].now };
  }
  TRY(record_save_by(cx, call, r));
  if (str_eq(r->state, S("planned"))) TRY(record_step_by(cx, call, "start", r));
  if (passed) TRY(record_step_by(cx, call, "complete", r));
  json_pair(call->result, "id", r->id);
  json_pair_bool(call->result, "passed", passed);
  return E_OK;
}

/* ---- by the person itself ------------------------------------------------------------------------------- */

/* What was shown is what counts: a revision that came meanwhile must be read. */
static Err shown_is_current(Cx *cx, Call *call, const Open *t) {
  int64_t rev = json_int(call->args, "rev", 0);
  if (!t->course->document.n || rev == t->course->document.p[0].now) return E_OK;
  return fail(cx, E_STALE,
              "You were shown revision %lld; revision %lld counts now. Nothing was changed. Open it again.",
              (long long)rev, (long long)t->course->document.p[0].now);
}

static Err own_training(Cx *cx, Call *call, Open *t) {
  TRY(open_training(cx, call, t));
  const Record *r = &t->record;
  if (!str_eq(record_value(r, "trainee")->s, call->actor))
    return fail(cx, E_DENIED, "%.*s is the training of %.*s. Nothing was changed.", STR(r->id),
                STR(people_name(cx, call->store, record_value(r, "trainee")->s)));
  if (!t->course) return fail(cx, E_CONFLICT, "%.*s belongs to no course in force. Nothing was changed.", STR(r->id));
  if (!str_starts(call->auth, S("password")) && !str_eq(call->auth, S("demo")))
    return fail(cx, E_DENIED, "Saying that you read and understood needs your password. Nothing was changed.");
  return shown_is_current(cx, call, t);
}

/* A quiz asks and is marked here, where the answers are. */
static Err quiz_taken(Cx *cx, Call *call, Open *t, bool *passed) {
  Record course;
  Quiz quiz;
  TRY(record_get(cx, call->store, t->course->id, 0, &course));
  if (!quiz_read(cx, record_value(&course, "questions")->s, &quiz))
    return fail(cx, E_CONFLICT, "The questions of %.*s cannot be used: %.*s. Nothing was changed.", STR(course.id),
                STR(quiz.fault));
  int64_t score = quiz_mark(&quiz, json_text(call->args, "answers"));
  int64_t mark = t->course->pass_percent ? t->course->pass_percent : 100;
  *passed = score >= mark;
  TRY(add_attempt(cx, call, &t->record,
                  str_fmt(cx->arena, "%lld %% of %zu questions, pass mark %lld %%: %s", (long long)score,
                          quiz.question.n, (long long)mark, *passed ? "passed" : "not passed")));
  *record_value(&t->record, "score") = (Value){ .set = true, .i = score };
  json_pair_int(call->result, "score", score);
  return E_OK;
}

static Err run_done(Cx *cx, Call *call) {
  Open t = { 0 };
  bool passed = true;
  TRY(own_training(cx, call, &t));
  if (str_eq(t.course->kind, S("quiz"))) TRY(quiz_taken(cx, call, &t, &passed));
  else if (str_eq(t.course->kind, S("read")) || str_eq(t.course->kind, S("awareness")))
    TRY(add_attempt(cx, call, &t.record, S("read and understood, confirmed with the password")));
  else
    return fail(cx, E_DENIED, "A %.*s is attested by somebody who saw it. Nothing was changed.", STR(t.course->kind));
  return finish(cx, call, &t, passed);
}

/* ---- by another ----------------------------------------------------------------------------------------- */

static Err run_attest(Cx *cx, Call *call) {
  Open t = { 0 };
  Who who;
  Str result = json_text(call->args, "result"), note = str_trim(json_text(call->args, "note"));
  bool passed = str_eq(result, S("passed"));
  TRY(open_training(cx, call, &t));
  TRY(people_who(cx, call->store, call->actor, &who));
  if (str_eq(record_value(&t.record, "trainee")->s, call->actor))
    return fail(cx, E_DENIED, "Nobody attests their own training. Nothing was changed. Ask the one who saw it.");
  TRY(authorise_roles(cx, &who, COORDINATORS | ROLE(SECURITY_LEAD) | ROLE(APPROVER) | ROLE(REVIEWER), STR_NONE,
                      "attesting training"));
  if (!passed && !str_eq(result, S("failed")))
    return fail(cx, E_INVALID, "result is 'passed' or 'failed'. Nothing was changed.");
  set_text(cx, &t.record, "attested_by", call->actor);
  TRY(add_attempt(cx, call, &t.record,
                  str_fmt(cx->arena, "%s, attested by %.*s%s%.*s", passed ? "passed" : "not passed", STR(who.name),
                          note.n ? ": " : "", STR(str_head(note, 300)))));
  return finish(cx, call, &t, passed);
}

/* ---- the gate ------------------------------------------------------------------------------------------- */

Err training_gate(Cx *cx, Store *s, const Record *document, Str *why_not) {
  Courses all;
  Persons people = { 0 };
  Buf b = buf_new(cx->arena, 4096);
  size_t n = 0;
  TRY(training_courses(cx, s, &all));
  TRY(people_list(cx, s, &people));
  for (size_t i = 0; all.n && i < people.n; i++) {
    TrainingNeeds needs;
    if (!people.p[i].active) continue;
    TRY(training_needs(cx, s, &all, people.p[i].id, cx->now_us, &needs));
    for (size_t k = 0; k < needs.n; k++) {
      bool of_this = str_eq_nocase(needs.p[k].document, document->id);
      if (needs.p[k].state == TRAINING_VALID || !of_this) continue;
      if (n < 5) buf_fmt(&b, "%s%.*s", n ? ", " : "", STR(people.p[i].name));
      n++;
      break;
    }
  }
  *why_not = S("");
  if (n)
    *why_not =
        str_fmt(cx->arena, "%zu %s not trained on revision %lld: %.*s%s.", n, n == 1 ? "person is" : "people are",
                (long long)document->rev, STR(buf_str(&b)), n > 5 ? " and others" : "");
  return E_OK;
}

static const ArgSpec assign_args[] = { { "document", ARG_TEXT, false, "only courses on it" } };
static const ArgSpec done_args[] = { { "id", ARG_TEXT, true, "the training record" },
                                     { "rev", ARG_INT, false, "revision of the document as shown" },
                                     { "answers", ARG_TEXT, false, "of a quiz: \"1.2 2.1\"" } };
static const ArgSpec attest_args[] = { { "id", ARG_TEXT, true, "the training record" },
                                       { "result", ARG_TEXT, true, "passed or failed" },
                                       { "note", ARG_TEXT, false, "what was seen" } };
const Command quality_commands[] = {
  { "training.assign", assign_args, COUNT(assign_args), "record.write", run_assign,
    "plans the trainings that are lacking" },
  { "training.done", done_args, COUNT(done_args), "session", run_done, "one's own reading or quiz" },
  { "training.attest", attest_args, COUNT(attest_args), "session", run_attest,
    "attests a training of somebody else" },
};
const size_t quality_ncommands = COUNT(quality_commands);
