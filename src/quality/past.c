/* past.c - courses, documents and trainings as they stood once, from the records of that moment; the judgement over
 * them is the same as that of today (competence.c). */
#include "quality/inside.h"

typedef struct Doc { CourseDocument d; Str state; VEC(Str) course; } Doc;
typedef struct Then {
  Arena *arena;                  /* of who asks: what a record says is gone after it */
  Courses all;
  VEC(Doc) document;
  VEC(Str) pair;                 /* course, document, course, document: what a course names itself */
  Trainings *trainings;
} Then;

static Str text_of(const Then *t, const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v && v->set ? str_dup(t->arena, v->s) : S("");
}

static int64_t number_of(const Record *r, const char *field) {
  const Value *v = record_value(r, field);
  return v && v->set ? v->i : 0;
}

static int32_t day_of(const Record *r, const char *field) { return (int32_t)number_of(r, field); }

static bool gone(const Record *r, const char *one, const char *other) {
  return str_eq(r->state, str_of(one)) || str_eq(r->state, str_of(other));
}

static void take_course(Then *t, const Record *r) {
  const Value *roles = record_value(r, "role"), *on = record_value(r, "trains_on");
  if (!r->in_force_rev || gone(r, "retired", "voided")) return;
  Course c = { .id = str_dup(t->arena, r->id), .title = str_dup(t->arena, r->title),
               .kind = text_of(t, r, "kind"), .interval_months = number_of(r, "interval_months"),
               .grace_days = number_of(r, "grace_days"), .pass_percent = number_of(r, "pass_percent"),
               .since = date_of(r->changed_us) };
  for (size_t i = 0; i < roles->list.n; i++) vec_add(t->arena, &c.role, str_dup(t->arena, roles->list.p[i]));
  for (size_t i = 0; i < on->links.n; i++) {
    vec_add(t->arena, &t->pair, c.id);
    vec_add(t->arena, &t->pair, str_dup(t->arena, on->links.p[i].to));
  }
  vec_add(t->arena, &t->all, c);
}

static void take_document(Then *t, const Record *r) {
  const Value *asks = record_value(r, "requires_training");
  Doc d = { { str_dup(t->arena, r->id), str_dup(t->arena, r->title), r->in_force_rev, r->in_force_rev,
              date_of(r->changed_us) }, str_dup(t->arena, r->state), { 0 } };
  for (size_t i = 0; i < asks->links.n; i++) vec_add(t->arena, &d.course, str_dup(t->arena, asks->links.p[i].to));
  vec_add(t->arena, &t->document, d);
}

static void take_training(Then *t, const Record *r) {
  const Value *of = record_value(r, "of"), *on = record_value(r, "trains_on");
  if (gone(r, "cancelled", "voided")) return;
  Trained one = { .id = str_dup(t->arena, r->id), .trainee = text_of(t, r, "trainee"),
                  .done = gone(r, "completed", "reviewed"), .passed = !str_eq(text_of(t, r, "result"), S("failed")),
                  .due = day_of(r, "due"), .trained_on = day_of(r, "trained_on"), .until = day_of(r, "valid_until"),
                  .rev = number_of(r, "revision_taught") };
  for (size_t i = 0; i < of->links.n; i++) vec_add(t->arena, &one.course, str_dup(t->arena, of->links.p[i].to));
  for (size_t i = 0; i < on->links.n; i++) vec_add(t->arena, &one.document, str_dup(t->arena, on->links.p[i].to));
  vec_add(t->arena, t->trainings, one);
}

static Err take(Cx *cx, void *env, const Record *r) {
  Str type = str_of(r->type->name);
  (void)cx;
  if (str_eq(type, S("curriculum"))) take_course(env, r);
  if (str_eq(type, S("document"))) take_document(env, r);
  if (str_eq(type, S("training"))) take_training(env, r);
  return E_OK;
}

static bool belongs(const Then *t, const Course *c, const Doc *d) {
  for (size_t i = 0; i < d->course.n; i++)
    if (str_eq_nocase(d->course.p[i], c->id)) return true;
  for (size_t i = 0; i + 1 < t->pair.n; i += 2)
    if (str_eq(t->pair.p[i], c->id) && str_eq_nocase(t->pair.p[i + 1], d->d.id)) return true;
  return false;
}

static Err course_documents(Cx *cx, Store *s, const Then *t, int64_t size, Course *c, bool *named) {
  *named = false;
  for (size_t i = 0; i < t->document.n; i++) {
    const Doc *d = &t->document.p[i];
    if (!belongs(t, c, d)) continue;
    *named = true;
    if (!d->d.rev || document_ended(d->state)) continue;
    CourseDocument one = d->d;
    TRY(training_from(cx, s, one.id, one.now, size, &one.rev));
    vec_add(cx->arena, &c->document, one);
  }
  return E_OK;
}

Err training_courses_at(Cx *cx, Store *s, int64_t size, Courses *out) {
  AUTO(Cx) scratch = cx_new((size_t)1 << 30);
  Courses kept = { 0 };
  Trainings *trainings = NEW(cx->arena, Trainings);
  Then t = { .arena = cx->arena, .trainings = trainings };
  if (size < 0) return training_courses(cx, s, out);
  Err e = record_each_at(&scratch, s, size, take, &t);
  if (e != E_OK) return fail(cx, e, "%.*s", STR(scratch.words));
  for (size_t i = 0; i < t.all.n; i++) {
    bool named;
    TRY(course_documents(cx, s, &t, size, &t.all.p[i], &named));
    if (t.all.p[i].document.n || !named) vec_add(cx->arena, &kept, t.all.p[i]);
  }
  kept.then = trainings;
  *out = kept;
  return E_OK;
}

void trainings_then(Cx *cx, const Trainings *all, Str person, Trainings *out) {
  for (size_t i = 0; i < all->n; i++)
    if (str_eq(all->p[i].trainee, person)) vec_add(cx->arena, out, all->p[i]);
}
