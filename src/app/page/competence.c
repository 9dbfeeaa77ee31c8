/* Competence: people x courses, each cell with its state and day; filtered, printed, and what is lacking planned. */
#include "app/page/quality_page.h"
#include "competence.html.h"

const char *training_tone(TrainingState s) {
  static const char *const tones[TRAINING_STATES] = { [TRAINING_VALID] = "ok",
                                                      [TRAINING_DUE] = "info",
                                                      [TRAINING_OVERDUE] = "crit",
                                                      [TRAINING_EXPIRED] = "high",
                                                      [TRAINING_MISSING] = "crit" };
  return tones[s];
}

Str training_day(Cx *cx, const TrainingNeed *n) {
  bool until = n->state == TRAINING_VALID || n->state == TRAINING_EXPIRED;
  int32_t day = until ? n->until : n->due;
  return day ? date_text(cx->arena, day) : S("");
}

Err competence_read(Cx *cx, Web *web, Competence *out) {
  Persons people = { 0 };
  TRY(training_courses_at(cx, web->store, web->asof_size, &out->courses));
  TRY(people_list(cx, web->store, &people));
  out->row = NEW_ARRAY(cx->arena, people.n, PersonNeeds);
  for (size_t i = 0; out->courses.n && i < people.n; i++) {
    PersonNeeds *row = &out->row[out->n];
    if (!people.p[i].active) continue;
    row->person = people.p[i];
    TRY(training_needs(cx, web->store, &out->courses, people.p[i].id, cx->now_us, &row->needs));
    out->n += row->needs.n > 0;
  }
  return E_OK;
}

static const TrainingNeed *need_of(const PersonNeeds *p, const Course *c) {
  for (size_t i = 0; i < p->needs.n; i++)
    if (p->needs.p[i].course == c) return &p->needs.p[i];
  return NULL;
}

static CompetenceRowsCells cell_of(Cx *cx, const TrainingNeed *n) {
  if (!n) return (CompetenceRowsCells){ .none = true };
  return (CompetenceRowsCells){ .state = str_of(training_words[n->state]),
                                .tone = str_of(training_tone(n->state)),
                                .day = training_day(cx, n),
                                .url = n->open.n     ? str_fmt(cx->arena, "/training/%.*s", STR(n->open))
                                       : n->record.n ? web_record_url(cx, n->record)
                                                     : S("") };
}

/* state, person and course narrow the matrix; a row stays when one of its cells fits. */
typedef struct Filter {
  Str state, person, course;
} Filter;
static bool fits(const PersonNeeds *p, const Filter *f) {
  if (f->person.n && str_find_nocase(p->person.name, f->person) == SIZE_MAX) return false;
  for (size_t i = 0; i < p->needs.n; i++) {
    const TrainingNeed *n = &p->needs.p[i];
    if (f->course.n && !str_eq_nocase(n->course->id, f->course)) continue;
    if (!f->state.n || str_eq(f->state, str_of(training_words[n->state]))) return true;
  }
  return false;
}

static void fill_matrix(Cx *cx, const Competence *c, const Filter *f, CompetencePage *page) {
  page->courses = NEW_ARRAY(cx->arena, c->courses.n, CompetenceCourses);
  for (size_t i = 0; i < c->courses.n; i++) {
    const Course *course = &c->courses.p[i];
    if (f->course.n && !str_eq_nocase(course->id, f->course)) continue;
    page->courses[page->courses_n++] = (CompetenceCourses){ .id = course->id,
                                                            .title = course->title,
                                                            .kind = choice_words(cx->arena, course->kind) };
  }
  page->rows = NEW_ARRAY(cx->arena, c->n, CompetenceRows);
  for (size_t i = 0; i < c->n; i++) {
    if (!fits(&c->row[i], f)) continue;
    CompetenceRows *row = &page->rows[page->rows_n++];
    row->name = c->row[i].person.name;
    row->title = c->row[i].person.title;
    row->cells = NEW_ARRAY(cx->arena, c->courses.n, CompetenceRowsCells);
    for (size_t k = 0; k < c->courses.n; k++)
      if (!f->course.n || str_eq_nocase(c->courses.p[k].id, f->course))
        row->cells[row->cells_n++] = cell_of(cx, need_of(&c->row[i], &c->courses.p[k]));
  }
}

static void fill_counts(Cx *cx, const Competence *c, const Filter *f, CompetencePage *page) {
  size_t count[TRAINING_STATES] = { 0 };
  for (size_t i = 0; i < c->n; i++)
    for (size_t k = 0; k < c->row[i].needs.n; k++) count[c->row[i].needs.p[k].state]++;
  page->states = NEW_ARRAY(cx->arena, TRAINING_STATES, CompetenceStates);
  for (size_t i = 0; i < TRAINING_STATES; i++)
    page->states[page->states_n++] = (CompetenceStates){ .word = str_of(training_words[i]),
                                                         .label = choice_words(cx->arena, str_of(training_words[i])),
                                                         .count = number_text(cx, (int64_t)count[i]),
                                                         .current = str_eq(f->state, str_of(training_words[i])) };
}

Err page_competence(Cx *cx, Web *web, const Request *req, Response *res) {
  Competence c = { 0 };
  TRY(competence_read(cx, web, &c));
  Filter f = { str_trim(request_query(req, "state")), str_trim(request_query(req, "person")),
               str_trim(request_query(req, "course")) };
  CompetencePage page = { .person = f.person, .csrf = csrf_token(cx, &web->who) };
  fill_matrix(cx, &c, &f, &page);
  fill_counts(cx, &c, &f, &page);
  page.options = NEW_ARRAY(cx->arena, c.courses.n, CompetenceOptions);
  for (size_t i = 0; i < c.courses.n; i++)
    page.options[page.options_n++] = (CompetenceOptions){ .id = c.courses.p[i].id,
                                                          .title = c.courses.p[i].title,
                                                          .chosen = str_eq_nocase(c.courses.p[i].id, f.course) };
  page.say = str_fmt(cx->arena, "%zu people, %zu courses", page.rows_n, page.courses_n);
  page.today = date_text(cx->arena, date_of(cx->now_us));
  page.past = web->asof_size >= 0;
  page.may_assign = !page.past && authorise_roles(&(Cx){ .arena = cx->arena }, &web->who,
                                    ROLE(TRAINING_COORDINATOR) | ROLE(QA_MANAGER), STR_NONE, "") == E_OK;
  Buf b = buf_new(cx->arena, PAGE_MAX);
  competence_html(&b, &page);
  PageFrame frame = { .title = S("Training and competence"), .here = "training", .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err post_assign(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  Answer a = { 0 };
  TRY(web_form(cx, web, req, &form));
  TRY(web_ask(cx, web, req, S("training.assign"), S("{}"), STR_NONE, S("Trainings that are lacking are planned"),
              &a));
  return web_redirect(cx, res, S("/competence"));
}
