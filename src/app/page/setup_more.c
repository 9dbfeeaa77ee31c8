/* The third and fourth step: where advisories come from, and who else works here. */
#include "app/page/setup.h"
#include "setup_feeds.html.h"
#include "setup_people.html.h"

/* ---- feeds --------------------------------------------------------------------------------------------- */

static Err show_feeds(Cx *cx, Web *web, const Request *req, const SetupWrong *wrong, Response *res) {
  FeedStatuses list = { 0 };
  int64_t minutes = web->set->number[SET_FEED_EVERY_MIN];
  TRY(feed_status(cx, web->store, STR_NONE, &list));
  Buf names = buf_new(cx->arena, 64 * 1024), b = buf_new(cx->arena, PAGE_MAX);
  for (size_t i = 0; i < list.n; i++)
    if (list.p[i].enabled) buf_fmt(&names, "%s%.*s", names.n ? ", " : "", STR(list.p[i].name));
  SetupFeedsPage page = { .csrf = csrf_token(cx, &web->who), .error = wrong->words, .sources = buf_str(&names),
                          .asked = names.n && minutes, .minutes = number_text(cx, minutes) };
  setup_feeds_html(&b, &page);
  return setup_page(cx, web, req, SETUP_FEEDS, (Html){ buf_str(&b) }, res);
}

Err page_setup_feeds(Cx *cx, Web *web, const Request *req, Response *res) {
  return show_feeds(cx, web, req, &(SetupWrong){ .words = STR_NONE }, res);
}

Err post_setup_feeds(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  SetupWrong wrong;
  TRY(web_form(cx, web, req, &form));
  Str how = form_get(&form, "how");
  Err e = E_OK;
  if (str_eq(how, S("online"))) {
    Ask who = { .actor = web->who.id, .auth = S("session"), .source = S("web"), .reason = S("Set-up") };
    e = app_usual_feeds(cx, web->writer, &who);
    if (e == E_OK) return web_redirect(cx, res, setup_path(SETUP_FEEDS));   /* says what comes next */
  } else if (str_eq(how, S("bundle")) || str_eq(how, S("later")))
    return web_redirect(cx, res, str_eq(how, S("bundle")) ? S("/feeds") : setup_path(SETUP_PEOPLE));
  else e = fail(cx, E_INVALID, "Say how advisories get here. Nothing was changed");
  TRY(setup_wrong(cx, e, res, &wrong));
  return show_feeds(cx, web, req, &wrong, res);
}

/* ---- people -------------------------------------------------------------------------------------------- */

enum { INVITED_MOST = 6 };

/* One line of the form, and what became of it. */
typedef struct Invite { Str name, login, email, role, wrong; } Invite;

static Invite invite_read(Cx *cx, const Form *form, int n) {
  static const char *const fields[] = { "name", "login", "email", "role" };
  Invite v = { .wrong = STR_NONE };
  Str *const into[] = { &v.name, &v.login, &v.email, &v.role };
  for (size_t i = 0; i < COUNT(fields); i++)
    *into[i] = form ? str_trim(form_get(form, str_fmt(cx->arena, "%s%d", fields[i], n).p)) : STR_NONE;
  return v;
}

static void fill_row(Cx *cx, const Invite *v, int n, SetupPeoplePage *page) {
  SetupPeopleRows row = { .n = str_fmt(cx->arena, "%d", n),
                          .name = v->name,
                          .login = v->login,
                          .email = v->email,
                          .wrong = v->wrong,
                          .roles = NEW_ARRAY(cx->arena, ROLE_COUNT, SetupPeopleRowsRoles) };
  for (size_t i = 0; i < ROLE_COUNT; i++)
    row.roles[row.roles_n++] = (SetupPeopleRowsRoles){ .word = str_of(people_roles[i].word),
                                                       .title = str_of(people_roles[i].title),
                                                       .chosen = str_eq(v->role, str_of(people_roles[i].word)) };
  page->rows[page->rows_n++] = row;
}

static Err invite(Cx *cx, Web *web, const Request *req, Invite *v, SetupPeoplePage *page) {
  Buf b = buf_new(cx->arena, 64 * 1024);
  JsonOut o = json_out(&b, false);
  Answer a = { 0 };
  JVal *result;
  json_object(&o);
  json_pair(&o, "login", v->login);
  json_pair(&o, "name", v->name);
  if (v->email.n) json_pair(&o, "email", v->email);
  json_pair(&o, "roles", v->role);
  json_object_end(&o);
  Err e = web_ask(cx, web, req, S("user.add"), buf_str(&b), STR_NONE, S("Set-up"), &a);
  if (e == E_INVALID || e == E_CONFLICT || e == E_DENIED) {
    Buf why = buf_new(cx->arena, 16 * 1024);
    for (size_t i = 0; i < cx->problems.n; i++)
      buf_fmt(&why, "%s%.*s: %.*s", why.n ? "; " : "", STR(cx->problems.p[i].field), STR(cx->problems.p[i].words));
    v->wrong = why.n ? buf_str(&why) : cx->words;
    cx_forgive(cx);
    return E_OK;
  }
  TRY(e);
  TRY(json_read(cx, a.result_json, &JSON_BODY, &result));
  Str code = json_text(result, "code");
  if (code.n) page->codes[page->codes_n++] = (SetupPeopleCodes){ v->name, code };
  else page->waits[page->waits_n++] = (SetupPeopleWaits){ json_text(result, "words") };
  return E_OK;
}

/* What could not be added stays in the form, with the reason; the others are in. */
static Err show_people(Cx *cx, Web *web, const Request *req, const Form *form, Response *res) {
  SetupPeoplePage page = { .csrf = csrf_token(cx, &web->who),
                           .rows = NEW_ARRAY(cx->arena, INVITED_MOST, SetupPeopleRows),
                           .codes = NEW_ARRAY(cx->arena, INVITED_MOST, SetupPeopleCodes),
                           .waits = NEW_ARRAY(cx->arena, INVITED_MOST, SetupPeopleWaits) };
  bool wrong = false;
  for (int n = 1; n <= INVITED_MOST; n++) {
    Invite v = invite_read(cx, form, n);
    bool asked = v.name.n || v.login.n || v.email.n;
    if (asked) TRY(invite(cx, web, req, &v, &page));
    wrong |= v.wrong.n > 0;
    if (asked && !v.wrong.n) v = (Invite){ .wrong = STR_NONE };
    fill_row(cx, &v, n, &page);
  }
  if (wrong) {
    page.error = S("Not everybody was added. What is below was not; the reason stands beside it.");
    res->status = err_status(E_INVALID);
  }
  store_unview(web->store);
  TRY(store_view(cx, web->store));
  Persons all = { 0 };
  TRY(people_list(cx, web->store, &all));
  page.count = number_text(cx, (int64_t)all.n);
  Buf b = buf_new(cx->arena, PAGE_MAX);
  setup_people_html(&b, &page);
  return setup_page(cx, web, req, SETUP_PEOPLE, (Html){ buf_str(&b) }, res);
}

Err page_setup_people(Cx *cx, Web *web, const Request *req, Response *res) {
  return show_people(cx, web, req, NULL, res);
}

Err post_setup_people(Cx *cx, Web *web, const Request *req, Response *res) {
  Form form;
  TRY(web_form(cx, web, req, &form));
  return show_people(cx, web, req, &form, res);
}
