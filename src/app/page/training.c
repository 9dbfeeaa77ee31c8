/* One training: what is to be read, the questions, "read and understood" with the password; or the trainer's word. */
#include "app/page/quality_page.h"
#include "app/page/record.h"
#include "training.html.h"

enum { ANSWERS_BYTES = 64 * 1024 };

static Err fill_reading(Cx *cx, Web *web, const Course *c, TrainingPage *page) {
  page->documents = NEW_ARRAY(cx->arena, c->document.n, TrainingDocuments);
  for (size_t i = 0; i < c->document.n; i++) {
    Record r;
    TrainingDocuments *d = &page->documents[page->documents_n++];
    TRY(record_get(cx, web->store, c->document.p[i].id, c->document.p[i].now, &r));
    *d = (TrainingDocuments){ .id = r.id, .title = r.title, .rev = str_fmt(cx->arena, "%lld", (long long)r.rev) };
    const Value *content = record_value(&r, "content");
    TRY(markdown_html(cx, content->set ? content->s : S(""), MARKDOWN_BYTES, &d->content));
    if (!i) page->rev = d->rev;
  }
  return E_OK;
}

/* The right answers never leave the server. */
static Err fill_questions(Cx *cx, Web *web, const Course *c, TrainingPage *page) {
  Record course;
  Quiz quiz;
  TRY(record_get(cx, web->store, c->id, 0, &course));
  const Value *text = record_value(&course, "questions");
  if (!text->set || !quiz_read(cx, text->s, &quiz)) return E_OK;
  page->questions = NEW_ARRAY(cx->arena, quiz.question.n, TrainingQuestions);
  for (size_t i = 0; i < quiz.question.n; i++) {
    const Question *q = &quiz.question.p[i];
    TrainingQuestions *out = &page->questions[page->questions_n++];
    *out = (TrainingQuestions){ .n = str_fmt(cx->arena, "%zu", i + 1),
                                .words = q->text,
                                .several = q->right > 1,
                                .answers = NEW_ARRAY(cx->arena, q->answer.n, TrainingQuestionsAnswers) };
    for (size_t k = 0; k < q->answer.n; k++)
      out->answers[out->answers_n++] =
          (TrainingQuestionsAnswers){ .value = str_fmt(cx->arena, "%zu.%zu", i + 1, k + 1),
                                      .words = q->answer.p[k].text };
  }
  return E_OK;
}

static Err find_course(Cx *cx, Web *web, const Record *r, const Course **out) {
  Courses *all = NEW(cx->arena, Courses);
  TRY(training_courses_at(cx, web->store, web->asof_size, all));
  return training_course(cx, web->store, r, all, out);
}

static bool kind_is(const Course *c, const char *kind) { return c && str_eq(c->kind, str_of(kind)); }

static Err fill_form(Cx *cx, Web *web, const Record *r, const Course *c, TrainingPage *page) {
  bool open = web->asof_size < 0 && (str_eq(r->state, S("planned")) || str_eq(r->state, S("in_progress")));
  bool mine = str_eq(record_value(r, "trainee")->s, web->who.id);
  bool alone = kind_is(c, "read") || kind_is(c, "quiz") || kind_is(c, "awareness");
  page->open = open;
  page->own = open && mine && alone;
  page->attest = open && !mine && c && !alone;
  page->waits = open && mine && !alone;
  page->mark = c ? number_text(cx, c->pass_percent ? c->pass_percent : 100) : S("");
  return page->own && kind_is(c, "quiz") ? fill_questions(cx, web, c, page) : E_OK;
}

static Err show(Cx *cx, Web *web, const Request *req, Str words, Response *res) {
  RecordView v = { 0 };
  const Course *course = NULL;
  TRY(record_view(cx, web, req->params[0], 0, &v));
  const Record *r = &v.record;
  if (!str_eq(str_of(r->type->name), S("training"))) return web_redirect(cx, res, web_record_url(cx, r->id));
  TRY(find_course(cx, web, r, &course));
  TrainingPage page = { .id = r->id,
                        .title = course ? course->title : r->title,
                        .course = course ? course->id : S(""),
                        .kind = course ? choice_words(cx->arena, course->kind) : S(""),
                        .person = person_name(cx, web, record_value(r, "trainee")->s),
                        .state = state_words(cx, r->state),
                        .tone = v.tone,
                        .due = record_value(r, "due")->s,
                        .error = words,
                        .csrf = csrf_token(cx, &web->who) };
  const Value *tries = record_value(r, "attempts");
  page.attempts = NEW_ARRAY(cx->arena, tries->list.n, TrainingAttempts);
  for (size_t i = tries->list.n; i-- > 0;) page.attempts[page.attempts_n++] = (TrainingAttempts){ tries->list.p[i] };
  if (course) TRY(fill_reading(cx, web, course, &page));
  TRY(fill_form(cx, web, r, course, &page));
  Buf b = buf_new(cx->arena, PAGE_MAX);
  training_html(&b, &page);
  PageFrame frame = { .title = str_fmt(cx->arena, "Training %.*s", STR(page.title)),
                      .here = "training",
                      .device = NODE_NONE };
  return web_page(cx, web, req, &frame, (Html){ buf_str(&b) }, res);
}

Err page_training(Cx *cx, Web *web, const Request *req, Response *res) { return show(cx, web, req, S(""), res); }

/* Every box that was ticked, "1.2 3.1". */
static Str ticked(Cx *cx, const Form *form) {
  Buf b = buf_new(cx->arena, ANSWERS_BYTES);
  for (size_t i = 0; i < form->n; i++)
    if (str_eq(form->field[i].name, S("answer"))) buf_fmt(&b, "%s%.*s", b.n ? " " : "", STR(form->field[i].value));
  return buf_str(&b);
}

static Str args_of(Cx *cx, const Request *req, const Form *form, bool attest) {
  Buf b = buf_new(cx->arena, 2 * ANSWERS_BYTES);
  JsonOut o = json_out(&b, false);
  int64_t rev = 0;
  json_object(&o);
  json_pair(&o, "id", req->params[0]);
  if (attest) {
    json_pair(&o, "result", form_get(form, "result"));
    json_pair(&o, "note", form_get(form, "note"));
  } else {
    if (str_int(form_get(form, "rev"), &rev)) json_pair_int(&o, "rev", rev);
    json_pair(&o, "answers", ticked(cx, form));
  }
  json_object_end(&o);
  return buf_str(&b);
}

/* The password is checked here, the rest in the writer. */
static Err send(Cx *cx, Web *web, const Request *req, const Form *form, bool attest) {
  Answer answer = { 0 };
  TRY(people_password_ok(cx, web->store, web->writer, web->set, &web->who, form_get(form, "password"), req->address,
                         req->request_id));
  Ask ask = { .command = attest ? S("training.attest") : S("training.done"),
              .actor = web->who.id,
              .auth = S("password"),
              .source = S("web"),
              .request = req->request_id,
              .reason = attest ? S("What was seen is attested") : S("I have read and understood it"),
              .args_json = args_of(cx, req, form, attest) };
  TRY(writer_ask(cx, web->writer, &ask, 1, &answer));
  return answer_result(cx, &answer);
}

Err post_training(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  TRY(web_form(cx, web, req, &form));
  store_unview(web->store); /* what the writer writes meanwhile must be seen */
  Err e = send(cx, web, req, &form, str_eq(form_get(&form, "do"), S("attest")));
  Str words = str_dup(cx->arena, cx->words);
  if (e == E_OK) {
    TRY(store_view(cx, web->store));
    return web_redirect(cx, res, str_fmt(cx->arena, "/training/%.*s", STR(req->params[0])));
  }
  cx_forgive(cx);
  TRY(store_view(cx, web->store));
  res->status = err_status(e);
  return show(cx, web, req, words, res);
}
